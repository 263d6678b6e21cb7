"""P4 where more than one request is at stake: refusals, a full disk, a drain, a denied zone."""

import json
import os
import resource
import signal
from pathlib import Path

import pytest

from call import Call
from client import (await_engine, bearer, chat, clear_faults, executions, metrics, order_faults,
                    prompt, send)
from network import DEFAULT_WORLD, EU, ROOT, SG, is_alive, wait_until
from usage import COUNTS, UsageLogs, counts_of
from usage_rows import ENDLESS, HERE, OTHER, harm, here, runs_of, slowly, when_executing

TEST_BUILD = ROOT / "build/dev/portolan"
PROOF = os.environ.get("PORTOLAN_PROOF") == "1"


@pytest.fixture(scope="module")
def network(sim_for_usage):
    return sim_for_usage


@pytest.fixture(autouse=True)
def no_faults_stay(request):
    """Whatever a test has ordered and nobody took, another one does not find."""
    yield
    if "network" in request.fixturenames:
        clear_faults(request.getfixturevalue("network").engine_urls())


def close_of(network, call, seconds=60):
    def found():
        return [close for close in UsageLogs(network).of("close")
                if close["trace_id"] == call.trace]
    closes = wait_until("the record", found, seconds)
    assert len(closes) == 1, closes
    return closes[0]


def only_run(network, close):
    def ended():
        runs = runs_of(network, close["request_id"])
        return runs if all(run["ended"] != "running" for run in runs) else None
    runs = wait_until("the engine is done with it", ended)
    assert len(runs) == 1
    return runs[0]


REFUSED = [
    (EU, "none", {}, 401), (EU, "eu", {"model": "no-such-model"}, 404), (SG, "eu", {}, 403),
    (EU, "eu", {"model": 5}, 400), (EU, "cn", {}, 403),
    (EU, "eu", {"headers": {"portolan-receipt": "perhaps"}}, 400),
    (EU, "eu", {"headers": {"content-encoding": "gzip"}}, 415),
]


@pytest.mark.parametrize("region, workspace, members, status", REFUSED)
def test_who_is_not_let_in_leaves_no_record(network, region, workspace, members, status):
    before = executions(network.engine_urls())
    answer = chat(network.regions[region], network.keys.get(workspace), **members)
    assert answer.status == status, answer.body
    entry = answer.request_id.rsplit("-", 2)[0].rsplit("-", 1)[0]
    line = network.log_line(entry, answer.request_id)
    assert line["status"] == status and line["code"] == answer.error["code"]
    logs = UsageLogs(network)
    assert [each for each in logs.records if each.get("request_id") == answer.request_id] == []
    assert executions(network.engine_urls()) == before


def allow_file_bytes(network, limit):
    pid = network.zones[HERE]["gateway_pid"]
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, hard))


@pytest.fixture
def full_disk(network):
    """The entry's files cannot grow, nor be written, until the test is over."""
    allow_file_bytes(network, resource.RLIM_INFINITY)
    yield lambda: allow_file_bytes(network, 0)
    allow_file_bytes(network, resource.RLIM_INFINITY)
    wait_until("the entry serves again", lambda: here(network).read().whole)
    UsageLogs(network).check_numbers()


def test_nothing_is_forwarded_that_cannot_be_recorded(network, full_disk):
    before = executions(network.engine_urls())
    full_disk()
    answer = chat(network.zones[HERE]["gateway_url"], network.keys["eu"])
    assert answer.status == 503 and answer.error["code"] == "usage_log_full", answer.body
    assert int(answer.headers["retry-after"]) >= 1
    elsewhere = chat(network.zones[OTHER]["gateway_url"], network.keys["eu"])
    assert elsewhere.status == 200, "another gateway's disk has room"
    ran = {name for name in executions(network.engine_urls()) if name not in before}
    assert ran == {elsewhere.request_id}
    assert UsageLogs(network).of("open", answer.request_id) == []


@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_closed_is_not_delivered_whole(network, full_disk, stream):
    harm(network, HERE, slowly(15))  # so that the disk is full long before its end
    call = here(network, stream=stream, max_tokens=20)
    request = wait_until("it is open", lambda: [
        each for each in UsageLogs(network).of("open") if each["trace_id"] == call.trace])[0]
    if stream:
        call.read(3)
    full_disk()
    call.read()
    assert not call.whole and b"usage_log_full" in call.received, call.received
    if stream:
        assert b"[DONE]" not in call.received and not call.received.endswith(b"0\r\n\r\n")
    else:
        assert call.status == 503
    logs = UsageLogs(network)
    assert logs.of("close", request["request_id"]) == []
    checkpoints = logs.of("checkpoint", request["request_id"])
    assert len(checkpoints) == stream, "a whole answer is not counted before it is delivered"
    allow_file_bytes(network, resource.RLIM_INFINITY)
    restart(network, signal.SIGKILL)
    close = close_of(network, call)
    assert (close["outcome"], close["status"]) == ("gateway_crash", 0)
    assert counts_of(close) == (counts_of(checkpoints[0]) if stream else (0, 0, 0))


def restart(network, number):
    """Ends the entry's gateway and starts it again as it was."""
    pid = network.zones[HERE]["gateway_pid"]
    command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
    os.kill(pid, number)
    wait_until("the gateway has ended", lambda: not is_alive(pid), 60)
    network.zones[HERE]["gateway_pid"] = network.start_process(command).pid
    wait_until("it serves again", lambda: answers(network))


def answers(network):
    try:
        return chat(network.zones[HERE]["gateway_url"], network.keys["eu"]).status == 200
    except OSError:
        return False


def test_a_stream_that_a_drain_waits_for_is_billed_whole(network):
    harm(network, HERE, slowly(10))
    call = here(network, stream=True, max_tokens=30).read(3)
    restart(network, signal.SIGTERM)
    assert call.read().whole
    close = close_of(network, call)
    assert (close["outcome"], close["status"]) == ("completed", 200)
    run = only_run(network, close)
    assert counts_of(close) == tuple(run[name] for name in COUNTS)


@pytest.mark.skipif(not PROOF, reason="waits for drain_time, 30 s: make proof")
def test_a_stream_that_a_drain_cuts_is_billed_to_where_it_came(network):
    harm(network, HERE, slowly(20))
    call = here(network, stream=True, max_tokens=1000).read(3)
    restart(network, signal.SIGTERM)
    assert not call.read().whole
    close = close_of(network, call)
    assert (close["outcome"], close["status"]) == ("draining", 200)
    run = only_run(network, close)
    assert call.words <= close["completion_tokens"] <= run["completion_tokens"]


def test_a_stream_that_a_denial_cuts_is_billed_to_where_it_came(network):
    harm(network, HERE, slowly(10))
    call = here(network, stream=True, max_tokens=500).read(3)
    restrict(network, deny=HERE)
    try:
        assert not call.read().whole
        close = close_of(network, call)
    finally:
        lift(network, "deny", HERE)
        clear_faults(network.engine_urls())
    assert (close["outcome"], close["status"]) == ("scope_denied", 200)
    run = only_run(network, close)
    assert call.words <= close["completion_tokens"] <= run["completion_tokens"]
    assert close["prompt_tokens"] == run["prompt_tokens"]


@pytest.fixture
def no_engine(network):
    """Both engines of the region are given up, until the test is over."""
    urls = network.engine_urls(EU)
    order_faults(urls, {"kind": "health", "mode": "failing", "count": 1000})
    try:
        for zone in (HERE, OTHER):
            name = f'portolan_engine_healthy{{engine="{network.zones[zone]["engine_url"]}"}}'
            wait_until(f"the engine of {zone} is given up",
                       lambda: not metrics(network.zones[zone]["gateway_url"])[name])
        yield
    finally:
        clear_faults(urls)
    for zone in (HERE, OTHER):
        await_engine(network.zones[zone])
    wait_until("the region serves again", lambda: answers(network))


def test_no_engine_at_all_leaves_a_record_of_nothing(network, no_engine):
    close = close_of(network, here(network).read())
    assert (close["outcome"], close["status"]) == ("scope_exhausted", 503)
    assert close["executions"] == 0 and counts_of(close) == (0, 0, 0)


def test_who_leaves_while_no_engine_is_there_leaves_a_record_of_nothing(network, no_engine):
    for _ in range(50):  # the wait for another look at the zones is 250 ms
        call = here(network)
        wait_until("it is open", lambda: has_opened(network, call), every=0.01)
        close = close_of(network, call.leave())
        assert close["executions"] == 0 and counts_of(close) == (0, 0, 0)
        if close["outcome"] != "scope_exhausted":
            break
    assert (close["outcome"], close["status"]) == ("cancelled", 0)


def has_opened(network, call):
    """Looks for no more than its trace, which is quick."""
    folder = network.home / "gateways" / network.gateway_id(HERE) / "usage"
    return any(call.trace.encode() in path.read_bytes() for path in folder.glob("*.usage"))


def restrict(network, **wish):
    url = network.admin_url + "/admin/v1/restrictions?reason=test&break_glass=1"
    assert send("POST", url, body=wish, headers=bearer(network.admin_key)).status < 300


def lift(network, kind, place):
    url = f"{network.admin_url}/admin/v1/restrictions/{kind}/{place}"
    assert send("DELETE", url, headers=bearer(network.admin_key)).status < 300


def test_a_scope_that_is_denied_while_an_engine_computes_is_billed_nothing(network):
    harm(network, HERE, {"kind": "hang"})
    harm(network, OTHER, {"kind": "hang"})
    call = when_executing(network, lambda: here(network))
    restrict(network, deny=EU)
    try:
        call.read()
        close = close_of(network, call)
    finally:
        lift(network, "deny", EU)
        clear_faults(network.engine_urls())
    assert (close["outcome"], close["status"]) == ("scope_denied", 403), call.received
    assert close["executions"] == 1 and counts_of(close) == (0, 0, 0)


def test_a_key_that_is_revoked_before_another_attempt_is_billed_nothing(network):
    made = json.loads(network.cli("key", "create", "--workspace", "eu", "-o", "json").stdout)
    url = network.zones[HERE]["gateway_url"]
    wait_until("the key is known", lambda: chat(url, made["key"]).status == 200, 20)
    harm(network, HERE, {"kind": "hang"})
    call = when_executing(network, lambda: Call(url, made["key"], prompt()))
    assert network.cli("key", "revoke", made["id"]).returncode == 0
    wait_until("the key is dead here", lambda: chat(url, made["key"]).status == 401, 20)
    # Only now is the execution given up, however long the news took.
    harm(network, HERE, {"kind": "health", "mode": "failing", "count": 3})
    close = close_of(network, call.read(), 20)
    clear_faults(network.engine_urls())
    assert (close["outcome"], close["status"]) == ("revoked_key", 401), call.received
    assert close["executions"] == 1 and counts_of(close) == (0, 0, 0)


def test_metrics_count_what_the_records_say(network):
    """Only gateways that never restarted: a new process counts from zero."""
    logs = UsageLogs(network)
    for zone in network.zones:
        if zone == HERE:
            continue
        closes = [record for record in logs.of_gateway[zone] if record["kind"] == "close"]
        now = metrics(network.zones[zone]["gateway_url"])
        for name in COUNTS:
            kind = name.removesuffix("_tokens")
            total = sum(close[name] for close in closes)
            assert now[f'portolan_tokens_total{{kind="{kind}"}}'] == total, (zone, kind)


@pytest.mark.skipif(not TEST_BUILD.exists(), reason="needs the test build: run 'make unit' first")
def test_an_executor_that_refuses_is_billed_nothing(make_network):
    """The entry's mask is switched off, so that it asks an executor which may not."""
    network = make_network("--binary-for-gateways", str(TEST_BUILD), "--gateway-args",
                           "--skip-entry-mask")
    call = here(network, model="smollm2-135m-cn").read()
    close = close_of(network, call)
    assert (close["outcome"], close["status"]) == ("world_skew", 503), call.received
    assert close["executions"] == 0 and counts_of(close) == (0, 0, 0)


@pytest.mark.parametrize("words", [None, 40])
def test_an_engine_that_does_not_tell_is_counted_and_the_record_says_so(make_network, tmp_path,
                                                                        words):
    world = tmp_path / "openai.yaml"
    world.write_text(DEFAULT_WORLD.read_text().replace("kind: llama.cpp", "kind: openai"))
    network = make_network(world=world)
    call = here(network, stream=True, max_tokens=60 if words is None else ENDLESS)
    call.read(words)
    call.leave()
    close = close_of(network, call)
    run = only_run(network, close)
    if words is None:  # the end tells what the stream did not
        assert close["basis"] == "engine"
        assert counts_of(close) == tuple(run[name] for name in COUNTS)
    else:
        assert close["basis"] == "estimated" and close["outcome"] == "cancelled"
        assert words <= close["completion_tokens"] <= run["completion_tokens"]
        assert close["prompt_tokens"] == 0, "nobody has told it"
