"""The first process of a region that stands in namespaces of its own.

Started by stage.py below `unshare --net --mount --pid`. It builds the region's file system (the
programs, read-only, and one folder of its own as /region; nothing else of the machine is there),
and then starts and signals the region's processes by orders on its standard input, a line of
JSON each. When its input ends it ends, and the kernel ends everything in the region with it.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys

HOME = "/region"
DEVICES = ("null", "zero", "random", "urandom")


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def bind_read_only(path, root):
    """The same path below `root`; a link of the top folder (/bin) stays a link."""
    if os.path.islink(path):
        os.symlink(os.readlink(path), root + path)
        return
    os.makedirs(root + path, exist_ok=True)
    mount("--bind", path, root + path)
    mount("-o", "remount,bind,ro", root + path)


def build_file_system(root, home, programs):
    mount("-t", "tmpfs", "-o", "size=16m", "region", root)
    for path in programs:
        bind_read_only(path, root)
    os.makedirs(root + HOME)
    mount("--bind", home, root + HOME)
    os.makedirs(root + "/dev")
    for device in DEVICES:
        open(f"{root}/dev/{device}", "w", encoding="utf-8").close()
        mount("--bind", f"/dev/{device}", f"{root}/dev/{device}")
    os.makedirs(root + "/proc")
    mount("-t", "proc", "proc", root + "/proc")
    os.makedirs(root + "/old")
    os.chdir(root)
    subprocess.run(["pivot_root", ".", "old"], check=True)
    os.chdir("/")
    subprocess.run(["umount", "--lazy", "/old"], check=True)
    os.rmdir("/old")
    mount("-o", "remount,ro", "/")


def what_it_does(pid):
    """Each thread of a process that does not end: its name, its state and what it waits for."""
    threads = []
    for thread in sorted(pathlib.Path(f"/proc/{pid}/task").glob("*")):
        with contextlib.suppress(OSError):
            state = (thread / "stat").read_text().rpartition(")")[2].split()[0]
            threads.append(f"{(thread / 'comm').read_text().strip()} {state} "
                           f"{(thread / 'wchan').read_text()}")
    return "; ".join(threads)


class Agent:
    def __init__(self):
        self.processes = {}

    def network(self, device, address):
        ip = [["link", "set", "lo", "up"], ["addr", "add", address + "/16", "dev", device],
              ["link", "set", device, "up"]]
        for arguments in ip:
            subprocess.run(["ip", *arguments], check=True)
        return {}

    def start(self, name, command, environment, folder):
        """The process works in `folder`, which is where it would leave a core."""
        os.makedirs(folder, exist_ok=True)
        env = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": HOME, "TMPDIR": HOME,
               **environment}
        with open(f"{folder}/{name}.log", "ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       cwd=folder, env=env)
        self.processes[name] = process
        return {"pid": process.pid}

    def signal(self, name, number, wait):
        process = self.processes[name]
        process.send_signal(number)
        try:
            return {"code": process.wait(wait) if wait else None}
        except subprocess.TimeoutExpired as error:
            raise OSError(f"{error}; {what_it_does(process.pid)}") from error

    def look(self):
        return {"codes": {name: process.poll() for name, process in self.processes.items()}}

    def run(self, command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return {"code": done.returncode, "out": done.stdout, "errors": done.stderr}


def serve():
    agent = Agent()
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = getattr(agent, order.pop("do"))(**order)
        except (OSError, subprocess.SubprocessError, KeyError) as error:
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started the stage
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    config = json.loads(sys.argv[1])
    build_file_system(**config)
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    print("{}", flush=True)
    serve()


main()
