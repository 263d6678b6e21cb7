"""Machines that join over the network, leave, are stolen, and come back with an old disk."""

import http.client
import os
import shutil
import ssl
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from machines import CONTROL, HOP, ZONES, Clients, JoinedNetwork, region_of
from network import CN, EU, SG, wait_until
from stage import require_stage

SECONDS = 30 if os.environ.get("PORTOLAN_PROOF") else 3  # of load, each time
LEAVER, STOLEN, RETURNER = f"{EU}a", f"{SG}b", f"{CN}-b"
SCOPES = {"global": ZONES, "eu": (f"{EU}a", f"{EU}b"), "cn": (f"{CN}-a", f"{CN}-b")}
REVOKED_WITHIN = 5


@pytest.fixture(scope="module")
def net():
    require_stage()
    network = JoinedNetwork()
    yield network
    network.close()


def out_of_scope(network, clients):
    """Requests that a machine outside their workspace's scope was given."""
    asked = {outcome[3]: outcome[0] for outcome in clients.outcomes if outcome[3]}
    return [(request, zone) for zone, machine in network.machines.items()
            for request in machine.computed()
            if request in asked and zone not in SCOPES[asked[request]]]


def test_every_machine_has_joined_and_requests_enter_everywhere_in_scope(net):
    listed = {machine["id"]: machine["zone"] for machine in net.cli("machine", "list")["machines"]}
    assert listed == {f"{zone}-1": zone for zone in ZONES}
    for region in net.stage.regions.values():
        others = [other.home for other in net.stage.regions.values() if other is not region]
        mounts = region.run("cat", "/proc/self/mountinfo")["out"]
        assert not [home for home in others if str(home) in mounts], "nothing of another's disk"
    with Clients(net, ("global", "eu", "cn")) as clients:
        time.sleep(SECONDS)
    print(f"{len(clients.outcomes)} requests entered at {len(ZONES)} machines, "
          f"{len(clients.lost())} lost")
    assert clients.outcomes and not clients.lost() and not clients.resets, clients.lost()[:3]
    assert {outcome[1] for outcome in clients.outcomes} == set(ZONES)
    assert out_of_scope(net, clients) == []


def test_a_machine_leaves_and_no_request_is_lost(net):
    machine = net.machines[LEAVER]
    with Clients(net, ("global", "eu", "cn")) as clients:
        time.sleep(SECONDS / 2)
        assert machine.end() == 0
        machine.end_engine()
        time.sleep(SECONDS)
        machine.start_engine()
        machine.start()
        wait_until("it is back", machine.serves)
        time.sleep(SECONDS / 2)
    print(f"{len(clients.outcomes)} requests while a machine left and came back, "
          f"{len(clients.lost())} lost; {clients.passed_on} connections were refused and "
          f"{clients.resets} reset, and tried at the next machine of the region")
    assert not clients.lost(), clients.lost()[:3]
    assert out_of_scope(net, clients) == []


def as_peer(machine, thief, host, port):
    """A connection of the thief's, with what the stolen machine's disk holds."""
    trust = ssl.create_default_context(cafile=thief / "authority.pem")
    trust.check_hostname = False
    trust.load_cert_chain(thief / "machine.pem", thief / "machine.key")
    return trust.wrap_socket(machine.region.connect(host, port))


def ask_as(machine, thief, host, port, target, body):
    """The status and code, or the fault of the connection."""
    try:
        with as_peer(machine, thief, host, port) as connection:
            connection.sendall(f"POST {target} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}"
                               f"\r\n\r\n{body}".encode())
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error)


def is_believed(net, machine, thief, zone):
    """Garbage of a peer that is believed is garbage; one that is not gets no further."""
    other = net.machines[zone].region.address
    said = ask_as(machine, thief, other, HOP, "/hop/v1/receipt", "{}")[1]
    assert "malformed_peer" in said or "untrusted_peer" in said, said
    return "malformed_peer" in said


def seconds_until_stranger(net, machine, thief, zone, began):
    wait_until(f"{zone} does not believe it",
               lambda: not is_believed(net, machine, thief, zone), 10)
    return time.monotonic() - began


def meter_takes(net, machine, thief):
    meter = machine.command[machine.command.index("--meter") + 1]
    host, port = meter.rsplit(":", 1)
    status, said = ask_as(machine, thief, host, int(port), "/meter/v1/records", "x")
    assert status in (400, 403), said
    return status == 400


def test_a_stolen_machine_serves_and_is_trusted_nowhere_within_five_seconds(net, tmp_path):
    """Taken with its disk, and cut off from control, so that it does not know."""
    machine = net.machines[STOLEN]
    shutil.copytree(machine.home, tmp_path / "disk")
    others = [zone for zone in ZONES if zone != STOLEN]
    for zone in others:
        assert is_believed(net, machine, tmp_path / "disk", zone)
    assert meter_takes(net, machine, tmp_path / "disk")
    net.stage.cut(STOLEN, CONTROL)
    with Clients(net, ("global",), away=(STOLEN,)) as clients:
        time.sleep(SECONDS / 2)
        began = time.monotonic()
        net.cli("machine", "revoke", machine.id, "--reason", "taken from the rack")
        with ThreadPoolExecutor(len(others)) as threads:
            took = max(threads.map(lambda zone: seconds_until_stranger(
                net, machine, tmp_path / "disk", zone, began), others))
        known = len(machine.computed())
        time.sleep(SECONDS)
        given = machine.computed()[known:]
    alone = machine.ask(net.keys["global"]).status
    net.stage.join(STOLEN, CONTROL)
    began_to_hear = time.monotonic()
    wait_until("the meter takes nothing of it",
               lambda: not meter_takes(net, machine, tmp_path / "disk"), REVOKED_WITHIN)
    wait_until("it hears, and ends", lambda: not machine.serves())
    print(f"revoked from {region_of('desk')}: believed by no gateway after {took:.2f} s; then "
          f"given {len(given)} requests by others; cut off it answered its own clients {alone} and "
          f"ended {time.monotonic() - began_to_hear:.2f} s after it heard control again; of "
          f"{len(clients.outcomes)} requests elsewhere {len(clients.lost())} lost")
    assert took < REVOKED_WITHIN
    assert given == [], "others give it nothing to compute"
    assert not clients.lost() and not clients.resets, clients.lost()[:3]
    wait_until("its process ends", lambda: machine.region.codes()[f"gateway.{machine.starts}"])
    assert "was revoked" in machine.log()


NARROWED = f"""
apiVersion: portolan/v1
kind: Scope
metadata: {{name: cn}}
spec: {{include: ["country:CN"], exclude: [{RETURNER}]}}
"""


class Visits:
    """Requests that enter at one machine, and what became of each."""

    def __init__(self, machine, key):
        self.machine, self.key = machine, key
        self.ids, self.code = [], ""

    def once(self):
        """The status, or 0 where nobody listens."""
        try:
            answer = self.machine.ask(self.key)
        except OSError:
            return 0
        self.ids.append(answer.headers.get("portolan-request-id"))
        self.code = "" if answer.status == 200 else answer.error["code"]
        return answer.status


def put_back(machine, disk):
    assert machine.end() == 0
    shutil.rmtree(machine.home / "data")
    shutil.copytree(disk, machine.home / "data")


def test_a_machine_that_comes_back_with_an_old_disk_believes_it_until_it_hears_control(
        net, tmp_path):
    machine = net.machines[RETURNER]
    made = net.cli("key", "create", "--workspace", "cn")
    late = Visits(machine, made["key"])
    scoped, current = Visits(machine, net.keys["cn"]), Visits(machine, net.keys["global"])
    wait_until("it knows the key", lambda: late.once() == 200)
    assert scoped.once() == 200
    assert machine.end() == 0
    shutil.copytree(machine.home / "data", tmp_path / "disk")
    machine.start()
    wait_until("it is back", machine.serves)
    assert [current.once() for _ in range(5)] == [200] * 5

    version = net.apply(NARROWED)
    net.cli("key", "revoke", made["id"], "--reason", "found in a public repository")
    wait_until("everyone knows", lambda: late.once() == 401)
    for other in net.machines.values():
        if other.zone != STOLEN:
            wait_until("it has the World", lambda: other.metric("world_version") >= version)

    # Where control cannot be reached, it is as old as its disk ...
    put_back(machine, tmp_path / "disk")
    net.stage.cut(RETURNER, CONTROL)
    known = len(machine.computed())
    machine.start()
    wait_until("it serves what it holds", machine.serves)
    alone = late.once()
    computed = len(machine.computed()) - known
    # ... but nobody computes for it what he knows to be over.
    machine.end_engine()
    wait_until("its engine is gone", lambda: late.once() != 200)
    beside = net.machines[f"{CN}-a"]
    known = len(beside.computed())
    elsewhere, code = late.once(), late.code
    assert len(beside.computed()) == known and elsewhere in (401, 503)
    machine.start_engine()
    began = time.monotonic()
    net.stage.join(RETURNER, CONTROL)
    wait_until("the key is dead", lambda: late.once() == 401, 40, every=0)
    took = time.monotonic() - began
    print(f"cut off: {alone} for a key revoked since, {computed} computed in a zone that the scope "
          f"lost; {elsewhere} {code} where another zone was to compute; over {took:.2f} s after "
          "control could be reached")
    assert machine.metric("world_version") >= version

    # Where control is there, so is what is newer, as soon as it answers.
    put_back(machine, tmp_path / "disk")
    machine.start()
    said = [wait_until("it listens", late.once, every=0)]
    began = time.monotonic()
    while said[-1] != 401:
        said.append(late.once())
    print(f"control reachable: {said.count(200)} answers for the revoked key, all within "
          f"{(time.monotonic() - began) * 1000:.0f} ms of the first")
    wait_until("it has the World", lambda: machine.metric("world_version") >= version)
    assert scoped.once() == 403 and scoped.code == "wrong_region"
    assert [current.once() for _ in range(5)] == [200] * 5

    ids = [name for name in late.ids + current.ids + scoped.ids if name]
    print(f"{len(ids)} requests, {len(set(ids))} ids")
    assert len(set(ids)) == len(ids), "no id is used twice"
    assert machine.end() == 0  # what it has for the meter is sent
    assert net.cli("usage", "--conflicts")["conflicts"] == []
