"""P4 as far as the ledger: what the logs hold is counted once, whatever dies on the way."""

import csv
import io
import json
import os
import random
import ssl
import threading
import time
from http.client import BadStatusLine
from pathlib import Path

import pytest

from client import chat, get
from meter_client import post, posted_bytes, render_record
from network import CN, EU, SG, wait_until
from usage import UsageLogs, counts_of, read_segment

FRESH_SECONDS = 10
GAP_SECONDS = 60
PROOF = os.environ.get("PORTOLAN_PROOF") == "1"
METER_KILLS = 60 if PROOF else 6
ASK_SECONDS = 6 if PROOF else 3
COUNTS = ("prompt_tokens", "completion_tokens", "cached_tokens")


def usage(network, *flags):
    answer = network.cli("usage", "-o", "json", *flags)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def total_of(network):
    total = usage(network)["total"]
    return (total["requests"], *(total[name] for name in COUNTS))


def engines_count(network):
    """What the engines say that they computed: executions, and tokens of each kind."""
    runs = [run for url in network.engine_urls()
            for tally in get(url + "/sim/executions").json["requests"].values()
            for run in tally["runs"]]
    return (len(runs), *(sum(run[name] for run in runs) for name in COUNTS))


class Askers:
    """Clients at every zone, that ask one chat after the other and count whole answers."""

    def __init__(self, network, clients=12):
        self.network = network
        self.usages, self.refused = [], []
        self.over = threading.Event()
        zones = sorted(network.zones)
        self.threads = [threading.Thread(target=self._ask, args=(zones[i % len(zones)], i))
                        for i in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(60)
        assert not self.refused, self.refused[0]

    def _ask(self, zone, number):
        chance = random.Random(number)
        place = self.network.zones[zone]
        in_eu = place["region"] == EU
        key = self.network.keys["eu" if in_eu and number % 2 else "global"]
        while not self.over.is_set():
            answer = chat(place["gateway_url"], key, f"Tell {chance.random()}",
                          max_tokens=chance.randrange(1, 20))
            if answer.status != 200:
                self.refused.append(answer.body)
                return
            self.usages.append(answer.json["usage"])

    def count(self):
        """Answers, and the tokens that clients were told."""
        cached = sum((each.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
                     for each in self.usages)
        return (len(self.usages), sum(each["prompt_tokens"] for each in self.usages),
                sum(each["completion_tokens"] for each in self.usages), cached)


def await_total(network, expected, seconds):
    """How long it took until the ledger had all of it."""
    began = time.monotonic()
    wait_until(f"the ledger has {expected}", lambda: total_of(network) == expected, seconds, 0.2)
    return time.monotonic() - began


def check_whole(network):
    """Executors ship what they know by themselves, and may be later than entries."""
    logs = UsageLogs(network)
    closes, execs = logs.of("close"), logs.of("exec")

    def whole():
        ledger = usage(network)["ledger"]
        return ledger["executions"] >= len(execs) and ledger
    ledger = wait_until("the ledger has all executions", whole)
    assert (ledger["gaps"], ledger["missing_records"], ledger["conflicts"]) == (0, 0, 0)
    assert (ledger["requests"], ledger["executions"]) == (len(closes), len(execs))
    return closes


def test_sums_are_the_engines_own_counts_within_ten_seconds(own_sim):
    network = own_sim
    with Askers(network) as askers:
        time.sleep(ASK_SECONDS)
    fresh = await_total(network, askers.count(), FRESH_SECONDS)
    assert total_of(network) == engines_count(network)
    closes = check_whole(network)
    print(f"{len(closes)} requests, in the ledger {fresh:.1f} s after the last answer")
    by_zone = {row["zone"]: row for row in usage(network, "--by", "zone")["rows"]}
    for zone in network.zones:
        mine = [counts_of(close) for close in closes if close["executor_zone"] == zone]
        assert by_zone[zone]["requests"] == len(mine)
        assert by_zone[zone]["completion_tokens"] == sum(count[1] for count in mine)
    for field in ("org", "workspace", "key", "model", "region", "entry_region", "hour", "day"):
        rows = usage(network, "--by", field)["rows"]
        assert sum(row["requests"] for row in rows) == len(closes), field
    eu_only = usage(network, "--workspace", "eu", "--by", "entry_region")["rows"]
    assert [row["entry_region"] for row in eu_only] == [EU]
    text = network.cli("usage", "--by", "workspace,zone", "-o", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert sum(int(row["requests"]) for row in rows) == len(closes)
    assert {row["workspace"] for row in rows} == {"eu", "global"}
    table = network.cli("usage", "--by", "region").stdout
    assert "TOTAL" in table and f"{len(closes):,}" in table and "last record" in table
    assert usage(network)["gateways_not_heard_of"] == []


def test_a_meter_that_is_killed_loses_and_doubles_nothing(own_sim):
    """Started again at once: `up` would wait, longer each time."""
    network, chance = own_sim, random.Random(7)
    pid = network.file["meter_pid"]
    with Askers(network) as askers:
        for _ in range(METER_KILLS):
            time.sleep(chance.uniform(0.5, 2.0))
            pid = network.restart_process(pid).pid
            if chance.random() < 0.5:  # the others are killed while they start
                wait_until("it answers", lambda: network.cli("usage").returncode == 0)
    wait_until("it answers", lambda: network.cli("usage").returncode == 0)
    counted = askers.count()
    await_total(network, counted, 60)  # the longest pause of a gateway that found no meter is 30 s
    assert counted == engines_count(network)
    check_whole(network)
    print(f"{METER_KILLS} kills of the meter, {counted[0]} requests, each counted once")


def test_with_the_meter_away_usage_says_so_and_requests_go_on(own_sim):
    network = own_sim
    network.kill(network.file["meter_pid"])
    assert chat(network.regions[EU], network.keys["eu"]).status == 200
    answer = network.cli("usage")
    assert answer.returncode == 1
    assert "No meter answers" in answer.stderr and "Nothing is lost" in answer.stderr


def segments_of(network, zone):
    folder = network.home / "gateways" / network.gateway_id(zone) / "usage"
    return [path for path in sorted(folder.glob("*.usage"))
            if any(number for _, _, number, _ in read_segment(path))]


@pytest.fixture
def counted(own_sim):
    """A network whose ledger has three requests of one gateway."""
    zone = own_sim.zones_of(EU)[0]
    for _ in range(3):
        assert chat(zone["gateway_url"], own_sim.keys["eu"]).status == 200

    def all_counted():
        ledger = usage(own_sim)["ledger"]
        return ledger["requests"] == ledger["executions"] == 3
    wait_until("they are counted", all_counted)
    return own_sim


def test_the_meter_believes_nobody_but_the_gateway_itself(counted):
    zone = counted.zones_of(EU)[0]["name"]
    leaf, batch = counted.gateway_id(zone), posted_bytes(segments_of(counted, zone)[0])
    before = usage(counted)

    status, taken = post(counted, leaf, batch)
    assert status == 200 and taken["missing"] == [] and taken["through"] == taken["known"]
    for other in (f"{SG}a-1", f"{CN}-a-1", "control", "meter"):
        status, answer = post(counted, other, batch)
        assert status == 403 and answer["error"]["code"] == "untrusted_peer", other
    with pytest.raises((ssl.SSLError, ConnectionError, BadStatusLine)):
        post(counted, None, batch)
    for damaged in (batch[:-5], batch[:100] + b"\xff" + batch[101:], b"", b"\0" * 4096):
        assert post(counted, leaf, damaged)[0] == 400
    after = usage(counted)
    assert after["rows"] == before["rows"] and after["ledger"]["conflicts"] == 0


def test_a_tampered_record_is_a_conflict_that_everybody_sees(counted):
    zone = counted.zones_of(EU)[0]["name"]
    path = segments_of(counted, zone)[0]
    head = next(payload for _, kind, _, payload in read_segment(path) if kind == "segment")
    number, close = next((number, payload) for _, kind, number, payload in read_segment(path)
                         if kind == "close")
    before = usage(counted)
    forged = dict(close, completion_tokens=close["completion_tokens"] + 100_000)
    batch = render_record("segment", 0, head) + render_record("close", number, forged)
    for _ in range(3):
        assert post(counted, counted.gateway_id(zone), batch)[0] == 200
    after = usage(counted)
    assert after["rows"] == before["rows"] and after["ledger"]["conflicts"] == 1
    shown = json.loads(counted.cli("usage", "--conflicts", "-o", "json").stdout)["conflicts"]
    assert [conflict["request_id"] for conflict in shown] == [close["request_id"]]
    assert shown[0]["says"]["completion_tokens"] == forged["completion_tokens"]
    assert close["request_id"] in counted.cli("usage", "--conflicts").stdout
    assert "1 records differ" in counted.cli("usage").stdout
    assert "conflict in the ledger" in (counted.home / "logs/meter.log").read_text()


def test_a_segment_that_somebody_deletes_is_a_gap_within_a_minute(counted):
    network = counted
    zone = network.zones_of(EU)[0]
    command = Path(f"/proc/{network.file['meter_pid']}/cmdline").read_bytes().split(b"\0")[:-1]
    network.kill(network.file["meter_pid"])
    for _ in range(4):
        assert chat(zone["gateway_url"], network.keys["eu"]).status == 200
    gateway = Path(f"/proc/{zone['gateway_pid']}/cmdline").read_bytes().split(b"\0")[:-1]
    network.kill(zone["gateway_pid"])
    lost = segments_of(network, zone["name"])[0]
    written = sum(number > 0 for _, _, number, _ in read_segment(lost))
    network.start_process(gateway)
    wait_until("the next epoch has begun", lambda: len(segments_of(network, zone["name"])) > 1)
    lost.unlink()
    network.start_process(command)
    began = time.monotonic()

    def gaps():
        answer = network.cli("usage", "--gaps", "-o", "json")
        return answer.returncode == 0 and json.loads(answer.stdout)["gaps"]
    shown = wait_until("the gap is shown", gaps, GAP_SECONDS, 0.2)
    print(f"shown after {time.monotonic() - began:.1f} s")
    assert [(gap["gateway"], gap["epoch"], gap["last"]) for gap in shown] == [
        (network.gateway_id(zone["name"]), int(lost.name[:8], 16), written)]
    assert "are missing" in (network.home / "logs/restarted.log").read_text()
    assert f"{written:,}" in network.cli("usage", "--gaps").stdout
    assert usage(network)["ledger"]["missing_records"] == written - shown[0]["first"] + 1
