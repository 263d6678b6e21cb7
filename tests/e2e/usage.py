"""What a network's usage logs hold, read without the program's own decoder."""

import json
import struct
from pathlib import Path

HEADER = struct.Struct("<4sIBBBBIQQ")  # magic, payload, kind, major, minor, 0, 0, number, hash
KINDS = {1: "segment", 2: "start", 3: "open", 4: "checkpoint", 5: "close", 6: "exec"}
COUNTS = ("prompt_tokens", "completion_tokens", "cached_tokens")


def read_segment(path):
    """The records of one file: (offset, kind, number, payload)."""
    data, at = Path(path).read_bytes(), 0
    while at + HEADER.size <= len(data):
        magic, size, kind, major, _, _, _, number, _ = HEADER.unpack_from(data, at)
        if magic != b"PUL1":
            assert not data[at:].strip(b"\0"), f"{path}: no record at {at}, and no end"
            return
        payload = data[at + HEADER.size:at + HEADER.size + size]
        if payload.endswith(b"\0"):  # the kernel shows a write page by page
            assert not data[at + HEADER.size + size:].strip(b"\0"), f"{path}: half a record at {at}"
            return
        assert major == 1
        yield at, KINDS.get(kind, "unknown"), number, json.loads(payload)
        at += (HEADER.size + size + 7) // 8 * 8


def read_log(folder):
    """All records of a gateway that count, in order: dicts with `kind`, `epoch` and `number`."""
    records, ends = [], {}
    for path in sorted(Path(folder).glob("*.usage")):
        head = None
        for at, kind, number, payload in read_segment(path):
            if kind == "segment":
                head = payload
                ends[head["epoch"], head["after_index"]] = head["after_end"]
            else:
                place = (head["epoch"], head["index"])
                records.append((place, at, {"kind": kind, "epoch": head["epoch"],
                                            "number": number, **payload}))
    return [record for place, at, record in records if at < ends.get(place, at + 1)]


class UsageLogs:
    """The logs of a whole network by request."""

    def __init__(self, network):
        self.of_gateway = {zone: read_log(network.home / "gateways" / network.gateway_id(zone)
                                          / "usage") for zone in network.zones}
        self.records = sum(self.of_gateway.values(), [])

    def of(self, kind, request_id=None):
        return [record for record in self.records if record["kind"] == kind
                and request_id in (None, record["request_id"])]

    def check_numbers(self):
        """From 1 on without a gap in each epoch of each gateway."""
        for zone, records in self.of_gateway.items():
            epochs = {}
            for record in records:
                if record["number"] > 0:
                    epochs.setdefault(record["epoch"], []).append(record["number"])
            for epoch, numbers in epochs.items():
                assert numbers == list(range(1, len(numbers) + 1)), f"{zone}, epoch {epoch}"


def counts_of(record):
    return tuple(record[name] for name in COUNTS)
