"""A webhook: its receiver, which a test starts and kills, and a control that tells it."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from pathlib import Path

from client import get
from network import command_of, free_base_port

SECRET = "a secret of the receiver and of control"


class Receiver:
    """`authority`: who is to vouch for it, where it speaks TLS."""

    def __init__(self, network, authority=None):
        self.network = network
        self.port = free_base_port()
        self.file = network.home / "received.jsonl"
        self.file.touch()
        secret = network.home / "webhook-secret"
        secret.write_text(SECRET + "\n")
        scheme, trust = ("https", ["--webhook-ca", str(authority)]) if authority else ("http", [])
        self.flags = ["--webhook", f"{scheme}://127.0.0.1:{self.port}/portolan",
                      "--webhook-secret", str(secret), *trust]

    def receive(self, status=204, certificate=None, seconds=0):
        """From now on. `certificate`: it and its key in one file; `seconds` pass before the answer.
        """
        tls = ["--certificate", str(certificate)] if certificate else []
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("webhook_receiver.py")), str(self.port),
             str(self.file), "--status", str(status), "--seconds", str(seconds), *tls])
        self.network.strangers.append(process)
        return process

    def events(self):
        """What came, each with the signature that it should have."""
        events = []
        for line in self.file.read_text().splitlines():
            post = json.loads(line)
            body = base64.b64decode(post["body"])
            code = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            assert post["signature"] == "sha256=" + code
            assert (post["path"], post["type"]) == ("/portolan", "application/json")
            events.append(json.loads(body))
        return events


class Hook(Receiver):
    """With the network's control started again, so that it tells it."""

    def __init__(self, network, authority=None):
        super().__init__(network, authority)
        self.log = network.home / "logs/restarted.log"
        self.command = [*command_of(network.control_pid), *self.flags]
        self.restart_control()

    def restart_control(self):
        self.network.kill(self.network.control_pid)
        self.network.start_control(self.command)

    def is_told_of_changes(self):
        return "the webhook is told of changes from now on" in self.log.read_text()

    def waiting(self):
        """How many events nobody took yet."""
        return counted(self.network.admin_url, "waiting")


def counted(admin_url, name):
    lines = get(admin_url + "/metrics").body.decode().splitlines()
    return next(int(line.split()[1]) for line in lines
                if line.startswith(f"portolan_webhook_{name} "))


def kinds(events):
    return [(event["type"], event["region"], event["model"]) for event in events]
