"""Clients that keep asking while things are killed, and remember exactly what they saw."""

import json
import random
import threading
import time
from dataclasses import dataclass, field as member

from client import bearer, open_socket, prompt
from network import wait_until

ANSWER_BYTES_MAX = 4 * 1024 * 1024


@dataclass
class Outcome:
    zone: str
    workspace: str
    stream: bool
    began: float = 0
    ended: float = 0
    received: bytes = b""
    end: str = "refused"  # or: eof reset timeout

    @property
    def seconds(self):
        return self.ended - self.began

    @property
    def head(self):
        return self.received.split(b"\r\n\r\n", 1)[0]

    @property
    def body(self):
        return self.received.partition(b"\r\n\r\n")[2]

    def field(self, name):
        """A field of the answer's head, or nothing."""
        lines = (line.partition(b":") for line in self.head.split(b"\r\n")[1:])
        found = [value.strip().decode() for key, _, value in lines
                 if key.decode().lower() == name]
        return found[0] if found else ""

    @property
    def status(self):
        words = self.head.split(b" ", 2)
        return int(words[1]) if len(words) > 1 else 0

    @property
    def complete(self):
        """A whole answer with status 200, as HTTP and OpenAI end one."""
        if self.status != 200 or self.end != "eof":
            return False
        if self.stream:
            return b"data: [DONE]" in self.body and self.body.endswith(b"0\r\n\r\n")
        try:
            return json.loads(self.body)["usage"]["completion_tokens"] > 0
        except (ValueError, KeyError):
            return False

    @property
    def begun(self):
        """Whether bytes of an answer had come."""
        return self.status == 200

    @property
    def breaks_visibly(self):
        """Ends with an error event, and then without the end that HTTP would have."""
        return b'data: {"error":' in self.body and not self.ends_as_http

    @property
    def ends_as_http(self):
        return self.body.endswith(b"0\r\n\r\n") or b"[DONE]" in self.body

    @property
    def code(self):
        try:
            return json.loads(self.body)["error"]["code"]
        except (ValueError, KeyError, TypeError):
            return ""

    def __str__(self):
        return (f"{self.workspace} at {self.zone}{' stream' if self.stream else ''}: {self.status} "
                f"{self.code} {self.end} after {self.seconds:.2f} s: {self.received[-200:]}")


def ask_once(url, key, outcome, tokens, timeout=30, **members):
    """One request on a connection of its own, byte by byte as it comes."""
    body = json.dumps(prompt(stream=outcome.stream, max_tokens=tokens, **members)).encode()
    head = (f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: "
            f"{bearer(key)['authorization']}\r\ncontent-length: {len(body)}\r\n\r\n").encode()
    outcome.began = time.monotonic()
    try:
        with open_socket(url, timeout) as connection:
            outcome.end = "reset"
            connection.sendall(head + body)
            while len(outcome.received) < ANSWER_BYTES_MAX:
                piece = connection.recv(65536)
                if not piece:
                    outcome.end = "eof"
                    break
                outcome.received += piece
    except TimeoutError:
        outcome.end = "timeout"
    except OSError:
        pass
    outcome.ended = time.monotonic()
    return outcome


@dataclass
class Load:
    """64 clients by zone URLs. Who loses its gateway asks the region's URL next."""

    network: object
    clients: int = 64
    tokens: int = 24
    zones: list = None  # where clients are; None: in all
    workspace: str = "global"  # of those who are not in the EU's
    outcomes: list = member(default_factory=list)
    retries: list = member(default_factory=list)

    def __post_init__(self):
        self.stopping = threading.Event()
        self.running = {}  # by client: when its request began
        zones = sorted(self.zones or self.network.zones)
        self.threads = [
            threading.Thread(target=self._ask, args=(zones[i % len(zones)], i), daemon=True)
            for i in range(self.clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)

    def _ask(self, zone, number):
        dice = random.Random(number)
        place = self.network.zones[zone]
        in_eu = place["region"].startswith("eu")
        workspace = "eu" if in_eu and number % 4 == 0 else self.workspace
        key = self.network.keys[workspace]
        while not self.stopping.is_set():
            stream = dice.random() < 0.7
            outcome = self._once(number, place["gateway_url"], key,
                                 Outcome(zone, workspace, stream))
            self.outcomes.append(outcome)
            if outcome.complete or outcome.begun or outcome.status:
                continue
            self._retry(number, place, key, outcome)

    def _once(self, number, url, key, outcome):
        self.running[number] = time.monotonic()
        try:
            return ask_once(url, key, outcome, self.tokens)
        finally:
            del self.running[number]

    def await_ended(self, moment):
        """Until everything has ended that was asked before that moment."""
        wait_until("what was asked has ended",
                   lambda: all(began > moment for began in list(self.running.values())))

    def _retry(self, number, place, key, lost):
        """As a stock SDK does: twice at most, after half a second and more."""
        tries = []
        for pause in (0.5, 1.0):
            time.sleep(pause)
            outcome = Outcome(place["name"], lost.workspace, lost.stream)
            tries.append(self._once(number, self.network.regions[place["region"]], key, outcome))
            if tries[-1].complete:
                break
        self.retries.append(tries)
