"""What an operator looks at: health, metrics, logs, traces, limits, and a gateway that drains."""

import json
import os
import re
import signal
import threading
import time

import pytest

from client import (bearer, chat, get, metrics, open_socket, order_faults, prompt, read_to_end,
                    send)
from network import CN, EU, SG, is_alive, run_portolan, wait_until

PLANTED_PROMPT = "xylophone-in-the-attic"
PLANTED_KEY = "ptl_" + "planted" * 8
CONTENT_MEMBERS = {"prompt", "messages", "content", "body", "text", "key", "authorization"}


def test_health_and_readiness(sim):
    for zone in sim.zones.values():
        assert get(zone["gateway_url"] + "/healthz").status == 200
        assert get(zone["gateway_url"] + "/readyz").status == 200


def test_readiness_is_false_when_the_region_can_serve_nothing(split):
    first, second = split.zones_of(EU)
    split.kill_engine(first["name"])
    wait_until("its engine is missed", lambda: metrics(first["gateway_url"])[
        f'portolan_engine_healthy{{engine="{first["engine_url"]}"}}'] == 0)
    assert get(first["gateway_url"] + "/readyz").status == 200, "the other zone can"
    split.kill_engine(second["name"])
    for zone in (first, second):
        wait_until("not ready", lambda: get(zone["gateway_url"] + "/readyz").status == 503)
        assert get(zone["gateway_url"] + "/healthz").status == 200
    assert get(split.zones_of(SG)[0]["gateway_url"] + "/readyz").status == 200
    split.start_engine(first["name"])
    for zone in (first, second):
        wait_until("ready again", lambda: get(zone["gateway_url"] + "/readyz").status == 200)


def counted(network):
    return sum(metrics(zone["gateway_url"])["portolan_requests_total"]
               for zone in network.zones.values())


def logged(network):
    return sum(len(network.access_log(name)) for name in network.zones)


def test_access_log_lines_equal_requests(sim):
    wait_until("what came before is logged", lambda: counted(sim) == logged(sim))
    before = logged(sim)
    answers = []
    for url in sim.regions.values():
        for key in sim.keys.values():
            answers.append(chat(url, key))
            answers.append(chat(url, key, stream=True))
            answers.append(get(url + "/v1/models", key))
        answers.append(chat(url, None))
        answers.append(send("POST", url + "/v1/chat/completions", key, b"{"))
        answers.append(get(url + "/nowhere", key))
    assert {answer.status for answer in answers} == {200, 400, 401, 403, 404}
    wait_until("a line for each", lambda: logged(sim) == before + len(answers))
    wait_until("and all are counted", lambda: counted(sim) == logged(sim))
    lines = {line["request_id"]: line for name in sim.zones for line in sim.access_log(name)}
    for answer in answers:
        line = lines[answer.request_id]
        assert line["status"] == answer.status
        assert line["bytes_out"] == len(answer.body) or line["stream"]
        assert not CONTENT_MEMBERS & set(line)


def test_a_client_that_vanishes_leaves_a_line_too(sim):
    zone = sim.zones_of(EU)[0]
    wait_until("what came before is logged", lambda: counted(sim) == logged(sim))
    before = len(sim.access_log(zone["name"]))
    body = json.dumps(prompt(stream=True, max_tokens=2000)).encode()
    head = (f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer "
            f"{sim.keys['eu']}\r\ncontent-length: {len(body)}\r\n\r\n").encode()
    with open_socket(zone["gateway_url"]) as connection:
        connection.sendall(head + body)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    wait_until("a line", lambda: len(sim.access_log(zone["name"])) == before + 1)
    line = sim.access_log(zone["name"])[-1]
    assert line["code"] == "cancelled" and line["stream"]


def test_a_trace_is_passed_on_and_logged(sim):
    trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    answer = chat(sim.regions[EU], sim.keys["eu"],
                  headers={"traceparent": f"00-{trace}-{parent}-01"})
    entry = answer.request_id.rsplit("-", 3)[0]
    assert sim.log_line(entry, answer.request_id)["trace_id"] == trace
    sent = [request["fields"]["traceparent"] for request in sim.received(answer.request_id)]
    assert len(sent) == 1
    version, same, span, flags = sent[0].split("-")
    assert (version, same, flags) == ("00", trace, "01") and span != parent


def test_a_trace_begins_here_when_the_client_has_none(sim):
    answer = chat(sim.regions[EU], sim.keys["eu"])
    entry = answer.request_id.rsplit("-", 3)[0]
    assert re.fullmatch("[0-9a-f]{32}", sim.log_line(entry, answer.request_id)["trace_id"])


def test_a_clients_key_never_reaches_an_engine(sim):
    answer = chat(sim.regions[EU], sim.keys["eu"])
    assert sim.received(answer.request_id)
    text = (sim.home / "record.jsonl").read_text()
    assert not any(key in text for key in sim.keys.values())


def test_planted_strings_are_in_no_log(sim):
    for region in (EU, SG, CN):
        served = chat(sim.regions[region], sim.keys["global"], PLANTED_PROMPT)
        chat(sim.regions[region], sim.keys["eu"], PLANTED_PROMPT)
        chat(sim.regions[region], PLANTED_KEY, PLANTED_PROMPT)
        chat(sim.regions[region], sim.keys["global"], model=PLANTED_PROMPT)
        send("POST", sim.regions[region] + "/v1/chat/completions", sim.keys["global"],
             b'{"model":"' + PLANTED_PROMPT.encode() + b'",,')
        get(sim.regions[region] + "/v1/models", headers={"x-api-key": PLANTED_KEY})
    wait_until("all is logged", lambda: counted(sim) == logged(sim))
    assert PLANTED_PROMPT.encode() in sim.received(served.request_id)[0]["body"]
    secrets = [PLANTED_PROMPT, PLANTED_KEY, *sim.keys.values(), sim.admin_key]
    searched = [path for path in sim.home.rglob("*")
                if path.suffix == ".log" or path.name == "up.out"]
    assert len(searched) >= 14, "six access logs, eight processes"
    for path in searched:
        text = path.read_text(errors="replace")
        found = [secret for secret in secrets if secret in text]
        if path.name == "up.out":  # where `up` shows keys to who runs it
            found = [secret for secret in found if secret in (PLANTED_PROMPT, PLANTED_KEY)]
        assert not found, f"{path.name} holds {found}"


def stream_bytes(url, key, tokens, into):
    body = json.dumps(prompt(stream=True, max_tokens=tokens)).encode()
    head = (f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: "
            f"{bearer(key)['authorization']}\r\ncontent-length: {len(body)}\r\n\r\n").encode()
    with open_socket(url) as connection:
        connection.sendall(head + body)
        into.append(connection.recv(16384))
        rest, was_reset = read_to_end(connection)
        into += [rest, was_reset]


def listens(url):
    try:
        open_socket(url, 5).close()
        return True
    except OSError:
        return False


def test_sigterm_drains_a_running_stream(own_sim):
    zone = own_sim.zones_of(EU)[0]
    order_faults(own_sim.engine_urls(EU), {"kind": "slow", "factor": 20})
    got = []
    client = threading.Thread(target=stream_bytes,
                              args=(zone["gateway_url"], own_sim.keys["eu"], 20, got))
    client.start()
    wait_until("the stream runs", lambda: got)
    assert b"[DONE]" not in got[0], "it has just begun"
    pid = zone["gateway_pid"]
    began = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    wait_until("it lets nobody in", lambda: not listens(zone["gateway_url"]))
    assert chat(own_sim.regions[EU], own_sim.keys["eu"]).status == 200, "the other zone serves"
    client.join(60)
    whole = got[0] + got[1]
    assert got[2] is False and b"[DONE]" in whole and whole.endswith(b"0\r\n\r\n")
    assert whole.count(b'"content":"') >= 20
    wait_until("the gateway has ended", lambda: not is_alive(pid))
    print(f"drained in {time.monotonic() - began:.1f} s")
    assert [line["status"] for line in own_sim.access_log(zone["name"])] == [200]


def test_limits_have_a_name_a_default_and_a_reason():
    listed = run_portolan("limits").stdout.splitlines()[1:]
    rows = [line.split(None, 2) for line in listed]
    assert all(len(row) == 3 and int(row[1]) > 0 and row[2] for row in rows)
    assert {"body_bytes_max", "executions_max", "engine_silence_max_ms"} <= {row[0] for row in rows}


def test_metrics_name_what_they_count(sim):
    text = get(sim.zones_of(EU)[0]["gateway_url"] + "/metrics").body.decode()
    named = {line.split()[2] for line in text.splitlines() if line.startswith("# HELP")}
    samples = {re.split("[{ ]", line)[0] for line in text.splitlines() if not line.startswith("#")}
    assert samples <= named and "portolan_in_flight" in samples
