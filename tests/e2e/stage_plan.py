"""What `portolan up --print` shows, adapted to a stage: addresses, files, engines."""

import json
import re
import shlex
import shutil
from pathlib import Path

from network import free_base_port, run_portolan

HOME = "/region"
FIRST_ENGINE_PORT = 14000
ENGINE = re.compile(r"zone: (\S+), engines: \[\{kind: llama.cpp, slots: 4\}\]")
ZONE = re.compile(r"kind: Zone\nmetadata: \{name: (\S+)\}\nspec: \{region: (\S+)\}")


class StagePlan:
    """`world` is the text of a World without URLs; control and what else has no zone stands in
    `home_region`."""

    def __init__(self, stage, world, home_region, engines_per_zone):
        self.stage, self.home_region = stage, stage[home_region]
        self.engines_per_zone = engines_per_zone
        self.regions_by_zone = {zone: stage[region] for zone, region in ZONE.findall(world)}
        self.engine_ports = {}  # (zone, number): port on its region's loopback
        self.folder = stage.folder / "prepared"  # certificates and folders, as `up` makes them
        source = stage.folder / "world.yaml"
        source.write_text(ENGINE.sub(self._place_engines, world))
        shown = run_portolan("up", source, "--print", "--engines", "none", "--home", self.folder,
                             "--base-port", free_base_port())
        assert shown.returncode == 0, shown.stderr
        self.ports = json.loads((self.folder / "ports.json").read_text())["ports"]
        self.addresses = {f"127.0.0.1:{port}": f"{self._region_of(name).address}:{port}"
                          for name, port in self.ports.items() if name != "admin"}
        self.world = self.adapt((self.folder / "world.yaml").read_text())
        commands = [shlex.split(line) for line in shown.stdout.splitlines()]
        # What is no process that serves, the test does itself: to apply, to make keys.
        self.commands = [command for command in commands
                         if "=" not in command[0] and command[1] not in ("apply", "key")]

    def _place_engines(self, found):
        zone = found.group(1)
        urls = []
        for number in range(self.engines_per_zone):
            port = self.engine_ports.setdefault((zone, number),
                                                FIRST_ENGINE_PORT + len(self.engine_ports))
            urls.append(f'{{kind: llama.cpp, url: "http://127.0.0.1:{port}", slots: 64}}')
        return f"zone: {zone}, engines: [{', '.join(urls)}]"

    def _region_of(self, port_name):
        kind, _, name = port_name.partition("/")
        if kind == "region":
            return self.stage[name]
        return self.regions_by_zone.get(name.rsplit("-", 1)[0], self.home_region)

    def adapt(self, text):
        for here, there in self.addresses.items():
            text = re.sub(re.escape(here) + r"\b", there, text)
        return text.replace(str(self.folder), HOME)

    def adapt_command(self, command):
        """The region where it runs, the zone if it is of one, and the command there."""
        zone = command[command.index("--zone") + 1] if "--zone" in command else ""
        region = self.regions_by_zone.get(zone, self.home_region)
        for word in command:
            self._copy(word, region)
        return region, zone, [self.adapt(word) for word in command]

    def _copy(self, word, region):
        """A file that a command names goes to its region, and to no other."""
        path = Path(word)
        if self.folder not in path.parents:
            return
        target = region.home / path.relative_to(self.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            shutil.copy(path, target)
