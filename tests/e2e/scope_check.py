"""Looks for planted texts in everything that the network received, wrote and left behind.

Knows nothing of the product's decisions: where a text may be is said by scope_classes.py.
"""

import base64
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from scope_classes import KINDS, MARKER, hold_zones, run_zones

LEAKS_KEPT_MAX = 1000


def markers_in(data):
    return {found.group().decode() for found in MARKER.finditer(data)}


def received_streams(path):
    """(accepted or connected, address, all bytes in order) of each connection in a record."""
    data = path.read_bytes()
    streams, labels, at = defaultdict(list), {}, 0
    while at < len(data):
        line_end = data.find(b"\n", at)
        words = data[at:line_end].split(b" ") if line_end >= 0 else []
        if len(words) != 4:
            break  # killed within a block
        how, number, address, size = words
        begin = line_end + 1
        streams[how, number].append(data[begin:begin + int(size)])
        labels[how, number] = (how.decode(), address.decode())
        at = begin + int(size) + 1
    return [(*labels[key], b"".join(pieces)) for key, pieces in streams.items()]


def engine_bodies(path):
    """What an engine received, request by request; one that was cut off by a kill is passed."""
    for line in path.read_bytes().splitlines():
        try:
            yield base64.b64decode(json.loads(line)["body"])
        except ValueError:
            continue


@dataclass
class Findings:
    outcomes: dict  # by marker
    history: object
    seen: dict = field(default_factory=lambda: defaultdict(set))  # marker: {(what, zone)}
    looked: Counter = field(default_factory=Counter)  # places, by what they are
    leaks: list = field(default_factory=list)

    def find(self, markers, what, where, zones_of=None, zone=""):
        """`zones_of` says where a request's text may be; None: nowhere at all."""
        for marker in markers:
            self.seen[marker].add((what, zone))
            outcome = self.outcomes.get(marker)
            allowed = zones_of(outcome, self.history) if outcome and zones_of else ()
            if zone not in allowed and len(self.leaks) < LEAKS_KEPT_MAX:
                planted = "nobody planted" if outcome is None else f"allowed in {allowed}"
                self.leaks.append(f"{marker} in {what} at {where}, {planted}: {outcome}")

    def look_at_received(self, region):
        for path in sorted(region.home.glob("received/*/*.received")):
            process = path.parent.name
            zone = process.removeprefix("gateway-")
            zones_of = hold_zones if process.startswith("gateway-") else None
            for how, address, data in received_streams(path):
                what = how if zones_of else f"{process}'s listeners"
                self.looked[what] += 1
                self.find(markers_in(data), what, f"{path} from {address}", zones_of, zone)

    def look_at_engines(self, region):
        for path in sorted(region.home.glob("engines/*.jsonl")):
            zone = path.name.split(".")[0]
            for body in engine_bodies(path):
                self.looked["engine"] += 1
                self.find(markers_in(body), "engine", path, run_zones, zone)

    def look_at_files(self, region):
        for path in sorted(region.home.rglob("*")):
            places = path.relative_to(region.home).parts
            if not path.is_file() or places[0] in ("received", "engines", "client"):
                continue
            process = path.parent.name.split(".")[0]
            is_core = path.name.startswith("core")
            what = "core" if is_core else "file"
            self.looked[what] += 1
            allowed = hold_zones if is_core and process.startswith("gateway-") else None
            self.find(markers_in(path.read_bytes()), what, path, allowed,
                      process.removeprefix("gateway-"))

    def unseen(self):
        """Served requests whose text a recorder missed where it has been: the recorders fail."""
        missed = []
        for marker, outcome in self.outcomes.items():
            if not outcome["whole"]:
                continue
            seen, ran = self.seen[marker], outcome["ran"]
            entries = set(outcome["entries"])
            wanted = {"prompt at the entry": any(("accepted", zone) in seen for zone in entries),
                      "prompt at the executor": ("accepted", ran) in seen or ran in entries,
                      "prompt at the engine": ("engine", ran) in seen,
                      "answer at the executor": ("connected", ran) in seen,
                      "answer at the entry": any(("connected", zone) in seen for zone in entries),
                      "answer at the client": outcome["echoed"]}
            missed += [f"{what}: {outcome}" for what, was in wanted.items() if not was]
        return missed


def read_outcomes(stage):
    outcomes = {}
    for region in stage.regions.values():
        for path in region.home.glob("client/*.jsonl"):
            for line in path.read_text().splitlines():
                outcome = json.loads(line)
                outcomes[outcome["marker"]] = outcome
    return outcomes


def check(stage, outcomes, history):
    findings = Findings(outcomes, history)
    for region in stage.regions.values():
        findings.look_at_received(region)
        findings.look_at_engines(region)
        findings.look_at_files(region)
    return findings


def histogram(outcomes):
    """(kind, what became of it): how many."""
    ends = Counter()
    for outcome in outcomes.values():
        end = outcome["end"] if outcome["end"] != "whole" else ""
        ends[outcome["kind"], f"{outcome['status']} {outcome.get('code', end)}".strip()] += 1
    assert {kind for kind, _ in ends} <= set(KINDS)
    return ends
