"""Three controls of one network on one etcd, each of which a test may kill."""

import os
import signal

from client import get, send
from network import command_of, free_base_port, wait_until

ZONE = "eu-central-1a"


def option(command, name, value):
    """The command with that option set to another value, or added."""
    changed = list(command)
    if name in changed:
        changed[changed.index(name) + 1] = str(value)
    else:
        changed += [name, str(value)]
    return changed


class ThreeControls:
    """The controls and one gateway of each zone, from the commands that `up` ran. `more` are flags
    of each control's. `divided`: each gateway polls one of the controls alone."""

    def __init__(self, network, etcd, more=(), zones=(ZONE,), divided=False):
        self.network, self.etcd = network, etcd
        base = free_base_port(6)
        self.admins = [f"127.0.0.1:{base + number}" for number in range(3)]
        self.pollings = [f"127.0.0.1:{base + 3 + number}" for number in range(3)]
        self.command = [*command_of(network.control_pid), *map(str, more)]
        network.kill(network.control_pid)
        self.processes = [None] * 3
        for number in range(3):
            self.start(number)
        for number in range(3):
            self.wait_for(number)
        # They began at once, on a store with nothing in it; one of them has made the key.
        (made,) = network.home.glob("admin-?")
        self.key = made.read_text().strip()
        self.gateway, *_ = [
            self._start_gateway(zone, [self.pollings[at % 3]] if divided else self.pollings)
            for at, zone in enumerate(zones)]

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

    def _start_gateway(self, name, pollings):
        """One that has never heard of the network's first control."""
        zone = self.network.zones[name]
        command = command_of(zone["gateway_pid"])
        self.network.kill(zone["gateway_pid"])
        command = option(command, "--data", self.network.home / f"fresh-gateway-{name}")
        command = option(command, "--control", ",".join(pollings))
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
