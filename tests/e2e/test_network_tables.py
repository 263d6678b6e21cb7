"""`portolan regions` and `portolan zones`: what control knows, as tables and JSON."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import termios

import pytest

from network import BINARY, EU, wait_until


def zones(network, *places):
    shown = network.cli("zones", *places, "-o", "json")
    assert shown.returncode == 0, shown.stderr
    return {zone["name"]: zone for zone in json.loads(shown.stdout)["items"]}


def await_state(network, zone, state):
    wait_until(f"{zone} is shown as {state}",
               lambda: zones(network)[zone]["state"] == state, every=0.3)


def at_terminal(network, columns, *arguments):
    """What a terminal of so many columns gets."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = dict(os.environ, PORTOLAN_HOME=str(network.home))
    process = subprocess.Popen([str(BINARY), *arguments], stdout=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other side is closed
            break
        shown += piece
    os.close(ours)
    assert process.wait(30) == 0
    return shown.decode().replace("\r\n", "\n")


def test_a_healthy_network_serves_everywhere(sim):
    def when_well():
        shown = sim.cli("regions").stdout
        return "3 regions, 6 zones, 6 well; 6 of 6 gateways seen" in shown and shown
    regions = wait_until("every zone serves", when_well)
    assert {zone["state"] for zone in zones(sim).values()} == {"serving"}
    assert regions.split()[:10] == ["NAME", "CITY", "COUNTRY", "GROUPS", "ZONES", "GATEWAYS",
                                    "ENGINES", "MODELS", "WORLD", "URL"]
    for name, url in sim.regions.items():
        line, = [line for line in regions.splitlines() if line.startswith(name + " ")]
        assert url in line and line.split().count("2/2") == 3
    assert "NOT WELL" not in regions


def test_places_narrow_what_is_shown(sim):
    assert set(zones(sim, EU)) == {f"{EU}a", f"{EU}b"}
    assert set(zones(sim, "country:CN", f"{EU}a")) == {"cn-hangzhou-a", "cn-hangzhou-b", f"{EU}a"}
    told = sim.cli("zones", "eu-central-2")
    assert told.returncode == 1 and "Did you mean 'eu-central-1'?" in told.stderr


@pytest.mark.parametrize("command", ["regions", "zones"])
def test_a_narrow_terminal_is_told_what_it_is_not_shown(sim, command):
    shown = at_terminal(sim, 60, command)
    table, _, rest = shown.partition("\n\n")
    assert max(map(len, table.splitlines())) <= 60
    assert "60 columns have no room for" in rest
    wide = at_terminal(sim, 200, command)
    assert "no room" not in wide


def test_a_dead_engine_and_a_dead_gateway_are_shown(split):
    engine, gateway = f"{EU}a", f"{EU}b"
    for zone in (engine, gateway):
        await_state(split, zone, "serving")
    split.kill_engine(engine)
    await_state(split, engine, "no engine")
    assert zones(split)[gateway]["state"] == "serving"
    split.kill(split.zones[gateway]["gateway_pid"])
    await_state(split, gateway, "silent")
    regions = split.cli("regions").stdout
    assert "NOT WELL" in regions
    assert any(line.split()[:3] == [engine, "no", "engine"] for line in regions.splitlines())
    split.start_engine(engine)
    await_state(split, engine, "serving")
