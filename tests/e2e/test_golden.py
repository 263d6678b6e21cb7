"""Golden prompts: every zone is asked, and the one that answers otherwise is named."""

import json
import shutil

import pytest

from client import get, send
from network import MODEL, ROOT, Network, run_portolan

ODD_ZONE = "eu-central-1a"
DISAGREES = 3
ONE_ZONE = """
apiVersion: portolan/v1
kind: Region
metadata: {name: eu-central-1}
spec: {city: Frankfurt, country: DE, latitude: 50.1109, longitude: 8.6821, groups: [eu]}
---
kind: Zone
metadata: {name: eu-central-1a}
spec: {region: eu-central-1}
---
kind: Scope
metadata: {name: eu}
spec: {include: [eu]}
---
kind: Org
metadata: {name: demo}
---
kind: Workspace
metadata: {name: eu, org: demo}
spec: {scopes: [eu]}
---
"""


def run_golden(network):
    ran = network.cli("golden", "run", "-o", "json")
    assert ran.returncode in (0, DISAGREES), ran.stderr
    return ran.returncode, json.loads(ran.stdout)


def findings_of(answer, model):
    [found] = [each for each in answer["models"] if each["model"] == model]
    return found["findings"]


@pytest.fixture
def odd_engine(own_sim):
    """Makes the engine of one zone another one than those of the other zones."""
    url = own_sim.zones[ODD_ZONE]["engine_url"]

    def set_up(**traits):
        answer = send("POST", url + "/sim/traits", body=traits)
        assert answer.status == 200, answer.body
    return set_up


def test_the_odd_zone_is_named_and_by_what_it_is_odd(own_sim, odd_engine):
    never = own_sim.cli("golden", "status")
    assert never.returncode == DISAGREES and "portolan golden run" in never.stdout
    code, answer = run_golden(own_sim)
    assert code == 0 and answer["agrees"] is True, answer
    assert {zone["zone"] for zone in answer["zones"]} == set(own_sim.zones)
    for trait, fact in (("other_template", "template"), ("other_tokenizer", "tokenizer"),
                        ("other_weights", "output of capital")):
        odd_engine(**{trait: True})
        code, answer = run_golden(own_sim)
        found = findings_of(answer, MODEL)
        assert code == DISAGREES and found, trait
        assert {each["zone"] for each in found} == {ODD_ZONE}, (trait, found)
        assert {each["kind"] for each in found} == {"odd"}, (trait, found)
        assert found[0]["fact"] == fact, (trait, found)
        assert found[0]["said"] != found[0]["others"] != ""
    odd_engine(miscounts=True)
    _, answer = run_golden(own_sim)
    assert {(each["zone"], each["kind"]) for each in findings_of(answer, MODEL)} == {
        (ODD_ZONE, "contradicts")}
    shown = own_sim.cli("golden", "status")
    assert shown.returncode == DISAGREES and "its own tokenizer finds" in shown.stdout
    odd_engine()
    assert run_golden(own_sim)[0] == 0


def test_a_zone_that_is_not_heard_is_shown_and_not_taken_for_agreeing(own_sim):
    own_sim.kill(own_sim.zones[ODD_ZONE]["gateway_pid"])
    code, answer = run_golden(own_sim)
    assert code == DISAGREES and answer["agrees"] is False
    [why] = [zone["why"] for zone in answer["zones"] if zone["zone"] == ODD_ZONE]
    assert why and findings_of(answer, MODEL) == []
    assert f"{ODD_ZONE} was not heard" in own_sim.cli("golden", "status").stdout


def test_nobody_else_may_have_a_gateway_inspected(own_sim):
    """Not the public door, and not the admin API without its key."""
    zone = own_sim.zones[ODD_ZONE]
    asked = send("POST", zone["gateway_url"] + "/hop/v1/inspect", body={})
    assert asked.status == 404, asked.body
    assert send("POST", own_sim.admin_url + "/admin/v1/golden/run").status == 401
    without = run_portolan("golden", "run", "--admin", own_sim.admin_url)
    assert without.returncode == 1


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    """One zone with a real llama.cpp."""
    text = (ROOT / "worlds/local.yaml").read_text(encoding="utf-8").split("\n---\n")
    models = [part for part in text if f"metadata: {{name: {MODEL}}}" in part
              or f"metadata: {{name: {MODEL}.{ODD_ZONE}}}" in part]
    world = tmp_path_factory.mktemp("world") / "one-zone.yaml"
    world.write_text(ONE_ZONE + "\n---\n".join(models), encoding="utf-8")
    network = Network(engines="local", world=world)
    yield network
    network.stop()
    shutil.rmtree(network.home, ignore_errors=True)


def test_what_is_told_of_a_real_engine_is_true(llama):
    url = llama.zones[ODD_ZONE]["engine_url"]
    code, answer = run_golden(llama)
    assert code == 0, answer
    [zone] = answer["zones"]
    [engine] = zone["engines"]
    assert engine.get("why", "") == "" and engine["healthy"] is True
    props = get(url + "/props").json
    [listed] = get(url + "/v1/models").json["data"]
    assert engine["slots"] == props["total_slots"]
    assert engine["context"] == props["default_generation_settings"]["n_ctx"]
    assert engine["weights"] == {"parameters": listed["meta"]["n_params"],
                                 "vocabulary": listed["meta"]["n_vocab"],
                                 "bytes": listed["meta"]["size"],
                                 "trained_context": listed["meta"]["n_ctx_train"]}
    assert all(each.get("works") for each in engine["features"]), engine["features"]
    assert {each["name"] for each in engine["features"]} == {
        "chat", "completions", "stream", "stream_usage"}
    for probe in engine["probes"]:
        assert probe["tokens_by_template"] == probe["prompt_tokens"], probe
        assert probe["streamed_the_same"] is True, probe
        # The token that ends an answer is counted and is in no text.
        ended = 1 if probe["finish_reason"] == "stop" else 0
        assert probe["completion_tokens"] - probe["completion_tokens_counted"] == ended, probe
    capital = next(each for each in engine["probes"] if each["prompt"] == "capital")
    again = send("POST", url + "/v1/chat/completions", timeout=120, body={
        "messages": [{"role": "user", "content": "What is the capital of Peru?"}],
        "max_tokens": 24, "temperature": 0, "seed": 1, "cache_prompt": False}).json
    assert again["choices"][0]["message"]["content"] == capital["text"]
    assert again["usage"]["prompt_tokens"] == capital["prompt_tokens"]
