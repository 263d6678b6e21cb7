"""The image of deploy/Containerfile, built and run by podman, with no registry of images.

The base that the recipe names is made of the Debian mirror that this machine's apt uses.
"""

import json
import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

from network import BINARY, ROOT, wait_until

RECIPE = ROOT / "deploy/Containerfile"
TOOLS = ("podman", "mmdebstrap", "apt-get", "ip")
# What the official slim image leaves out, too.
LEFT_OUT = ("doc", "man", "locale", "info")
OF_DEBIAN = ("Created-By: Packages", "Origin: Debian")
VOLUME = "/var/lib/portolan"
# As narrow as docs/operations.md says that it may be.
NARROW = ("--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges",
          "--ulimit", "core=0:0")


def why_not():
    """Why no image can be built here; None: it can be tried."""
    if not os.environ.get("PORTOLAN_PROOF"):
        return "fetches Debian packages: runs in `make proof`"
    if os.geteuid() != 0:
        return "containers without systemd need root"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"needs {', '.join(missing)}" if missing else None


def run(*command, seconds=300, **options):
    return subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=seconds,
                          stdin=subprocess.DEVNULL, check=False, **options)


def succeed(*command, **options):
    done = run(*command, **options)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def most(limit, wanted):
    """What this machine lets a container have of it."""
    hard = resource.getrlimit(limit)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def base_name():
    words = next(line.split() for line in RECIPE.read_text().splitlines()
                 if line.startswith("FROM "))
    return words[1]


def make_base(archive):
    """Debian 12 as small as it is, from the mirrors that apt uses here."""
    lines = set(succeed("apt-get", "indextargets", "--format", "deb $(REPO_URI) $(RELEASE) "
                        "$(COMPONENT)", *OF_DEBIAN).splitlines())
    assert any(" bookworm main" in line for line in lines), f"no mirror of Debian 12: {lines}"
    left_out = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT]
    succeed("mmdebstrap", "--quiet", "--variant=minbase", "--include=usr-is-merged", *left_out,
            "bookworm", archive, *sorted(lines), seconds=900)


class Podman:
    """A store of images and containers of its own, in a folder that goes with it."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="portolan-image-"))
        runtime = ("--runtime", "runc") if shutil.which("runc") else ()
        self.words = ("podman", "--root", self.folder / "storage", "--runroot",
                      self.folder / "run", "--cgroup-manager", "cgroupfs", *runtime)
        for driver in ("overlay", "vfs"):
            if run(*self.words, "--storage-driver", driver, "info").returncode == 0:
                break
        self.words += ("--storage-driver", driver)
        # In which all containers are, with an address that is not loopback's.
        self.network = self.folder.name
        self.address = "10.77.0.1"
        succeed("ip", "netns", "add", self.network)
        succeed("ip", "-n", self.network, "link", "set", "lo", "up")
        succeed("ip", "-n", self.network, "address", "add", f"{self.address}/32", "dev", "lo")

    def __call__(self, *arguments, **options):
        return succeed(*self.words, *arguments, **options)

    def tried(self, *arguments):
        return run(*self.words, *arguments)

    def build(self):
        archive = self.folder / "base.tar"
        make_base(archive)
        self("import", "--quiet", archive, base_name())
        archive.unlink()
        context = self.folder / "context"
        context.mkdir()
        shutil.copy(BINARY, context / "portolan")
        # chroot: the build's own steps need no cgroups then.
        return self("build", "--format", "docker", "--isolation", "chroot", "--pull=never", "-f",
                    RECIPE, "-t", "portolan", context, seconds=900)

    def inspect(self):
        return json.loads(self("inspect", "portolan"))[0]

    def _flags(self, volume, mounts=()):
        files = most(resource.RLIMIT_NOFILE, 65536)
        processes = most(resource.RLIMIT_NPROC, 4096)
        binds = [word for here, there in mounts for word in ("-v", f"{here}:{there}:ro")]
        return ("--network", f"ns:/run/netns/{self.network}", *NARROW,
                "--ulimit", f"nofile={files}:{files}", "--ulimit", f"nproc={processes}:{processes}",
                # Its timer would be systemd's; the tests run the check themselves.
                "--health-interval", "disable", "-v", f"{volume}:{VOLUME}", *binds)

    def once(self, volume, *words, mounts=(), program=None):
        """What the image answers to a command line."""
        other = ("--entrypoint", program) if program else ()
        return self("run", "--rm", *self._flags(volume, mounts), *other, "portolan", *words)

    def start(self, name, *words, volume=None, health=None):
        """Its process goes on; `volume` is there behind it."""
        given = ("-e", f"PORTOLAN_HEALTH={health}") if health else ()
        self("run", "-d", "--name", name, *self._flags(volume or name), *given, "portolan", *words)

    def is_healthy(self, name):
        """By the image's own HEALTHCHECK."""
        return self.tried("healthcheck", "run", name).returncode == 0

    def stop(self, name):
        """SIGTERM as the image says; how it ended. The container is gone then, its volume is not.
        """
        self("stop", "-t", "60", name)
        code = int(self("inspect", "--format", "{{.State.ExitCode}}", name))
        self("rm", name)
        return code

    def pid(self, name):
        return int(self("inspect", "--format", "{{.State.Pid}}", name))

    def logs(self, name):
        done = self.tried("logs", name)
        return done.stdout + done.stderr

    def close(self):
        run(*self.words, "rm", "--all", "--force", "-t", "5")
        run("ip", "netns", "delete", self.network)
        while run("umount", "--lazy", self.folder / "storage/overlay").returncode == 0:
            pass  # podman leaves it mounted, more than once
        shutil.rmtree(self.folder, ignore_errors=True)


class ContainerNetwork:
    """Control, meter, an engine and a gateway, each a container; the gateway has joined."""

    def __init__(self, podman, zone):
        self.podman, self.zone = podman, zone
        self.home = f"{VOLUME}/network"
        self.admin = f"https://{podman.address}:7400"
        self.front = f"http://{podman.address}:8080"
        self.commands, self.health = {}, {}

    def build(self):
        self._prepare_control()
        self.podman.start("engine", "engine-sim", "--listen", f"{self.podman.address}:14000",
                          health=f"http://{self.podman.address}:9/healthz")
        for role in ("control", "meter"):
            self.start(role)
        self.admin_key = wait_until("control has made its admin key", self._read_admin_key)
        wait_until("control takes the World", lambda: self.tried(
            "apply", "-f", f"{self.home}/world.yaml").returncode == 0)
        self._join()
        self.start("gateway")
        wait_until("the gateway would serve", self.is_ready)

    def _prepare_control(self):
        world = self.podman.folder / "world.yaml"
        world.write_text((ROOT / "worlds/local.yaml").read_text().replace(
            "{kind: llama.cpp, slots: 4}",
            f'{{kind: llama.cpp, url: "http://{self.podman.address}:14000", slots: 4}}'))
        shown = self.podman.once("control", "up", "/world.yaml", "--print", "--engines", "none",
                                 "--home", self.home, "--address", self.podman.address,
                                 "--base-port", "7400", mounts=[(world, "/world.yaml")])
        for line in shown.splitlines():
            program, role, *words = line.split(" ")
            if role in ("control", "meter"):
                assert program == "/usr/bin/portolan"
                self.commands[role] = words
        meter = self.commands["meter"]
        listen, certificate, key = (meter[meter.index(flag) + 1] for flag in (
            "--listen", "--tls-certificate", "--tls-key"))
        self.health = {"control": f"{self.admin}/healthz", "gateway": None,  # as the image has it
                       "meter": f"--cert {certificate} --key {key} https://{listen}/healthz"}

    def start(self, role):
        self.podman.start(role, role, *self.commands[role], health=self.health[role],
                          volume="control" if role == "meter" else role)

    def _read_admin_key(self):
        done = self.podman.tried("exec", "control", "cat", f"{self.home}/admin.key")
        return done.stdout.strip() if done.returncode == 0 else None

    def tried(self, *arguments):
        """A command of the operator's, on control's machine."""
        return self.podman.tried(
            "exec", "-e", f"PORTOLAN_ADMIN_KEY={self.admin_key}", "-e",
            f"PORTOLAN_ADMIN_CA={self.home}/authority/tls-authority.pem", "control", "portolan",
            *arguments, "--admin", self.admin)

    def cli(self, *arguments):
        done = self.tried(*arguments, "-o", "json")
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return json.loads(done.stdout)

    def _join(self):
        token = self.cli("token", "create", "--zone", self.zone)["token"]
        joined = self.podman.once("gateway", "join", "--control", self.admin, "--token", token,
                                  "--folder", VOLUME, "--listen", "0.0.0.0:8080", "--hop",
                                  "0.0.0.0:7403", "-o", "json")
        machine = json.loads(joined)
        self.machine, self.commands["gateway"] = machine["id"], machine["command"][2:]

    def curl(self, *words):
        return self.podman.tried("exec", "gateway", "curl", "-s", *words).stdout

    def is_ready(self):
        code = self.curl("-o", "/dev/null", "-w", "%{http_code}", f"{self.front}/readyz")
        return code == "200"

    def chat(self, key, model):
        body = {"model": model, "max_tokens": 8, "messages": [{"role": "user", "content": "Hi"}]}
        said = self.curl(f"{self.front}/v1/chat/completions", "-H", f"Authorization: Bearer {key}",
                         "-d", json.dumps(body))
        return json.loads(said or "{}")
