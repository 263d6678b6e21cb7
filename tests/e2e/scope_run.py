"""One run of the out-of-scope proof: a network on a stage, clients in every region, and faults."""

import contextlib
import json
import os
import sys
import time
from pathlib import Path

from network import CN, EU, ROOT, SG, wait_until
from scope_classes import KINDS, MARKER_START, MORE, WIDE, History, Tide
from scope_faults import Faults
from stage import Stage
from stage_network import StageNetwork

ROUND_TRIPS = {(CN, SG): 80, (SG, EU): 150, (CN, EU): 230}
CLIENT_FOLDER = "/region/client"


class ScopeRun:
    """`clients` in each region; `beat`: seconds between two dates of the rule."""

    def __init__(self, clients=40, beat=1, gateway_flags=(), kinds=tuple(KINDS)):
        self.clients, self.kinds, self.round_trips = clients, kinds, ROUND_TRIPS
        self.sent, self.read_to = 0, {}
        self.stage = Stage(ROUND_TRIPS)
        try:
            self.stage.watch(MARKER_START)
            world = (ROOT / "worlds/local.yaml").read_text() + MORE + WIDE
            self.network = StageNetwork(self.stage, world, SG, gateway_flags)
            self.keys = {name: self.network.key(name)
                         for name in {kind.workspace for kind in KINDS.values()}}
            self.left_behind = self.network.current_world()["hash"]
            # Far enough ahead that every gateway knows of it.
            self.tide = Tide(time.time() + 8, beat)
            self.network.await_version(self.network.apply(self.tide.text()))
            self.await_serving()
        except BaseException:
            self.stage.close()
            raise

    def await_serving(self):
        for zone, gateway in self.network.gateways.items():
            wait_until(f"{zone} serves", lambda: self.serves(gateway), 60)

    def serves(self, gateway):
        body = {"model": "default", "max_tokens": 1,
                "messages": [{"role": "user", "content": "hello"}]}
        answer = gateway.region.send("POST", gateway.host, gateway.port, "/v1/chat/completions",
                                     body, {"authorization": f"Bearer {self.keys['global']}"})
        return answer.status == 200

    def start_load(self):
        for name, region in self.stage.regions.items():
            folder = region.home / "client"
            folder.mkdir()
            doors = {zone: gateway.port for zone, gateway in self.network.gateways.items()
                     if gateway.region is region}
            config = {"seed": name, "clients": self.clients, "host": region.address,
                      "doors": doors, "kinds": self.kinds, "keys": self.keys,
                      "region_port": self.network.plan.ports[f"region/{name}"],
                      "outcomes": f"{CLIENT_FOLDER}/outcomes.jsonl",
                      "stop": f"{CLIENT_FOLDER}/stop"}
            (folder / "config.json").write_text(json.dumps(config))
            script = Path(__file__).with_name("scope_load.py")
            region.start("load", [os.path.realpath(sys.executable), "-B", script,
                                  f"{CLIENT_FOLDER}/config.json"], CLIENT_FOLDER)

    def requests(self):
        """How many were sent so far, and have ended."""
        for name, region in self.stage.regions.items():
            with contextlib.suppress(FileNotFoundError):
                with open(region.home / "client/outcomes.jsonl", "rb") as lines:
                    lines.seek(self.read_to.get(name, 0))
                    new = lines.read()
                self.read_to[name] = self.read_to.get(name, 0) + len(new)
                self.sent += new.count(b"\n")
        return self.sent

    def wait_for_requests(self, number):
        wait_until(f"{number} requests were made", lambda: self.requests() >= number, 180)

    def stop_load(self):
        for region in self.stage.regions.values():
            (region.home / "client/stop").touch()
        for region in self.stage.regions.values():
            code = region.signal("load", 0, wait=60)
            assert code == 0, (region.home / "client/load.log").read_text()[-2000:]

    def make_trouble(self, requests, least, seconds_max):
        """Load and faults until there were enough of both; returns the faults."""
        self.began = time.time()
        self.start_load()
        with Faults(self, requests, least) as faults:
            end = time.monotonic() + seconds_max
            while self.requests() < requests or not faults.done():
                assert not faults.errors, faults.errors[0]
                if time.monotonic() > end:
                    break  # what is missing shows in the counts
                faults.requests = self.sent
                time.sleep(0.1)
        self.stop_load()
        self.ended = time.time()
        assert not faults.errors, faults.errors[0]
        return faults

    def history(self, faults):
        return History(tuple(self.tide.windows), frozenset(faults.narrow_worlds))

    def close(self):
        self.stage.close()
