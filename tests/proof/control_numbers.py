#!/usr/bin/env python3
"""Point network.10: how soon the reference network knows a change, and what that costs control.

29 regions and 87 zones stand on a stage with the round trips of worlds/sources between them
(tests/proof/reference_stage.py). Counts are held as they are; seconds against limits that two
busy cores keep; the figures are what was seen. Ends with status 1 where one is not kept.

    build/venv/bin/python tests/proof/control_numbers.py
"""

import argparse
import os
import signal
import statistics
import subprocess
import threading
import time

from reference_stage import ROOT, Clients, ReferenceNetwork, exchange, wait_until

FILL = ROOT / "build/release/fill_keyring"

REPEATS = 5
ZONES = 87
CHANGE_SECONDS_MAX = 5  # a key revoked is refused within it; all else is held to the same
CHANGE_CPU_MAX = 0.02  # seconds of a gateway for one key changed among many; 0.002 seen
POLL_SECONDS = 20  # a gateway's poll waits so long for news
WINDOW_SECONDS = 3 * POLL_SECONDS
EACH_SECOND = 2.5  # requests of each zone under load; a wave wants 20 of a zone
FLAT = {"polls": 1.1, "bytes": 1.5, "CPU": 2.0}  # under load, beside idle
PACED_SECONDS_MAX = 420
MANY_KEYS = 100_000
MANY_SECONDS_MAX = 120  # 87 gateways of one machine take that Keyring on its two cores
EVERY_SECONDS = 0.1
COMEBACKS = 3
RETURN_SECONDS = 15  # within it all have come, and none of their polls has ended
RETURN_RATIO_MAX = 2
BACK_SECONDS_MAX = 10  # gateways ask within 3 s, each handshake takes round trips


class Report:
    def __init__(self):
        self.broken = []

    def figure(self, text):
        print(f"figure: {text}", flush=True)

    def must_hold(self, holds, what):
        if not holds:
            self.broken.append(what)
            self.figure(f"DOES NOT HOLD: {what}")


def seconds_text(took):
    return f"median {statistics.median(took):.2f} s, slowest {max(took):.2f} s of {len(took)}"


def await_held(network, kind, version, began, seconds=60):
    """Seconds until control has heard from all 87 gateways that they hold it."""
    wait_until(f"all hold {kind} {version}", lambda: network.holding(kind, version) == ZONES,
               seconds, 0.02)
    return time.monotonic() - began


def scope_text(number):
    return ("apiVersion: portolan/v1\nkind: Scope\n"
            f"metadata: {{name: numbers-{number}}}\nspec: {{include: [eu]}}\n")


def measure_worlds(network, report):
    """A World in one wave: from control's answer to `apply`, which says that it is committed."""
    took, applying = [], []
    for number in range(REPEATS):
        began = time.monotonic()
        network.admin("POST", "apply?source=scope.yaml", scope_text(number))
        committed = time.monotonic()
        applying.append(committed - began)
        took.append(await_held(network, "world", number + 2, committed))
    report.figure(f"World, commit to held by {ZONES} gateways at once: {seconds_text(took)}; "
                  f"`apply` itself {statistics.median(applying):.2f} s")
    report.must_hold(max(took) < CHANGE_SECONDS_MAX, "a World is everywhere within 5 s")


def measure_restrictions(network, report):
    took = []
    number = int(network.metric("restrictions_number"))
    for _ in range(REPEATS):
        for method in ("POST", "DELETE"):
            number += 1
            path, body = (("restrictions", {"drain": "cn-qingdao-a"}) if method == "POST"
                          else ("restrictions/drain/cn-qingdao-a", None))
            network.admin(method, path, body)
            took.append(await_held(network, "restrictions", number, time.monotonic()))
    report.figure(f"restriction, commit to held by {ZONES} gateways: {seconds_text(took)}")
    report.must_hold(max(took) < CHANGE_SECONDS_MAX, "a restriction is everywhere within 5 s")


def await_status(network, key, status, began, seconds):
    """Seconds until each zone's gateway answers that key with that status."""
    told, zones_by_region = {}, {}
    for zone, gateway in network.gateways.items():
        zones_by_region.setdefault(gateway.region.name, []).append(zone)

    def ask(zones):
        connections = {zone: network.open(zone) for zone in zones}
        while zones and time.monotonic() < began + seconds:
            for zone in list(zones):
                if exchange(connections[zone], "GET", "/v1/models", key)[0] == status:
                    told[zone] = time.monotonic() - began
                    zones.remove(zone)
            time.sleep(EVERY_SECONDS if zones else 0)
        for connection in connections.values():
            connection.close()

    threads = [threading.Thread(target=ask, args=(zones,)) for zones in zones_by_region.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def measure_keys(network, report, repeats=REPEATS, seconds=60, among=""):
    made, refused = [], []
    for _ in range(repeats):
        key = network.admin("POST", "keys", {"workspace": "global"})["key"]
        told = await_status(network, key, 200, time.monotonic(), seconds)
        report.must_hold(len(told) == ZONES, f"a new key{among} is taken in {ZONES} zones, "
                                             f"not in {len(told)}")
        made.append(max(told.values()))
        network.admin("DELETE", f"keys/{key.split('_')[1]}")
        told = await_status(network, key, 401, time.monotonic(), seconds)
        report.must_hold(len(told) == ZONES, f"a revoked key{among} is refused in {ZONES} zones, "
                                             f"not in {len(told)}")
        refused.append(max(told.values()))
    report.figure(f"new key{among}, made to taken in {ZONES} zones: {seconds_text(made)}")
    report.figure(f"key{among}, revoked to refused in {ZONES} zones: {seconds_text(refused)}")
    return made, refused


def window(network):
    """What control did in a while, of each gateway and in an hour."""
    # All polls end at once, and the next three do so within the window.
    network.admin("POST", "restrictions", {"drain": "cn-qingdao-a"})
    network.admin("DELETE", "restrictions/drain/cn-qingdao-a")
    time.sleep(POLL_SECONDS / 2)
    began = time.monotonic()
    before = [network.metric("polls_total"), network.control_bytes(), network.control.cpu_seconds()]
    time.sleep(WINDOW_SECONDS)
    after = [network.metric("polls_total"), network.control_bytes(), network.control.cpu_seconds()]
    hours = (time.monotonic() - began) / 3600
    return {name: (late - early) / ZONES / hours
            for name, early, late in zip(("polls", "bytes", "CPU"), before, after)}


def cost_text(cost):
    return (f"{cost['polls']:.0f} polls, {cost['bytes'] / 1024:.0f} KiB, "
            f"{1000 * cost['CPU']:.0f} ms of CPU")


def measure_cost(network, report):
    idle = window(network)
    with Clients(network, EACH_SECOND) as clients:
        wait_until("every zone serves", lambda: clients.answered > 2 * ZONES)
        answered, began = clients.answered, time.monotonic()
        loaded = window(network)
        rate = (clients.answered - answered) / (time.monotonic() - began)
    report.figure(f"control, a gateway and hour, idle: {cost_text(idle)}")
    report.figure(f"control, a gateway and hour, under {rate:.0f} requests/s: {cost_text(loaded)}")
    ratios = {name: loaded[name] / idle[name] for name in FLAT}
    report.figure("under load beside idle: " + ", ".join(
        f"{name} x{ratio:.2f}" for name, ratio in ratios.items()))
    for name, most in FLAT.items():
        report.must_hold(ratios[name] < most, f"control's {name} are flat in traffic")
    report.must_hold(rate > ZONES, "there was traffic")
    report.must_hold(not clients.failed, f"every request was answered: {clients.failed[:3]}")


def measure_paced(network, report):
    """The same change zone by zone, with the traffic that shows what it does."""
    command = ["paced" if word == "at-once" else word for word in network.control.command]
    network.restart_control(command)
    version = network.admin("GET", "worlds")["current"]["version"] + 1
    with Clients(network, EACH_SECOND) as clients:
        network.admin("POST", "apply?source=scope.yaml", scope_text("paced"))
        took = await_held(network, "world", version, time.monotonic(), PACED_SECONDS_MAX)
        wait_until("the rollout has ended", lambda: rollout(network)["phase"] != "running", 60)
    ended = rollout(network)
    report.figure(f"World, paced: held by {ZONES} gateways after {took:.0f} s in "
                  f"{len(ended['steps'])} steps ({ended['phase']}), under traffic")
    sizes = [len(step["zones"]) for step in ended["steps"]]
    report.must_hold(sizes[0] == 1 and sum(sizes) == ZONES, f"one zone first, then all: {sizes}")
    report.must_hold(not clients.failed, f"every request was answered: {clients.failed[:3]}")


def measure_comeback(network, report):
    """All gateways come back to a control that was restarted: once as they do, then with its
    start and their return apart, so that what their return takes can be told from the start."""
    network.restart_control()
    took = time.monotonic() - network.control_there
    report.figure(f"{ZONES} gateways poll a restarted control within {took:.1f} s")
    report.must_hold(took < BACK_SECONDS_MAX, f"all gateways are back within {BACK_SECONDS_MAX} s")
    returns, minutes, steady = [], [], []
    for _ in range(COMEBACKS):
        returned, minute = comeback_cpu(network, report)
        returns.append(returned)
        minutes.append(minute)
        steady.append(cpu_within(network.control, WINDOW_SECONDS))
    ratio = statistics.median(minutes) / statistics.median(steady)
    report.figure(f"control's CPU in the {RETURN_SECONDS} s in which {ZONES} gateways come back: "
                  f"{milliseconds_text(returns)}")
    report.figure(f"in the {WINDOW_SECONDS} s that begin with it: {milliseconds_text(minutes)}; in "
                  f"{WINDOW_SECONDS} s of steady work: {milliseconds_text(steady)}; x{ratio:.2f}")
    report.must_hold(ratio < RETURN_RATIO_MAX,
                     f"{ZONES} gateways that come back at once take less than twice a minute's work")


def comeback_cpu(network, report):
    """Seconds of control's CPU for gateways that find it started and idle: for their return, and
    with what follows until a window has passed."""
    def tell_gateways(number):
        for gateway in network.gateways.values():
            os.kill(gateway.pid, number)
    network.control.end()
    tell_gateways(signal.SIGSTOP)
    try:
        network.control.start()
        network.await_control()
        network.control.find()
        time.sleep(2)
    finally:
        tell_gateways(signal.SIGCONT)
    used = cpu_within(network.control, RETURN_SECONDS)
    waiting, answered = network.metric("polls_waiting"), network.metric("polls_total")
    report.must_hold(waiting == ZONES and answered == 0,
                     f"a gateway that is back polls once: {waiting:.0f} wait, {answered:.0f} more")
    return used, used + cpu_within(network.control, WINDOW_SECONDS - RETURN_SECONDS)


def cpu_within(process, seconds):
    before = process.cpu_seconds()
    time.sleep(seconds)
    return process.cpu_seconds() - before


def milliseconds_text(seconds):
    return " / ".join(f"{1000 * each:.0f}" for each in seconds) + " ms"


def measure_many_keys(network, report, many):
    """A Keyring that gateways take whole, and then one key more."""
    store = network.stage["control"].home / "control/control.db"
    network.restart_control(meanwhile=lambda: subprocess.run(
        [str(FILL), str(store), str(many)], check=True, timeout=600))
    number = int(network.metric("keyring_number"))
    took = await_held(network, "keyring", number, network.control_there, MANY_SECONDS_MAX)
    memory = [gateway.memory_mib() for gateway in network.gateways.values()]
    report.figure(f"Keyring of {network.metric('keys'):.0f}: held by {ZONES} gateways {took:.0f} s "
                  f"after control was there; {statistics.median(memory):.0f} MiB a gateway")
    before = gateways_cpu(network)
    measure_keys(network, report, 2, CHANGE_SECONDS_MAX, f" among {many}")
    each = (gateways_cpu(network) - before) / ZONES / 4
    report.figure(f"a change of one key among {many}: {1000 * each:.0f} ms of CPU a gateway, "
                  "questions included")
    report.must_hold(each < CHANGE_CPU_MAX, "a change costs what the change is")


def gateways_cpu(network):
    return sum(gateway.cpu_seconds() for gateway in network.gateways.values())


def rollout(network):
    return network.admin("GET", "rollout")["rollout"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only-keys", type=int, metavar="COUNT",
                        help="only what a Keyring of so many keys takes")
    only_keys = parser.parse_args().only_keys
    report = Report()
    began = time.monotonic()
    network = ReferenceNetwork()
    try:
        report.figure(f"{ZONES} gateways in {len(network.stage.regions) - 2} regions ready after "
                      f"{time.monotonic() - began:.0f} s; round trips from control up to "
                      f"{max(ms for pair, ms in network.round_trips.items() if 'control' in pair):.0f} ms")
        if only_keys:
            measure_many_keys(network, report, only_keys)
            return 1 if report.broken else 0
        measure_worlds(network, report)
        measure_restrictions(network, report)
        made, refused = measure_keys(network, report)
        report.must_hold(max(made + refused) < CHANGE_SECONDS_MAX, "keys are known within 5 s")
        measure_cost(network, report)
        measure_comeback(network, report)
        measure_many_keys(network, report, MANY_KEYS)
        measure_paced(network, report)
    finally:
        network.close()
    report.figure(f"all of it took {time.monotonic() - began:.0f} s")
    return 1 if report.broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
