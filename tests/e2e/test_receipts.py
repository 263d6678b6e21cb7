"""Receipts: where and by what an answer was computed, believed by who has nothing but root.pub."""

import base64
import json
import os
import shutil
import subprocess

import pytest

from client import await_engine, await_everywhere, chat, get, prompt, send
from network import BINARY, CN, EU, MODEL, SG, wait_until

INLINE = {"portolan-receipt": "inline"}
IN_CN_ALONE = "smollm2-135m-cn"  # global keys reach it from any front door, over a hop
NO_NETWORK = ["unshare", "-n"] if os.geteuid() == 0 and shutil.which("unshare") else []


@pytest.fixture(scope="module")
def network(sim_for_usage):
    return sim_for_usage


def verify(network, folder, receipt, *flags, answer=None, request=None, root=None):
    """On another machine: a folder with root.pub, the program, no home and no network."""
    folder.mkdir(exist_ok=True)
    shutil.copy(root or network.home / "authority/root.pub", folder / "root.pub")
    command = [*NO_NETWORK, str(BINARY.resolve()), "receipt", "verify", "receipt",
               "--trust", "root.pub", "-o", "json", *flags]
    for name, content in (("receipt", receipt), ("answer", answer), ("request", request)):
        if content is None:
            continue
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        if name != "receipt":
            command += [f"--{name}", name]
    done = subprocess.run(command, cwd=folder, env={"PORTOLAN_HOME": ""}, capture_output=True,
                          text=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert report["valid"] == (done.returncode == 0)
    return report


def believed(network, folder, receipt, **compared):
    report = verify(network, folder, receipt, **compared)
    assert report["valid"], report
    return report["facts"]


def comment_of(stream):
    lines = [line for line in stream.decode().split("\n") if line.startswith(": portolan-receipt ")]
    assert len(lines) == 1, stream[-300:]
    return lines[0].split(" ", 2)[2]


def header_of(receipt):
    part = receipt.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def by_id(url, key, request_id):
    return get(f"{url}/v1/receipts/{request_id}", key)


def check_facts(facts, answer, workspace):
    assert facts["request_id"] == answer.request_id
    assert facts["executor_zone"] == answer.headers["portolan-zone"]
    assert facts["executor_region"] == answer.headers["portolan-region"]
    assert facts["model_digest"] == answer.headers["portolan-model-digest"]
    assert facts["world"] == answer.headers["portolan-world"]
    assert (facts["workspace"], facts["digest_basis"]) == (workspace, "declared")
    assert answer.request_id.startswith(facts["entry_gateway"] + "-")


def test_an_unknown_wish_is_refused_before_anything_is_executed(network):
    answer = chat(network.regions[EU], network.keys["eu"], headers={"portolan-receipt": "later"})
    assert answer.status == 400 and answer.error["code"] == "invalid_parameter", answer.body
    assert "inline" in answer.error["message"]


def test_who_does_not_ask_is_shown_none(network):
    whole = chat(network.regions[EU], network.keys["eu"])
    stream = chat(network.regions[EU], network.keys["eu"], stream=True)
    assert "portolan-receipt" not in whole.headers and "portolan-receipt" not in stream.headers
    assert b": portolan" not in stream.body and stream.body.endswith(b"data: [DONE]\n\n")


def test_a_whole_answer_has_it_in_its_head(network, tmp_path):
    body = json.dumps(prompt("A receipt, please.")).encode()
    answer = send("POST", network.regions[EU] + "/v1/chat/completions", network.keys["eu"], body,
                  INLINE)
    receipt = answer.headers["portolan-receipt"]
    facts = believed(network, tmp_path / "b", receipt, answer=answer.body, request=body)
    check_facts(facts, answer, "eu")
    usage = answer.json["usage"]
    assert facts["completion_tokens"] == usage["completion_tokens"]
    assert facts["prompt_tokens"] == usage["prompt_tokens"]
    changed = verify(network, tmp_path / "b", receipt, answer=answer.body[:-1] + b" ")
    assert (changed["valid"], changed["part"]) == (False, "answer")
    changed = verify(network, tmp_path / "b", receipt, answer=answer.body, request=body + b" ")
    assert (changed["valid"], changed["part"]) == (False, "request")


@pytest.mark.parametrize("flags", [["-N"], ["-Ni"]])
def test_a_stream_as_curl_saves_it_is_verified_as_it_is(network, tmp_path, flags):
    body = json.dumps(prompt("Stream it.", stream=True))
    saved = tmp_path / "stream.txt"
    subprocess.run(["curl", "-s", *flags, "-o", str(saved), "-d", body,
                    "-H", "content-type: application/json", "-H", "portolan-receipt: inline",
                    "-H", f"authorization: Bearer {network.keys['eu']}",
                    network.regions[EU] + "/v1/chat/completions"], check=True, timeout=60)
    text = saved.read_bytes()
    facts = believed(network, tmp_path / "b", text, request=body)
    assert facts["workspace"] == "eu" and facts["answer_stream"] is True
    for changed in (text.replace(b'"content"', b'"kontent"', 1), text[:-14], text + b"\n"):
        report = verify(network, tmp_path / "b", changed)
        assert (report["valid"], report["part"]) == (False, "answer"), report


@pytest.mark.parametrize("stream", [False, True])
def test_over_a_hop_the_executor_signs_what_the_client_gets(network, tmp_path, stream):
    answer = chat(network.regions[EU], network.keys["global"], headers=INLINE, stream=stream,
                  model=IN_CN_ALONE)
    assert answer.status == 200, answer.body
    receipt = comment_of(answer.body) if stream else answer.headers["portolan-receipt"]
    facts = believed(network, tmp_path / "b", receipt, answer=answer.body)
    check_facts(facts, answer, "global")
    assert (facts["executor_region"], facts["entry_zone"][:-1]) == (CN, EU)


def test_what_was_changed_is_named_and_another_root_is_not_trusted(network, tmp_path):
    receipt = chat(network.regions[EU], network.keys["eu"], headers=INLINE).headers[
        "portolan-receipt"]
    header, facts, signature = receipt.split(".")
    claimed = json.loads(base64.urlsafe_b64decode(facts + "=" * (-len(facts) % 4)))
    claimed["executor_zone"] = "cn-hangzhou-a"
    forged = base64.urlsafe_b64encode(
        json.dumps(claimed, separators=(",", ":"), sort_keys=True).encode()).decode().rstrip("=")
    report = verify(network, tmp_path / "b", ".".join([header, forged, signature]))
    assert (report["part"], report["changed"]) == ("facts", ["executor_zone"])
    (tmp_path / "other.pub").write_text("11" * 32 + "\n")
    report = verify(network, tmp_path / "b", receipt, root=tmp_path / "other.pub")
    assert (report["part"], report["changed"]) == ("chain", ["control certificate"])
    assert verify(network, tmp_path / "b", receipt[:-1])["part"] == "signature"


def test_openssl_believes_the_signature_too(network, tmp_path):
    receipt = chat(network.regions[EU], network.keys["eu"], headers=INLINE).headers[
        "portolan-receipt"]
    signed, signature = receipt.rsplit(".", 1)
    key = header_of(receipt)["chain"][1]["statement"]["key"]
    raw = base64.urlsafe_b64decode(key + "=")
    (tmp_path / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + raw)
    (tmp_path / "signed").write_text(signed)
    (tmp_path / "signature").write_bytes(base64.urlsafe_b64decode(signature + "=="))
    done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.der",
                           "-keyform", "DER", "-rawin", "-in", "signed", "-sigfile", "signature"],
                          cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_by_id_from_any_front_door_where_the_key_may_enter(network, tmp_path):
    asked = chat(network.regions[EU], network.keys["global"], headers=INLINE)
    unasked = chat(network.regions[EU], network.keys["global"])
    hopped = chat(network.regions[EU], network.keys["global"], model=IN_CN_ALONE)
    doors = [network.regions[EU], network.regions[SG], network.regions[CN],
             *(zone["gateway_url"] for zone in network.zones.values())]
    for url in doors:
        kept = by_id(url, network.keys["global"], asked.request_id)
        assert kept.body.decode().strip() == asked.headers["portolan-receipt"], kept.body
        for answer in (unasked, hopped):
            made = by_id(url, network.keys["global"], answer.request_id)
            assert made.status == 200, (url, made.body)
            facts = believed(network, tmp_path / "b", made.body)
            check_facts(facts, answer, "global")
            assert "answer_sha256" not in facts
    report = verify(network, tmp_path / "b", made.body, answer=hopped.body)
    assert not report["valid"] and "covers no content" in report["sentence"]


def test_by_id_nobody_sees_anothers(network):
    answer = chat(network.regions[EU], network.keys["eu"], headers=INLINE)
    entry = answer.request_id.rsplit("-", 2)[0]
    own = network.regions[EU]
    for request_id in (answer.request_id, f"{entry}-1-ffffff", f"{entry}-99-1", "nobody-1-1", "x"):
        refused = by_id(own, network.keys["global"], request_id)
        assert (refused.status, refused.error["code"]) == (404, "receipt_not_found"), refused.body
    assert by_id(own, network.keys["cn"], answer.request_id).error["code"] == "wrong_region"
    outside = by_id(network.regions[SG], network.keys["eu"], answer.request_id)
    assert (outside.status, outside.error["code"]) == (403, "wrong_region")
    assert by_id(own, None, answer.request_id).error["code"] == "missing_key"
    assert send("POST", f"{own}/v1/receipts/{answer.request_id}",
                network.keys["eu"]).status == 405


def test_by_id_a_refused_request_has_none_and_an_entry_out_of_the_scope_is_not_asked(network):
    refused = chat(network.regions[EU], network.keys["eu"], model="no-such-model")
    assert by_id(network.regions[EU], network.keys["eu"], refused.request_id).status == 404
    answer = chat(network.regions[EU], network.keys["global"])
    narrowed = get(f"{network.regions[CN]}/v1/receipts/{answer.request_id}",
                   network.keys["global"], headers={"portolan-scope": "cn"})
    assert (narrowed.status, narrowed.error["code"]) == (403, "scope_denied"), narrowed.body


def test_the_command_fetches_and_verifies(network, tmp_path):
    answer = chat(network.regions[EU], network.keys["eu"])
    got = network.cli("receipt", "get", answer.request_id)
    assert got.returncode == 0, got.stderr
    (tmp_path / "r").write_text(got.stdout)
    shown = network.cli("receipt", "verify", tmp_path / "r", "--trust",
                        network.home / "authority/root.pub")
    assert shown.returncode == 0 and shown.stdout.startswith("VALID"), shown.stderr
    assert answer.headers["portolan-zone"] in shown.stdout and MODEL in shown.stdout
    assert network.cli("receipt", "get", "nobody-1-1").returncode == 1
    (tmp_path / "r").write_text("{}")
    unreadable = network.cli("receipt", "verify", tmp_path / "r", "--trust",
                             network.home / "authority/root.pub")
    assert unreadable.returncode == 2 and "holds no receipt" in unreadable.stderr


def signs_every(network, folder, url):
    answer = chat(url, network.keys["eu"])
    kept = by_id(url, network.keys["eu"], answer.request_id)
    return "answer_sha256" in believed(network, folder / "b", kept.body)


def test_a_workspace_may_always_have_them(own_sim, tmp_path):
    resource = own_sim.cli("get", "workspace", "eu", "-o", "yaml").stdout
    changed = resource.replace("spec:\n", "spec:\n  receipts: every\n")
    assert changed != resource
    applied = own_sim.cli("apply", "-f", "-", stdin=changed)
    assert applied.returncode == 0, applied.stderr
    world = json.loads(own_sim.cli("get", "worlds", "-o", "json").stdout)["current"]["version"]
    await_everywhere(own_sim, "world_version", world)
    wait_until("the Keyring is everywhere", lambda: all(
        signs_every(own_sim, tmp_path, zone["gateway_url"]) for zone in own_sim.zones_of(EU)))
    answer = chat(own_sim.regions[EU], own_sim.keys["eu"])
    kept = by_id(own_sim.regions[EU], own_sim.keys["eu"], answer.request_id)
    assert "portolan-receipt" not in answer.headers
    believed(own_sim, tmp_path / "b", kept.body, answer=answer.body)
    stream = chat(own_sim.regions[EU], own_sim.keys["eu"], stream=True)
    assert b": portolan" not in stream.body
    kept = by_id(own_sim.regions[EU], own_sim.keys["eu"], stream.request_id)
    believed(own_sim, tmp_path / "b", kept.body, answer=stream.body)


def test_a_gateway_signs_after_a_restart_with_control_gone(own_sim, tmp_path):
    zone = own_sim.zones["eu-central-1a"]
    here = {"only": [zone["name"]]}
    await_engine(zone)
    before = chat(zone["gateway_url"], own_sim.keys["global"], headers=INLINE, portolan=here)
    own_sim.kill(own_sim.control_pid)
    command = own_sim.restart_process(zone["gateway_pid"])
    url = zone["gateway_url"]

    def ready():
        try:
            return get(url + "/readyz").status == 200
        except OSError:
            return False

    wait_until("it serves again", ready)
    await_engine(zone)
    after = chat(url, own_sim.keys["global"], headers=INLINE, portolan=here)
    facts = believed(own_sim, tmp_path / "b", after.headers["portolan-receipt"], answer=after.body)
    check_facts(facts, after, "global")
    assert header_of(after.headers["portolan-receipt"])["kid"] == header_of(
        before.headers["portolan-receipt"])["kid"], "the key is kept"
    kept = by_id(own_sim.regions[SG], own_sim.keys["global"], before.request_id)
    assert kept.body.decode().strip() == before.headers["portolan-receipt"]
    own_sim.kill(command.pid)
    away = by_id(own_sim.regions[SG], own_sim.keys["global"], before.request_id)
    assert (away.status, away.error["code"]) == (503, "receipt_unavailable"), away.body


def issuer_of(receipt):
    return header_of(receipt)["chain"][1]["statement"]["issuer"]


def test_receipts_outlive_the_keys_of_zone_and_control(make_network, tmp_path):
    network = make_network()
    door = network.zones["eu-central-1a"]["gateway_url"]
    key = network.keys["global"]

    def ask():
        await_engine(network.zones["eu-central-1a"])
        answer = chat(door, key, headers=INLINE, portolan={"only": ["eu-central-1a"]})
        assert answer.status == 200, answer.body
        return answer.headers["portolan-receipt"]

    first = ask()
    assert network.cli("rotate", "zone", "eu-central-1a").returncode == 0
    second = wait_until("a new key signs", lambda: next(
        (receipt for receipt in [ask()] if header_of(receipt)["kid"] != header_of(first)["kid"]),
        None))
    assert issuer_of(second) == issuer_of(first)
    network.stop()
    again = make_network("--rotate-control-key", home=network.home)
    third = wait_until("control's new key certifies", lambda: next(
        (receipt for receipt in [ask()] if issuer_of(receipt) != issuer_of(first)), None))
    made = again.cli("key", "create", "--workspace", "eu", "-o", "json")
    assert made.returncode == 0, made.stderr
    new_key = json.loads(made.stdout)["key"]
    wait_until("a Keyring by the new key is taken",
               lambda: get(door + "/v1/models", new_key).status == 200)
    for receipt in (first, second, third):
        facts = believed(again, tmp_path / "b", receipt)
        assert facts["executor_zone"] == "eu-central-1a"
