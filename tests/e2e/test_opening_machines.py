"""What is wrong with a place's machines, on real TLS and real clocks, and which gate finds it."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from certificates import make_certificate
from client import get, prompt, send
from network import EU, Network, command_of, is_alive, wait_until
from place_to_open import GATES_SECONDS, NAME, REGION, ZONES, PlaceToOpen
from three_controls import option

PROOF = os.environ.get("PORTOLAN_PROOF") == "1"
ZONE = ZONES[0]
COMPILER = next(filter(None, map(shutil.which, ("clang-19", "cc"))), None)


@pytest.fixture(scope="module")
def place():
    network = Network("--waves", "at-once")
    try:
        yield PlaceToOpen(network)
    finally:
        network.stop()
        shutil.rmtree(network.home, ignore_errors=True)


class Machine:
    """That of the place's first zone, which a test starts with something wrong about it."""

    def __init__(self, place, folder):
        self.network, self.folder = place.network, folder
        self.zone = self.network.zones[ZONE]
        self.gateway = self.network.gateway_id(ZONE)
        self.command = command_of(self.zone["gateway_pid"])

    def start(self, command=None, **environment):
        if is_alive(self.zone["gateway_pid"]):
            self.network.kill(self.zone["gateway_pid"])
        process = self.network.start_process(command or self.command, environment)
        self.zone["gateway_pid"] = process.pid
        wait_until("the gateway lives", self._lives)

    def _lives(self):
        try:
            return get(self.zone["gateway_url"] + "/healthz").status == 200
        except OSError:
            return False

    def start_with_certificate(self, zone=ZONE, days=90):
        """One of the network's own authority."""
        authority = self.network.home / "authority"
        for suffix in ("pem", "key"):
            shutil.copy(authority / f"tls-authority.{suffix}", self.folder)
        name = f"spiffe://local/zone/{zone}/gateway/{self.gateway}"
        make_certificate(self.folder, "tls-authority", "machine", days=days,
                         names=f"URI:{name},IP:127.0.0.1,DNS:localhost")
        command = option(self.command, "--tls-certificate", self.folder / "machine.pem")
        self.start(option(command, "--tls-key", self.folder / "machine.key"))

    def start_with_clock(self, shift_ms):
        library = self.folder / "clock_shift.so"
        source = Path(__file__).with_name("clock_shift.c")
        subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
        self.start(LD_PRELOAD=str(library), CLOCK_SHIFT_MS=str(shift_ms))


@pytest.fixture
def machine(place, tmp_path):
    place.close_again()
    made = Machine(place, tmp_path)
    yield made
    made.start()


def without(*gates):
    return {"skip": [{"gate": gate, "reason": "a test"} for gate in gates]}


def ahead(machine):
    machine.start_with_clock(2000)


def behind(machine):
    machine.start_with_clock(-2000)


def of_another_zone(machine):
    machine.start_with_certificate(zone=f"{EU}a")


def ends_soon(machine):
    machine.start_with_certificate(days=1)


def has_ended(machine):
    machine.start_with_certificate(days=-1)


# What is wrong with a machine, the gates that say so in their order, and in which words. Each is
# asked once those before it are left out. Behind them are those that see what comes of it.
UNTRUSTED = ("engines", "keys", "probes", "refusals", "loss")
STRANGER = f"zone/{EU}a/gateway/"
FAULTS = {
    # First, while it holds no World that has its zone: it gets none from now on.
    of_another_zone: ({"reach": STRANGER, "certificates": f"for zone '{EU}a', where"}, UNTRUSTED),
    ahead: ({"clocks": "s ahead of control's"}, ()),
    behind: ({"clocks": "s behind control's"}, ()),
    ends_soon: ({"certificates": "less than 24 hours from now"}, ()),
    has_ended: ({"reach": "certificate has expired", "clocks": "certificate has expired",
                 "certificates": "certificate has expired"}, UNTRUSTED),
}


def finds(place, machine, gate, words):
    """Once that gate says it of that machine. One that is red before may only be early."""
    found = place.gate(gate)
    return found["state"] == "red" and any(
        machine.gateway in finding["subject"] and words in finding["sentence"]
        for finding in found["findings"])


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_each_gate_that_should_finds_it_and_without_them_it_gets_through(place, machine, fault):
    fault(machine)
    words, blind = FAULTS[fault]
    skipped = []
    for gate, said in words.items():
        place.open(**without(*skipped))
        wait_until(f"{gate} says {said}", lambda: finds(place, machine, gate, said), GATES_SECONDS)
        skipped.append(gate)
    skipped += blind
    place.open(**without(*skipped))
    record = place.wait_for("sharing", "held", seconds=GATES_SECONDS)
    assert record["phase"] == "sharing", record["why"]
    states = {gate["gate"]: gate["state"] for gate in record["gates"]}
    assert {gate for gate, state in states.items() if state == "skipped"} == set(skipped)
    assert set(states.values()) == {"skipped", "green"}


@pytest.mark.skipif(not PROOF, reason="a gate is asked for two minutes: make proof")
def test_a_gate_that_stays_red_holds_the_opening_until_it_is_mended(place, machine):
    machine.start_with_clock(2000)
    began = time.monotonic()
    place.open()
    wait_until("clocks is red", lambda: place.gate("clocks")["state"] == "red", GATES_SECONDS)
    record = place.wait_for("held", seconds=180)
    print(f"held after {time.monotonic() - began:.0f} s, "
          f"having asked {place.gate('clocks')['tries']} times")
    assert "clocks" in record["why"] and machine.gateway in record["why"], record["why"]
    assert place.gate("clocks")["tries"] >= 10
    door = place.network.regions[REGION] + "/v1/chat/completions"
    assert send("POST", door, place.network.keys["global"], prompt()).status == 403, "it is closed"
    machine.start()
    resumed = place.call("POST", f"/{NAME}/resume")
    assert resumed.status == 200, resumed.body
    place.wait_for("sharing", seconds=GATES_SECONDS)
