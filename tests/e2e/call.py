"""A request whose connection is the test's to read from, cut and leave."""

import json
import secrets

from client import open_socket


class Call:
    """A request on a connection of its own, read as far as the test wants."""

    def __init__(self, url, key, body, **fields):
        self.trace = secrets.token_hex(16)
        self.received = b""
        self.stream = isinstance(body, dict) and body.get("stream", False)
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = {"host": "x", "authorization": f"Bearer {key}", "content-length": len(body),
                 "traceparent": f"00-{self.trace}-00f067aa0ba902b7-01", **fields}
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
        self.socket = open_socket(url)
        self.socket.sendall(b"POST /v1/chat/completions HTTP/1.1\r\n" + head.encode() + b"\r\n"
                            + body)

    @property
    def head(self):
        return self.received.split(b"\r\n\r\n", 1)[0].decode()

    @property
    def status(self):
        return int(self.head.split(" ", 2)[1]) if self.received else 0

    @property
    def request_id(self):
        lines = [line.split(": ", 1) for line in self.head.split("\r\n")[1:]]
        return dict(lines).get("portolan-request-id", "")

    @property
    def words(self):
        return self.received.count(b'"content":"')

    @property
    def whole(self):
        if not self.stream:
            return self.status == 200 and self.received.endswith(b"}")
        return b"data: [DONE]" in self.received and self.received.endswith(b"0\r\n\r\n")

    def read(self, words=None):
        """Until so many words have come, or the end of the answer or connection."""
        while not (self._ended() if words is None else self.words >= words):
            try:
                piece = self.socket.recv(65536)
            except ConnectionResetError:
                piece = b""
            self.received += piece
            if not piece:
                return self
        return self

    def _ended(self):
        head, _, body = self.received.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return len(body) >= int(line.split(b":")[1])
        return self.stream and self.received.endswith(b"0\r\n\r\n")

    def leave(self):
        self.socket.close()
        return self
