"""A region is opened from a file: closed through ten gates, share by share to serving."""

import json
import shutil
import tempfile
import time
from datetime import datetime
from pathlib import Path

import openai
import pytest

from client import prompt, send
from network import EU, MODEL, Network, wait_until
from place_to_open import GATES, GATES_SECONDS, NAME, REGION, ZONES, PlaceToOpen

SERVING_SECONDS = 55


@pytest.fixture(scope="module")
def network():
    home = tempfile.mkdtemp(prefix="portolan-e2e-")
    made = Network("--waves", "at-once", "--sim-args", f"--record {home}/record.jsonl", home=home)
    yield made
    made.stop()
    shutil.rmtree(made.home, ignore_errors=True)


@pytest.fixture(scope="module")
def place(network):
    return PlaceToOpen(network)


@pytest.fixture
def closed(place):
    """The place as an operator has closed it, whatever a test before left."""
    place.close_again()
    return place


def ask(network, region):
    """One request of a customer at that region's door."""
    return send("POST", network.regions[region] + "/v1/chat/completions", network.keys["global"],
                prompt(max_tokens=4))


def instant(text):
    """Of RFC 3339 in UTC, to the microsecond."""
    whole, _, part = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{part[:6]:0<6}+00:00")


def computed_there(network, workspace):
    """When customers' requests were read that the place computed, as any gateway logged them."""
    return [instant(line["time"]) for zone in network.zones for line in network.access_log(zone)
            if line.get("workspace") == workspace and line.get("executor_zone") in ZONES]


def serve_under_load(network, place):
    """Until it serves, with customers at its door and at another one."""
    answers = []
    end = time.monotonic() + SERVING_SECONDS
    while (record := place.record())["phase"] not in ("serving", "held"):
        assert time.monotonic() < end, record
        answers += [ask(network, REGION), ask(network, EU)]
    return record, answers


def test_it_serves_behind_ten_green_gates_and_three_shares(network, place):
    assert place.call("POST", body="kind: Nothing").status == 422
    wait_until("its gateways know", lambda: ask(network, REGION).status != 200, 20)
    begun = place.open()
    assert begun["phase"] in ("applying", "gates") and begun["spec"]["metadata"]["name"] == NAME
    record, answers = serve_under_load(network, place)
    assert record["phase"] == "serving", record["why"]
    assert [gate["gate"] for gate in record["gates"]] == list(GATES)
    for gate in record["gates"]:
        assert gate["state"] == "green" and gate["evidence"], gate
    assert [share["percent"] for share in record["shares"]] == [1, 10, 100]
    for share in record["shares"]:
        assert share["requests"] >= 5 and share["errors"] == 0, share
    began = instant(record["shares"][0]["began"])
    computed = [read for read in computed_there(network, "global")
                if read >= instant(record["began"])]
    assert computed and min(computed) >= began, "nobody was computed there before it shared"
    assert {answer.status for answer in answers[1::2]} == {200}, "elsewhere nobody notices"
    at_its_door = [answer.status for answer in answers[::2]]
    opened = at_its_door.index(200)
    # Without a World that knows it, a gateway says that it cannot serve.
    assert {403} <= set(at_its_door[:opened]) <= {403, 503}
    assert set(at_its_door[opened:]) == {200}
    again = place.call("POST", body=place.file())
    assert again.status == 409 and "serves already" in again.error["message"]


def test_a_customers_sdk_is_served_there(network, place):
    place.wait_for("serving")
    sdk = openai.OpenAI(base_url=network.regions[REGION] + "/v1", max_retries=0, timeout=60,
                        api_key=network.keys["global"])
    answer = sdk.chat.completions.with_raw_response.create(
        model=MODEL, messages=[{"role": "user", "content": "Say hello."}], max_tokens=4)
    assert answer.headers["portolan-zone"] in ZONES
    assert answer.parse().choices[0].message.content


def traits(place, **set_to):
    url = place.network.zones[ZONES[0]]["engine_url"]
    answer = send("POST", url + "/sim/traits", body=set_to)
    assert answer.status == 200, answer.body


# What is wrong with a place, the gate that has to find it, and what it has to name.
FAULTS = {
    "other weights": ({"other_weights": True}, {}, "engines", ZONES[0]),
    "an engine that miscounts": ({"miscounts": True}, {}, "engines", ZONES[0]),
    "a model under another name": ({"unknown_name": True}, {}, "engines", ZONES[0]),
    "too far away": ({}, {"round_trips": [{"to": EU, "ms": 0.0001}]}, "reach", EU),
    "more load than neighbours can carry": ({}, {"load": 5000}, "neighbours", "5000"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_by_its_gate_and_gets_through_without_it(closed, fault):
    engine, spec, gate, named = FAULTS[fault]
    traits(closed, **engine)
    try:
        closed.open(**spec)
        red = closed.red_gate()
        assert red["gate"] == gate, red
        assert any(named in f"{finding['subject']} {finding['sentence']}"
                   for finding in red["findings"]), red
        assert ask(closed.network, REGION).status == 403
        closed.open(**spec, skip=[{"gate": gate, "reason": "a test"}])
        record = closed.wait_for("sharing", seconds=GATES_SECONDS)
        [skipped] = [each for each in record["gates"] if each["state"] == "skipped"]
        assert skipped["gate"] == gate and skipped["reason"] == "a test"
    finally:
        traits(closed)


def test_what_a_rule_denies_is_found_in_the_catalogue(closed):
    kept = list(closed.resources)
    closed.resources += closed.denied
    try:
        closed.open()
        red = closed.red_gate()
    finally:
        closed.resources = kept
        for each in closed.denied:
            name = each["metadata"]["name"]
            gone = send("DELETE", f"{closed.network.admin_url}/admin/v1/resources/deployment/"
                        f"{name}?break_glass=1&reason=a%20test", closed.network.admin_key)
            assert gone.status == 200, gone.body
    assert red["gate"] == "catalogue" and "eu-only-weights" in json.dumps(red["findings"])


def test_a_gate_turns_green_when_its_fault_is_mended(closed):
    traits(closed, miscounts=True)
    try:
        closed.open()
        assert closed.red_gate()["gate"] == "engines"
    finally:
        traits(closed)
    record = closed.wait_for("sharing", seconds=GATES_SECONDS)
    assert {gate["state"] for gate in record["gates"]} == {"green"}
    assert closed.gate("engines")["tries"] > 1


def test_stopped_it_is_closed_at_once_and_resumed_it_begins_at_its_gates(closed):
    closed.open()
    closed.wait_for("sharing", seconds=GATES_SECONDS)
    wait_until("its door is open", lambda: ask(closed.network, REGION).status == 200, 10)
    stopped = closed.call("POST", f"/{REGION}/stop", reason="a%20storm").json
    assert (stopped["phase"], stopped["why"]) == ("stopped", "a storm")
    wait_until("its door is closed", lambda: ask(closed.network, REGION).status == 403, 10)
    twice = closed.call("POST", f"/{NAME}/reopen")
    assert twice.status == 409 and "Resume it" in twice.error["message"]
    resumed = closed.call("POST", f"/{NAME}/resume").json
    assert resumed["phase"] == "applying" and resumed["shares"] == []
    closed.wait_for("sharing", seconds=GATES_SECONDS)
    verified = closed.network.cli("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_control_that_was_killed_goes_on_where_it_stood(closed):
    """Once while a gate is being asked, and once while it shares."""
    network = closed.network
    closed.open()
    wait_until("its gates are asked", lambda: closed.record()["gates"][0]["state"] != "waiting")
    command = Path(f"/proc/{network.control_pid}/cmdline").read_bytes().split(b"\0")[:-1]
    network.kill(network.control_pid)
    assert ask(network, REGION).status == 403
    network.start_control(command)
    shared = closed.wait_for("sharing", seconds=GATES_SECONDS)
    network.kill(network.control_pid)
    network.start_control(command)
    record = closed.record()
    assert record["phase"] == "sharing"
    assert record["shares"][0]["began"] == shared["shares"][0]["began"]
    assert record["gates"] == shared["gates"]
