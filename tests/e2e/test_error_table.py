"""Every code that `portolan errors` shows to clients or operators, provoked through real processes.

A code of the table that nothing in provoke_errors.py provokes fails, and so does an answer that is
not as its row says: status, shape, what to do, whether to try again and when.
"""

import functools
import json
import subprocess

import pytest

from client import chat
from conftest import run
from network import EU, ROOT, run_portolan
import provoke_operator_errors
from provoke_errors import PROVOKED, begin_half_a_head, faults

TEST_BUILD = ROOT / "build/dev/portolan"
RETRIES = {"no": ["never"], "later": ["later"], "elsewhere": ["elsewhere"],
           "as told": ["never", "later", "elsewhere"]}


@functools.cache
def table():
    printed = run_portolan("errors", "-o", "json")
    assert printed.returncode == 0, printed.stderr
    return {row["code"]: row for row in json.loads(printed.stdout)}


@pytest.fixture(scope="module")
def net():
    for network in run():
        begin_half_a_head(network)
        yield network


@pytest.fixture(scope="module")
def other():
    """Another network, of test builds, whose entries choose zones with no mask."""
    if not TEST_BUILD.exists():
        pytest.skip("needs the test build: run 'make unit' first")
    yield from run("--binary-for-gateways", str(TEST_BUILD), "--gateway-args", "--skip-entry-mask")


def is_clients(row):
    return "clients" in row["seen_by"]


def look_at_answer(answer, row):
    error = answer.error
    assert error["code"] == row["code"], error
    assert error["message"] and error["remedy"] == row["remedy"]
    assert error["request_id"] and error["retry"] in RETRIES[row["again"]]
    assert answer.status in (row["status"], None), error
    if answer.status is not None:
        assert answer.headers["content-type"] == "application/json"
        assert ("retry-after" in answer.headers) == row["retry_after"]
    if is_clients(row):
        assert set(error) >= {"type", "param"}, "OpenAI's members"
        assert row["remedy"] in error["message"], "OpenAI's SDKs show the message alone"
        assert error["request_id"] in error["message"]
        assert answer.headers.get("portolan-request-id", error["request_id"]) == error["request_id"]
    if is_clients(row) and answer.status is not None:
        assert answer.headers["x-should-retry"] == str(error["retry"] != "never").lower()


@pytest.mark.parametrize("code", sorted(PROVOKED, key="request_timeout".__eq__))
def test_the_answer_is_as_the_table_says(code, net, request):
    row = table()[code]
    seen = PROVOKED[code](net, lambda: request.getfixturevalue("other"))
    if isinstance(seen, subprocess.CompletedProcess):
        assert row["seen_by"] == "operators"
        assert seen.returncode == 1 and seen.stderr.rstrip().endswith(f"({code})"), seen.stderr
        return
    look_at_answer(seen, row)


def test_every_code_that_somebody_sees_is_provoked():
    seen = {code for code, row in table().items() if row["seen_by"] not in ("logs", "nobody yet")}
    assert seen == set(PROVOKED)
    assert provoke_operator_errors.a_control_with_no_room in PROVOKED.values(), "both files"


def test_the_page_in_docs_is_what_the_program_writes():
    written = run_portolan("errors", "-o", "markdown").stdout
    assert (ROOT / "docs/errors.md").read_text() == written


def test_one_code_is_explained_and_a_misspelt_one_refused():
    explained = run_portolan("errors", "usage_log_full")
    assert explained.returncode == 0 and table()["usage_log_full"]["remedy"] in explained.stdout
    refused_name = run_portolan("errors", "usage_log_ful")
    assert refused_name.returncode == 1 and "'usage_log_full'" in refused_name.stderr


def test_an_engines_refusal_has_our_request_id(net):
    with faults(net, {"kind": "status", "status": 422, "count": 2}):
        answer = chat(net.regions[EU], net.keys["eu"])
    assert answer.status == 422 and answer.error["message"] == "status 422 was ordered"
    assert answer.error["request_id"] == answer.request_id
