"""P1: in scope or not at all, decided from the head."""

import json
import os
import signal
import socket
import struct
import time
from pathlib import Path

import pytest

from client import (await_everywhere, chat, executions, open_socket, prompt, read_to_end, send,
                    started)
from network import CN, EU, SG, wait_until

READ_BUFFER_BYTES = 64 * 1024
OFFERED_BYTES = 8 * 1024 * 1024
TCP_INFO_BYTES_ACKED = 120  # offset of tcpi_bytes_acked in Linux' struct tcp_info

MORE = """
apiVersion: portolan/v1
kind: Scope
metadata: {name: eu-anywhere}
spec: {include: [eu], entry: anywhere}
---
apiVersion: portolan/v1
kind: Workspace
metadata: {name: eu-anywhere, org: demo}
spec: {scopes: [eu-anywhere], labels: {data-class: personal}}
---
apiVersion: portolan/v1
kind: Workspace
metadata: {name: choosy, org: demo}
spec: {scopes: [global, eu, cn], labels: {data-class: public}}
"""


def make_key(network, workspace):
    made = network.cli("key", "create", "--workspace", workspace, "-o", "json")
    assert made.returncode == 0, made.stderr
    key = json.loads(made.stdout)["key"]
    for zone in network.zones.values():
        wait_until("the key is known", lambda: chat(zone["gateway_url"], key).status != 401)
    return key


@pytest.fixture(scope="module")
def more(sim):
    """Keys of two workspaces that the example does not have."""
    applied = sim.cli("apply", "-f", "-", stdin=MORE)
    assert applied.returncode == 0, applied.stderr
    version = json.loads(sim.cli("get", "worlds", "-o", "json").stdout)["current"]["version"]
    await_everywhere(sim, "world_version", version)
    return {name: make_key(sim, name) for name in ("eu-anywhere", "choosy")}


def test_a_key_of_eu_sent_to_frankfurt_is_served_there(sim):
    for _ in range(8):
        answer = chat(sim.regions[EU], sim.keys["eu"])
        assert answer.status == 200 and answer.headers["portolan-region"] == EU
        assert answer.headers["portolan-zone"].startswith(EU)
        assert answer.headers["portolan-scope"] == "eu"


def test_a_key_of_eu_sent_to_singapore_is_refused_with_frankfurts_url(sim):
    before = started(sim.engine_urls())
    for _ in range(8):
        answer = chat(sim.regions[SG], sim.keys["eu"])
        assert answer.status == 403 and answer.error["code"] == "wrong_region"
        assert sim.regions[EU] in answer.error["message"]
        assert sim.regions[CN] not in answer.error["message"]
    assert started(sim.engine_urls()) == before, "nothing was executed"


def head_for(key, length, *lines):
    fields = "".join(line + "\r\n" for line in lines)
    return (f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}"
            f"\r\ncontent-type: application/json\r\n{fields}content-length: {length}"
            "\r\n\r\n").encode()


def state_of(pid):
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def queued_at_server(connection):
    """Bytes that the kernel holds for the server and that it has not read; None: it closed."""
    client = connection.getsockname()[1]
    try:
        server = connection.getpeername()[1]
    except OSError:
        return None
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table.readlines()[1:]:
            words = line.split()
            ports = [int(words[i].split(":")[1], 16) for i in (1, 2)]
            if ports == [server, client]:
                return int(words[4].split(":")[1], 16)
    return None


def acknowledged(connection):
    """Bytes that have arrived in the server's kernel."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    return struct.unpack_from("Q", info, TCP_INFO_BYTES_ACKED)[0]


def consumed_by_server(connection):
    """Bytes the server has read, the one of SYN taken off; None when it has closed."""
    for _ in range(200):
        before = acknowledged(connection)
        queued = queued_at_server(connection)
        if queued is None:
            return None
        if acknowledged(connection) == before and queued_at_server(connection) == queued:
            return before - queued - 1
        time.sleep(0.01)  # more has arrived between the looks
    raise AssertionError("bytes arrive without end")


def offer_all_it_takes(connection):
    offered = 0
    connection.setblocking(False)
    try:
        while offered < OFFERED_BYTES:
            offered += connection.send(b"x" * 65536)
    except (BlockingIOError, ConnectionResetError, BrokenPipeError):
        return offered
    finally:
        connection.setblocking(True)
    return offered


def look_while_stopped(connection, pid):
    """What a process has consumed, while it can consume nothing more."""
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_until("it has stopped", lambda: state_of(pid) == "T", every=0.001)
        offered = offer_all_it_takes(connection)
        time.sleep(0.05)  # what is under way in the kernel arrives
        return offered, consumed_by_server(connection)
    finally:
        os.kill(pid, signal.SIGCONT)


def offer_a_body_and_look(network, zone):
    """How much was offered until the server closed, and what it had consumed at each look."""
    with open_socket(zone["gateway_url"]) as connection:
        connection.sendall(head_for(network.keys["eu"], OFFERED_BYTES))
        offered, looks = 0, []

        def has_closed():
            nonlocal offered
            more, consumed = look_while_stopped(connection, zone["gateway_pid"])
            offered += more
            if consumed is not None:
                looks.append(consumed)
            return consumed is None
        wait_until("the server ended it", has_closed, every=0.02)  # it runs meanwhile
        # The answer may be overtaken by the reset that a client who goes on sending earns.
        received, _ = read_to_end(connection)
    assert not received or received.startswith(b"HTTP/1.1 403")
    return offered, looks


def test_of_a_refused_8_mib_body_at_most_one_read_buffer_is_consumed(sim):
    zone = sim.zones_of(SG)[0]
    for _ in range(20):
        offered, looks = offer_a_body_and_look(sim, zone)
        if looks:
            break  # a slow look comes when all is over
    print(f"offered {offered} bytes, consumed at most {max(looks)} in {len(looks)} looks")
    assert offered > 2 * READ_BUFFER_BYTES, "much more was offered than taken"
    assert max(looks) <= READ_BUFFER_BYTES


def test_an_accepted_body_is_consumed_whole(sim):
    """So the measurement above can fail."""
    body = json.dumps(prompt("x" * 4 * READ_BUFFER_BYTES)).encode()
    with open_socket(sim.zones_of(EU)[0]["gateway_url"]) as connection:
        head = head_for(sim.keys["eu"], len(body) + 1)
        connection.sendall(head + body)
        wait_until("all is read", lambda: consumed_by_server(connection) == len(head + body))


def test_the_answer_reaches_a_client_that_stops_to_listen(sim):
    zone = sim.zones_of(SG)[0]
    with open_socket(zone["gateway_url"]) as connection:
        connection.sendall(head_for(sim.keys["eu"], OFFERED_BYTES) + b"x" * 30000)
        received, _ = read_to_end(connection)
    assert received.startswith(b"HTTP/1.1 403") and b"wrong_region" in received
    body = json.loads(received.split(b"\r\n\r\n", 1)[1])
    line = sim.log_line(zone["name"], body["error"]["request_id"])
    assert line["bytes_in"] == 0 and line["status"] == 403 and line["attempts"] == 0


def test_a_refused_client_is_not_asked_to_continue(sim):
    with open_socket(sim.regions[SG]) as connection:
        connection.sendall(head_for(sim.keys["eu"], OFFERED_BYTES, "expect: 100-continue"))
        received, _ = read_to_end(connection)
    assert received.startswith(b"HTTP/1.1 403") and b"100 Continue" not in received
    with open_socket(sim.regions[EU]) as connection:
        body = json.dumps(prompt()).encode()
        head = head_for(sim.keys["eu"], len(body), "expect: 100-continue", "connection: close")
        connection.sendall(head)
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 Continue"), "the check can fail"
        connection.sendall(body)
        received, _ = read_to_end(connection)
    assert received.startswith(b"HTTP/1.1 200")


def test_entry_anywhere_is_forwarded_and_served_in_the_eu(sim, more):
    for region in (SG, CN, EU):
        answer = chat(sim.regions[region], more["eu-anywhere"])
        assert answer.status == 200, answer.body
        assert answer.headers["portolan-region"] == EU
        ran = executions(sim.engine_urls(EU))
        assert ran[answer.request_id] == 1
        assert answer.request_id not in executions(
            sim.engine_urls(SG) + sim.engine_urls(CN))


def test_a_header_narrows_to_one_of_the_workspaces_scopes(sim, more):
    for _ in range(6):
        answer = chat(sim.regions[EU], more["choosy"], headers={"portolan-scope": "eu"})
        assert answer.status == 200 and answer.headers["portolan-region"] == EU
        assert answer.headers["portolan-scope"] == "eu"
    answer = chat(sim.regions[EU], more["choosy"], headers={"portolan-scope": "cn"})
    assert answer.status == 403 and answer.error["code"] == "wrong_region"
    assert sim.regions[CN] in answer.error["message"]
    answer = chat(sim.regions[EU], more["choosy"], headers={"portolan-scope": "atlantis"})
    assert answer.status == 403 and answer.error["code"] == "unknown_scope"


def test_the_body_narrows_and_the_engine_does_not_see_how(sim):
    zone = f"{EU}b"
    entry = sim.zones[zone]["gateway_url"]
    for narrowing in ({"only": [zone]}, {"ignore": [CN, SG, f"{EU}a"]}, {"only": zone}):
        answer = chat(entry, sim.keys["global"], portolan=narrowing)
        assert answer.status == 200 and answer.headers["portolan-zone"] == zone
        seen = sim.received(answer.request_id)
        assert [request["zone"] for request in seen] == [zone]
        assert "portolan" not in json.loads(seen[0]["body"])


def test_a_body_that_excludes_the_entry_is_refused_and_nothing_is_forwarded(sim):
    before = started(sim.engine_urls())
    answer = chat(sim.regions[EU], sim.keys["global"], portolan={"only": [SG]})
    assert answer.status == 403 and answer.error["code"] == "wrong_region"
    assert sim.regions[SG] in answer.error["message"]
    answer = chat(sim.regions[EU], sim.keys["global"], portolan={"only": ["no-such-place"]})
    assert answer.status in (400, 403)
    assert started(sim.engine_urls()) == before


def test_nothing_left_is_refused_with_names_and_never_widened(sim):
    answer = chat(sim.regions[EU], sim.keys["eu"], portolan={"ignore": [EU]})
    assert answer.status == 403 and answer.error["code"] in ("scope_denied", "wrong_region")


def test_with_all_eu_engines_stopped_the_scope_is_exhausted(split):
    for zone in (f"{EU}a", f"{EU}b"):
        split.kill_engine(zone)
    elsewhere = split.engine_urls(SG) + split.engine_urls(CN)
    for _ in range(5):
        answer = chat(split.regions[EU], split.keys["eu"])
        assert answer.status == 503 and answer.error["code"] == "scope_exhausted", answer.body
        assert int(answer.headers["retry-after"]) >= 1
    assert started(elsewhere) == 0, "never elsewhere"
    assert chat(split.regions[EU], split.keys["global"]).status == 200, "others are served"
    for zone in split.zones_of(EU):
        wait_until("not ready", lambda: send("GET", zone["gateway_url"] + "/readyz").status == 503)
    for zone in (f"{EU}a", f"{EU}b"):
        split.start_engine(zone)
    wait_until("what comes back serves",
               lambda: chat(split.regions[EU], split.keys["eu"]).status == 200)
