"""`portolan up`: whatever ends it, nothing is left; a second one finds what the first had."""

import os
import shlex
import signal
import stat

import pytest

from client import chat
from network import EU, Network, is_alive, run_portolan, wait_until


@pytest.fixture
def up(make_network):
    return make_network


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left(up, number):
    network = up()
    pids = network.pids()
    assert len(pids) >= 8, "up, control, engines and six gateways"
    os.kill(network.process.pid, number)
    network.process.wait(60)
    wait_until("all processes are gone", lambda: not any(is_alive(pid) for pid in pids), 60)


def test_a_second_up_finds_the_same_ports_and_keys(up):
    first = up()
    first.stop()
    second = Network(home=first.home)
    try:
        assert second.keys == first.keys
        assert second.regions == first.regions
        assert second.admin_key == first.admin_key
        assert chat(second.regions[EU], second.keys["eu"]).status == 200
    finally:
        second.stop()


def test_a_second_up_at_the_same_time_is_told_who_runs(up):
    network = up()
    told = run_portolan("up", "--engines", "sim", "--plain", home=network.home)
    assert told.returncode != 0
    assert str(network.process.pid) in told.stdout + told.stderr


def test_what_holds_keys_is_for_its_owner_alone(up):
    network = up()
    for name in ("network.json", "admin.key"):
        mode = stat.S_IMODE((network.home / name).stat().st_mode)
        assert mode == 0o600, f"{name}: {mode:o}"
    for path in (network.home / "authority").rglob("*"):
        if path.is_file() and "key" in path.name:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    logs = "".join(path.read_text(errors="replace")
                   for path in (network.home / "logs").iterdir())
    for key in [*network.keys.values(), network.admin_key]:
        assert key not in logs


def test_print_shows_the_commands_and_starts_nothing(tmp_path):
    printed = run_portolan("up", "--engines", "sim", "--print", home=tmp_path)
    assert printed.returncode == 0, printed.stderr
    commands = [shlex.split(line) for line in printed.stdout.splitlines()
                if line and not line.startswith("#")]
    roles = [words[1] for words in commands if words[0].endswith("portolan")]
    assert roles.count("gateway") == 6
    assert roles.count("control") == 1
    assert not (tmp_path / "network.json").exists()


def test_what_dies_is_started_again(up):
    network = up(restart="on-failure")
    zone = network.zones["eu-central-1a"]
    os.kill(zone["gateway_pid"], signal.SIGKILL)

    def is_back():
        network.read()
        return network.zones["eu-central-1a"]["gateway_pid"] not in (None, zone["gateway_pid"])
    wait_until("network.json names the new process", is_back, 60)

    def serves():
        try:
            return chat(zone["gateway_url"], network.keys["eu"]).status == 200
        except OSError:
            return False
    wait_until("it serves", serves, 60)
