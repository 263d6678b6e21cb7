"""The example network with engine-sim processes of its own for each zone."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from client import get
from network import BINARY, ROOT, Network, free_base_port, wait_until

DEPLOYMENT = re.compile(r"zone: (\S+), engines: \[\{kind: llama.cpp, slots: 4\}\]")


class SplitNetwork(Network):
    """`up` starts gateways and control; the engines are the test's to kill and to start."""

    def __init__(self, *flags, sim_flags=(), slots=4, per_zone=1, early_head=(),
                 **options):
        home = Path(tempfile.mkdtemp(prefix="portolan-e2e-"))
        self.sim_flags = [*sim_flags, "--slots", str(slots), "--record", f"{home}/record.jsonl"]
        self.slots = slots
        self.engines = {}  # (zone, number): process
        self.urls = {}  # zone: a URL for each number
        self.per_zone = per_zone
        self.early_head = early_head  # numbers of engines that send their head at once
        self.behind = []  # what computes for those, and is not killed
        self.inner_ports = {}
        world = home / "split.yaml"
        ports = iter(range(free_base_port(), 65535))
        world.write_text(DEPLOYMENT.sub(lambda found: self._place(found, ports),
                                        (ROOT / "worlds/local.yaml").read_text()))
        try:
            for zone in self.urls:
                for number in range(per_zone):
                    self.start_engine(zone, number)
            for url in sum(self.urls.values(), []):
                wait_until("an engine answers", lambda: self.answers(url))
            super().__init__(*flags, engines="none", home=home, world=world, **options)
        except BaseException:
            self._end_engines()
            raise

    def _place(self, found, ports):
        zone = found.group(1)
        if zone not in self.urls:
            self.urls[zone] = [f"http://127.0.0.1:{next(ports)}" for _ in range(self.per_zone)]
        engines = ", ".join(f'{{kind: llama.cpp, url: "{url}", slots: {self.slots}}}'
                            for url in self.urls[zone])
        return f"zone: {zone}, engines: [{engines}]"

    @staticmethod
    def answers(url):
        try:
            return get(url + "/health", timeout=5).status == 200
        except OSError:
            return False

    def requests(self):
        """What all engines received, also those that are dead: a line each, but for the body."""
        with open(self.home / "record.jsonl", encoding="utf-8") as lines:
            for line in lines:
                if not line.endswith("\n"):
                    return  # it is being written
                request = json.loads(line)
                if request["method"] == "POST":
                    yield {"fields": dict(request["fields"])}

    def start_engine(self, zone, number=0):
        address = self.urls[zone][number].removeprefix("http://")
        if number not in self.early_head:
            self.engines[zone, number] = self._start_sim(address)
            return
        inner = self._inner_port(zone, number)
        port = address.rsplit(":", 1)[1]
        command = [sys.executable, str(Path(__file__).with_name("early_head.py")), port, inner]
        self.engines[zone, number] = subprocess.Popen(command)

    def _start_sim(self, address):
        command = [str(BINARY), "engine-sim", "--listen", address, *self.sim_flags]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def _inner_port(self, zone, number):
        if (zone, number) not in self.inner_ports:
            port = str(free_base_port())
            self.behind.append(self._start_sim(f"127.0.0.1:{port}"))
            self.inner_ports[zone, number] = port
        return self.inner_ports[zone, number]

    def kill_engine(self, zone, number=0):
        self.engines[zone, number].kill()
        self.engines[zone, number].wait(10)

    def read(self):
        super().read()
        for name, zone in self.zones.items():
            zone["engine_url"] = self.urls[name][0]

    def _end_engines(self):
        for zone, number in self.engines:
            self.kill_engine(zone, number)
        for process in self.behind:
            process.kill()
            process.wait(10)

    def stop(self, *arguments, **options):
        try:
            super().stop(*arguments, **options)
        finally:
            self._end_engines()
