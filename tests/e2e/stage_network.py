"""A whole network on a stage: the processes that `portolan up --print` shows, each in its region.

Gateways and control are the test build, and record all that they receive.
"""

from dataclasses import dataclass, field
from signal import SIGCONT, SIGKILL, SIGQUIT, SIGTERM

from network import BINARY, wait_until
from stage import TEST_BUILD
from stage_plan import HOME, StagePlan

REPLAY_PORT = 15999  # where gateways ask first; nobody listens but test_out_of_scope's replayer
ENGINE_FLAGS = ("--slots", "64", "--queue", "256", "--ttft-ms", "25", "--tpot-ms", "8", "--echo")
# A core holds what lives, and not what the sanitizer keeps of the dead.
SANITIZER = "disable_coredump=0:quarantine_size_mb=4"


@dataclass
class Process:
    name: str
    region: object
    command: list
    zone: str = ""
    port: int = 0  # of a gateway's own front door, or of an engine
    host: str = "127.0.0.1"
    starts: int = 0
    expected: set = field(default_factory=set)  # exit codes that the test is the cause of

    @property
    def run_name(self):
        return f"{self.name}.{self.starts}"

    def start(self):
        """In a folder of its own each time, so that every core is kept."""
        self.starts += 1
        self.region.start(self.run_name, self.command, f"{HOME}/runs/{self.run_name}",
                          {"ASAN_OPTIONS": SANITIZER})

    def signal(self, number, wait=0):
        return self.region.signal(self.run_name, number, wait)

    def end(self, number=SIGKILL):
        self.expected.add(-number if number in (SIGKILL, SIGQUIT) else 0)
        return self.signal(number, wait=60)

    def send(self, method, target, body=None, timeout=10):
        return self.region.send(method, self.host, self.port, target, body, timeout=timeout)

    def metrics(self):
        lines = self.send("GET", "/metrics").body.decode().splitlines()
        samples = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, value in samples}


class StageNetwork:
    def __init__(self, stage, world, home_region, gateway_flags=(), engines_per_zone=2):
        self.stage = stage
        self.plan = StagePlan(stage, world, home_region, engines_per_zone)
        self.home_region = self.plan.home_region
        self.engines, self.gateways, self.others = {}, {}, {}
        for command in self.plan.commands:
            self._add(command, gateway_flags)
        for (zone, number), port in self.plan.engine_ports.items():
            self._add_engine(zone, number, port)
        for process in [*self.others.values(), *self.engines.values(), *self.gateways.values()]:
            process.start()
        self._await_control()
        self.await_version(self.apply(self.plan.world), 120)

    def _add(self, command, gateway_flags):
        region, zone, adapted = self.plan.adapt_command(command)
        role = adapted[1]
        name = f"gateway-{zone}" if role == "gateway" else role
        (region.home / "received" / name).mkdir(parents=True)
        adapted = [str(TEST_BUILD), *adapted[1:], "--record-received", f"{HOME}/received/{name}"]
        if role != "gateway":
            self.others[role] = Process(name, region, adapted)
            return
        at = adapted.index("--control") + 1
        adapted[at] = f"{self.home_region.address}:{REPLAY_PORT}," + adapted[at]
        self.gateways[zone] = Process(name, region, adapted + list(gateway_flags),
                                      zone, self.plan.ports[f"gateway/{zone}-1"], region.address)

    def _add_engine(self, zone, number, port):
        region = self.plan.regions_by_zone[zone]
        (region.home / "engines").mkdir(exist_ok=True)
        name = f"engine-{zone}-{number}"
        command = [str(BINARY), "engine-sim", "--listen", f"127.0.0.1:{port}", *ENGINE_FLAGS,
                   "--record", f"{HOME}/engines/{zone}.{number}.jsonl"]
        self.engines[zone, number] = Process(name, region, command, zone, port)

    def _await_control(self):
        key = self.home_region.home / "admin.key"
        wait_until("control has made its admin key", key.exists, 60)
        self.admin_key = key.read_text().strip()
        wait_until("control answers", self._control_answers, 60)

    def _control_answers(self):
        try:
            return self.admin("GET", "worlds")
        except OSError:
            return None

    def admin(self, method, target, body=None):
        """As `portolan apply` and `key create` ask, from beside control."""
        answer = self.home_region.send(method, "127.0.0.1", self.plan.ports["admin"],
                                       f"/admin/v1/{target}", body,
                                       {"authorization": f"Bearer {self.admin_key}"}, timeout=60)
        assert answer.status < 300, answer.body
        return answer.json

    def apply(self, text):
        """Returns the version of the World that this made."""
        self.admin("POST", "apply?source=test.yaml", text)
        return self.current_world()["version"]

    def current_world(self):
        return self.admin("GET", "worlds")["current"]

    def key(self, workspace):
        return self.admin("POST", "keys", {"workspace": workspace})["key"]

    def await_version(self, version, seconds=60):
        for gateway in self.gateways.values():
            wait_until(f"{gateway.name} has World {version}",
                       lambda: self.holds(gateway, version), seconds)

    @staticmethod
    def holds(gateway, version):
        try:
            return gateway.metrics().get("portolan_world_version", 0) >= version
        except OSError:
            return False

    def processes(self):
        return [*self.gateways.values(), *self.others.values(), *self.engines.values()]

    def unexpected_ends(self):
        """Processes that ended and were not told to: {name: exit code}."""
        owners = {process.name: process for process in self.processes()}
        return {name: code for region in self.stage.regions.values()
                for name, code in region.codes().items()
                if code is not None and name.rsplit(".", 1)[0] in owners
                and code not in owners[name.rsplit(".", 1)[0]].expected}

    def stop(self):
        for process in self.processes():
            process.expected.add(0)
            process.signal(SIGTERM)
        return {process.name: process.signal(SIGCONT, wait=60)
                for process in self.processes()}
