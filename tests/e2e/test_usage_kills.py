"""P4 under kill -9: one record each, equal to the engine's counts where all was delivered.

Gateways are killed as entries and as executors while streams run through both, and so is the
meter; all are started again at once. What the engine generated is the truth; it outlives them.
"""

import json
import os
import random
import sqlite3
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from call import Call
from client import get, metrics, prompt
from network import DEFAULT_WORLD, is_alive, wait_until
from usage import UsageLogs, counts_of
from usage_rows import EU_ONLY

PROOF = os.environ.get("PORTOLAN_PROOF") == "1"
KILLS = 300 if PROOF else 30
SEED = int(os.environ.get("PORTOLAN_SEED", "4"))
ENTRIES = ("ap-southeast-1a", "ap-southeast-1b")
EXECUTORS = ("eu-central-1a", "eu-central-1b")
AT_ONCE = 26  # requests of each entry, and so about as many at each executor
IN_FLIGHT_MIN = 20
METER = "meter"
VICTIMS = {"entry": (ENTRIES, "portolan_in_flight"),
           "executor": (EXECUTORS, "portolan_engine_in_flight"), METER: ((METER,), "")}
SHORT_MAX = 64  # tokens of the engine's that the record of a cut stream may lack
STREAMED = 0.85  # of the requests
PER_TOKEN_MS = 40


@dataclass
class Ended:
    """What the client of one request saw."""
    trace: str
    entry: str
    stream: bool
    status: int
    words: int
    whole: bool


class Traffic:
    """Clients that ask one entry after another request, whatever happened to the last."""

    def __init__(self, network):
        self.network = network
        self.ended = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._ask, args=(entry, number))
                        for entry in ENTRIES for number in range(AT_ONCE)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def _ask(self, entry, number):
        chance = random.Random(f"{SEED} {entry} {number}")
        url, key = self.network.zones[entry]["gateway_url"], self.network.keys["global"]
        while not self.over.is_set():
            body = prompt(f"Tell {chance.random()}", model=EU_ONLY, stream=chance.random() < STREAMED,
                          max_tokens=chance.randrange(1, 150))
            try:
                call = Call(url, key, body)
            except OSError:  # nobody listens there now
                time.sleep(0.02)
                continue
            try:
                call.read()
            except OSError:
                pass
            call.leave()
            self.ended.append(Ended(call.trace, entry, call.stream, call.status, call.words,
                                    call.whole))


class Killer:
    """Kills what it draws, at a moment that it draws, when enough is in flight there."""

    def __init__(self, network):
        self.network = network
        self.chance = random.Random(SEED)
        self.kills = Counter()
        self.in_flight = []
        self.pids = {zone: network.zones[zone]["gateway_pid"] for zone in (*ENTRIES, *EXECUTORS)}
        self.pids[METER] = network.file["meter_pid"]
        self.commands = {name: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
                         for name, pid in self.pids.items()}

    def _at_work(self, zone, metric):
        now = metrics(self.network.zones[zone]["gateway_url"])
        return int(sum(value for name, value in now.items() if name.startswith(metric)))

    def _await_busy(self, zone, metric):
        def in_flight():
            try:
                count = self._at_work(zone, metric)
            except OSError:  # it has just been started
                return 0
            return count if count >= IN_FLIGHT_MIN else 0
        return wait_until(f"{zone} is busy", in_flight, 60, 0.02)

    def kill_one(self):
        role = self.chance.choice(list(VICTIMS))
        victims, metric = VICTIMS[role]
        victim = self.chance.choice(victims)
        busy = (victim, metric) if metric else (ENTRIES[0], VICTIMS["entry"][1])
        self._await_busy(*busy)
        time.sleep(self.chance.uniform(0, 0.6))
        self.in_flight.append(self._await_busy(*busy))
        pid = self.pids[victim]
        os.kill(pid, 9)
        wait_until("it is gone", lambda: not is_alive(pid), every=0.005)
        self.pids[victim] = self.network.start_process(self.commands[victim]).pid
        self.kills[role] += 1


@pytest.fixture
def busy_network(make_network, tmp_path):
    """Engines with room for all at once."""
    world = tmp_path / "busy.yaml"
    world.write_text(DEFAULT_WORLD.read_text().replace("slots: 4", "slots: 200"))
    return make_network("--sim-args", f"--slots 200 --tpot-ms {PER_TOKEN_MS}", world=world)


def runs_by_zone(network):
    """The engines' own counts: {(request, zone): runs}."""
    runs = {}
    for zone in EXECUTORS:
        url = network.zones[zone]["engine_url"]
        for request_id, tally in get(url + "/sim/executions").json["requests"].items():
            runs[request_id, zone] = tally["runs"]
    return runs


def check_cut(seen, close, run):
    """How many tokens the record of a cut stream lacks."""
    billed = close["completion_tokens"]
    computed = run["completion_tokens"] if run else 0
    assert billed <= computed, (seen, close, run)
    assert computed - billed <= SHORT_MAX, (seen, close, run)
    assert seen.words - billed <= SHORT_MAX, (seen, close, run)
    assert seen.words == 0 or close["prompt_tokens"] == run["prompt_tokens"], (close, run)
    return computed - billed


def check_call(seen, closes, runs):
    """`whole`, `cut` or `refused`, and how many tokens the record lacks."""
    if seen.status != 200:
        # Refused, or lost before a byte came: never more than one record, and nothing billed.
        assert len(closes) <= 1, closes
        assert all(counts_of(close) == (0, 0, 0) for close in closes if seen.status), closes
        return "refused", 0
    assert len(closes) == 1, (seen, closes)
    close = closes[0]
    ran = runs.get((close["request_id"], close["executor_zone"]))
    run = ran[-1] if ran else None
    if not seen.whole:
        assert not seen.stream or close["outcome"] != "completed" or seen.words > 0
        return "cut", check_cut(seen, close, run) if seen.stream else 0
    assert close["outcome"] == "completed" and close["basis"] == "engine", close
    assert counts_of(close) == (run["prompt_tokens"], run["completion_tokens"],
                                run["cached_tokens"]), (close, ran)
    assert not seen.stream or seen.words == run["completion_tokens"]
    return "whole", 0


def check_log(logs, runs):
    """Every request that was let in or executed has one record, and numbers have no gap."""
    logs.check_numbers()
    opened = Counter(record["request_id"] for record in logs.of("open"))
    closed = Counter(record["request_id"] for record in logs.of("close"))
    assert opened == closed and set(closed.values()) <= {1}
    assert {request_id for request_id, _ in runs} <= set(closed)
    executed = Counter((record["request_id"], record["zone"]) for record in logs.of("exec"))
    assert all(count <= len(runs[place]) for place, count in executed.items())


def is_ready(network, zone):
    try:
        return get(network.zones[zone]["gateway_url"] + "/readyz").status == 200
    except OSError:
        return False


def asked(network, *flags):
    return json.loads(network.cli("usage", *flags, "-o", "json").stdout)


def check_ledger(network, logs):
    """What is billed in the end is what the logs say, each request once."""
    closes = {(close["request_id"], close["outcome"], *counts_of(close))
              for close in logs.of("close")}

    def shipped():
        answer = network.cli("usage", "-o", "json")  # a meter that was just started reads first
        return (answer.returncode == 0
                and json.loads(answer.stdout)["total"]["requests"] == len(closes))
    wait_until("the ledger has all", shipped, 90)  # a gateway asks at least every 30 s
    for name in ("gaps", "conflicts"):
        assert asked(network, f"--{name}")[name] == []
    network.stop()  # its ledger is its own while it runs
    with sqlite3.connect(network.home / "meter/ledger.db") as ledger:
        rows = ledger.execute("SELECT CAST(request_id AS TEXT), CAST(outcome AS TEXT), prompt,"
                              " completion, cached FROM usage").fetchall()
    assert sorted(rows) == sorted(closes)


def test_kill_9_loses_and_invents_no_usage(busy_network):
    network = busy_network
    killer, traffic = Killer(network), Traffic(network)
    began = time.monotonic()
    with traffic:
        for _ in range(KILLS):
            killer.kill_one()
    wait_until("every gateway has begun again", lambda: all(
        is_ready(network, zone) for zone in (*ENTRIES, *EXECUTORS)))
    wait_until("the engines are idle", lambda: all(
        run["ended"] != "running" for ran in runs_by_zone(network).values() for run in ran))
    logs, runs = UsageLogs(network), runs_by_zone(network)
    check_log(logs, runs)
    by_trace = {}
    for close in logs.of("close"):
        by_trace.setdefault(close["trace_id"], []).append(close)
    ends, short_max = Counter(), 0
    for seen in traffic.ended:
        end, short = check_call(seen, by_trace.get(seen.trace, []), runs)
        ends[end] += 1
        short_max = max(short_max, short)
    outcomes = Counter(close["outcome"] for close in logs.of("close"))
    print(f"seed {SEED}: {dict(killer.kills)} killed in {time.monotonic() - began:.0f} s with "
          f"{min(killer.in_flight)} to {max(killer.in_flight)} in flight; {dict(ends)}; "
          f"records {dict(outcomes)}; at most {short_max} tokens short")
    check_ledger(network, logs)
    assert sum(killer.kills.values()) == KILLS and min(killer.kills.values()) >= KILLS // 5
    assert ends["whole"] >= KILLS and ends["cut"] >= 5 * KILLS
