"""The reference network, 29 regions and 87 zones, all of it on this machine."""

import os
import shutil
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from client import chat, get, send
from load import Outcome, ask_once
from network import ROOT, Network, is_alive, wait_until

WORLD = ROOT / "worlds/alibaba-29-87.yaml"
READY_SECONDS = 30
PSS_MIB_MAX = 2048
IDLE_SECONDS = 20  # the longest that a gateway's poll waits: one of each is within
IDLE_TRIES = 3  # what stalls the machine is counted as somebody's time
IDLE_CPU_MAX = 0.10  # of one core, everything that `up` runs
REVOKED_SECONDS = 5

LOST = "eu-central-1"  # what dies, with all of its zones
DOOR = "me-central-1"  # a rule keeps RESTRICTED out of it, and LOST is the nearest that has it
NEXT = "eu-west-1"  # and then this
RESTRICTED = "smollm2-135m-3a090"
CLIENTS = 6  # of each kind
TOKENS = 24


@pytest.fixture(scope="module")
def network():
    began = time.monotonic()
    network = Network("--sim-args", "--ttft-ms 100 --tpot-ms 10", world=WORLD)
    network.ready_seconds = time.monotonic() - began
    yield network
    network.stop()
    shutil.rmtree(network.home, ignore_errors=True)


def processes_of(network):
    """`up` and everything that it runs: the processes of its session."""
    session = str(network.process.pid)
    pids = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and stat_of(folder.name)[3] == session:
                pids.append(int(folder.name))
        except OSError:
            pass
    return pids


def stat_of(pid):
    """/proc/PID/stat from its third member on: state, parent, group, session ..."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def cpu_seconds(pids):
    ticks = 0
    for pid in pids:
        stat = stat_of(pid)
        ticks += int(stat[11]) + int(stat[12])  # user and system
    return ticks / os.sysconf("SC_CLK_TCK")


def pss_mib(pid):
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def stream_from(url, key, **members):
    return ask_once(url, key, Outcome("", "", stream=True), TOKENS, **members)


def test_it_is_ready_in_30_s(network):
    print(f"87 gateways ready in {network.ready_seconds:.1f} s")
    assert len(network.regions) == 29 and len(network.zones) == 87
    assert all(is_alive(zone["gateway_pid"]) for zone in network.zones.values())
    assert network.ready_seconds < READY_SECONDS


def test_every_region_streams_a_chat_of_its_own(network):
    with ThreadPoolExecutor(8) as pool:
        asked = {region: pool.submit(stream_from, url, network.keys["global"])
                 for region, url in network.regions.items()}
    streams = {region: future.result() for region, future in asked.items()}
    for region, outcome in streams.items():
        assert outcome.complete, f"{region}: {outcome}"
        assert outcome.field("portolan-region") == region
    slowest = max(outcome.seconds for outcome in streams.values())
    print(f"{len(streams)} streams through {len(streams)} URLs, the slowest in {slowest:.2f} s")


def test_a_rule_keeps_restricted_weights_out_of_the_mainland(network):
    """A chat for them goes abroad from there; who may go nowhere else is refused by the rule."""
    url = network.regions["cn-beijing"]
    abroad = stream_from(url, network.keys["global"], model=RESTRICTED)
    assert abroad.complete and not abroad.field("portolan-region").startswith("cn-"), abroad
    refused = chat(url, network.keys["mainland"], model=RESTRICTED)
    assert refused.status == 403 and "us-2023-10-3a090" in refused.error["message"]


def test_it_takes_little_memory_and_idles(network):
    """After the chats above, so that what they left behind counts."""
    gateways = [pss_mib(zone["gateway_pid"]) for zone in network.zones.values()]
    print(f"{sum(gateways):.0f} MiB in 87 gateways, the largest {max(gateways):.1f} MiB")
    pids = processes_of(network)
    assert len(pids) >= 90, "up, control, engines and 87 gateways"
    for _ in range(IDLE_TRIES):
        before, began = cpu_seconds(pids), time.monotonic()
        time.sleep(IDLE_SECONDS)
        used = (cpu_seconds(pids) - before) / (time.monotonic() - began)
        print(f"{100 * used:.1f} % of one core when idle, in {len(pids)} processes")
        if used < IDLE_CPU_MAX:
            break
    assert sum(gateways) < PSS_MIB_MAX
    assert used < IDLE_CPU_MAX


def test_a_revoked_key_is_dead_in_every_zone_within_5_s(network):
    made = network.cli("key", "create", "--workspace", "global", "-o", "json")
    assert made.returncode == 0, made.stderr
    key = next(word for word in made.stdout.replace('"', " ").split() if word.startswith("ptl_"))

    def status(zone):
        return get(zone["gateway_url"] + "/v1/models", key).status
    for zone in network.zones.values():
        wait_until(f"{zone['name']} takes the key", lambda: status(zone) == 200)
    revoked = send("DELETE", f"{network.admin_url}/admin/v1/keys/{key.split('_')[1]}",
                   network.admin_key)
    assert revoked.status in (200, 204), revoked.body
    began = time.monotonic()
    for zone in network.zones.values():
        wait_until(f"{zone['name']} refuses the key", lambda: status(zone) == 401,
                   began + REVOKED_SECONDS - time.monotonic())
    print(f"refused in 87 zones {time.monotonic() - began:.2f} s after it was revoked")


class Clients:
    """Ask until they are stopped: some by a door that lives on, some by one that dies."""

    def __init__(self, network):
        self.network = network
        self.stopping = threading.Event()
        self.living, self.retried = [], []
        asks = [self.by_living_door] * CLIENTS + [self.by_lost_door] * CLIENTS
        self.threads = [threading.Thread(target=self.ask, args=(kind, i), daemon=True)
                        for i, kind in enumerate(asks)]

    def ask(self, kind, number):
        while not self.stopping.is_set():
            kind(stream=number % 3 != 0)

    def once(self, region, stream, **members):
        return ask_once(self.network.regions[region], self.network.keys["global"],
                        Outcome(region, "global", stream), TOKENS, **members)

    def by_living_door(self, stream):
        self.living.append(self.once(DOOR, stream, model=RESTRICTED))

    def by_lost_door(self, stream):
        outcome = self.once(LOST, stream)
        if not outcome.begun:
            self.retried.append(self.once(NEXT, stream))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)


def regions_of(outcomes):
    return Counter(outcome.field("portolan-region") for outcome in outcomes if outcome.complete)


def served_at(region, outcomes, since=0):
    return regions_of(o for o in list(outcomes) if o.began > since)[region]


def test_a_region_dies_and_no_request_is_lost(network):
    zones = network.zones_of(LOST)
    commands = [Path(f"/proc/{zone['gateway_pid']}/cmdline").read_bytes().split(b"\0")[:-1]
                for zone in zones]
    with Clients(network) as clients:
        time.sleep(2)
        wait_until(f"{LOST} serves", lambda: served_at(LOST, clients.living))
        killed = time.monotonic()
        for zone in zones:
            os.kill(zone["gateway_pid"], 9)
        time.sleep(3)
        wait_until(f"{NEXT} serves", lambda: served_at(NEXT, clients.living, killed))
        wait_until("some have lost their door", lambda: clients.retried)
        started = time.monotonic()
        for command in commands:
            network.start_process(command)
        back = wait_until(f"{LOST} answers again", lambda: is_back(network))
        time.sleep(2)
        wait_until(f"{LOST} serves", lambda: served_at(LOST, clients.living, back))
    living = clients.living
    lost = [outcome for outcome in living if not outcome.complete and not outcome.begun]
    broken = [outcome for outcome in living if not outcome.complete and outcome.begun]
    silent = [outcome for outcome in broken if not outcome.breaks_visibly]
    before = regions_of(o for o in living if o.ended < killed)
    away = regions_of(o for o in living if killed < o.began and o.ended < started)
    again = regions_of(o for o in living if o.began > back)
    print(f"{len(living)} requests by a living door: {len(lost)} lost, {len(broken)} streams broken "
          f"visibly; {len(clients.retried)} lost their door and asked {NEXT}; "
          f"slowest {max(o.seconds for o in living):.2f} s")
    assert not lost, "\n".join(map(str, lost[:5]))
    assert not silent, "\n".join(map(str, silent[:5]))
    assert before[LOST] and not away[LOST] and away[NEXT] and again[LOST], (before, away, again)
    assert clients.retried, "some clients had the dead region's URL"
    failed = [outcome for outcome in clients.retried if not outcome.complete]
    assert not failed, "\n".join(map(str, failed[:5]))


def is_back(network):
    """The time, once the region's own URL is served again."""
    try:
        served = chat(network.regions[LOST], network.keys["eu"]).status == 200
    except OSError:
        return None
    return time.monotonic() if served else None
