"""P6: with control, meter and their stores dead, no request fails for it, and no usage is lost.

A request fails for it when a client that retries as a stock SDK does (a connection that was lost
before an answer began, twice more, by the region's URL) gets no whole answer, or gets any answer
but 200. What a restart of a gateway costs with control up it may cost with control dead: streams
under way at a gateway that dies by kill -9 break, and nothing else does. So the same restarts are
made twice, with control up and with control dead, and both are held to the same.
"""

import json
import os
import signal
import sqlite3
import time
from collections import Counter

from client import get
from load import Load
from network import command_of, is_alive, wait_until
from usage import UsageLogs, counts_of

PROOF = os.environ.get("PORTOLAN_PROOF") == "1"
UP_SECONDS, OFF_SECONDS = (120, 600) if PROOF else (4, 8)
RESTART_EVERY_SECONDS = 10 if PROOF else 2
CLIENTS = 12


def is_ready(zone):
    try:
        return get(zone["gateway_url"] + "/readyz").status == 200
    except OSError:
        return False


class Restarts:
    """One gateway after another, drained and killed by turns."""

    def __init__(self, network):
        self.network = network
        self.zones = sorted(network.zones)
        self.count = Counter()
        self.kills = []  # (when, until when it was ready again)
        self.back = {}  # zone: when its gateway served again

    def restart_next(self):
        zone = self.network.zones[self.zones[self.count.total() % len(self.zones)]]
        number = signal.SIGKILL if self.count.total() % 2 else signal.SIGTERM
        pid, began = zone["gateway_pid"], time.monotonic()
        command = command_of(pid)
        os.kill(pid, number)
        wait_until("the gateway has ended", lambda: not is_alive(pid))
        zone["gateway_pid"] = self.network.start_process(command).pid
        wait_until("it serves again", lambda: is_ready(zone))
        self.back[zone["name"]] = time.monotonic()
        if number == signal.SIGKILL:
            self.kills.append((began, self.back[zone["name"]]))
        self.count[number.name] += 1

    def go_on_for(self, seconds):
        """And at least until one was drained and one killed."""
        end = time.monotonic() + seconds
        while time.monotonic() < end or len(self.count) < 2:
            self.restart_next()
            time.sleep(RESTART_EVERY_SECONDS)


def live(network, seconds):
    """Load and restarts for so long; what each cost."""
    restarts = Restarts(network)
    with Load(network, clients=CLIENTS) as load:
        restarts.go_on_for(seconds)
        wait_until("each has served after its restart",
                   lambda: not unserved(load, restarts), every=0.2)
    return load, restarts


def unserved(load, restarts):
    """Zones that served nothing after their gateway's restart."""
    return [zone for zone, back in restarts.back.items()
            if not any(seen.zone == zone and seen.began > back and seen.complete
                       for seen in list(load.outcomes))]


def check_served(load, restarts, when):
    refused = [seen for seen in load.outcomes if seen.status not in (0, 200)]
    lost = [tries for tries in load.retries if not tries[-1].complete]
    cut = [seen for seen in load.outcomes if seen.begun and not seen.complete]
    print(f"with control {when}: {len(load.outcomes)} requests, gateways restarted "
          f"{dict(restarts.count)}; {len(refused)} refused, {len(lost)} lost, "
          f"{len(load.retries)} asked again, {len(cut)} streams cut by a kill -9")
    assert not refused, "\n".join(map(str, refused[:5]))
    assert not lost, "\n".join(str(tries[-1]) for tries in lost[:5])
    for seen in cut:
        assert not seen.ends_as_http, f"silently short: {seen}"
        assert any(seen.began < back and killed < seen.ended for killed, back in restarts.kills), (
            f"no gateway was killed meanwhile: {seen}")
    assert not unserved(load, restarts)


def runs_by_place(network):
    """The engines' own counts: {(request, zone): the last run there}."""
    return {(request_id, zone["name"]): tally["runs"][-1] for zone in network.zones.values()
            for request_id, tally in
            get(zone["engine_url"] + "/sim/executions").json["requests"].items()}


def check_against_engines(closes, runs):
    """How many tokens of what was cut are not billed."""
    short = 0
    for close in closes:
        run = runs.get((close["request_id"], close["executor_zone"]))
        computed = run and (run["prompt_tokens"], run["completion_tokens"], run["cached_tokens"])
        if close["outcome"] == "completed":
            assert counts_of(close) == computed, (close, run)
        else:
            assert close["completion_tokens"] <= (computed[1] if computed else 0), (close, run)
            short += (computed[1] if computed else 0) - close["completion_tokens"]
    assert {request_id for request_id, _ in runs} <= {close["request_id"] for close in closes}
    return short


def ledger_of(network):
    """Every row of it; the network is stopped, because its ledger is its own while it runs."""
    with sqlite3.connect(network.home / "meter/ledger.db") as ledger:
        assert ledger.execute("SELECT count(*) FROM conflict").fetchone() == (0,)
        return ledger.execute("SELECT CAST(request_id AS TEXT), CAST(outcome AS TEXT), prompt,"
                              " completion, cached FROM usage").fetchall()


def check_usage(network):
    logs, runs = UsageLogs(network), runs_by_place(network)
    logs.check_numbers()
    closes = logs.of("close")
    assert Counter(open_["request_id"] for open_ in logs.of("open")) == Counter(
        close["request_id"] for close in closes), "one close for each open"
    short = check_against_engines(closes, runs)

    def shipped():
        answer = network.cli("usage", "-o", "json")
        return (answer.returncode == 0
                and json.loads(answer.stdout)["total"]["requests"] == len(closes))
    began = time.monotonic()
    wait_until(f"the ledger has all {len(closes)}", shipped, 90, 0.5)
    seconds = time.monotonic() - began
    network.stop()
    rows = ledger_of(network)
    assert sorted(rows) == sorted((close["request_id"], close["outcome"], *counts_of(close))
                                  for close in closes)
    completed = [close for close in closes if close["outcome"] == "completed"]
    tokens = sum(close["completion_tokens"] for close in completed)
    print(f"in the ledger {seconds:.1f} s after control and meter were back: {len(rows)} requests, "
          f"{len(completed)} of them whole with {tokens} tokens as the engines count them; "
          f"{len(rows) - len(completed)} were cut or left, {short} tokens of theirs not billed")


def test_no_request_fails_and_no_usage_is_lost_with_control_dead(make_network):
    network = make_network()
    load, restarts = live(network, UP_SECONDS)
    check_served(load, restarts, "up")
    commands = [command_of(network.file[pid]) for pid in ("control_pid", "meter_pid")]
    for pid in ("control_pid", "meter_pid"):
        network.kill(network.file[pid])
    off = time.monotonic()
    load, restarts = live(network, OFF_SECONDS)
    print(f"control and meter dead for {time.monotonic() - off:.0f} s")
    check_served(load, restarts, "dead")
    network.start_process(commands[1])
    network.start_control(commands[0])
    check_usage(network)
