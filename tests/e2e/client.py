"""Plain HTTP for what no SDK would send or show."""

import http.client
import json
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from network import MODEL, wait_until

TIMEOUT_SECONDS = 60


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]

    @property
    def request_id(self):
        return self.headers["portolan-request-id"]


def bearer(key):
    return {"authorization": f"Bearer {key}"} if key else {}


def send(method, url, key=None, body=None, headers=None, timeout=TIMEOUT_SECONDS):
    """One request on a connection of its own; a body that is no bytes goes as JSON."""
    parts = urlsplit(url)
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    fields = {"content-type": "application/json", **bearer(key), **(headers or {})}
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target or "/", body, fields)
        answer = connection.getresponse()
        lower = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, lower, answer.read())
    finally:
        connection.close()


def get(url, key=None, **more):
    return send("GET", url, key, **more)


def prompt(text="Say hello.", **members):
    return {"model": MODEL, "max_tokens": 8, "messages": [{"role": "user", "content": text}],
            **members}


def chat(url, key, text="Say hello.", headers=None, **members):
    return send("POST", url + "/v1/chat/completions", key, prompt(text, **members), headers)


def metrics(url):
    """Every sample of /metrics by its name with labels."""
    lines = get(url + "/metrics").body.decode().splitlines()
    samples = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {name: float(value) for name, value in samples}


def numbers_of(network, name):
    """What every gateway says of one metric."""
    return [metrics(zone["gateway_url"])[f"portolan_{name}"] for zone in network.zones.values()]


def await_everywhere(network, name, least):
    """Until every gateway holds that version of the World, the Keyring or the restrictions."""
    wait_until(f"all gateways have {name} {least}",
               lambda: min(numbers_of(network, name)) >= least)


def await_engine(zone):
    """Until the gateway of a zone believes in the zone's engine."""
    name = f'portolan_engine_healthy{{engine="{zone["engine_url"]}"}}'
    wait_until(f"the engine of {zone['name']} is believed to live",
               lambda: metrics(zone["gateway_url"]).get(name))


def order_faults(urls, *orders):
    for url in urls:
        answer = send("POST", url + "/sim/faults", body=list(orders))
        assert answer.status < 300, answer.body


def clear_faults(urls):
    for url in urls:
        assert send("DELETE", url + "/sim/faults").status < 300


def executions(urls):
    """How often each request was executed, over these engines."""
    total = {}
    for url in urls:
        for name, tally in get(url + "/sim/executions").json["requests"].items():
            total[name] = total.get(name, 0) + tally["started"]
    return total


def started(urls):
    return sum(get(url + "/sim/executions").json["total"]["started"] for url in urls)


def open_socket(url, timeout=TIMEOUT_SECONDS):
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout)


def read_to_end(connection):
    """What comes until the peer ends the connection, and whether it reset it."""
    received = bytearray()
    while len(received) < 64 * 1024 * 1024:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            return bytes(received), True
        if not piece:
            return bytes(received), False
        received += piece
    raise AssertionError("the answer has no end")


def exchange_bytes(url, sent):
    """Sends bytes as they are and returns the status line's number and all that came."""
    with open_socket(url) as connection:
        connection.sendall(sent)
        received, _ = read_to_end(connection)
    return int(received.split(b" ", 2)[1]), received
