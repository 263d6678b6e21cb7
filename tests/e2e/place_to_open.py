"""A region of a running network that is taken out of it, to be opened from a file."""

import json

from client import send
from network import MODEL, wait_until

REGION = "ap-southeast-1"
ZONES = ("ap-southeast-1a", "ap-southeast-1b")
NAME = "singapore"
DENIED = "smollm2-135m-eu"  # by a rule about its weights
GATES = ("reach", "clocks", "certificates", "engines", "catalogue", "keys", "probes", "refusals",
         "loss", "neighbours")
GATES_SECONDS = 40


def stored(network, kind):
    answer = send("GET", f"{network.admin_url}/admin/v1/resources/{kind}", network.admin_key)
    assert answer.status == 200, answer.body
    return answer.json["items"]


def without_version(resource):
    resource["metadata"].pop("resourceVersion", None)
    return resource


class PlaceToOpen:
    """REGION with its gateways and engines, which go on running; the World has it no more."""

    def __init__(self, network):
        self.network = network
        self.resources = [without_version(each) for kind, named in (
            ("regions", lambda each: each["metadata"]["name"] == REGION),
            ("zones", lambda each: each["metadata"]["name"] in ZONES),
            ("deployments", lambda each: each["spec"]["zone"] in ZONES),
        ) for each in stored(network, kind) if named(each)]
        self.denied = [each for each in self.resources if each["kind"] == "Deployment"
                       and each["spec"]["model"] == DENIED]
        for each in self.resources:
            for engine in each["spec"].get("engines", []):
                engine["served_as"] = "engine-sim"  # as engine-sim lists its model
        for each in reversed(self.resources):
            kind, name = each["kind"].lower(), each["metadata"]["name"]
            gone = send("DELETE", f"{network.admin_url}/admin/v1/resources/{kind}/{name}"
                        "?break_glass=1&reason=a%20test", network.admin_key)
            assert gone.status == 200, gone.body

        # What a rule denies there is to be in the file only where a test wants it so.
        self.resources = [each for each in self.resources if each not in self.denied]

    def file(self, **spec):
        opening = {"apiVersion": "portolan/v1", "kind": "Opening", "metadata": {"name": NAME},
                   "spec": {"region": REGION, "requests": 5, **spec}}
        return "\n---\n".join(json.dumps(each) for each in [*self.resources, opening])

    def call(self, method, path="", body=None, **parameters):
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return send(method, f"{self.network.admin_url}/admin/v1/openings{path}"
                    + (f"?{query}" if query else ""), self.network.admin_key,
                    body.encode() if body else None)

    def open(self, **spec):
        answer = self.call("POST", body=self.file(**spec), source="singapore.yaml")
        assert answer.status == 200, answer.body
        return answer.json

    def record(self):
        answer = self.call("GET", f"/{NAME}")
        assert answer.status == 200, answer.body
        return answer.json

    def close_again(self):
        """As an operator does, whatever a test before left."""
        if self.call("GET", f"/{NAME}").status == 404:
            return
        answer = self.call("POST", f"/{NAME}/close", break_glass=1, reason="a%20test")
        assert answer.status == 200, answer.body

    def red_gate(self):
        """The one that is red, once any is, with nothing asked behind it."""
        def look():
            gates = self.record()["gates"]
            red = [at for at, gate in enumerate(gates) if gate["state"] == "red"]
            if not red:
                return None
            assert [gate["gate"] for gate in gates[red[0] + 1:]
                    if gate["state"] not in ("waiting", "skipped")] == []
            return gates[red[0]]
        return wait_until("a gate is red", look, GATES_SECONDS, every=0.2)

    def gate(self, name):
        [found] = [gate for gate in self.record()["gates"] if gate["gate"] == name]
        return found

    def wait_for(self, *phases, seconds=60):
        def reached():
            record = self.record()
            over = record["phase"] in phases and not record["closing"]
            return record if over else None
        return wait_until(f"the opening is {' or '.join(phases)}", reached, seconds, every=0.2)
