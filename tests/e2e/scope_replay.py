"""Somebody with control's certificate who gives gateways a World that they have left behind.

The document is one that a gateway received once, signature and all. Gateways ask here first
(stage_network.REPLAY_PORT); where nobody listens they go on to control.
"""

import contextlib
import json
import re
import socket
import ssl
import time

from scope_check import received_streams
from stage_network import REPLAY_PORT

ACCEPT_SECONDS, REPLAY_SECONDS = 0.3, 2
CONTENT_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
REFUSED = "refused a world"


def answers(data):
    """Bodies of the whole answers that came by a connection, one after the other."""
    while True:
        head, ended, rest = data.partition(b"\r\n\r\n")
        length = CONTENT_LENGTH.search(head)
        if not ended or not length or len(rest) < int(length[1]):
            return
        yield rest[:int(length[1])]
        data = rest[int(length[1]):]


def worlds(body):
    announced, _, documents = body.partition(b"\n")
    for document in json.loads(announced).get("documents", ()):
        if document["kind"] == "world":
            yield documents[:document["bytes"]]
        documents = documents[document["bytes"]:]


def first_world(region, control_address):
    """The first World that a gateway of the region was given, as it came."""
    for path in sorted(region.home.glob("received/gateway-*/*.received")):
        for how, address, data in received_streams(path):
            if how != "connected" or address != control_address:
                continue
            for body in answers(data):
                for world in worlds(body):
                    return world
    raise AssertionError("no gateway was given a World")


class Replayer:
    def __init__(self, network):
        region = network.home_region
        control = f"{region.address}:{network.plan.ports['control']}"
        document = first_world(region, control)
        answer = json.dumps({"confirmed": False, "documents": [
            {"bytes": len(document), "kind": "world"}],
            "kind": "poll-answer", "major": 1, "minor": 0}).encode() + b"\n" + document
        self.answer = (b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n"
                       b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(answer)) + answer
        self.region = region
        keys = network.plan.folder / "authority/tls"
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(keys / "control.pem", keys / "control.key")
        self.tls.load_verify_locations(network.plan.folder / "authority/tls-authority.pem")
        self.tls.verify_mode = ssl.CERT_REQUIRED

    def replay(self):
        """Listens for a moment; returns how many gateways were given the old World."""
        given = 0
        with self.region.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self.region.address, REPLAY_PORT))
            listener.listen()
            listener.settimeout(ACCEPT_SECONDS)
            end = time.monotonic() + REPLAY_SECONDS
            with contextlib.suppress(TimeoutError):
                while time.monotonic() < end:
                    given += self.serve(listener.accept()[0])
        return given

    def serve(self, connection):
        connection.settimeout(2)
        try:
            with self.tls.wrap_socket(connection, server_side=True) as peer:
                asked = b""
                while b"\r\n\r\n" not in asked:
                    asked += self.read(peer)
                head, _, body = asked.partition(b"\r\n\r\n")
                size = int(CONTENT_LENGTH.search(head).group(1))
                while len(body) < size:
                    body += self.read(peer)
                peer.sendall(self.answer)
                return 1
        except OSError:
            return 0  # the gateway was killed, or is cut off

    @staticmethod
    def read(peer):
        piece = peer.recv(65536)
        if not piece:
            raise ConnectionResetError
        return piece


def refusals(network):
    """How often a gateway said in its log that it refuses a World."""
    return sum(path.read_text(errors="replace").count(REFUSED)
               for gateway in network.gateways.values()
               for path in gateway.region.home.glob(f"runs/{gateway.name}.*/*.log"))
