"""The first process of a machine whose init is systemd, in namespaces of its own.

Started by systemd_machine.py below `unshare`. The machine's file system is this one with a layer of
memory on it; what is changed is changed there, and gone with the machine.
"""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
# They change the kernel, or wait for hardware that a machine of this kind lacks.
MASKED = ("systemd-sysctl.service", "systemd-modules-load.service", "systemd-udevd.service",
          "systemd-udev-trigger.service", "systemd-udevd-control.socket",
          "systemd-udevd-kernel.socket", "systemd-timesyncd.service", "systemd-logind.service",
          "systemd-random-seed.service", "systemd-journald.service", "systemd-journald.socket",
          "systemd-journald-dev-log.socket", "systemd-journald-audit.socket",
          "systemd-journal-flush.service", "systemd-binfmt.service", "kmod-static-nodes.service")


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def build_file_system(folder, root):
    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "machine", folder)
    for part in ("upper", "work", "root"):
        os.mkdir(f"{folder}/{part}")
    layers = f"lowerdir=/,upperdir={folder}/upper,workdir={folder}/work"
    mount("-t", "overlay", "machine", "-o", layers, root)
    mount("-t", "proc", "proc", root + "/proc")
    mount("--bind", root + "/proc/sys", root + "/proc/sys")
    mount("-o", "remount,bind,ro", root + "/proc/sys")  # the kernel is everybody's
    mount("-t", "sysfs", "-o", "ro", "sysfs", root + "/sys")
    mount("-t", "cgroup2", "cgroup2", root + "/sys/fs/cgroup")
    for place in ("run", "tmp", "dev"):
        mount("-t", "tmpfs", place, f"{root}/{place}")
    for device in DEVICES:
        open(f"{root}/dev/{device}", "w", encoding="utf-8").close()
        mount("--bind", f"/dev/{device}", f"{root}/dev/{device}")
    os.mkdir(root + "/dev/shm")
    os.symlink("/proc/self/fd", root + "/dev/fd")
    os.symlink("pts/ptmx", root + "/dev/ptmx")


def install(root, files):
    units = root + "/etc/systemd/system"
    for name in os.listdir(units):
        if name.endswith(".wants") or name == "default.target":
            path = f"{units}/{name}"
            os.unlink(path) if os.path.islink(path) else shutil.rmtree(path)
    for name in MASKED:
        path = f"{units}/{name}"
        if os.path.lexists(path):
            os.unlink(path)
        os.symlink("/dev/null", path)
    for source, target in files.items():
        os.makedirs(os.path.dirname(root + target), exist_ok=True)
        shutil.copy(source, root + target)


def main():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    config = json.loads(sys.argv[1])
    root = config["folder"] + "/root"
    build_file_system(config["folder"], root)
    install(root, config["files"])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.chdir(root)
    os.makedirs("old", exist_ok=True)
    subprocess.run(["pivot_root", ".", "old"], check=True)
    subprocess.run(["umount", "--lazy", "/old"], check=True)
    os.chdir("/")
    os.execve("/lib/systemd/systemd", ["systemd", "--system", "--unit=basic.target",
                                       "--log-target=null", "--show-status=0",
                                       "--default-standard-output=null"],
              {"container": "portolan-test", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


main()
