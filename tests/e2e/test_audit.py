"""Every change by the admin API leaves one entry in a log that shows what was done to it."""

import json

import pytest

from client import await_everywhere, get, numbers_of, send
from network import run_portolan


def entries(network):
    page = get(network.admin_url + "/admin/v1/audit?from=1&limit=500", network.admin_key)
    assert page.status == 200, page.body
    return page.json["entries"]


def scope(name):
    return (f"apiVersion: portolan/v1\nkind: Scope\nmetadata: {{name: {name}}}\n"
            "spec: {include: [eu]}\n")


def zone_of(network):
    return next(iter(network.zones))


def call(network, method, path, body=None):
    answer = send(method, network.admin_url + "/admin/v1/" + path, network.admin_key, body)
    assert answer.status in (200, 201), answer.body
    return answer.json


def test_who_may_not_reads_and_changes_nothing(sim):
    before = entries(sim)
    stranger = "pta_" + "0" * 64
    assert get(sim.admin_url + "/admin/v1/audit", stranger).status == 401
    assert send("POST", sim.admin_url + "/admin/v1/keys", stranger,
                {"workspace": "eu"}).status == 401
    assert send("POST", sim.admin_url + "/admin/v1/keys", sim.admin_key,
                {"workspace": "nowhere"}).status == 400
    assert get(sim.admin_url + "/admin/v1/audit?limit=none", sim.admin_key).status == 400
    assert entries(sim) == before


def test_every_way_to_change_something_leaves_its_entry(sim):
    before = len(entries(sim))
    known = max(numbers_of(sim, "restrictions_sequence"))
    assert sim.cli("apply", "-f", "-", "--reason", "for the audit", stdin=scope("audited")
                   ).returncode == 0
    key = call(sim, "POST", "keys?reason=a+new+client", {"workspace": "eu"})
    call(sim, "DELETE", f"keys/{key['id']}")
    call(sim, "POST", "restrictions", {"drain": zone_of(sim)})
    call(sim, "DELETE", f"restrictions/drain/{zone_of(sim)}")
    await_everywhere(sim, "restrictions_sequence", known + 2)
    call(sim, "POST", f"zones/{zone_of(sim)}/rotate-key", {})
    assert sim.cli("delete", "scope", "audited").returncode == 0
    left = entries(sim)[before:]
    done = [(entry["act"], entry["things"][0]["name"], entry["things"][0]["done"])
            for entry in left]
    assert done == [("apply", "audited", "created"), ("create-key", key["id"], "created"),
                    ("revoke-key", key["id"], "revoked"), ("restrict", zone_of(sim), "set"),
                    ("lift", zone_of(sim), "lifted"),
                    ("rotate-zone-key", zone_of(sim), "rotated"),
                    ("delete", "audited", "deleted")]
    assert [entry.get("reason") for entry in left[:3]] == ["for the audit", "a new client", None]
    assert all(entry["by"]["admin"] for entry in left)
    assert key["key"] not in json.dumps(left) and sim.admin_key not in json.dumps(left)
    shown = sim.cli("audit", "list")
    assert shown.returncode == 0 and "for the audit" in shown.stdout


@pytest.fixture
def exported(sim, tmp_path):
    for i in range(3):
        assert sim.cli("key", "create", "-w", "eu", "--reason", f"number {i}").returncode == 0
    file = tmp_path / "audit.jsonl"
    assert sim.cli("audit", "export", file).returncode == 0
    return file


def verify(file, *more):
    return run_portolan("audit", "verify", "--file", file, *more)


def test_the_log_of_control_is_whole_and_its_head_is_kept(sim, exported):
    online = sim.cli("audit", "verify", "-o", "json")
    assert online.returncode == 0, online.stdout + online.stderr
    head = json.loads(online.stdout)["head"]
    assert sim.cli("key", "create", "-w", "eu").returncode == 0
    assert sim.cli("audit", "verify", "--expect", head).returncode == 0
    number, digest = head.split(":")
    other = f"{number}:{'0' * 64}"
    refused = sim.cli("audit", "verify", "--expect", other)
    assert refused.returncode == 1 and f"Entry {number} has the hash {digest}" in refused.stdout
    beyond = sim.cli("audit", "verify", "--expect", f"{int(number) + 100}:{digest}")
    assert beyond.returncode == 1 and "removed" in beyond.stdout
    assert sim.cli("audit", "verify", "--expect", "nonsense").returncode == 2


@pytest.mark.parametrize("change, said", [
    (lambda lines: lines[:3] + [lines[3].replace(b"keyring", b"keyrung")] + lines[4:],
     "Entry 3 was changed"),
    (lambda lines: lines[:3] + lines[4:], "Entry 3 is missing"),
    (lambda lines: lines[:2] + [lines[3], lines[2]] + lines[4:], "Entry 2 is missing"),
    (lambda lines: lines[:3] + [lines[2]] + lines[3:], "Behind entry 2 stands entry 2"),
    (lambda lines: lines[:-1], "The file is cut"),
    (lambda lines: lines[1:], "The first line"),
], ids=["changed", "removed", "moved", "inserted", "cut", "headless"])
def test_an_export_that_was_touched_is_found_offline(exported, change, said):
    whole = verify(exported)
    assert whole.returncode == 0 and "whole:" in whole.stdout, whole.stdout + whole.stderr
    lines = exported.read_bytes().splitlines(keepends=True)
    exported.write_bytes(b"".join(change(lines)))
    found = verify(exported)
    assert found.returncode == 1 and said in found.stdout, found.stdout + found.stderr


def test_what_cannot_be_read_is_no_verdict(tmp_path):
    assert verify(tmp_path / "none").returncode == 2
