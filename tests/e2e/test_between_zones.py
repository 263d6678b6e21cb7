"""What processes say to each other: mutual TLS by zone certificates, kept alive, one hop deep."""

import contextlib
import http.client
import itertools
import json
import os
import shutil
import socket
import ssl
import struct
import time
from pathlib import Path

import pytest

from client import chat, executions, metrics, prompt
from network import CN, EU, MODEL, SG, run_portolan

HEALTH = "/hop/v1/health"
HEAD, DATA, FAULT = 1, 2, 6  # kinds of frames
NUMBERS = itertools.count(1)


def flag_of(pid, flag):
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return words[words.index(flag.encode()) + 1].decode()


def hop_of(zone):
    host, port = flag_of(zone["gateway_pid"], "--hop").split(":")
    return host, int(port)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """Certificates with the same names, of an authority of their own."""
    home = tmp_path_factory.mktemp("stranger")
    assert run_portolan("up", "--print", "--engines", "sim", home=home).returncode == 0
    yield home / "authority"
    shutil.rmtree(home)


def context_of(sim, authority=None, leaf=None):
    context = ssl.create_default_context(cafile=sim.home / "authority/tls-authority.pem")
    context.check_hostname = False  # identities are URIs
    if leaf:
        folder = (authority or sim.home / "authority") / "tls"
        context.load_cert_chain(folder / f"{leaf}.pem", folder / f"{leaf}.key")
    return context


def ask_tls(address, context, method, path):
    """The status, and the server's identity."""
    connection = http.client.HTTPSConnection(*address, timeout=30, context=context)
    try:
        connection.request(method, path)
        names = connection.sock.getpeercert()["subjectAltName"]
        return connection.getresponse().status, dict(names).get("URI")
    finally:
        connection.close()


def test_a_gateway_is_let_in_and_shows_its_own_identity(sim):
    zone = sim.zones_of(EU)[0]
    status, identity = ask_tls(hop_of(zone), context_of(sim, leaf=f"{SG}a-1"), "GET", HEALTH)
    assert status == 200
    assert identity == f"spiffe://local/zone/{zone['name']}/gateway/{zone['name']}-1"


def refused(address, context):
    """Nothing of HTTP is answered: with TLS 1.3 a client learns of it when it reads."""
    try:
        ask_tls(address, context, "GET", HEALTH)
    except (ssl.SSLError, ConnectionError, http.client.BadStatusLine):
        return True
    return False


@pytest.mark.parametrize("whom", ["gateway", "control"])
def test_who_has_no_certificate_of_this_network_is_refused(sim, stranger, whom):
    if whom == "gateway":
        address = hop_of(sim.zones_of(EU)[0])
    else:
        host, port = flag_of(sim.control_pid, "--gateways").split(":")
        address = (host, int(port))
    assert refused(address, context_of(sim)), "without a certificate"
    assert refused(address, context_of(sim, stranger, f"{SG}a-1")), "with a stranger's"
    with socket.create_connection(address, 30) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        try:
            assert not plain.recv(4096).startswith(b"HTTP/"), "in clear"
        except ConnectionResetError:
            pass


def hops(sim, direction):
    return {name: metrics(zone["gateway_url"])[f'portolan_hops_total{{direction="{direction}"}}']
            for name, zone in sim.zones.items()}


def files_of(pid):
    files = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it was closed meanwhile
            files.add(os.readlink(path))
    return files


def connections_from(pid, port):
    """Established ones of a process, as the kernel lists them by their far end."""
    established, files = "01", files_of(pid)
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(words[2].endswith(f":{port:04X}") and words[3] == established
               and f"socket:[{words[9]}]" in files for words in map(str.split, lines))


def test_a_forwarded_request_takes_one_hop_on_a_kept_alive_connection(sim):
    entry, executor = sim.zones_of(EU)[0], sim.zones_of(CN)[0]
    out, into = hops(sim, "out"), hops(sim, "in")
    asked = 20
    for _ in range(asked):
        answer = chat(entry["gateway_url"], sim.keys["global"], model="smollm2-135m-cn")
        assert answer.status == 200 and answer.headers["portolan-region"] == CN
    out = {name: count - out[name] for name, count in hops(sim, "out").items() if count > out[name]}
    into = {name: count - into[name] for name, count in hops(sim, "in").items()
            if count > into[name]}
    assert out == {entry["name"]: asked}, "no executor forwards"
    assert sum(into.values()) == asked and all(name.startswith(CN) for name in into)
    assert 1 <= connections_from(entry["gateway_pid"], hop_of(executor)[1]) <= 4


def envelope(sim, entry, **changes):
    """What the first gateway of a zone says about a request of workspace `eu`."""
    facts = {"workspace": "eu", "key_id": sim.keys["eu"].split("_")[1], "workspace_scopes": ["eu"],
             "key_scopes": [], "requested_scopes": [], "only": [], "ignore": [], "model": MODEL,
             "labels": {"data-class": "personal"}}
    said = {"kind": "envelope", "major": 1, "minor": 0, "request_id": f"{entry}-1-0-{next(NUMBERS)}",
            "entry_gateway": f"{entry}-1", "entry_zone": entry, "traceparent": "",
            "path": "/v1/chat/completions", "attempt": 1, "executions_left": 2,
            "time_left_ns": 30 * 10**9, "sent_at_ns": time.time_ns(),
            "held": {"world": "", "keyring": 0, "restrictions": 0}}
    facts.update((name, changes.pop(name)) for name in list(changes) if name in facts)
    return {**said, **changes, "facts": facts}


def frame(kind, payload):
    return struct.pack("<IBBBB", len(payload), kind, 1, 0, 0) + payload


def frames_of(received):
    while received:
        length, kind = struct.unpack_from("<IB", received)
        yield kind, received[8:8 + length]
        received = received[8 + length:]


def execute(sim, zone, leaf, said):
    """The code with which the executor ends it; None: it was executed."""
    body = frame(HEAD, json.dumps(said).encode()) + frame(DATA, json.dumps(prompt()).encode())
    connection = http.client.HTTPSConnection(*hop_of(zone), timeout=30,
                                             context=context_of(sim, leaf=leaf))
    try:
        connection.request("POST", "/hop/v1/execute", body)
        answer = list(frames_of(connection.getresponse().read()))
    finally:
        connection.close()
    ran = said["request_id"] in executions([zone["engine_url"]])
    faults = [json.loads(payload)["code"] for kind, payload in answer if kind == FAULT]
    assert ran != bool(faults)
    return faults[0] if faults else None


def test_what_a_gateway_says_for_itself_is_executed_so_the_others_can_fail(sim):
    zone = sim.zones_of(EU)[0]
    assert execute(sim, zone, f"{EU}b-1", envelope(sim, f"{EU}b")) is None


@pytest.mark.parametrize("code, changes", [
    ("untrusted_peer", {"entry_gateway": f"{SG}a-1", "entry_zone": f"{SG}a"}),
    ("untrusted_peer", {"entry_zone": f"{EU}a"}),
    ("untrusted_peer", {"entry_gateway": f"{EU}b-2"}),
    ("attempts_exhausted", {"executions_left": 0}),
    ("world_skew", {"sent_at_ns": 0}),
    ("world_skew", {"key_id": "0" * 12}),
    ("world_skew", {"workspace": "cn"}),
    ("world_skew", {"workspace_scopes": ["cn"]}),
    ("world_skew", {"key_scopes": ["cn"]}),
    ("world_skew", {"requested_scopes": ["cn"]}),
    ("world_skew", {"requested_scopes": ["atlantis"]}),
    ("world_skew", {"only": [SG]}),
    ("world_skew", {"ignore": [EU]}),
    ("world_skew", {"model": "smollm2-135m-cn"}),
    ("malformed_peer", {"path": "/v1/embeddings"}),
    ("unsupported_version", {"major": 2}),
])
def test_what_it_may_not_say_is_not_executed(sim, code, changes):
    said = envelope(sim, f"{EU}b", **changes)
    assert execute(sim, sim.zones_of(EU)[0], f"{EU}b-1", said) == code


def test_an_entrys_wider_account_of_a_workspace_widens_nothing(sim):
    said = envelope(sim, f"{EU}b", workspace_scopes=["global"], labels={})
    assert execute(sim, sim.zones_of(SG)[0], f"{EU}b-1", said) == "world_skew"
