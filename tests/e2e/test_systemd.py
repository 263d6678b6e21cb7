"""The units of deploy/systemd, started by a real systemd, as docs/operations.md says."""

import json
import os
import re
import resource
import shlex
import time

import pytest

from network import BINARY, EU, ROOT, wait_until
from systemd_machine import SystemdMachine, why_not

UNITS = ROOT / "deploy/systemd"
FOLDER = "/var/lib/portolan"
HOME = f"{FOLDER}/network"
ROLES = ("control", "meter", "gateway")
ENGINE = "127.0.0.1:14000"


def flags_of(words):
    return f'PORTOLAN_FLAGS="{" ".join(words[2:])}"\n'


def admin(machine, *arguments):
    key = machine.run("cat", f"{HOME}/admin.key").stdout.strip()
    return machine.run("env", f"PORTOLAN_ADMIN_KEY={key}", "portolan", *arguments, "--admin",
                       "http://127.0.0.1:7400", user="portolan")


def prepare_control(machine):
    """Files and flags of control and meter, as `up --print` shows them."""
    assert machine.run("systemd-sysusers").returncode == 0
    made = machine.run("install", "-d", "-o", "portolan", "-g", "portolan", "-m", "700", FOLDER)
    assert made.returncode == 0, made.stderr
    world = (ROOT / "worlds/local.yaml").read_text().replace(
        "{kind: llama.cpp, slots: 4}", f'{{kind: llama.cpp, url: "http://{ENGINE}", slots: 4}}')
    machine.write("/tmp/world.yaml", world)
    shown = machine.run("portolan", "up", "/tmp/world.yaml", "--print", "--engines", "none",
                        "--home", HOME, "--base-port", "7400", user="portolan")
    assert shown.returncode == 0, shown.stderr
    lines = [shlex.split(line) for line in shown.stdout.splitlines()]
    for words in lines:
        if words[1] in ("control", "meter"):
            machine.write(f"/etc/portolan/{words[1]}.env", flags_of(words))


def join_gateway(machine):
    wait_until("control takes the World", lambda: take_world(machine))
    token = admin(machine, "token", "create", "--zone", f"{EU}a", "-o", "json")
    joined = machine.run("portolan", "join", "--control", "http://127.0.0.1:7400", "--folder",
                         FOLDER, "--token", json.loads(token.stdout)["token"], "--listen",
                         "127.0.0.1:8080", "--hop", "127.0.0.1:7403", "-o", "json",
                         user="portolan")
    assert joined.returncode == 0, joined.stderr
    machine.write("/etc/portolan/gateway.env", flags_of(json.loads(joined.stdout)["command"]))


def take_world(machine):
    return admin(machine, "apply", "-f", f"{HOME}/world.yaml").returncode == 0


def start(machine, role):
    unit = f"portolan-{role}"
    done = machine.run("systemctl", "start", unit)
    assert done.returncode == 0, f"{machine.show(unit, 'ExecMainStatus')}: {done.stderr}"


def is_ready(machine):
    return machine.run("curl", "-sf", "http://127.0.0.1:8080/readyz").returncode == 0


@pytest.fixture(scope="module")
def machine():
    reason = why_not()
    if reason and os.environ.get("PORTOLAN_PROOF"):
        pytest.fail(f"the proof needs what is missing here: {reason}")
    if reason:
        pytest.skip(reason)
    files = {path: f"/etc/systemd/system/{path.name}" for path in UNITS.iterdir()
             if path.suffix in (".service", ".timer")}
    made = SystemdMachine({**files, BINARY.resolve(): "/usr/bin/portolan",
                           UNITS / "portolan.sysusers": "/usr/lib/sysusers.d/portolan.conf"})
    try:
        prepare_control(made)
        made.start("portolan", "engine-sim", "--listen", ENGINE)
        start(made, "control")
        start(made, "meter")
        join_gateway(made)
        start(made, "gateway")
        wait_until("the gateway would serve", lambda: is_ready(made))
        yield made
    finally:
        made.close()


def test_all_three_run_and_a_chat_is_answered(machine):
    for role in ROLES:
        assert machine.show(f"portolan-{role}", "ActiveState") == "active"
    made = admin(machine, "key", "create", "--workspace", "eu", "-o", "json")
    key = json.loads(made.stdout)["key"]
    body = json.dumps({"model": "default", "max_tokens": 8,
                       "messages": [{"role": "user", "content": "Say hello."}]})

    def ask():
        return machine.run("curl", "-s", "http://127.0.0.1:8080/v1/chat/completions", "-H",
                           f"Authorization: Bearer {key}", "-d", body).stdout
    wait_until("it is answered", lambda: "completion_tokens" in ask(), 20)


@pytest.mark.parametrize("role", ROLES)
def test_the_sandbox_holds(machine, role):
    folder, status = machine.main_process(f"portolan-{role}")
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    for capabilities in ("CapBnd", "CapEff", "CapPrm", "CapAmb"):
        assert int(status[capabilities], 16) == 0, capabilities
    assert "0" not in status["Uid"].split()
    limits = (folder / "limits").read_text()
    # Where this machine lets nobody raise its limit, that is what systemd gives.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert int(re.search(r"Max open files +(\d+)", limits).group(1)) in (65536, most)
    assert re.search(r"Max core file size +0 +0", limits)
    mounts = {line.split()[4]: line.split()[5].split(",")
              for line in (folder / "mountinfo").read_text().splitlines()}
    assert "ro" in mounts["/"] and "rw" in mounts[FOLDER]
    inside = str(folder / "root")
    assert os.listdir(inside + "/tmp") == [] and os.listdir(inside + "/home") == []
    assert not os.path.exists(inside + "/dev/mem")


def test_what_dies_is_started_again_and_what_is_stopped_ends_in_order(machine):
    unit = "portolan-gateway"
    assert machine.run("systemctl", "kill", "-s", "KILL", unit).returncode == 0
    wait_until("it was started again", lambda: machine.show(unit, "NRestarts") == "1", 20)
    wait_until("it would serve", lambda: is_ready(machine))
    for role in reversed(ROLES):
        began = time.monotonic()
        assert machine.run("systemctl", "stop", f"portolan-{role}").returncode == 0
        print(f"{role} ended {time.monotonic() - began:.1f} s after it was told to")
        assert machine.show(f"portolan-{role}", "Result") == "success"
        assert machine.show(f"portolan-{role}", "ExecMainStatus") == "0"
    for role in ROLES:
        start(machine, role)
    wait_until("all is as before", lambda: is_ready(machine))


def test_the_certificate_is_looked_at_daily(machine):
    done = machine.run("systemctl", "start", "portolan-renew.service")
    assert done.returncode == 0, done.stderr
    assert machine.show("portolan-renew.service", "Result") == "success"
    assert machine.run("systemctl", "start", "portolan-renew.timer").returncode == 0
    assert machine.show("portolan-renew.timer", "ActiveState") == "active"
    assert machine.show("portolan-renew.timer", "NextElapseUSecRealtime") != ""
