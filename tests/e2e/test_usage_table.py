"""P4, request by request: one usage record each, and it says what was delivered."""

import pytest

from client import clear_faults, metrics
from network import EU, wait_until
from usage import COUNTS, UsageLogs, counts_of
from usage_rows import BEHIND_OVER_A_HOP, FAR, HERE, OTHER, ROWS, runs_of


@pytest.fixture(scope="module")
def table(sim_for_usage):
    return sim_for_usage


def record_of(network, call):
    """The one close of a call's trace, and that request's execs once there are all of them."""
    def closes():
        logs = UsageLogs(network)
        found = [close for close in logs.of("close") if close["trace_id"] == call.trace]
        return found and (found, logs)
    found, logs = wait_until("the record", closes)
    assert len(found) == 1, found
    request_id = found[0]["request_id"]
    wait_until("the engines are done with it",
               lambda: all(run["ended"] != "running" for run in runs_of(network, request_id)))
    logs = wait_until("an exec for each execution", lambda: execs_are_in(network, request_id))
    return logs.of("close", request_id)[0], logs


def execs_are_in(network, request_id):
    logs = UsageLogs(network)
    done = len(logs.of("exec", request_id)) == len(runs_of(network, request_id))
    return logs if done else None


def check_billed(row, call, close, run):
    billed = counts_of(close)
    computed = (run["prompt_tokens"], run["completion_tokens"], run["cached_tokens"])
    if row.billed == "all":
        assert billed == computed and close["basis"] == "engine"
        assert not call.stream or call.words == run["completion_tokens"]
    elif row.billed == "none":
        assert billed == (0, 0, 0)
    else:
        behind = BEHIND_OVER_A_HOP if row.at == FAR else 0
        assert billed[0] == run["prompt_tokens"]
        assert max(1, call.words - behind) <= billed[1] <= run["completion_tokens"]
        assert run["completion_tokens"] - billed[1] <= 64


def check_access_line(network, row, close):
    line = network.log_line(row.at, close["request_id"])
    assert line.get("code", "completed") == close["outcome"]
    for name in ("status", "executions", "attempts", "workspace", "key_id", "model", "scope",
                 "stream", "trace_id"):
        assert line.get(name) == close[name], name
    assert (line.get("prompt_tokens", 0), line.get("completion_tokens", 0)) == counts_of(close)[:2]


@pytest.mark.parametrize("name", ROWS)
def test_a_request_leaves_one_record(table, name):
    row = ROWS[name]
    clear_faults(table.engine_urls(EU))
    wait_until("both engines are believed to live", lambda: healthy(table))
    try:
        call = row.act(table)
    finally:
        clear_faults(table.engine_urls(EU))
    assert call.whole == row.whole, call.received
    close, logs = record_of(table, call)
    assert (close["outcome"], close["status"]) == (row.outcome, row.status), close
    assert call.request_id in ("", close["request_id"])
    assert close["entry_zone"] == row.at and close["org"] == "demo"
    execs = sorted(logs.of("exec", close["request_id"]), key=lambda each: each["began"])
    assert close["executions"] == len(execs)
    if row.execs is not None:
        assert [each["outcome"] for each in execs] == row.execs
    delivering = [run for run in runs_of(table, close["request_id"])
                  if run["ended"] == "completed" or row.billed != "all"][-1]
    check_billed(row, call, close, delivering)
    check_access_line(table, row, close)
    opens = logs.of("open", close["request_id"])
    assert len(opens) == 1 and opens[0]["trace_id"] == close["trace_id"]


def healthy(network):
    for zone in (HERE, OTHER):
        now = metrics(network.zones[zone]["gateway_url"])
        if not all(value for name, value in now.items() if "engine_healthy" in name):
            return False
    return True
