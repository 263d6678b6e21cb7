"""World, Keyring and Restrictions reach every gateway, and bad ones reach none."""

import json
import time

import pytest

from client import get, send
from network import ROOT, run_portolan, wait_until

EVERYWHERE_SECONDS = 5  # the promise of a revocation


def gateways(network):
    return [zone["gateway_url"] for zone in network.zones.values()]


def seconds_until_everywhere(network, holds):
    """How long it takes until holds(url) at every gateway."""
    began = time.monotonic()
    left = gateways(network)
    while left:
        left = [url for url in left if not holds(url)]
        assert time.monotonic() - began < 60, f"still not at {left}"
    return time.monotonic() - began


def make_key(network, workspace="global"):
    made = network.cli("key", "create", "--workspace", workspace, "-o", "json")
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


def models(url, key):
    return get(url + "/v1/models", key).status


def test_a_new_key_works_at_all_six_gateways_within_5_s(sim):
    key = make_key(sim)["key"]
    took = seconds_until_everywhere(sim, lambda url: models(url, key) == 200)
    print(f"new key usable everywhere after {took:.2f} s")
    assert took < EVERYWHERE_SECONDS


def test_a_revoked_key_stops_at_all_six_gateways_within_5_s(sim):
    made = make_key(sim)
    seconds_until_everywhere(sim, lambda url: models(url, made["key"]) == 200)
    assert sim.cli("key", "revoke", made["id"]).returncode == 0
    took = seconds_until_everywhere(sim, lambda url: models(url, made["key"]) == 401)
    print(f"revoked everywhere after {took:.2f} s")
    assert took < EVERYWHERE_SECONDS
    listed = json.loads(sim.cli("key", "list", "-o", "json").stdout)["keys"]
    assert [key["revoked"] for key in listed if key["id"] == made["id"]] == [True]
    assert made["key"] not in sim.cli("key", "list").stdout


def test_keys_are_made_listed_and_revoked_by_http(sim):
    keys = sim.admin_url + "/admin/v1/keys"
    made = send("POST", keys, sim.admin_key, {"workspace": "eu", "scopes": ["eu"]})
    assert made.status in (200, 201), made.body
    assert made.json["id"] in [key["id"] for key in get(keys, sim.admin_key).json["keys"]]
    assert send("DELETE", f"{keys}/{made.json['id']}", sim.admin_key).status in (200, 204)
    assert send("POST", keys, sim.admin_key, {"workspace": "nowhere"}).status == 400


def test_the_admin_api_takes_the_admin_key_only(sim):
    for key in (None, sim.keys["global"], "pta_" + "0" * 64):
        answer = get(sim.admin_url + "/admin/v1/worlds", key)
        assert answer.status == 401 and answer.error["code"] == "admin_key_required"


def scope_text(name, include, version=None):
    mark = f", resourceVersion: {version}" if version else ""
    return (f"apiVersion: portolan/v1\nkind: Scope\nmetadata: {{name: {name}{mark}}}\n"
            f"spec: {{include: [{include}]}}\n")


def get_version(network, name):
    shown = network.cli("get", "scope", name, "-o", "json")
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)["metadata"]["resourceVersion"]


def test_apply_get_and_delete_change_the_network(sim):
    assert sim.cli("apply", "-f", "-", stdin=scope_text("mine", "eu")).returncode == 0
    assert "mine" in sim.cli("get", "scopes").stdout
    assert "include" in sim.cli("get", "scope", "mine", "-o", "yaml").stdout
    assert sim.cli("delete", "scope", "mine").returncode == 0
    gone = sim.cli("get", "scope", "mine")
    assert gone.returncode != 0 and "resource_not_found" in gone.stderr
    used = sim.cli("delete", "scope", "eu")
    assert used.returncode != 0 and "eu" in used.stderr, "workspaces refer to it"


def test_a_lost_update_is_a_conflict(sim):
    assert sim.cli("apply", "-f", "-", stdin=scope_text("theirs", "eu")).returncode == 0
    read = get_version(sim, "theirs")
    changed = sim.cli("apply", "-f", "-", stdin=scope_text("theirs", "apac", read))
    assert changed.returncode == 0, changed.stderr
    late = sim.cli("apply", "-f", "-", stdin=scope_text("theirs", "emea", read))
    assert late.returncode != 0 and "resource_conflict" in late.stderr
    assert "apac" in sim.cli("get", "scope", "theirs", "-o", "yaml").stdout
    path = f"{sim.admin_url}/admin/v1/resources/scopes/theirs"
    assert send("DELETE", f"{path}?resourceVersion={read}", sim.admin_key).status == 409
    current = get_version(sim, "theirs")
    assert send("DELETE", f"{path}?resourceVersion={current}", sim.admin_key).status == 200


def test_a_bad_file_changes_nothing_and_names_the_place(sim):
    before = json.loads(sim.cli("get", "worlds", "-o", "json").stdout)["current"]
    text = scope_text("good", "eu") + "---\n" + scope_text("bad", "nowhere-at-all")
    refused = sim.cli("apply", "-f", "-", stdin=text)
    assert refused.returncode != 0 and ":9:18:" in refused.stderr, refused.stderr
    after = json.loads(sim.cli("get", "worlds", "-o", "json").stdout)["current"]
    assert before == after


REGION = "apiVersion: portolan/v1\nkind: Region\nmetadata: {name: r}\nspec: {city: X, country: DE"
MISTAKES = [
    ("unknown key", REGION + ", oddly: 1}\n", 4, 30, "oddly"),
    ("wrong type", REGION + ", latitude: north}\n", 4, 40, "number"),
    ("duplicate", REGION + "}\n---\n" + REGION + "}\n", 8, 18, "twice"),
    ("dangling reference", "apiVersion: portolan/v1\nkind: Zone\nmetadata: {name: z}\n"
     "spec: {region: nowhere}\n", 4, 16, "nowhere"),
    ("zone without region", "apiVersion: portolan/v1\nkind: Zone\nmetadata: {name: z}\n"
     "spec: {}\n", 4, 7, "region"),
    ("scope that includes nothing", "apiVersion: portolan/v1\nkind: Scope\nmetadata: {name: s}\n"
     "spec: {include: []}\n", 4, 8, "nothing"),
    ("scope that holds no zone", REGION + "}\n---\napiVersion: portolan/v1\nkind: Scope\n"
     'metadata: {name: s}\nspec: {include: ["country:FR"]}\n', 9, 8, "no zone"),
    ("dates out of order", "apiVersion: portolan/v1\nkind: Rule\nmetadata: {name: d}\n"
     "spec: {deny: {weights: {export-class: a}, to: {country: [CN]}}, from: 2025-01-01,\n"
     "  until: 2024-01-01, reason: r, source: s}\n", 5, 10, "no later"),
]


@pytest.mark.parametrize("text, line, column, word", [m[1:] for m in MISTAKES],
                         ids=[m[0] for m in MISTAKES])
def test_validate_names_file_line_and_column(tmp_path, text, line, column, word):
    file = tmp_path / "world.yaml"
    file.write_text(text)
    found = run_portolan("world", "validate", file)
    assert found.returncode == 1
    said = [problem for problem in found.stderr.splitlines()
            if problem.startswith(f"{file}:{line}:{column}: ")]
    assert said and word in said[0], found.stderr


def test_the_example_is_valid():
    assert run_portolan("world", "validate", ROOT / "worlds/local.yaml").returncode == 0
