"""Three controls on one etcd: any of them may die, and changes still reach every gateway."""

import contextlib
import os
import shutil
import time

import pytest

from etcd import EtcdCluster
from network import Network, run_portolan, wait_until
from three_controls import ZONE, ThreeControls

PROOF = os.environ.get("PORTOLAN_PROOF") == "1"


@contextlib.contextmanager
def three_controls(*flags):
    with contextlib.ExitStack() as stack:
        network = Network(*flags)
        stack.callback(shutil.rmtree, network.home, ignore_errors=True)
        stack.callback(network.stop)
        etcd = EtcdCluster()
        stack.callback(etcd.stop)
        yield ThreeControls(network, etcd)


@pytest.fixture(scope="module")
def controls():
    with three_controls() as made:
        yield made


def scope(name):
    return f"apiVersion: portolan/v1\nkind: Scope\nmetadata: {{name: {name}}}\nspec: {{include: [eu]}}\n"


def test_any_control_may_die_and_changes_still_reach_gateways(controls):
    world = (controls.network.home / "world.yaml").read_bytes()
    controls.send(0, "POST", "apply", world)
    for number in (1, 2):
        assert controls.send(number, "GET", "resources/workspaces")["items"], "not what was applied"
    for victim in range(3):
        near, far = (victim + 1) % 3, (victim + 2) % 3
        controls.kill(victim)
        began = time.monotonic()
        made = controls.send(near, "POST", "keys", {"workspace": "eu"})
        wait_until("the key works", lambda: controls.works(made["key"]))
        print(f"control {victim} dead: a key works after {time.monotonic() - began:.2f} s")
        controls.send(far, "POST", "apply", scope(f"made-without-{victim}").encode())
        seen = controls.send(near, "GET", f"resources/scopes/made-without-{victim}")
        assert seen["metadata"]["name"] == f"made-without-{victim}", "read behind its apply"
        assert controls.numbers(near) == controls.numbers(far)
        controls.start(victim)
        controls.wait_for(victim)
        wait_until("the one that is back says the same",
                   lambda: controls.numbers(victim) == controls.numbers(near))
    names = [made["metadata"]["name"]
             for made in controls.send(0, "GET", "resources/scopes")["items"]
             if made["metadata"]["name"].startswith("made-")]
    assert names == [f"made-without-{victim}" for victim in range(3)], "an apply was lost"


def test_with_etcd_gone_what_is_known_is_shown_with_a_note(controls):
    controls.etcd.stop()
    shown = run_portolan("get", "scopes", "--admin", f"http://{controls.admins[0]}",
                         environment={"PORTOLAN_ADMIN_KEY": controls.key})
    assert shown.returncode == 0 and "made-without-2" in shown.stdout, shown.stderr
    assert "note: The store does not answer" in shown.stderr


@pytest.mark.skipif(not PROOF, reason="each step waits 30 s for traffic: make proof")
def test_a_rollout_goes_on_when_the_controls_that_drove_it_die():
    with three_controls("--waves", "paced") as paced:
        world = (paced.network.home / "world.yaml").read_text()
        paced.send(0, "POST", "apply", world.encode())
        wait_until("the first World is out", lambda: paced.numbers(2)["version"] == 1)
        paced.send(0, "POST", "apply", world.replace("context: 2048", "context: 2047").encode())

        def rollout():
            return paced.send(2, "GET", "rollout")["rollout"]

        for victim in (0, 1):
            wait_until("one step more", lambda: len(rollout()["steps"]) > victim, 120)
            paced.kill(victim)
        wait_until("all zones have it", lambda: rollout()["phase"] != "running", 180)
        ended = rollout()
        assert ended["phase"] == "done", ended
        assert ended["steps"][0]["zones"] == [ZONE], "the one whose gateway is connected"
        assert [len(step["zones"]) for step in ended["steps"]] == [1, 1, 4]
