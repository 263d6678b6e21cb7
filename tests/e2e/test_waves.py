"""A World that breaks every engine reaches one zone, and goes back by itself."""

import json
import time
from pathlib import Path

import pytest

from client import metrics, send
from load import Load
from network import wait_until

BACK_SECONDS = 120  # wave_back_ms
DEAD = "http://127.0.0.1:9"


@pytest.fixture
def paced(make_network):
    return make_network("--waves", "paced")


def status(network):
    shown = network.cli("rollout", "status", "-o", "json")
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)["rollout"]


def deployments(network):
    """As stored, without the versions that a change raises."""
    found = json.loads(network.cli("get", "deployments", "-o", "json").stdout)["items"]
    for deployment in found:
        deployment["metadata"].pop("resourceVersion")
    return found


def broken(stored):
    copy = json.loads(json.dumps(stored))
    for deployment in copy:
        for engine in deployment["spec"]["engines"]:
            engine["url"] = DEAD
    return "\n---\n".join(json.dumps(deployment) for deployment in copy)


def worlds_held(network):
    return {metrics(zone["gateway_url"])["portolan_world_version"]
            for zone in network.zones.values()}


def test_a_world_that_breaks_all_engines_is_stopped_in_one_zone(paced):
    """Also where control is killed while it is on its way."""
    stored = deployments(paced)
    before = json.loads(paced.cli("get", "worlds", "-o", "json").stdout)["current"]
    with Load(paced, clients=6) as load:
        wait_until("requests are served", lambda: len(load.outcomes) > 100)
        began = time.monotonic()
        applied = paced.cli("apply", "-f", "-", stdin=broken(stored))
        assert applied.returncode == 0, applied.stderr
        assert "rollout status" in applied.stdout
        [zone] = wait_until("a zone has it", lambda: [z for s in status(paced)["steps"]
                                                      for z in s["zones"]])
        # By HTTP, before its gateway has seen enough of it to go back.
        second = send("POST", paced.admin_url + "/admin/v1/apply", paced.admin_key,
                      another_scope().encode())
        assert second.status >= 400 and "rollout" in second.error["message"], second.body
        wait_until("its gateway has it", lambda: len(worlds_held(paced)) == 2, every=0.01)
        command = Path(f"/proc/{paced.control_pid}/cmdline").read_bytes().split(b"\0")[:-1]
        paced.kill(paced.control_pid)
        paced.start_control(command)

        wait_until("it has gone back", lambda: status(paced)["phase"] == "gone-back", BACK_SECONDS)
        wait_until("all gateways know", lambda: worlds_held(paced) == {before["version"] + 2})
        took = time.monotonic() - began
    ended = status(paced)
    print(f"back after {took:.1f} s: {ended['why']}")
    assert took < BACK_SECONDS
    assert ended["steps"][0]["zones"] == [zone] and len(ended["steps"]) == 1
    assert zone in ended["why"]
    elsewhere = [outcome for outcome in load.outcomes if outcome.zone != zone]
    assert len(elsewhere) > 100
    assert [str(outcome) for outcome in elsewhere if not outcome.complete] == []
    now = json.loads(paced.cli("get", "worlds", "-o", "json").stdout)["current"]
    assert now["hash"] == before["hash"]
    assert deployments(paced) == stored, "what is stored is what gateways hold"
    acts = [entry["act"] for entry in
            json.loads(paced.cli("audit", "list", "-o", "json").stdout)["entries"]]
    assert acts[-3:] == ["apply", "advance-rollout", "roll-back"]


def another_scope():
    return ("apiVersion: portolan/v1\nkind: Scope\nmetadata: {name: another}\n"
            "spec: {include: [eu]}\n")
