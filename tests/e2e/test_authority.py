"""A second control: joins by a token, signs by a key of its own that the root vouches for."""

import json
import re
import subprocess
from pathlib import Path

from client import await_everywhere, chat
from network import ANYWHERE, BINARY, EU, is_alive, run_portolan, wait_until

ZONE = f"{EU}a"


def join_control(network, folder):
    made = network.cli("token", "create", "--zone", ZONE, "--role", "control", "-o", "json")
    assert made.returncode == 0, made.stderr
    joined = run_portolan("join", "--control", network.admin_url, "--folder", folder, "--token",
                          json.loads(made.stdout)["token"], "-o", "json")
    assert joined.returncode == 0, joined.stderr
    return json.loads(joined.stdout)


def sign(network, machine, **changes):
    wanted = {"--id": machine["id"], "--public-key": machine["public_key"],
              "--root-key": network.home / "authority" / "root.key", **changes}
    return run_portolan("authority", "sign-control", *(word for pair in wanted.items()
                                                       for word in pair))


def command_in_its_place(network, machine):
    """As `join` printed it, with the disk and the addresses of the control that was."""
    old = Path(f"/proc/{network.control_pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    command = [str(BINARY), *machine["command"][1:]]
    for flag in ("--data", "--gateways"):
        command[command.index(flag) + 1] = old[old.index(flag) + 1]
    return [*command, "--admin", old[old.index("--admin") + 1], "--waves", "at-once"]


def test_a_joined_control_signs_by_the_roots_word(own_sim, tmp_path):
    network, folder = own_sim, tmp_path / "joined"
    machine = join_control(network, folder)
    public_key = machine["public_key"]
    assert re.fullmatch("[0-9a-f]{64}", public_key)
    shown = run_portolan("authority", "make-key", folder / "control.key")
    assert shown.stdout.strip() == public_key, "what is there is not made anew"
    command = command_in_its_place(network, machine)
    network.kill(network.control_pid)

    other = run_portolan("authority", "make-key", tmp_path / "other.key").stdout.strip()
    for changes, said in (({"--public-key": other}, "key"), ({"--network": "another"}, "network")):
        (folder / "control.certificate").write_text(sign(network, machine, **changes).stdout)
        refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert refused.returncode == 1 and said in refused.stderr, refused.stderr

    signed = sign(network, machine)
    assert signed.returncode == 0, signed.stderr
    (folder / "control.certificate").write_text(signed.stdout)
    network.start_control(command)
    applied = network.cli("apply", "-f", "-", stdin=ANYWHERE)
    assert applied.returncode == 0, applied.stderr
    version = json.loads(network.cli("get", "worlds", "-o", "json").stdout)["current"]["version"]
    await_everywhere(network, "world_version", version)
    assert chat(network.regions[EU], network.keys["eu"]).status == 200


def test_a_key_that_the_root_does_not_know_moves_no_gateway(own_sim, tmp_path):
    network, folder = own_sim, tmp_path / "joined"
    machine = join_control(network, folder)
    (tmp_path / "root.key").write_text("5" * 64 + "\n")
    signed = sign(network, machine, **{"--root-key": tmp_path / "root.key"})
    (folder / "control.certificate").write_text(signed.stdout)
    before = {zone: network.zones[zone]["gateway_url"] for zone in network.zones}
    command = command_in_its_place(network, machine)
    network.kill(network.control_pid)
    network.start_control(command)
    assert network.cli("apply", "-f", "-", stdin=ANYWHERE).returncode == 0
    listed = lambda: json.loads(network.cli("get", "worlds", "-o", "json").stdout)

    def all_refuse():
        told = [gateway for gateway in listed()["gateways"] if gateway.get("refused")]
        return len(told) == len(before)
    wait_until("every gateway refuses it", all_refuse)
    assert all(is_alive(zone["gateway_pid"]) for zone in network.zones.values())
    assert chat(network.regions[EU], network.keys["eu"]).status == 200, "they serve what they hold"
