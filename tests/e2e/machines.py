"""A network whose machines join it one by one, each on a stage of its own.

Every machine has a network, a file system and processes of its own; what lies between them are the
round trips of worlds/sources. Control and meter are started by the commands that `portolan up
--print` shows on their machine, gateways by the one that `portolan join` prints on theirs.
"""

import csv
import json
import re
import shlex
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from signal import SIGKILL, SIGTERM

from client import bearer, prompt
from network import BINARY, CN, EU, ROOT, SG, wait_until
from stage import Stage

HOME = "/region/portolan"
CONTROL, DESK = "control", "desk"
PLACES = {CONTROL: "ap-northeast-1", DESK: "us-east-1"}  # the zones' are in their names
ZONES = tuple(f"{region}{zone}" for region, zones in ((CN, ("-a", "-b")), (EU, "ab"), (SG, "ab"))
              for zone in zones)
SAME_REGION_MS = 0.8
PORT, HOP, ENGINE = 8080, 7403, 14000
ENGINE_FLAGS = ("--slots", "64", "--queue", "256", "--ttft-ms", "25", "--tpot-ms", "8")


def region_of(machine):
    return PLACES.get(machine) or next(region for region in (CN, EU, SG)
                                       if machine.startswith(region))


def round_trips():
    with open(ROOT / "worlds/sources/alibaba_rtt_estimate.csv", encoding="utf-8") as lines:
        table = {frozenset((row["a"], row["b"])): float(row["est_rtt_ms"])
                 for row in csv.DictReader(lines)}
    return {pair: table.get(frozenset(map(region_of, pair)), SAME_REGION_MS)
            for pair in combinations((*ZONES, CONTROL, DESK), 2)}


class Machine:
    """The gateway and the engine of one zone, on a machine that has joined."""

    def __init__(self, region):
        self.region, self.zone, self.id = region, region.name, f"{region.name}-1"
        self.home = region.home / "portolan"
        self.command = None
        self.starts = 0
        self.number = 0  # of the engine's start

    def start(self):
        self.starts += 1
        self.region.start(f"gateway.{self.starts}", [BINARY, *self.command[1:]])

    def start_engine(self):
        self.number += 1
        self.region.start(f"engine.{self.number}", [
            BINARY, "engine-sim", "--listen", f"127.0.0.1:{ENGINE}", *ENGINE_FLAGS, "--record",
            f"/region/engine.{self.number}.jsonl"])

    def end(self, number=SIGTERM):
        return self.region.signal(f"gateway.{self.starts}", number, wait=60)

    def end_engine(self):
        self.region.signal(f"engine.{self.number}", SIGKILL, wait=20)

    def log(self):
        return (self.region.home / "logs" / f"gateway.{self.starts}.log").read_text()

    def get(self, target, timeout=10):
        return self.region.send("GET", self.region.address, PORT, target, timeout=timeout)

    def serves(self):
        try:
            return self.get("/readyz").status == 200
        except OSError:
            return False

    def metric(self, name):
        lines = self.get("/metrics").body.decode().splitlines()
        return next(float(line.rsplit(" ", 1)[1]) for line in lines
                    if line.startswith(f"portolan_{name} "))

    def ask(self, key, client=None, timeout=30, **members):
        """A chat that enters here; `client` is the machine from which it comes."""
        return (client or self).region.send(
            "POST", self.region.address, PORT, "/v1/chat/completions", prompt(**members),
            {"content-type": "application/json", **bearer(key)}, timeout=timeout)

    def computed(self):
        """Ids of the requests that this machine's engine was given."""
        ids = []
        for path in sorted(self.region.home.glob("engine.*.jsonl")):
            for line in path.read_text().splitlines(keepends=True):
                if line.endswith("\n") and (request := json.loads(line))["method"] == "POST":
                    ids.append(dict(request["fields"]).get("portolan-request-id"))
        return ids


class JoinedNetwork:
    def __init__(self):
        self.stage = Stage(round_trips())
        try:
            self._build()
        except BaseException:
            self.stage.close()
            raise

    def _build(self):
        self.control, self.desk = self.stage[CONTROL], self.stage[DESK]
        self.machines = {zone: Machine(self.stage[zone]) for zone in ZONES}
        self._start_control()
        # What an operator carries to his desk: the admin key, and whom to believe.
        self.admin_key = (self.control.home / "portolan/admin.key").read_text().strip()
        authority = (self.control.home / "portolan/authority/tls-authority.pem").read_text()
        (self.desk.home / "authority.pem").write_text(authority)
        with ThreadPoolExecutor(len(ZONES)) as threads:
            list(threads.map(self.let_in, self.machines.values()))
        for machine in self.machines.values():
            wait_until(f"{machine.id} would serve", machine.serves)

    def _world(self):
        """worlds/local.yaml, with each zone on its machine."""
        text = (ROOT / "worlds/local.yaml").read_text()
        for zone in ZONES:
            address = self.stage[zone].address
            gateways = (f'[{{id: {zone}-1, url: "http://{address}:{PORT}", '
                        f'hop: "{address}:{HOP}"}}]')
            text = re.sub(rf"(metadata: {{name: {zone}}}\nspec: {{region: [^}}]*)}}",
                          rf"\1, gateways: {gateways}}}", text)
        return text.replace("{kind: llama.cpp, slots: 4}",
                            f'{{kind: llama.cpp, url: "http://127.0.0.1:{ENGINE}", slots: 64}}')

    def _start_control(self):
        (self.control.home / "world.yaml").write_text(self._world())
        shown = self.control.run(BINARY, "up", "/region/world.yaml", "--print", "--engines", "none",
                                 "--home", HOME, "--address", self.control.address, "--base-port",
                                 "7400")
        assert shown["code"] == 0, shown["errors"]
        lines = shown["out"].splitlines()
        self.processes = [shlex.split(line) for line in lines if "=" not in line.split(" ")[0]]
        assert [words[1] for words in self.processes] == ["control", "meter"]
        for words in self.processes:
            self.control.start(words[1], words)
        self.admin_url = f"https://{self.control.address}:7400"
        self.keys = {}
        for line in lines[len(self.processes):]:
            said = wait_until("control takes it", lambda: self._run_line(line))
            if "--workspace" in line:
                workspace = line.split("--workspace ")[1].split(" ")[0]
                self.keys[workspace] = re.search(r"ptl_\w+", said).group()

    def _run_line(self, line):
        """As it was printed, by a shell on control's machine."""
        done = self.control.run("sh", "-c", line)
        assert done["code"] == 0 or "cannot be reached" in done["errors"] or "cat:" in \
            done["errors"], done["errors"]
        return done["out"] if done["code"] == 0 else None

    def cli(self, *arguments):
        """A command of the operator's, over the network. Its answer, in JSON."""
        done = self.desk.run("env", f"PORTOLAN_ADMIN_KEY={self.admin_key}",
                             "PORTOLAN_ADMIN_CA=/region/authority.pem", BINARY, *arguments,
                             "--admin", self.admin_url, "-o", "json")
        assert done["code"] == 0, f"{arguments}: {done['errors']}"
        return json.loads(done["out"]) if done["out"].strip() else {}

    def apply(self, text):
        (self.desk.home / "change.yaml").write_text(text)
        self.cli("apply", "-f", "/region/change.yaml")
        return self.cli("get", "worlds")["current"]["version"]

    def let_in(self, machine):
        token = self.cli("token", "create", "--zone", machine.zone)["token"]
        done = machine.region.run(BINARY, "join", "--control", self.admin_url, "--token", token,
                                  "--folder", HOME, "--id", machine.id, "-o", "json")
        assert done["code"] == 0, done["errors"]
        machine.command = json.loads(done["out"])["command"]
        machine.start_engine()
        machine.start()

    def close(self):
        self.stage.close()


class Clients:
    """People in every region who keep asking. Who finds no gateway at one address of his region
    asks at the next, as by DNS; whatever else happens to a request is its outcome."""

    def __init__(self, network, workspaces, away=()):
        self.network, self.outcomes = network, []
        self.passed_on = self.resets = 0
        self.stopping = threading.Event()
        self.away = away  # machines on which nobody is
        self.threads = [threading.Thread(target=self._ask, args=(machine, workspace), daemon=True)
                        for machine in network.machines.values() if machine.zone not in away
                        for workspace in workspaces if self._may_enter(machine, workspace)]

    @staticmethod
    def _may_enter(machine, workspace):
        return workspace in ("global", "international") or machine.zone.startswith(workspace)

    def _doors(self, machine):
        beside = [other for other in self.network.machines.values()
                  if region_of(other.zone) == region_of(machine.zone) and other is not machine]
        return [machine, *beside]

    def _ask(self, machine, workspace):
        while not self.stopping.is_set():
            self.outcomes.append(self._once(machine, workspace))

    def _once(self, machine, workspace):
        failed = None
        for door in self._doors(machine):
            try:
                answer = door.ask(self.network.keys[workspace], machine)
                return workspace, door.zone, answer.status, answer.headers.get(
                    "portolan-request-id"), answer.body
            except ConnectionRefusedError:
                self.passed_on += 1
            except ConnectionResetError:
                self.resets += 1  # which stock SDKs try again, too
            except OSError as error:
                failed = repr(error)
                break
        return workspace, machine.zone, 0, None, failed

    def lost(self):
        return [outcome for outcome in self.outcomes if outcome[2] != 200]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
