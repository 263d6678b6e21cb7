"""Three controls on one etcd: any of them may die, and changes still reach every gateway."""

import contextlib
import os
import shutil
import signal
import time

import pytest

from client import get, send
from etcd import EtcdCluster
from network import Network, command_of, free_base_port, run_portolan, wait_until

ZONE = "eu-central-1a"
PROOF = os.environ.get("PORTOLAN_PROOF") == "1"


def option(command, name, value):
    """The command with that option set to another value, or added."""
    changed = list(command)
    if name in changed:
        changed[changed.index(name) + 1] = str(value)
    else:
        changed += [name, str(value)]
    return changed


class ThreeControls:
    """The controls and one gateway of a network, from the commands that `up` ran."""

    def __init__(self, network, etcd):
        self.network, self.etcd = network, etcd
        base = free_base_port(6)
        self.admins = [f"127.0.0.1:{base + number}" for number in range(3)]
        self.pollings = [f"127.0.0.1:{base + 3 + number}" for number in range(3)]
        self.command = command_of(network.control_pid)
        network.kill(network.control_pid)
        self.processes = [None] * 3
        for number in range(3):
            self.start(number)
        for number in range(3):
            self.wait_for(number)
        # They began at once, on a store with nothing in it; one of them has made the key.
        (made,) = network.home.glob("admin-?")
        self.key = made.read_text().strip()
        self.gateway = self._start_gateway()

    def start(self, number):
        home = self.network.home
        command = option(self.command, "--store", self.etcd.url(number))
        command = option(command, "--data", home / f"control-{number}")
        command = option(command, "--admin", self.admins[number])
        command = option(command, "--gateways", self.pollings[number])
        command = option(command, "--admin-key-file", home / f"admin-{number}")
        self.processes[number] = self.network.start_process(command)

    def wait_for(self, number):
        wait_until(f"control {number} listens", lambda: self._listens(number))

    def _listens(self, number):
        try:
            get(f"http://{self.admins[number]}/admin/v1/worlds")
            return True
        except OSError:
            return False

    def _start_gateway(self):
        """One that has never heard of the network's first control."""
        zone = self.network.zones[ZONE]
        command = command_of(zone["gateway_pid"])
        self.network.kill(zone["gateway_pid"])
        command = option(command, "--data", self.network.home / "fresh-gateway")
        command = option(command, "--control", ",".join(self.pollings))
        self.network.start_process(command)
        return zone["gateway_url"]

    def kill(self, number):
        os.kill(self.processes[number].pid, signal.SIGKILL)
        self.processes[number].wait(10)

    def send(self, number, method, path, body=None):
        answer = send(method, f"http://{self.admins[number]}/admin/v1/{path}", self.key, body)
        assert answer.status < 300, answer.body
        return answer.json

    def numbers(self, number):
        """What that control has published."""
        return self.send(number, "GET", "worlds")["current"]

    def works(self, key):
        try:
            return get(self.gateway + "/v1/models", key).status == 200
        except OSError:
            return False


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
