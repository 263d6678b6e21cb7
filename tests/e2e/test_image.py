"""deploy/Containerfile builds, and what it makes runs a network, as docs/operations.md says."""

import json
import time
from pathlib import Path

import pytest

from image import ContainerNetwork, Podman, why_not
from network import EU, MODEL, wait_until

ROLES = ("gateway", "meter", "control")
USER = "7400"
SIZE_MAX = 300_000_000
ZONE = f"{EU}a"


@pytest.fixture(scope="module")
def podman():
    if reason := why_not():
        pytest.skip(reason)
    made = Podman()
    try:
        began = time.monotonic()
        made.build()
        size = made.inspect()["Size"]
        print(f"built in {time.monotonic() - began:.0f} s: {size / 1e6:.0f} MB")
        assert size < SIZE_MAX
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def net(podman):
    network = ContainerNetwork(podman, ZONE)
    try:
        network.build()
    except BaseException:
        for name in ROLES:
            print(name, podman.logs(name))
        raise
    return network


def test_it_finds_all_its_libraries_and_holds_nothing_to_become_root_by(podman):
    linked = podman.once("scratch", "/usr/bin/portolan", program="ldd")
    assert "libcrypto" in linked and "not found" not in linked, linked
    assert podman.once("scratch", "--version").strip()
    left = podman.once("scratch", "-c", "ls -A /var/lib/apt/lists /var/cache/apt; id",
                       program="sh")
    assert f"uid={USER}(portolan) gid={USER}(portolan)" in left
    assert ".deb" not in left and "pkgcache" not in left and "_Packages" not in left, left


def test_it_says_how_it_is_to_be_run(podman):
    config = podman.inspect()["Config"]
    assert config["User"] == f"{USER}:{USER}", "a number: what forbids root can see that it is not"
    assert config["StopSignal"] in ("SIGTERM", "15") and config["Entrypoint"] == ["portolan"]
    assert list(config["Volumes"]) == ["/var/lib/portolan"]
    assert "Healthcheck" in config or "Healthcheck" in podman.inspect(), "lost by the format"


def status_of(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


@pytest.mark.parametrize("role", ROLES)
def test_each_runs_without_root_rights_or_a_disk_beside_its_volume(net, role):
    pid = net.podman.pid(role)
    status = status_of(pid)
    assert set(status["Uid"].split()) == {USER} == set(status["Gid"].split())
    assert status["NoNewPrivs"] == "1"
    for capabilities in ("CapBnd", "CapEff", "CapPrm", "CapAmb"):
        assert int(status[capabilities], 16) == 0, capabilities
    mounts = {line.split()[4]: line.split()[5].split(",")
              for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines()}
    assert "ro" in mounts["/"] and "rw" in mounts["/var/lib/portolan"]
    volume = Path(f"/proc/{pid}/root/var/lib/portolan").stat()
    assert (str(volume.st_uid), volume.st_mode & 0o777) == (USER, 0o700)


def test_the_health_check_of_each_role_says_who_lives_and_who_does_not(net):
    for role in ROLES:
        wait_until(f"{role} is healthy", lambda: net.podman.is_healthy(role), 20)
    assert not net.podman.is_healthy("engine"), "nothing listens where it was told to look"


def test_its_certificate_is_looked_at_where_it_runs(net):
    looked = net.podman.tried("exec", "gateway", "portolan", "join", "--renew", "--at-once",
                              "--folder", "/var/lib/portolan", "-o", "json")
    assert looked.returncode == 0, looked.stderr
    assert json.loads(looked.stdout)["renewed"] is True


def test_a_chat_is_answered_and_a_second_start_on_the_same_volumes_goes_on(net):
    key = net.cli("key", "create", "--workspace", "eu")["key"]
    answer = wait_until("the key works", lambda: net.chat(key, MODEL).get("usage"), 20)
    assert answer["completion_tokens"] > 0
    before = net.cli("get", "worlds")["current"]
    wait_until("the ledger has it", lambda: requests_in(net), 30)
    for role in ROLES:
        began = time.monotonic()
        assert net.podman.stop(role) == 0, "what SIGTERM ends, ends in order"
        print(f"{role} ended {time.monotonic() - began:.1f} s after SIGTERM")
    for role in reversed(ROLES):
        net.start(role)
    wait_until("it would serve", net.is_ready)
    wait_until("the key works", lambda: net.chat(key, MODEL).get("usage"), 20)
    wait_until("control answers", lambda: net.tried("get", "worlds").returncode == 0)
    assert net.cli("get", "worlds")["current"]["hash"] == before["hash"]
    wait_until("the ledger goes on", lambda: requests_in(net) == 2, 30)
    assert [machine["id"] for machine in net.cli("machine", "list")["machines"]] == [net.machine]


def requests_in(network):
    usage = network.cli("usage")
    return sum(row["requests"] for row in usage["rows"])
