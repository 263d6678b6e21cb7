"""The simulated engine: what it says, counts, and does wrong on order."""

import json
import subprocess
import time

import pytest

from call import Call
from client import (clear_faults, executions, get, open_socket, order_faults, prompt, read_to_end,
                    send, started)
from network import BINARY, wait_until, whole_lines


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    """Two engines of one process: their URLs and the file they record to."""
    record = tmp_path_factory.mktemp("sim") / "record.jsonl"
    process = subprocess.Popen(
        [str(BINARY), "engine-sim", "--count", "2", "--slots", "2", "--queue", "1", "--seed", "7",
         "--ttft-ms", "20", "--tpot-ms", "2", "--record", str(record), "-o", "json"],
        stdout=subprocess.PIPE, text=True)
    text = ""
    while text.count("]") == 0:
        text += process.stdout.readline()
    yield [engine["url"] for engine in json.loads(text)], record
    process.terminate()
    assert process.wait(30) == 0


@pytest.fixture
def url(engines):
    clear_faults(engines[0])
    yield engines[0][0]
    clear_faults(engines[0])


def ask(url, request_id="", **members):
    headers = {"portolan-request-id": request_id} if request_id else {}
    return send("POST", url + "/v1/chat/completions", body=prompt(**members), headers=headers)


def raw_stream(url):
    """All bytes of a streamed answer, and whether the connection was reset."""
    body = json.dumps(prompt(stream=True, max_tokens=8)).encode()
    with open_socket(url) as connection:
        connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close"
                           b"\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        return read_to_end(connection)


def test_equal_seeds_and_prompts_answer_alike_with_exact_usage(engines):
    first, second = (ask(url, max_tokens=6).json for url in engines[0])
    assert first["choices"][0]["message"] == second["choices"][0]["message"]
    usage = first["usage"]
    assert usage["completion_tokens"] == 6
    assert usage["total_tokens"] == usage["prompt_tokens"] + 6
    assert "cached_tokens" in usage["prompt_tokens_details"]
    again = ask(engines[0][0], max_tokens=6).json["usage"]
    assert again["prompt_tokens_details"]["cached_tokens"] > 0, "the second time it is cached"


def test_completions_are_served(url):
    answer = send("POST", url + "/v1/completions",
                  body={"model": "m", "prompt": "once", "max_tokens": 3})
    assert answer.status == 200 and answer.json["usage"]["completion_tokens"] == 3


def test_a_stream_counts_as_it_runs_and_at_its_end(url):
    answer = ask(url, stream=True, max_tokens=4, stream_options={"include_usage": True},
                 timings_per_token=True)
    events = [line[6:] for line in answer.body.decode().splitlines() if line.startswith("data: ")]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    assert [c["usage"]["completion_tokens"] for c in chunks if c.get("usage")] == [4]
    running = [c["timings"]["predicted_n"] for c in chunks if "timings" in c]
    assert running == sorted(running) and running[-1] == 4


def test_health_and_metrics_speak_as_llama_cpp(url):
    assert get(url + "/health").json["status"] == "ok"
    assert b"llamacpp:requests_processing" in get(url + "/metrics").body


def test_executions_are_counted_by_request(url):
    before = started([url])
    ask(url, "one")
    ask(url, "two")
    ask(url, "two")
    assert started([url]) == before + 3
    assert executions([url])["two"] == 2


def test_every_byte_received_is_recorded(engines, url):
    ask(url, "recorded", user="planted")
    def recorded():
        lines = [json.loads(line) for line in whole_lines(engines[1])]
        return [line for line in lines if ["portolan-request-id", "recorded"] in line["fields"]]
    last = wait_until("it is written down", recorded)
    assert len(last) == 1 and last[0]["method"] == "POST" and last[0]["engine"] == "engine-1"


def test_status(url):
    order_faults([url], {"kind": "status", "status": 503, "count": 2})
    assert [ask(url).status for _ in range(3)] == [503, 503, 200]


def test_hang(url):
    order_faults([url], {"kind": "hang"})
    before = started([url])
    call = Call(url, "", prompt())
    wait_until("it has been taken", lambda: started([url]) > before)
    call.socket.settimeout(1)
    with pytest.raises(TimeoutError):
        call.read()
    call.leave()
    assert ask(url).status == 200


def test_reset_after_tokens(url):
    order_faults([url], {"kind": "reset_after", "tokens": 3})
    received, was_reset = raw_stream(url)
    assert was_reset and b"[DONE]" not in received
    received, was_reset = raw_stream(url)
    assert not was_reset and b"[DONE]" in received


def test_slow(url):
    order_faults([url], {"kind": "slow", "factor": 20})
    began = time.monotonic()
    assert ask(url).status == 200
    assert time.monotonic() - began > 0.4, "20 times 20 ms to the first token"


@pytest.mark.parametrize("variant", ["json", "event", "end", "head"])
def test_malformed(url, variant):
    order_faults([url], {"kind": "malformed", "variant": variant})
    spoilt, _ = raw_stream(url)
    assert b"[DONE]" not in spoilt or variant in ("json", "event")
    whole, _ = raw_stream(url)
    assert whole.startswith(b"HTTP/1.1 200") and b"[DONE]" in whole and whole != spoilt


@pytest.mark.parametrize("mode", ["loading", "failing"])
def test_health_fails_alone(url, mode):
    order_faults([url], {"kind": "health", "mode": mode, "count": 1})
    assert get(url + "/health").status >= 500
    assert get(url + "/health").status == 200
    assert ask(url).status == 200


def test_accept_stall(url):
    began = time.monotonic()
    order_faults([url], {"kind": "accept_stall", "ms": 800})
    # One accept may have been under way; the second one waits.
    assert ask(url).status == 200 and ask(url).status == 200
    assert time.monotonic() - began > 0.7


def test_an_order_that_is_not_understood_is_refused_with_a_sentence(url):
    for order in ({"kind": "sulk"}, {"kind": "hang", "status": 500},
                  {"kind": "status", "count": 0}):
        answer = send("POST", url + "/sim/faults", body=order)
        assert answer.status == 400 and answer.json["error"]["message"]
