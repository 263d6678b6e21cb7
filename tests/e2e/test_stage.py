"""The stage itself: what stands on it is apart, as far away as it says, and gone afterwards."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from network import CN, EU, SG, wait_until
from stage import Stage, require_stage

ROUND_TRIPS = {(CN, SG): 80, (SG, EU): 150, (CN, EU): 230}
TOLERANCE_MS = 60
DISCARD = "import socket, sys; s = socket.create_server((sys.argv[1], 9)); s.listen()\n" \
          "while True: s.accept()[0].close()"


@pytest.fixture(scope="module")
def stage():
    require_stage()
    made = Stage(ROUND_TRIPS)
    for region in made.regions.values():
        region.start("discard", ["python3", "-c", DISCARD, region.address])
    for first, other in ROUND_TRIPS:
        wait_until("it listens", lambda: milliseconds_to_connect(made, first, other))
    yield made
    made.close()


def quickest(stage, first, other, enough):
    """The shortest time to connect: of three tries, or of more where other work was between."""
    took = [milliseconds_to_connect(stage, first, other) for _ in range(3)]
    while min(took) >= enough and len(took) < 100:
        took.append(milliseconds_to_connect(stage, first, other))
    return min(took)


def milliseconds_to_connect(stage, first, other, timeout=30):
    """Until the handshake of TCP is done: one round trip. None: it was refused."""
    began = time.monotonic()
    try:
        stage[first].connect(stage[other].address, 9, timeout).close()
    except ConnectionRefusedError:
        return None
    return (time.monotonic() - began) * 1000


@pytest.mark.parametrize("pair", ROUND_TRIPS)
def test_a_round_trip_takes_what_the_pair_says(stage, pair):
    for first, other in (pair, pair[::-1]):
        took = quickest(stage, first, other, ROUND_TRIPS[pair] + TOLERANCE_MS)
        print(f"{first} to {other}: {took:.1f} ms")
        assert ROUND_TRIPS[pair] <= took < ROUND_TRIPS[pair] + TOLERANCE_MS


def test_a_pair_is_cut_and_joined_on_order_and_no_other(stage):
    stage.cut(CN, EU)
    try:
        for first, other in ((CN, EU), (EU, CN)):
            with pytest.raises(TimeoutError):
                milliseconds_to_connect(stage, first, other, timeout=0.8)
        assert milliseconds_to_connect(stage, CN, SG) and milliseconds_to_connect(stage, SG, EU)
        wait_until("both were dropped",
                   lambda: stage.counts()[0][frozenset((CN, EU))]["dropped"] >= 2)
    finally:
        stage.join(CN, EU)
    assert milliseconds_to_connect(stage, CN, EU)


def test_a_pair_is_delayed_on_order(stage):
    stage.delay(CN, SG, 400)
    try:
        assert milliseconds_to_connect(stage, CN, SG) >= 400
    finally:
        stage.delay(CN, SG, ROUND_TRIPS[CN, SG])
    assert quickest(stage, CN, SG, 400) < 400


def test_a_text_in_clear_is_counted(stage):
    stage.watch("planted-text")
    for word, is_seen in (("other-text", False), ("planted-text", True)):
        before = stage.counts()[1]
        with stage[CN].connect(stage[SG].address, 9) as connection:
            connection.sendall(word.encode())
            wait_until("it has arrived", lambda: ended(connection))
        # What is late is sent again.
        assert (stage.counts()[1] > before) == is_seen


def ended(connection):
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_a_region_sees_its_own_files_and_processes_alone(stage):
    for region in stage.regions.values():
        (region.home / f"secret-of-{region.name}").write_text("a secret")
    for region in stage.regions.values():
        found = region.run("find", "/", "-xdev", "-name", "secret-of-*")["out"]
        found += region.run("find", "/region", "-name", "secret-of-*")["out"]
        assert found.split() == [f"/region/secret-of-{region.name}"]
        mounts = region.run("cat", "/proc/self/mountinfo")["out"]
        for other in stage.regions.values():
            assert (str(other.home) in mounts) == (other is region), "by no other path either"
        seen = region.run("sh", "-c", "cat /proc/[0-9]*/cmdline")["out"]
        assert region.address in seen and "pytest" not in seen
        assert not [other for other in stage.regions.values()
                    if other is not region and other.address in seen]
        assert region.run("touch", "/usr/x", "/tmp/x", "/x")["code"] != 0, "nowhere else"


def test_loopback_is_each_regions_own(stage):
    stage[CN].start("own", ["python3", "-c", DISCARD, "127.0.0.1"])

    def answers(region):
        try:
            region.connect("127.0.0.1", 9).close()
            return True
        except ConnectionRefusedError:
            return False
    wait_until("it listens", lambda: answers(stage[CN]))
    assert not answers(stage[SG]) and not answers(stage[EU])


HOLDER = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from stage import Stage
stage = Stage({{("a", "b"): 10}})
stage["a"].start("sleeper", ["sleep", "4242.5"])
print(stage.folder, *stage.devices, flush=True)
try:
    time.sleep(600)
finally:
    stage.close()
"""


def processes_with(word):
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            continue  # it has ended
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_stays_behind_however_it_ends(number):
    require_stage()
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL)
    folder, *devices = holder.stdout.readline().split()
    assert len(processes_with(folder)) >= 2 and processes_with("4242.5"), "the check can fail"
    assert processes_with(devices[0]), "the switch runs"
    os.kill(holder.pid, number)
    holder.wait(60)
    holder.stdout.close()
    for word in (folder, "4242.5", devices[0]):
        wait_until(f"no process knows {word}", lambda: not processes_with(word))
    assert folder not in Path("/proc/mounts").read_text()
    wait_until("its device is gone", lambda: devices[0] not in subprocess.run(
        ["ip", "link"], capture_output=True, text=True, check=True).stdout)
    if number == signal.SIGINT:
        assert not Path(folder).exists()
    else:
        subprocess.run(["rm", "-r", folder], check=True)


@pytest.mark.parametrize("proof, ends_as", [("", pytest.skip.Exception),
                                            ("1", pytest.fail.Exception)])
def test_where_no_stage_can_be_the_test_is_skipped_and_the_proof_fails(monkeypatch, proof, ends_as):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("PORTOLAN_PROOF", proof)
    with pytest.raises(ends_as, match="root"):
        require_stage()
