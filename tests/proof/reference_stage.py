"""The reference network on a stage: 29 regions as far apart as worlds/sources says.

Every region is network, mount and process namespaces of its own, with its zones' gateways and
one engine-sim for its zones. Control and the meter stand in two places of their own beside the
region HOME, so that what goes over control's device is control's and nobody else's. The
processes are the release build; the commands are those of `portolan up --print`.
"""

import csv
import json
import os
import sys
import threading
import time
from pathlib import Path
from signal import SIGTERM

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from network import BINARY, MODEL, wait_until  # noqa: E402
from stage import Stage  # noqa: E402
from stage_plan import StagePlan  # noqa: E402

WORLD = ROOT / "worlds/alibaba-29-87.yaml"
ROUND_TRIPS = ROOT / "worlds/sources/alibaba_rtt_estimate.csv"
HOME = "ap-southeast-1"
PLACES = ("control", "meter")  # beside HOME
BESIDE_MS = 1
ENGINE_FLAGS = ("--slots", "64", "--queue", "256", "--ttft-ms", "20", "--tpot-ms", "2")
READY_SECONDS = 180
TICKS = os.sysconf("SC_CLK_TCK")


def read_round_trips():
    """Milliseconds between any two of the 29 regions, control and the meter."""
    with open(ROUND_TRIPS, encoding="utf-8") as rows:
        between = {(row["a"], row["b"]): float(row["est_rtt_ms"]) for row in csv.DictReader(rows)}
    beside = {}
    for place in PLACES:
        for (first, other), milliseconds in between.items():
            if HOME in (first, other):
                beside[place, first if other == HOME else other] = milliseconds + BESIDE_MS
        beside[place, HOME] = BESIDE_MS
    return {**between, **beside, PLACES: BESIDE_MS}


class ReferencePlan(StagePlan):
    """The meter stands beside control, not with it."""

    def _region_of(self, port_name):
        return self.stage["meter"] if port_name == "meter" else super()._region_of(port_name)

    def adapt_command(self, command):
        if command[1] != "meter":
            return super().adapt_command(command)
        region = self.stage["meter"]
        for word in command:
            self._copy(word, region)
        return region, "", [self.adapt(word) for word in command]


class Process:
    def __init__(self, name, region, command, zone=""):
        self.name, self.region, self.command, self.zone = name, region, command, zone
        self.starts, self.pid = 0, 0

    def start(self):
        self.starts += 1
        self.region.start(f"{self.name}.{self.starts}", self.command)

    def end(self, number=SIGTERM):
        return self.region.signal(f"{self.name}.{self.starts}", number, wait=60)

    def find(self):
        """Its pid outside of its region."""
        here = os.readlink(f"/proc/{self.region.agent.process.pid}/ns/net")
        wanted = "\0".join(self.command) + "\0"
        for folder in Path("/proc").iterdir():
            try:
                if (folder.name.isdigit() and (folder / "cmdline").read_text() == wanted
                        and os.readlink(folder / "ns/net") == here):
                    self.pid = int(folder.name)
                    return self.pid
            except OSError:
                pass
        raise AssertionError(f"{self.name} does not run")

    def cpu_seconds(self):
        """User and system time of all of its threads."""
        stat = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / TICKS

    def memory_mib(self):
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


class ReferenceNetwork:
    def __init__(self):
        self.round_trips = read_round_trips()
        self.stage = Stage(self.round_trips)
        try:
            self._start()
        except BaseException:
            self.stage.close()
            raise

    def _start(self):
        self.plan = ReferencePlan(self.stage, WORLD.read_text(), "control", 1)
        self.gateways, self.others, self.engines = {}, {}, []
        for command in self.plan.commands:
            region, zone, adapted = self.plan.adapt_command(command)
            if zone:
                self.gateways[zone] = Process(f"gateway-{zone}", region, adapted, zone)
            else:
                self.others[adapted[1]] = Process(adapted[1], region, adapted)
        by_region = {}
        for (zone, _), port in self.plan.engine_ports.items():
            by_region.setdefault(self.plan.regions_by_zone[zone].name, []).append(port)
        for region, ports in by_region.items():
            listens = [word for port in ports for word in ("--listen", f"127.0.0.1:{port}")]
            self.engines.append(Process("engines", self.stage[region],
                                        [str(BINARY), "engine-sim", *listens, *ENGINE_FLAGS]))
        for process in [*self.others.values(), *self.engines, *self.gateways.values()]:
            process.start()
        self.await_control()
        for process in [*self.others.values(), *self.gateways.values()]:
            process.find()
        self.admin("POST", "apply?source=world.yaml", self.plan.world)
        wait_until("all gateways hold the World", lambda: self.holding("world", 1) == 87,
                   READY_SECONDS)
        wait_until("all engines are healthy", self._engines_are_healthy, READY_SECONDS)
        self.key = self.admin("POST", "keys", {"workspace": "global"})["key"]

    def _engines_are_healthy(self):
        engines = [gateway["engines"] for gateway in self.said()]
        return all(tally and tally["healthy"] == tally["total"] for tally in engines)

    @property
    def control(self):
        return self.others["control"]

    def await_control(self):
        key = self.stage["control"].home / "admin.key"
        wait_until("control has made its admin key", key.exists)
        self.admin_key = key.read_text().strip()
        wait_until("control answers", self._control_answers)

    def _control_answers(self):
        try:
            return self.admin("GET", "worlds")
        except OSError:
            return None

    def restart_control(self, command=None, meanwhile=lambda: None):
        self.control.end()
        meanwhile()
        self.control.command = command or self.control.command
        self.control.start()
        self.await_control()
        self.control_there = time.monotonic()
        self.control.find()
        wait_until("all gateways poll", lambda: self.metric("polls_waiting") == 87, READY_SECONDS)

    def ask_admin(self, method, path, body=None):
        answer = self.stage["control"].send(
            method, "127.0.0.1", self.plan.ports["admin"], path, body,
            {"authorization": f"Bearer {self.admin_key}"}, timeout=120)
        assert answer.status < 300, answer.body
        return answer

    def admin(self, method, target, body=None):
        answer = self.ask_admin(method, f"/admin/v1/{target}", body)
        return answer.json if answer.body else None

    def metric(self, name):
        lines = self.ask_admin("GET", "/metrics").body.decode().splitlines()
        samples = dict(line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        return float(samples[f"portolan_control_{name}"])

    def said(self):
        """What each gateway told control last."""
        return self.admin("GET", "gateways")["gateways"]

    def holding(self, kind, version):
        """How many gateways have told control that they hold that, or newer."""
        return sum(1 for gateway in self.said()
                   if gateway[kind] and gateway[kind]["version"] >= version)

    def control_bytes(self):
        """All that went over control's network device since it is there."""
        lines = self.stage["control"].run("cat", "/proc/net/dev")["out"].splitlines()
        [device] = [line.split() for line in lines if line.strip().startswith("ptl")]
        return int(device[1]) + int(device[9])

    def open(self, zone):
        """A kept connection to that zone's gateway, from within its region."""
        gateway = self.gateways[zone]
        return gateway.region.connect(gateway.region.address,
                                      self.plan.ports[f"gateway/{zone}-1"], 30)

    def close(self):
        self.stage.close()


class Clients:
    """A thread in every region that asks its zones' gateways in turn, over kept connections."""

    def __init__(self, network, each_second):
        self.network, self.each_second = network, each_second
        self.stopping = threading.Event()
        self.answered, self.failed = 0, []
        self.lock = threading.Lock()
        regions = {}
        for zone, gateway in network.gateways.items():
            regions.setdefault(gateway.region.name, []).append(zone)
        self.threads = [threading.Thread(target=self._ask, args=(zones,), daemon=True)
                        for zones in regions.values()]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)

    def _ask(self, zones):
        connections = {}
        while not self.stopping.is_set():
            began = time.monotonic()
            for zone in zones:
                self._ask_once(zone, connections)
            self.stopping.wait(max(0, 1 / self.each_second - (time.monotonic() - began)))

    def _ask_once(self, zone, connections):
        body = json.dumps({"model": MODEL, "max_tokens": 4,
                           "messages": [{"role": "user", "content": "Say hello."}]})
        try:
            if zone not in connections:
                connections[zone] = self.network.open(zone)
            status, _ = exchange(connections[zone], "POST", "/v1/chat/completions",
                                 self.network.key, body)
        except OSError as error:
            connections.pop(zone, None)
            status = repr(error)
        with self.lock:
            self.answered += status == 200
            if status != 200:
                self.failed.append((zone, status))


def exchange(connection, method, path, key, body=""):
    """One request over a kept connection; its status and body."""
    connection.sendall((f"{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
                        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
                        f"{body}").encode())
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionResetError("no answer")
        received += piece
    head, _, rest = received.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = int(fields[b"content-length"])
    while len(rest) < length:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionResetError("half an answer")
        rest += piece
    return int(head.split(b" ", 2)[1]), rest
