#!/usr/bin/env python3
"""Old and new release in one network, under load: every process is exchanged for that of the new
release, one by one, and then back again.

    tests/proof/upgrade.py OLD NEW       two builds of the program

At each stage, with whatever releases run then: every gateway has every zone compute for it, a key
is made and works everywhere, it is revoked and refused everywhere, a change of the World and a
drain reach all gateways, and both releases' command lines are understood. Meanwhile no request is
lost to a client that asks twice more, as a stock SDK does, and at the end the ledger has every
request once. Exit code 0: all of that held.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
OLD, NEW = (str(Path(binary).resolve()) for binary in sys.argv[1:3])
os.environ["PORTOLAN_BINARY"] = OLD
os.environ.setdefault("PORTOLAN_SHARE", str(ROOT))  # a build elsewhere finds the example there

from client import chat, get, metrics  # noqa: E402  they read which program is meant
from load import Load  # noqa: E402
from network import Network, command_of, is_alive, wait_until  # noqa: E402
from usage import UsageLogs  # noqa: E402

CLIENTS = 8
REVOKED_SECONDS = 5


def scope(name, place="eu", entry="in-scope"):
    return (f"apiVersion: portolan/v1\nkind: Scope\nmetadata: {{name: {name}}}\n"
            f"spec: {{include: [{place}], entry: {entry}}}\n")


class Upgrade:
    """A network of the old release, and which release each of its processes is."""

    def __init__(self):
        self.network = Network()
        self.release = {name: "old" for name in ["control", "meter", *self.network.zones]}
        self.count = 0
        self.key = self.key_for_each_zone()

    def key_for_each_zone(self):
        """One that names a zone by its scope, and may enter anywhere with it."""
        zones = sorted(self.network.zones)
        scopes = [scope(f"in-{zone}", zone, "anywhere") for zone in zones]
        workspace = (f"apiVersion: portolan/v1\nkind: Workspace\n"
                     f"metadata: {{name: each-zone, org: demo}}\n"
                     f"spec: {{scopes: [{', '.join(f'in-{zone}' for zone in zones)}]}}\n")
        self.cli("apply", "-f", "-", binary=OLD, stdin="---\n".join([*scopes, workspace]))
        made = self.cli("key", "create", "--workspace", "each-zone", "-o", "json", binary=OLD)
        key = json.loads(made)["key"]
        wait_until("the key works", lambda: set(self.answers(key).values()) == {200})
        return key

    def ask(self, entry, zone):
        return chat(self.network.zones[entry]["gateway_url"], self.key,
                    headers={"portolan-scope": f"in-{zone}"})

    def pid(self, name):
        if name in self.network.zones:
            return self.network.zones[name]["gateway_pid"]
        return self.network.file[f"{name}_pid"]

    def exchange(self, name, release):
        """Ended as systemd would, and started by the same words of the other release."""
        pid = self.pid(name)
        _, *words = command_of(pid)
        os.kill(pid, signal.SIGTERM)
        wait_until(f"{name} has ended", lambda: not is_alive(pid), 60)
        command = [NEW if release == "new" else OLD, *words]
        if name == "control":
            self.network.start_control(command)
        else:
            started = self.network.start_process(command).pid
            if name == "meter":
                self.network.file["meter_pid"] = started
            else:
                self.network.zones[name]["gateway_pid"] = started
                wait_until(f"{name} is ready", lambda: self.is_ready(name))
        self.release[name] = release

    def is_ready(self, zone):
        try:
            return get(self.network.zones[zone]["gateway_url"] + "/readyz").status == 200
        except OSError:
            return False

    def cli(self, *arguments, binary=NEW, stdin=None):
        done = subprocess.run([binary, *arguments], input=stdin, text=True, capture_output=True,
                              env=dict(os.environ, PORTOLAN_HOME=str(self.network.home)),
                              timeout=60, check=False)
        assert done.returncode == 0, f"{binary} {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def answers(self, key):
        """What each gateway says to that key."""
        return {zone: get(place["gateway_url"] + "/v1/models", key).status
                for zone, place in self.network.zones.items()}

    def check_stage(self, stage):
        self.count += 1
        began = time.monotonic()
        self.check_hops()
        self.check_keys()
        self.check_changes()
        self.check_command_lines()
        news = sum(release == "new" for release in self.release.values())
        print(f"{stage}: {news} of {len(self.release)} processes are new; all of it holds "
              f"({time.monotonic() - began:.1f} s)", flush=True)

    def check_hops(self):
        for entry in self.network.zones:
            for zone in self.network.zones:
                answer = self.ask(entry, zone)
                assert answer.status == 200, f"{entry} to {zone}: {answer.body}"
                assert answer.headers["portolan-zone"] == zone

    def check_keys(self):
        made = json.loads(self.cli("key", "create", "--workspace", "global", "-o", "json"))
        wait_until("the key works", lambda: set(self.answers(made["key"]).values()) == {200})
        self.cli("key", "revoke", made["id"])
        wait_until("and works no more", lambda: 200 not in self.answers(made["key"]).values(),
                   REVOKED_SECONDS)

    def check_changes(self):
        self.cli("apply", "-f", "-", stdin=scope(f"stage-{self.count}"))
        version = json.loads(self.cli("get", "worlds", "-o", "json"))["current"]["version"]
        for zone, place in self.network.zones.items():
            wait_until(f"{zone} has the World", lambda: metrics(place["gateway_url"])[
                "portolan_world_version"] == version)
        drained = sorted(self.network.zones)[0]  # no client of the load is there
        self.cli("restrict", "drain", drained, "--break-glass", "its own scope is left nothing")
        wait_until("it takes nothing new", lambda: not self.is_served_in(drained))
        self.cli("restrict", "lift", "drain", drained)
        wait_until("it does again", lambda: self.is_served_in(drained))

    def is_served_in(self, zone):
        return self.ask(sorted(self.network.zones)[-1], zone).status == 200

    def check_command_lines(self):
        for binary in (OLD, NEW):
            for words in (["zones"], ["get", "worlds"], ["usage"], ["rollout", "status"],
                          ["audit", "verify"], ["parity"]):
                self.cli(*words, binary=binary)


def both_ways(upgrade):
    zones = sorted(upgrade.network.zones)
    upgrade.check_stage("the old release")
    for release in ("new", "old"):
        # Half of the gateways first, then control and meter between two halves.
        for zone in zones[::2]:
            upgrade.exchange(zone, release)
        upgrade.check_stage(f"half of the gateways to the {release} one")
        upgrade.exchange("control", release)
        upgrade.check_stage("control, too")
        upgrade.exchange("meter", release)
        for zone in zones[1::2]:
            upgrade.exchange(zone, release)
        upgrade.check_stage(f"all to the {release} one")


def control_first(upgrade):
    """The other order: a new control and meter before any gateway, and an old one behind all."""
    for name in ("control", "meter"):
        upgrade.exchange(name, "new")
    upgrade.check_stage("control and meter alone to the new one")
    for zone in sorted(upgrade.network.zones):
        upgrade.exchange(zone, "new")
    for name in ("control", "meter"):
        upgrade.exchange(name, "old")
    upgrade.check_stage("all gateways new, control and meter old")


def check_load(load):
    refused = [seen for seen in load.outcomes if seen.status not in (0, 200)]
    lost = [tries[-1] for tries in load.retries if not tries[-1].complete]
    cut = [seen for seen in load.outcomes if seen.begun and not seen.complete]
    print(f"{len(load.outcomes)} requests meanwhile: {len(refused)} refused, {len(lost)} lost, "
          f"{len(load.retries)} asked again, {len(cut)} streams cut")
    for seen in [*refused, *lost, *cut][:5]:
        print(f"  {seen}")
    return not (refused or lost or cut)


def check_ledger(upgrade):
    """Every request that a log has closed is in the ledger, once."""
    closes = len(UsageLogs(upgrade.network).of("close"))

    def shown():
        return json.loads(upgrade.cli("usage", "-o", "json"))
    wait_until("the ledger has all", lambda: shown()["total"]["requests"] >= closes, 90, 0.5)
    ledger = shown()["ledger"]
    print(f"{closes} requests in logs, {shown()['total']['requests']} in the ledger, "
          f"{ledger['gaps']} gaps, {ledger['conflicts']} conflicts")
    return (shown()["total"]["requests"], ledger["gaps"], ledger["conflicts"]) == (closes, 0, 0)


def main():
    upgrade = Upgrade()
    try:
        clients_in = sorted(upgrade.network.zones)[1:]
        with Load(upgrade.network, clients=CLIENTS, zones=clients_in) as load:
            both_ways(upgrade)
            control_first(upgrade)
        held = check_load(load)
        held = check_ledger(upgrade) and held
    finally:
        upgrade.network.stop()
    shutil.rmtree(upgrade.network.home, ignore_errors=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
