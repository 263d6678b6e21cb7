"""For each code that a client can see, what provokes it: real processes, no stand-ins.

A provocation is given a network, and a call that starts another one whose entries choose zones
with no mask. It returns the answer, or the end of a command; it leaves the network as it was.
"""

import contextlib
import http.client
import io
import json
import os
import resource
import signal
import socket
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from client import (Answer, await_everywhere, chat, clear_faults, exchange_bytes, get, numbers_of,
                    open_socket, order_faults, prompt, read_to_end, send)
from network import ANYWHERE, CN, EU, SG, wait_until

CONNECTIONS_MAX = 20_000
PROVOKED = {}


def provokes(code):
    def add(provoke):
        assert code not in PROVOKED
        PROVOKED[code] = provoke
        return provoke
    return add


def make_key(net, workspace, *more):
    made = net.cli("key", "create", "--workspace", workspace, *more, "-o", "json")
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


def raw(url, sent):
    """The answer to bytes that no client would send."""
    return answer_in(exchange_bytes(url, sent)[1])


def answer_in(received):
    given = SimpleNamespace(makefile=lambda *_: io.BytesIO(received))
    answer = http.client.HTTPResponse(given)
    answer.begin()
    fields = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, fields, answer.read())


def admin(net, method, path, body=None, key=None):
    return send(method, net.admin_url + "/admin/v1" + path, key or net.admin_key, body)


@contextlib.contextmanager
def faults(net, order):
    """Of Frankfurt's engines, while the block runs."""
    order_faults(net.engine_urls(EU), order)
    try:
        yield
    finally:
        clear_faults(net.engine_urls(EU))


@contextlib.contextmanager
def restricted(net, kind, place):
    """Every gateway knows of it when the block begins, and of its end behind the block."""
    meant = "/restrictions?reason=provoked&break_glass=1"
    known = max(numbers_of(net, "restrictions_sequence"))
    assert admin(net, "POST", meant, {kind: place}).status == 201
    try:
        await_everywhere(net, "restrictions_sequence", known + 1)
        yield
    finally:
        assert admin(net, "DELETE", f"/restrictions/{kind}/{place}").status == 200
        await_everywhere(net, "restrictions_sequence", known + 2)


def arguments_of(pid):
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]


def with_flags(command, **flags):
    """The command with other values of its flags."""
    changed = list(command)
    for name, value in flags.items():
        changed[changed.index("--" + name.replace("_", "-")) + 1] = str(value)
    return changed


def body_of(net, body, headers=None):
    return send("POST", net.regions[EU] + "/v1/chat/completions", net.keys["eu"], body, headers)


# What a key does.

@provokes("missing_key")
def no_key(net, _):
    answer = chat(net.regions[EU], None)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    return answer


@provokes("malformed_key")
def no_key_of_ours(net, _):
    return chat(net.regions[EU], "sk-not-ours")


@provokes("unknown_key")
def a_key_of_another_network(net, other):
    return chat(net.regions[EU], other().keys["eu"])


@provokes("revoked_key")
def a_revoked_key(net, _):
    made = make_key(net, "eu")
    assert net.cli("key", "revoke", made["id"]).returncode == 0
    return wait_until("the revocation arrives", lambda: refused(net, made, "revoked_key"))


@provokes("expired_key")
def an_expired_key(net, _):
    for seconds in (2, 10, 40):  # a date that is past when control hears of it is refused
        end = datetime.now(timezone.utc) + timedelta(seconds=seconds)
        made = net.cli("key", "create", "--workspace", "eu", "--expires",
                       end.strftime("%Y-%m-%dT%H:%M:%SZ"), "-o", "json")
        if made.returncode == 0:
            break
    key = json.loads(made.stdout)
    return wait_until("it has expired", lambda: refused(net, key, "expired_key"))


def refused(net, made, code):
    """The answer once it has that code; a new key is unknown until it arrives."""
    answer = chat(net.regions[EU], made["key"])
    return answer if answer.status == 401 and answer.error["code"] == code else None


# What scopes, rules and names do.

@provokes("wrong_region")
def a_european_key_in_singapore(net, _):
    return chat(net.regions[SG], net.keys["eu"])


@provokes("scope_denied")
def a_scope_that_is_not_the_workspaces(net, _):
    return chat(net.regions[EU], net.keys["eu"], headers={"portolan-scope": "cn"})


@provokes("unknown_scope")
def a_scope_that_is_nobodys(net, _):
    return chat(net.regions[EU], net.keys["eu"], headers={"portolan-scope": "atlantis"})


@provokes("model_not_found")
def a_model_that_is_nobodys(net, _):
    return chat(net.regions[EU], net.keys["eu"], model="no-such-model")


@provokes("model_denied")
def weights_that_a_rule_keeps_in_europe(net, _):
    return chat(net.regions[CN], net.keys["cn"], model="smollm2-135m-eu")


# What bytes do.

@provokes("malformed_request")
def bytes_that_are_no_http(net, _):
    return raw(net.regions[EU], b"HELLO\r\n\r\n")


@provokes("unsupported_version")
def http_2(net, _):
    return raw(net.regions[EU], b"GET /v1/models HTTP/2.0\r\nhost: x\r\n\r\n")


@provokes("head_too_large")
def a_long_head(net, _):
    return raw(net.regions[EU],
               b"GET /v1/models HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 17000 + b"\r\n\r\n")


@provokes("body_too_large")
def a_long_body(net, _):
    return raw(net.regions[EU], b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n"
               b"authorization: Bearer " + net.keys["eu"].encode() +
               b"\r\ncontent-length: 99999999\r\n\r\n")


@provokes("request_timeout")
def half_a_head(net, _):
    """Begun by begin_half_a_head(), so that others pass the 15 s meanwhile."""
    with net.half_a_head as connection:
        return answer_in(read_to_end(connection)[0])


def begin_half_a_head(net):
    net.half_a_head = open_socket(net.regions[EU])
    net.half_a_head.sendall(b"GET /v1/models HTTP/1.1\r\nhost:")


@provokes("unsupported_encoding")
def a_packed_body(net, _):
    return body_of(net, b"\x1f\x8b\x08", {"content-encoding": "gzip"})


@provokes("malformed_json")
def a_body_that_is_no_json(net, _):
    return body_of(net, b'{"model":"m",,}')


@provokes("escaped_key")
def a_key_with_an_escape(net, _):
    return body_of(net, rb'{"mod\u0065l":"m","messages":[]}')


@provokes("repeated_key")
def a_key_twice(net, _):
    return body_of(net, b'{"model":"m","model":"n","messages":[]}')


@provokes("invalid_parameter")
def a_model_that_is_a_number(net, _):
    return body_of(net, {"model": 5, "messages": []})


@provokes("path_not_found")
def another_path(net, _):
    return get(net.regions[EU] + "/v2/models", net.keys["eu"])


@provokes("method_not_allowed")
def another_method(net, _):
    answer = get(net.regions[EU] + "/v1/chat/completions", net.keys["eu"])
    assert answer.headers["allow"] == "POST"
    return answer


# What engines, gateways and their limits do.

@provokes("attempts_exhausted")
def engines_that_fail(net, _):
    with faults(net, {"kind": "status", "status": 500, "count": 20}):
        return chat(net.regions[EU], net.keys["eu"])


@provokes("deadline_exceeded")
def engines_that_hang(net, _):
    with faults(net, {"kind": "hang", "count": 2}):
        return chat(net.regions[EU], net.keys["eu"], headers={"portolan-timeout-ms": "300"})


@provokes("engine_failed")
def engines_that_break_off_a_stream(net, _):
    body = json.dumps(prompt(stream=True, max_tokens=50)).encode()
    head = (f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer "
            f"{net.keys['eu']}\r\ncontent-length: {len(body)}\r\n\r\n").encode()
    with faults(net, {"kind": "reset_after", "tokens": 5, "count": 2}):
        status, received = exchange_bytes(net.regions[EU], head + body)
    assert status == 200 and b"[DONE]" not in received
    event = received[received.rindex(b'data: {"error"'):].removeprefix(b"data: ")
    fields = dict(line.lower().split(b": ", 1)
                  for line in received.split(b"\r\n\r\n")[0].split(b"\r\n")[1:])
    head = {"portolan-request-id": fields[b"portolan-request-id"].decode()}
    return Answer(None, head, event.split(b"\n")[0])


@provokes("scope_exhausted")
def a_scope_whose_zones_are_drained(net, _):
    assert net.cli("apply", "-f", "-", stdin=ANYWHERE).returncode == 0
    key = make_key(net, "eu-anywhere")["key"]
    for zone in net.zones_of(SG):
        wait_until("it is served", lambda: chat(zone["gateway_url"], key).status == 200)
    with restricted(net, "drain", EU):
        return chat(net.regions[SG], key)


@provokes("draining")
def an_entry_that_is_drained(net, _):
    zone = net.zones_of(SG)[0]
    with restricted(net, "drain", zone["name"]):
        return chat(zone["gateway_url"], net.keys["global"])


@provokes("world_skew")
def an_executor_that_may_not_what_the_entry_thinks(_, other):
    return chat(other().regions[EU], other().keys["eu"], model="smollm2-135m-cn")


@provokes("no_world")
def a_gateway_that_knows_nothing(net, _):
    zone = net.zones_of(CN)[0]
    command = arguments_of(zone["gateway_pid"])
    with tempfile.TemporaryDirectory() as data, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        control = f"127.0.0.1:{nobody.getsockname()[1]}"
        net.kill(zone["gateway_pid"])
        forgetful = net.start_process(with_flags(command, data=data, control=control))
        try:
            wait_until("it listens", lambda: listens(zone["gateway_url"]))
            return chat(zone["gateway_url"], net.keys["cn"])
        finally:
            forgetful.kill()
            forgetful.wait(10)
            zone["gateway_pid"] = net.start_process(command).pid
            wait_until("the zone is back", lambda: listens(zone["gateway_url"]) and chat(
                zone["gateway_url"], net.keys["cn"]).status == 200)


def listens(url):
    try:
        return get(url + "/healthz").status == 200
    except OSError:
        return False


@provokes("overloaded")
def a_gateway_with_all_its_connections(net, _):
    zone = net.zones_of(CN)[1]
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    # As many as a gateway lets in under this machine's limit.
    allowed = min(CONNECTIONS_MAX, before[1] // 2 - 256)
    host, port = zone["gateway_url"].removeprefix("http://").split(":")
    held = []
    try:
        for _ in range(allowed):
            held.append(socket.create_connection((host, int(port)), 60))
        return wait_until("one too many", lambda: turned_away(zone["gateway_url"]), every=0.5)
    finally:
        for connection in held:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def turned_away(url):
    """The answer on a connection that asks for nothing, or None where it is let wait."""
    with socket.create_connection(tuple(url.removeprefix("http://").split(":")), 60) as connection:
        connection.settimeout(1)
        with contextlib.suppress(TimeoutError):
            if connection.recv(1, socket.MSG_PEEK):
                return raw(url, b"GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n")
    return None


@provokes("usage_log_full")
def a_gateway_whose_disk_takes_nothing(net, _):
    zone = net.zones_of(CN)[1]
    before = resource.prlimit(zone["gateway_pid"], resource.RLIMIT_FSIZE)
    resource.prlimit(zone["gateway_pid"], resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        return chat(zone["gateway_url"], net.keys["cn"])
    finally:
        resource.prlimit(zone["gateway_pid"], resource.RLIMIT_FSIZE, before)
        wait_until("it serves again",
                   lambda: chat(zone["gateway_url"], net.keys["cn"]).status == 200)


@provokes("receipt_not_found")
def a_receipt_of_no_request(net, _):
    return get(net.regions[EU] + "/v1/receipts/none", net.keys["eu"])


@provokes("receipt_unavailable")
def a_receipt_whose_gateway_hangs(net, _):
    keeper, other = net.zones_of(SG)
    answer = chat(keeper["gateway_url"], net.keys["global"])
    assert answer.status == 200, answer.body
    os.kill(keeper["gateway_pid"], signal.SIGSTOP)
    try:
        return get(f"{other['gateway_url']}/v1/receipts/{answer.request_id}", net.keys["global"])
    finally:
        os.kill(keeper["gateway_pid"], signal.SIGCONT)
