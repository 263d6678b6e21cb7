"""A network of real processes: started by `portolan up`, driven and ended by a test."""

import base64
import json
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("PORTOLAN_BINARY", ROOT / "build/release/portolan"))
DEFAULT_WORLD = ROOT / "worlds/local.yaml"
PORTS_LEAST = 40
_rows_given = set()  # by their first ports
START_SECONDS = 120

MODEL = "smollm2-135m-instruct"
CN, SG, EU = "cn-hangzhou", "ap-southeast-1", "eu-central-1"
# A workspace whose requests may enter anywhere and are computed in the EU alone.
ANYWHERE = """
apiVersion: portolan/v1
kind: Scope
metadata: {name: eu-anywhere}
spec: {include: [eu], entry: anywhere}
---
apiVersion: portolan/v1
kind: Workspace
metadata: {name: eu-anywhere, org: demo}
spec: {scopes: [eu-anywhere], labels: {data-class: personal}}
"""


def wait_until(what, holds, seconds=60, every=0.05):
    """The first true value of holds(); fails with `what` after that many seconds."""
    end = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(every)


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_base_port(count=PORTS_LEAST):
    """The first of a row of ports that nobody listens on, below the ephemeral ones."""
    # The port of a process that a test has killed looks free: tests that run beside each
    # other (pytest-xdist) have rows of their own.
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports = 20000 // max(2, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 2)))
    least = 12000 + worker * ports
    most = least + ports
    bases = list(range(least, most - count, PORTS_LEAST))
    random.shuffle(bases)
    # Who was given one may not listen yet: it comes again only when nothing else is free.
    for base in sorted(bases, key=lambda base: bool(_rows_given & rows_of(base, count))):
        if all(is_free(base + i) for i in range(count)):
            _rows_given.update(rows_of(base, count))
            return base
    raise AssertionError("no row of free ports")


def rows_of(base, count):
    return set(range(base, base + count, PORTS_LEAST))


def ports_of(world):
    """At most so many does `up` take: one a region, three a zone, and those of the network."""
    text = Path(world).read_text(encoding="utf-8")
    of_the_network = 8
    return (of_the_network + text.count("kind: Region\n") + 3 * text.count("kind: Zone\n"))


def whole_lines(path):
    """The lines of a file that is being written; not the one that is under way."""
    return path.read_text().rpartition("\n")[0].splitlines()


def is_alive(pid):
    """Whether the process runs; one that ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def command_of(pid):
    return [part.decode() for part in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]]


def run_portolan(*arguments, home=None, environment=None, stdin=None, timeout=60):
    env = dict(os.environ, **(environment or {}))
    if home is not None:
        env["PORTOLAN_HOME"] = str(home)
    return subprocess.run([str(BINARY), *map(str, arguments)], env=env, input=stdin, text=True,
                          capture_output=True, timeout=timeout)


class Network:
    """One `portolan up`. `home` may be that of an earlier one."""

    def __init__(self, *flags, engines="sim", restart="never", home=None, world=None):
        self.home = Path(home or tempfile.mkdtemp(prefix="portolan-e2e-"))
        self.strangers = []  # processes that the test started beside `up`
        ports = []
        if not (self.home / "network.json").exists():
            count = max(PORTS_LEAST, ports_of(world or DEFAULT_WORLD))
            ports = ["--base-port", str(free_base_port(count))]
        command = [str(BINARY), "up", *([str(world)] if world else []), "--home", str(self.home),
                   "--engines", engines, "--plain", "--restart", restart, *ports, *flags]
        self.output = open(self.home / "up.out", "w", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=self.output, stderr=subprocess.STDOUT,
                                        start_new_session=True)
        try:
            wait_until("up has begun", self._has_begun, START_SECONDS)
        except BaseException:
            self.stop()
            raise
        self.read()

    def _has_begun(self):
        text = (self.home / "up.out").read_text()
        assert self.process.poll() is None, f"up ended: {text}"
        return "With curl:" in text

    def read(self):
        self.file = json.loads((self.home / "network.json").read_text())
        self.regions = {region["name"]: region["url"] for region in self.file["regions"]}
        self.zones = {zone["name"]: zone for zone in self.file["zones"]}
        self.keys = {place["name"]: place["key"] for place in self.file["workspaces"]}
        self.admin_url = self.file["admin"]["url"]
        self.admin_key = self.file["admin"]["key"]

    def zones_of(self, region):
        return [zone for zone in self.zones.values() if zone["region"] == region]

    def engine_urls(self, region=None):
        return [zone["engine_url"] for zone in self.zones.values()
                if region in (None, zone["region"])]

    def gateway_id(self, zone):
        return f"{zone}-1"

    def pids(self):
        """Every process of the network that `up` started, and `up` itself."""
        pids = {self.file["pid"], self.file["control_pid"], self.file["meter_pid"]}
        for zone in self.zones.values():
            pids |= {zone["gateway_pid"], zone["engine_pid"]}
        return {pid for pid in pids if pid}

    def cli(self, *arguments, stdin=None):
        return run_portolan(*arguments, home=self.home, stdin=stdin)

    def access_log(self, zone):
        path = self.home / "gateways" / self.gateway_id(zone) / "access.log"
        return [json.loads(line) for line in whole_lines(path)]

    def record(self):
        """What the simulated engines received: fields and body, and `zone` for each."""
        zones = sorted(self.zones)
        requests = [json.loads(line) for line in whole_lines(self.home / "record.jsonl")]
        for request in requests:
            request["zone"] = zones[int(request["engine"].rsplit("-", 1)[1]) - 1]
            request["fields"] = dict(request["fields"])
            request["body"] = base64.b64decode(request["body"])
        return requests

    def received(self, request_id):
        """What engines received of a request: once there is something, for it is written aside."""
        def find():
            return [request for request in self.record()
                    if request["fields"].get("portolan-request-id") == request_id]
        return wait_until(f"engines record {request_id}", find)

    def log_line(self, zone, request_id):
        def find():
            return [line for line in self.access_log(zone) if line["request_id"] == request_id]
        return wait_until(f"{zone} logs {request_id}", find)[0]

    @property
    def control_pid(self):
        return self.file["control_pid"]

    def kill(self, pid):
        os.kill(pid, signal.SIGKILL)
        wait_until(f"{pid} is gone", lambda: not is_alive(pid))

    def restart_process(self, pid):
        """Kills one process and starts it again as it was, as the test's own."""
        command = command_of(pid)
        self.kill(pid)
        return self.start_process(command)

    def start_control(self, command):
        self.file["control_pid"] = self.start_process(command).pid
        wait_until("control answers", lambda: self.cli("get", "worlds").returncode == 0)

    def start_process(self, command, environment=None):
        log = open(self.home / "logs" / "restarted.log", "ab")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   env=dict(os.environ, **(environment or {})))
        log.close()
        self.strangers.append(process)
        return process

    def stop(self, number=signal.SIGTERM, seconds=90):
        for process in self.strangers:
            if process.poll() is None:
                process.kill()
            process.wait(10)
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
                raise
        self.output.close()
