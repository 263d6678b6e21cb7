"""What large outages began with is refused, until somebody says why it is meant."""

import json

from client import chat, get
from network import EU, SG, wait_until


def served(network, workspace):
    return chat(network.regions[EU], network.keys[workspace]).status == 200


def last_entry(network):
    return json.loads(network.cli("audit", "list", "-o", "json").stdout)["entries"][-1]


def test_a_rule_that_a_changed_label_would_loosen_is_found(sim):
    shown = sim.cli("get", "model", "smollm2-135m-eu", "-o", "yaml")
    assert shown.returncode == 0 and "export-class: \"eu-only\"" in shown.stdout, shown.stdout
    loosened = shown.stdout.replace("eu-only", "open")
    for more in ((), ("--dry-run",), ("--reason", "no reason to break the glass")):
        refused = sim.cli("apply", "-f", "-", *more, stdin=loosened)
        assert refused.returncode == 1 and "(change_guarded)" in refused.stderr, refused.stderr
        assert "rule loosened: Rule 'eu-only-weights' keeps model" in refused.stderr
        assert "--break-glass REASON" in refused.stderr
    assert sim.cli("get", "model", "smollm2-135m-eu", "-o", "yaml").stdout == shown.stdout


def test_a_region_that_a_scope_needs_is_drained_with_a_reason_and_given_back(sim):
    assert served(sim, "eu")
    refused = sim.cli("restrict", "drain", EU)
    assert refused.returncode == 1 and "(change_guarded)" in refused.stderr
    assert "set emptied: Zones that serve scope 'eu': none instead of" in refused.stderr
    assert served(sim, "eu")
    done = sim.cli("restrict", "drain", EU, "--break-glass", "the building is on fire")
    try:
        assert done.returncode == 0, done.stderr
        assert f"drain        {EU}" in done.stdout
        entry = last_entry(sim)
        assert entry["reason"] == "the building is on fire"
        assert {thing["done"] for thing in entry["things"]} == {"set", "overruled"}
        wait_until("it is drained", lambda: not served(sim, "eu"))
        for zone in sim.zones_of(EU):
            wait_until("its balancer sends nothing there",
                       lambda: get(zone["gateway_url"] + "/readyz").status == 503)
        assert get(sim.zones_of(SG)[0]["gateway_url"] + "/readyz").status == 200
    finally:
        assert sim.cli("restrict", "lift", "drain", EU).returncode == 0
        wait_until("all serve again", lambda: all(
            chat(zone["gateway_url"], sim.keys["eu"]).status == 200 for zone in sim.zones_of(EU)))
    assert EU not in sim.cli("restrict", "list").stdout
