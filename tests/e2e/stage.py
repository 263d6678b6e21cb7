"""Regions in network, mount and process namespaces of their own, joined by a switch of ours.

What is made here ends with the process that made it, however that one ends: a region's first
process and the switch end with their standard input, and the kernel ends what hangs on them.
"""

import contextlib
import ctypes
import http.client
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from client import Answer
from network import BINARY, ROOT

SWITCH = ROOT / "build/dev/tests/packet_switch"
TEST_BUILD = Path(os.environ.get("PORTOLAN_TEST_BINARY", ROOT / "build/dev/portolan"))
CLONE_NEWNET = 0x40000000
PROGRAM_FOLDERS = ("/usr", "/bin", "/lib", "/lib64", "/sbin", "/etc")
_numbers = itertools.count()


def why_not():
    """Why no stage can be built here; None: it can."""
    if os.geteuid() != 0:
        return "namespaces and TUN devices need root"
    for needed in (SWITCH, TEST_BUILD):
        if not needed.exists():
            return f"needs {needed}: run 'make unit' first"
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        return f"no TUN devices here: {error}"
    tried = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "true"],
                           capture_output=True, text=True, check=False)
    return f"no namespaces here: {tried.stderr}" if tried.returncode else None


def require_stage():
    """Skips the test that calls it where no stage can be; in the proof that is a failure."""
    reason = why_not()
    if reason and os.environ.get("PORTOLAN_PROOF"):
        pytest.fail(f"the proof needs what is missing here: {reason}")
    if reason:
        pytest.skip(reason)


def programs():
    """What a region may read of this machine: programs, and nothing that they write."""
    places = [path for path in PROGRAM_FOLDERS if os.path.lexists(path)]
    python = os.path.realpath(sys.executable)
    for needed in (os.path.dirname(os.path.dirname(python)), str(ROOT), str(BINARY.parent)):
        if not any(os.path.commonpath([needed, place]) == place for place in places):
            places.append(needed)
    return places


class Lines:
    """A child that answers each line by a line."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, start_new_session=True)
        self.lock = threading.Lock()

    def read(self):
        line = self.process.stdout.readline()
        assert line, f"{self.process.args[0]} ended: {self.process.wait(10)}"
        return line.rstrip("\n")

    def ask(self, line):
        with self.lock:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            return self.read()

    def end(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.process.stdout.close()


class Region:
    """One place of the stage. `home` is what its processes see as /region."""

    def __init__(self, name, number, folder):
        self.name, self.number, self.folder = name, number, folder
        self.address = f"10.77.{number}.1"
        self.home = folder / "home"
        root = folder / "root"
        root.mkdir(parents=True)
        self.home.mkdir()
        config = {"root": str(root), "home": str(self.home), "programs": programs()}
        agent = Path(__file__).with_name("region_agent.py")
        self.agent = Lines(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child",
                            os.path.realpath(sys.executable), "-I", str(agent),
                            json.dumps(config)])
        self.agent.read()

    def order(self, what, **details):
        answer = json.loads(self.agent.ask(json.dumps({"do": what, **details})))
        assert "error" not in answer, f"{self.name}: {what} {details}: {answer['error']}"
        return answer

    def start(self, name, command, folder="/region/logs", environment=None):
        return self.order("start", name=name, command=[str(word) for word in command],
                          folder=folder, environment=environment or {})["pid"]

    def signal(self, name, number, wait=0):
        """With `wait`: until the process has ended; its exit code."""
        return self.order("signal", name=name, number=int(number), wait=wait)["code"]

    def codes(self):
        """The exit code of every process, None while it runs."""
        return self.order("look")["codes"]

    def run(self, *command):
        return self.order("run", command=[str(word) for word in command])

    def connect(self, host, port, timeout=10):
        """A connection as from a process of this region."""
        connection = self.socket()
        try:
            connection.settimeout(timeout)
            connection.connect((host, port))
        except OSError:
            connection.close()
            raise
        return connection

    def socket(self):
        """A socket stays in the network namespace of the thread that made it."""
        setns = ctypes.CDLL(None, use_errno=True).setns
        with open("/proc/thread-self/ns/net", "rb") as here:
            with open(f"/proc/{self.agent.process.pid}/ns/net", "rb") as there:
                assert setns(there.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            try:
                return socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            finally:
                assert setns(here.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())

    def send(self, method, host, port, target, body=None, headers=None, timeout=30):
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
        connection.sock = self.connect(host, port, timeout)
        try:
            text = body if isinstance(body, str) or body is None else json.dumps(body)
            connection.request(method, target, text, headers or {})
            answer = connection.getresponse()
            fields = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, fields, answer.read())
        finally:
            connection.close()


class Stage:
    """Regions by name, and what lies between them: `round_trips` in ms, by pairs of names."""

    def __init__(self, round_trips):
        self.folder = Path(tempfile.mkdtemp(prefix="portolan-stage-"))
        self.regions = {}
        self.switch = None
        try:
            self._build(round_trips)
        except BaseException:
            self.close()
            raise

    def _build(self, round_trips):
        names = sorted({name for pair in round_trips for name in pair})
        self.devices = [f"ptl{os.getpid() % 10**6}x{next(_numbers)}" for _ in names]
        self.switch = Lines([str(SWITCH), *self.devices])
        assert self.switch.read() == "ready"
        for number, (name, device) in enumerate(zip(names, self.devices), 1):
            region = Region(name, number, self.folder / name)
            self.regions[name] = region
            subprocess.run(["ip", "link", "set", device, "netns",
                            str(region.agent.process.pid)], check=True)
            region.order("network", device=device, address=region.address)
        for (first, other), milliseconds in round_trips.items():
            self.delay(first, other, milliseconds)

    def __getitem__(self, name):
        return self.regions[name]

    def _tell(self, what, *words):
        answer = self.switch.ask(" ".join([what, *map(str, words)]))
        assert answer == "ok", answer

    def _numbers_of(self, *names):
        return [self.regions[name].number for name in names]

    def delay(self, first, other, round_trip_ms):
        self._tell("delay", *self._numbers_of(first, other), round_trip_ms / 2)

    def cut(self, first, other):
        self._tell("cut", *self._numbers_of(first, other))

    def join(self, first, other):
        self._tell("join", *self._numbers_of(first, other))

    def watch(self, text):
        """Counts packets between regions that hold this text as it is."""
        self._tell("watch", text)

    def counts(self):
        """Of the switch: {pair of names: {forwarded, dropped}}, and packets with the text."""
        counts = json.loads(self.switch.ask("count"))
        names = {region.number: name for name, region in self.regions.items()}
        pairs = {frozenset((names[pair["first"]], names[pair["other"]])): pair
                 for pair in counts["pairs"]}
        return pairs, counts["clear"]

    def close(self):
        for region in self.regions.values():
            region.agent.end()
        if self.switch:
            self.switch.end()
        shutil.rmtree(self.folder, ignore_errors=True)
