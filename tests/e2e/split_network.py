"""The example network with an engine-sim process of its own for each zone."""

import re
import subprocess
import tempfile
from pathlib import Path

from client import get
from network import BINARY, ROOT, Network, free_base_port, wait_until

DEPLOYMENT = re.compile(r"zone: (\S+), engines: \[\{kind: llama.cpp, slots: 4\}\]")


class SplitNetwork(Network):
    """`up` starts gateways and control; the engines are the test's to kill and to start."""

    def __init__(self, *flags, sim_flags=(), slots=4, **options):
        home = Path(tempfile.mkdtemp(prefix="portolan-e2e-"))
        self.sim_flags = [*sim_flags, "--slots", str(slots)]
        self.slots = slots
        self.engines = {}  # zone: process
        self.urls = {}
        world = home / "split.yaml"
        ports = iter(range(free_base_port(), 65535))
        world.write_text(DEPLOYMENT.sub(lambda found: self._place(found, ports),
                                        (ROOT / "worlds/local.yaml").read_text()))
        for zone in self.urls:
            self.start_engine(zone)
        for url in self.urls.values():
            wait_until("an engine answers", lambda: self._answers(url))
        try:
            super().__init__(*flags, engines="none", home=home, world=world, **options)
        except BaseException:
            self._end_engines()
            raise

    def _place(self, found, ports):
        zone = found.group(1)
        if zone not in self.urls:
            self.urls[zone] = f"http://127.0.0.1:{next(ports)}"
        return (f'zone: {zone}, engines: [{{kind: llama.cpp, url: "{self.urls[zone]}", '
                f"slots: {self.slots}}}]")

    def _answers(self, url):
        try:
            return get(url + "/health", timeout=5).status == 200
        except OSError:
            return False

    def start_engine(self, zone):
        address = self.urls[zone].removeprefix("http://")
        command = [str(BINARY), "engine-sim", "--listen", address, *self.sim_flags]
        self.engines[zone] = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def kill_engine(self, zone):
        self.engines[zone].kill()
        self.engines[zone].wait(10)

    def read(self):
        super().read()
        for name, zone in self.zones.items():
            zone["engine_url"] = self.urls[name]

    def _end_engines(self):
        for zone in self.engines:
            self.kill_engine(zone)

    def stop(self, *arguments, **options):
        try:
            super().stop(*arguments, **options)
        finally:
            self._end_engines()
