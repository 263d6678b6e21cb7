"""A machine with systemd as its init, in namespaces: units are started for real on it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from network import wait_until

CGROUPS = next((Path(path) for path in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup")
                if (Path(path) / "cgroup.procs").exists()), None)
NAMESPACES = ("--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup")


def why_not():
    """Why there can be no such machine here; None: there can."""
    if os.geteuid() != 0:
        return "namespaces need root"
    if not os.path.exists("/lib/systemd/systemd"):
        return "needs systemd"
    if CGROUPS is None:
        return "needs cgroups, version 2"
    if "overlay" not in Path("/proc/filesystems").read_text():
        return "needs overlayfs"
    tried = subprocess.run(["unshare", *NAMESPACES, "--fork", "true"], capture_output=True,
                           text=True, check=False)
    return f"no namespaces here: {tried.stderr}" if tried.returncode else None


class SystemdMachine:
    """`files`: what is installed on it, {path here: path there}."""

    def __init__(self, files):
        self.folder = tempfile.mkdtemp(prefix="portolan-systemd-")
        self.group = CGROUPS / os.path.basename(self.folder)
        self.beside = []
        self.group.mkdir()
        try:
            self._boot({str(source): target for source, target in files.items()})
        except BaseException:
            self.close()
            raise

    def _boot(self, files):
        agent = Path(__file__).with_name("boot_systemd.py")
        config = json.dumps({"folder": self.folder, "files": files})
        self.log = open(self.folder + ".log", "wb")
        self.process = subprocess.Popen(
            ["sh", "-c", f'echo $$ > {self.group}/cgroup.procs && exec "$@"', "sh", "unshare",
             *NAMESPACES, "--fork", "--kill-child", os.path.realpath(sys.executable), "-I",
             str(agent), config], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_until("systemd has begun", self._has_begun, 60)

    def _has_begun(self):
        assert self.process.poll() is None, Path(self.folder + ".log").read_text()
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        if not children.split():
            return False
        self.pid = int(children.split()[0])
        if Path(f"/proc/{self.pid}/comm").read_text().strip() != "systemd":
            return False
        return self.run("systemctl", "is-active", "basic.target").stdout.strip() == "active"

    def _enter(self, command):
        return ["nsenter", "-t", str(self.pid), "--mount", "--pid", "--net", "--uts", "--ipc", "--",
                *map(str, command)]

    def run(self, *command, user=None):
        if user:
            command = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command)
        return subprocess.run(self._enter(command), capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, cwd="/", check=False)

    def start(self, *command):
        """A process beside systemd's."""
        self.beside.append(subprocess.Popen(self._enter(command), stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, cwd="/"))

    def show(self, unit, name):
        return self.run("systemctl", "show", "--value", "-p", name, unit).stdout.strip()

    def write(self, path, text):
        done = subprocess.run(self._enter(["sh", "-c", 'mkdir -p "$(dirname "$0")" && cat > "$0"',
                                           path]), input=text, text=True, check=True)
        assert done.returncode == 0

    def main_process(self, unit):
        """/proc of a unit's process, as this machine sees it."""
        inside = self.show(unit, "MainPID")
        for path in Path("/proc").glob("[0-9]*/status"):
            try:
                status = dict(line.split(":\t", 1) for line in path.read_text().splitlines()
                              if ":\t" in line)
            except OSError:
                continue  # it has ended
            ids = status["NSpid"].split()
            same = os.readlink(f"/proc/{self.pid}/ns/pid")
            if len(ids) > 1 and ids[-1] == inside and os.readlink(path.parent / "ns/pid") == same:
                return path.parent, status
        raise AssertionError(f"{unit} has no process")

    def close(self):
        for process in self.beside:
            process.kill()
            process.wait(10)
        if hasattr(self, "process"):
            self.process.kill()  # and with it all that it started
            self.process.wait(20)
            self.log.close()
        for folder, _, _ in os.walk(self.group, topdown=False):
            wait_until("its processes have ended", lambda: gone(folder), 20)
        shutil.rmtree(self.folder, ignore_errors=True)
        Path(self.folder + ".log").unlink(missing_ok=True)


def gone(group):
    try:
        os.rmdir(group)
    except OSError:
        return False
    return True
