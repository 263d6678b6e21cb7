"""Every way out of serving a request, and the test that shows the record it leaves.

Read from the source: a way out that is new, gone or moved fails here until it has its row.
"""

import re

import pytest

import test_usage_endings
from network import ROOT
from usage_rows import ROWS

GATEWAY = ROOT / "src/gateway"
EXIT = re.compile(r"(?:CO_TRY(?:_DO)?|TRY|co_return|return)\b[^;]*;")
NO_RECORD = "test_who_is_not_let_in_leaves_no_record"
ANY = "whole here"

# (file, function): for each way out, in order, words of it and a row of ROWS or a test of
# test_usage_endings.py that takes it. What an execution ends in is taken by answer_from_a_zone().
EXITS = {
    ("serve.cc", "answer"): [
        ("policy::authenticate(", NO_RECORD), ("gateway.here(", NO_RECORD),
        ("policy::may_enter(", NO_RECORD), ("deadline_of(", NO_RECORD),
        ("ask_receipt(", NO_RECORD), ("check_encoding(", NO_RECORD),
        ("exchange.read_body(", NO_RECORD), ("dialect::read_request(", NO_RECORD),
        ("policy::allowed_zones(", NO_RECORD),
        ("record.open()", "test_nothing_is_forwarded_that_cannot_be_recorded"),
        ("co_return answered", ANY),
    ],
    ("serve.cc", "close"): [
        ("co_return closed", "test_what_cannot_be_closed_is_not_delivered_whole"),
    ],
    ("serve.cc", "serve"): [],
    ("attempts.cc", "mask_now"): [
        ("authenticate_again(", "test_a_key_that_is_revoked_before_another_attempt_is_billed_nothing"),
        ("policy::allowed_zones(",
         "test_a_scope_that_is_denied_while_an_engine_computes_is_billed_nothing"),
        ("allowed.zones", ANY),
    ],
    ("attempts.cc", "execute_here"): [("co_return outcome", ANY)],
    ("attempts.cc", "execute_there"): [
        ("co_return outcome", "whole over a hop"),
    ],
    ("attempts.cc", "attempt"): [
        ("Code::scope_denied", "test_a_stream_that_a_denial_cuts_is_billed_to_where_it_came"),
        ("Code::draining",
         "test_a_scope_that_is_denied_while_an_engine_computes_is_billed_nothing"),
        ("co_return outcome", ANY),
    ],
    ("attempts.cc", "answer_from_a_zone"): [
        ("mask_now(", "test_a_key_that_is_revoked_before_another_attempt_is_billed_nothing"),
        ("second_round_after", "test_who_leaves_while_no_engine_is_there_leaves_a_record_of_nothing"),
        ("exhausted_fault(", "test_no_engine_at_all_leaves_a_record_of_nothing"),
        ("co_return outcome", ANY),
        ("cancelled_fault(", "client gone mid-stream"),
        ("verdict.give_up", "500 everywhere"),
        ("last_execution_after", "client gone between two executions"),
    ],
}


def body_of(file, function):
    text = (GATEWAY / file).read_text()
    found = re.search(rf"^(?:\w[\w:<>&, ]* )?{function}\([^;{{]*\) {{\n(.*?)^}}", text,
                      re.M | re.S)
    assert found, f"{file} has no {function}()"
    return re.sub(r"//[^\n]*", "", found.group(1))


@pytest.mark.parametrize("place", EXITS, ids=" ".join)
def test_every_way_out_has_a_row(place):
    exits = [" ".join(found.split()) for found in EXIT.findall(body_of(*place))]
    expected = EXITS[place]
    assert len(exits) == len(expected), exits
    for found, (words, _) in zip(exits, expected):
        assert words in found, f"{found} in place of {words}"


def test_every_row_is_a_test():
    for rows in EXITS.values():
        for _, row in rows:
            assert row in ROWS or callable(getattr(test_usage_endings, row, None)), row


def test_whoever_waits_in_these_files_is_listed():
    """A new function of these files that can end a request is a new place to look at."""
    for file in ("serve.cc", "attempts.cc"):
        text = (GATEWAY / file).read_text()
        waiting = set(re.findall(r"runtime::Task<(?:Status|void)> (\w+)\(", text))
        listed = {function for name, function in EXITS if name == file}
        assert waiting <= listed | {"serve_models"}, waiting - listed


def test_what_comes_before_the_open_forwards_nothing():
    """And what is refused there leaves no record: nothing was opened."""
    body = body_of("serve.cc", "answer")
    before, opened, behind = body.partition("record.open()")
    assert opened and "answer_from_a_zone" in behind and "answer_from_a_zone" not in before
