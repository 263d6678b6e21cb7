"""Requests that end in every way, and the usage record that each is to leave."""

import socket
import time
from dataclasses import dataclass, field

from call import Call
from client import clear_faults, executions, get, order_faults, prompt
from network import EU, wait_until
from usage import UsageLogs

HERE, OTHER, FAR = "eu-central-1a", "eu-central-1b", "ap-southeast-1a"
EU_ONLY = "smollm2-135m-eu"  # for FAR: over a hop, to HERE or OTHER
BEHIND_OVER_A_HOP = 32  # tokens that the entry may not have heard of
NEVER, ENDLESS = 1000, 1500  # times as slow, tokens: it is over long before their end


@dataclass
class Row:
    """How a request ends, and what its record says."""
    act: callable
    outcome: str = "completed"
    status: int = 200
    billed: str = "all"  # or: part none
    execs: list = field(default_factory=lambda: ["completed"])  # outcomes, by time
    at: str = HERE       # the entry
    whole: bool = True   # the client got all of an answer


def here(network, **members):
    fields = members.pop("fields", {})
    body = prompt(max_tokens=members.pop("max_tokens", 50), **members)
    return Call(network.zones[HERE]["gateway_url"], network.keys["eu"], body, **fields)


def far(network, **members):
    body = prompt(max_tokens=members.pop("max_tokens", 150), **{"model": EU_ONLY, **members})
    return Call(network.zones[FAR]["gateway_url"], network.keys["global"], body)


def harm(network, zone, *orders):
    order_faults([network.zones[zone]["engine_url"]], *orders)


def ran_before(network):
    return sum(executions(network.engine_urls(EU)).values())


def when_executing(network, make):
    """Makes a call and returns when an engine has it."""
    before = ran_before(network)
    call = make()
    wait_until("an engine has the request", lambda: ran_before(network) > before)
    time.sleep(0.05)
    return call


def slowly(factor, **more):
    return {"kind": "slow", "factor": factor, **more}


def after(fault, zones=(HERE,), ask=here, **members):
    """The call, read to its end, after these engines were told to fail."""
    def act(network):
        for zone in zones:
            harm(network, zone, fault)
        return ask(network, **members).read()
    return act


def leaving(words, ask=here, factor=3, **members):
    def act(network):
        for zone in (HERE, OTHER):
            harm(network, zone, slowly(factor))
        call = when_executing(network, lambda: ask(network, stream=True, **members))
        return call.read(words).leave()
    return act


def half_closing(words, factor):
    def act(network):
        harm(network, HERE, slowly(factor))
        call = when_executing(network, lambda: here(network, stream=True, max_tokens=ENDLESS))
        call.read(words)
        call.socket.shutdown(socket.SHUT_WR)
        return call.read()
    return act


def leaving_whole(network):
    harm(network, HERE, slowly(NEVER))
    return when_executing(network, lambda: here(network)).leave()


def lost_hung_engine(network):
    harm(network, HERE, {"kind": "hang"})
    call = when_executing(network, lambda: here(network, stream=True))
    harm(network, HERE, {"kind": "health", "mode": "failing", "count": 3})
    return call.read()


def refused_by_engine(network):
    return here(network, messages=[{"role": "user", "content": "far too long " * 9000}]).read()


def leaving_between_executions(network):
    """Again until it was in time: the last execution waits for 200 ms and no longer."""
    for _ in range(50):
        clear_faults([network.zones[HERE]["engine_url"]])
        harm(network, HERE, {"kind": "status", "status": 500})
        before = ran_before(network)
        call = here(network)
        wait_until("an engine has failed it", lambda: ran_before(network) > before, every=0.01)
        call.leave()
        if executions_of(network, call) == ["engine_failed"]:
            return call
    raise AssertionError("nobody left between two executions")


def executions_of(network, call):
    """How a call's executions ended, once it is closed."""
    def found():
        logs = UsageLogs(network)
        for close in logs.of("close"):
            if close["trace_id"] == call.trace:
                execs = logs.of("exec", close["request_id"])
                return len(execs) == close["executions"] and (close, execs)
        return None
    close, execs = wait_until("the record of who left", found)
    return close["outcome"] == "cancelled" and [each["outcome"] for each in execs]


RESET, ERROR = {"kind": "reset_after"}, {"kind": "status", "status": 500}
BOTH = (HERE, OTHER)
FAILED_ONCE = ["engine_failed", "completed"]


def malformed(variant):
    return {"kind": "malformed", "variant": variant}


def timed(milliseconds, factor, **members):
    return after(slowly(factor), fields={"portolan_timeout_ms": milliseconds}, **members)


ROWS = {
    "whole here": Row(lambda network: here(network).read()),
    "stream here": Row(lambda network: here(network, stream=True).read()),
    "stream here, usage asked for": Row(lambda network: here(
        network, stream=True, stream_options={"include_usage": True}).read()),
    "whole over a hop": Row(lambda network: far(network).read(), at=FAR),
    "stream over a hop": Row(lambda network: far(network, stream=True).read(), at=FAR),
    "an engine refuses": Row(refused_by_engine, status=400, billed="none", whole=False),
    "client gone before the first token": Row(
        leaving(0, factor=NEVER), "cancelled", 0, "none", ["cancelled"], whole=False),
    "client gone mid-stream": Row(
        leaving(40, max_tokens=ENDLESS), "cancelled", 200, "part", ["cancelled"], whole=False),
    "client gone before the first token, over a hop": Row(
        leaving(0, far, factor=NEVER), "cancelled", 0, "none", ["cancelled"], FAR, False),
    "client gone mid-stream, over a hop": Row(
        leaving(40, far, max_tokens=ENDLESS), "cancelled", 200, "part", ["cancelled"], FAR, False),
    "client gone before a whole answer": Row(
        leaving_whole, "cancelled", 0, "none", ["cancelled"], whole=False),
    "client gone between two executions": Row(
        leaving_between_executions, "cancelled", 0, "none", ["engine_failed"], whole=False),
    "half-closed before the first token": Row(
        half_closing(0, NEVER), "cancelled", 0, "none", ["cancelled"], whole=False),
    "half-closed mid-stream": Row(
        half_closing(5, 5), "cancelled", 200, "part", ["cancelled"], whole=False),
    "a 500, then another zone": Row(after(ERROR, stream=True), execs=FAILED_ONCE),
    "a reset, then another zone": Row(
        after(RESET, stream=True), execs=["connection_reset", "completed"]),
    "no HTTP, then another zone": Row(
        after(malformed("head")), execs=["malformed_peer", "completed"]),
    "half a body, then another zone": Row(
        after(malformed("json")), execs=["malformed_peer", "completed"]),
    "a hung engine, then another zone": Row(lost_hung_engine, execs=FAILED_ONCE),
    "a 500 over a hop, then another zone": Row(
        after({**ERROR, "count": 1}, (HERE,), far, stream=True), at=FAR, execs=None),
    "500 everywhere": Row(after(ERROR, BOTH, stream=True), "attempts_exhausted", 502, "none",
                          ["engine_failed"] * 2, whole=False),
    "reset everywhere": Row(after(RESET, BOTH), "attempts_exhausted", 502, "none",
                            ["connection_reset"] * 2, whole=False),
    "500 everywhere, over a hop": Row(
        after(ERROR, BOTH, far), "attempts_exhausted", 502, "none", ["engine_failed"] * 2, FAR,
        False),
    "a reset after the first token": Row(
        after({**RESET, "tokens": 5}, stream=True), "engine_failed", 200, "part",
        ["connection_reset"], whole=False),
    "a cut event after the first token": Row(
        after(malformed("json"), stream=True), "engine_failed", 200, "part", ["malformed_peer"],
        whole=False),
    "an early end after the first token": Row(
        after(malformed("end"), stream=True), "engine_failed", 200, "part",
        ["connection_closed"], whole=False),
    "a reset after the first token, over a hop": Row(
        after({**RESET, "tokens": 40}, BOTH, far, stream=True), "engine_failed", 200, "part",
        ["connection_reset"], FAR, False),
    "the deadline before the first token": Row(
        timed(2000, NEVER, stream=True), "deadline_exceeded", 504, "none", ["deadline_exceeded"],
        whole=False),
    "the deadline mid-stream": Row(
        timed(3000, 10, stream=True, max_tokens=ENDLESS), "deadline_exceeded", 200, "part",
        ["deadline_exceeded"], whole=False),
}


def runs_of(network, request_id):
    """What the engines say of a request's executions, in order of their engines."""
    found = []
    for url in network.engine_urls():
        found += get(url + "/sim/executions").json["requests"].get(request_id, {"runs": []})["runs"]
    return found
