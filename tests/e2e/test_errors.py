"""Errors have OpenAI's shape and a status that makes its SDK raise the right class."""

import json

import openai
import pytest

from client import (chat, clear_faults, exchange_bytes, executions, get, metrics, order_faults,
                    prompt, send)
from network import EU, MODEL, wait_until


def check_shape(answer, status, code):
    assert answer.status == status, answer.body
    error = answer.error
    assert error["code"] == code
    assert answer.headers["content-type"] == "application/json"
    assert error["request_id"] and error["request_id"] == answer.request_id
    assert error["remedy"] and error["remedy"] in error["message"], "what to do"
    assert error["request_id"] in error["message"]
    assert set(error) >= {"message", "type", "param", "code"}, "OpenAI's members"
    return error


def is_refused(answer, code):
    return answer.status >= 400 and answer.error["code"] == code


def client(network, key, **more):
    return openai.OpenAI(base_url=network.regions[EU] + "/v1", api_key=key, max_retries=0,
                         timeout=60, **more)


def ask(network, key, model=MODEL, **members):
    return client(network, key).chat.completions.create(
        model=model, max_tokens=4, messages=[{"role": "user", "content": "hi"}], **members)


@pytest.fixture(scope="module")
def revoked(sim):
    made = json.loads(sim.cli("key", "create", "--workspace", "eu", "-o", "json").stdout)
    assert sim.cli("key", "revoke", made["id"]).returncode == 0
    return made["key"]


def altered(key):
    """A key of the right form that was never made: other secret, checksum kept wrong."""
    return key[:-1] + ("0" if key[-1] != "0" else "1")


def test_no_key_is_a_401_that_says_how_to_send_one(sim):
    answer = chat(sim.regions[EU], None)
    check_shape(answer, 401, "missing_key")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("key, code", [("sk-not-ours", "malformed_key"), ("ptl_", "malformed_key")])
def test_a_malformed_key_raises_authentication_error(sim, key, code):
    with pytest.raises(openai.AuthenticationError) as raised:
        ask(sim, key)
    assert raised.value.code == code
    check_shape(chat(sim.regions[EU], key), 401, code)


def test_a_key_with_a_wrong_checksum_is_malformed(sim):
    with pytest.raises(openai.AuthenticationError) as raised:
        ask(sim, altered(sim.keys["eu"]))
    assert raised.value.code == "malformed_key"


def test_a_key_of_another_network_is_unknown(sim, make_network):
    key = make_network().keys["eu"]
    with pytest.raises(openai.AuthenticationError) as raised:
        ask(sim, key)
    assert raised.value.code == "unknown_key"
    check_shape(chat(sim.regions[EU], key), 401, "unknown_key")


def test_a_revoked_key_raises_authentication_error(sim, revoked):
    for zone in sim.zones_of(EU):
        wait_until("the revocation arrives", lambda: is_refused(
            chat(zone["gateway_url"], revoked), "revoked_key"))
    with pytest.raises(openai.AuthenticationError) as raised:
        ask(sim, revoked)
    assert raised.value.code == "revoked_key"
    check_shape(chat(sim.regions[EU], revoked), 401, "revoked_key")


def test_an_unknown_model_raises_not_found(sim):
    with pytest.raises(openai.NotFoundError) as raised:
        ask(sim, sim.keys["eu"], model="no-such-model")
    assert raised.value.code == "model_not_found"
    check_shape(chat(sim.regions[EU], sim.keys["eu"], model="no-such-model"), 404,
                "model_not_found")


def test_the_sdk_says_the_request_id(sim):
    with pytest.raises(openai.NotFoundError) as raised:
        ask(sim, sim.keys["eu"], model="no-such-model")
    assert raised.value.request_id
    assert raised.value.request_id in str(raised.value)


BODIES = [
    (b"{", "malformed_json"),
    (b"[]", "malformed_json"),
    (b'{"model":"%s","messages":[1,,2]}' % MODEL.encode(), "malformed_json"),
    (json.dumps(prompt()).encode() + b" x", "malformed_json"),
    (rb'{"mod\u0065l":"m","messages":[]}', "escaped_key"),
    (b'{"model":"m","model":"n","messages":[]}', "repeated_key"),
    (b'{"model":5,"messages":[]}', "invalid_parameter"),
    (b'{"messages":[]}', "invalid_parameter"),
]


@pytest.mark.parametrize("body, code", BODIES)
def test_a_body_that_is_wrong_is_a_400(sim, body, code):
    answer = send("POST", sim.regions[EU] + "/v1/chat/completions", sim.keys["eu"], body)
    check_shape(answer, 400, code)


def test_a_wrong_parameter_raises_bad_request(sim):
    with pytest.raises(openai.BadRequestError) as raised:
        ask(sim, sim.keys["eu"], extra_body={"portolan": {"oddly": 1}})
    assert raised.value.code == "invalid_parameter"


def test_a_wrong_path_is_a_404(sim):
    answer = send("POST", sim.regions[EU] + "/v1/chat/complete", sim.keys["eu"], prompt())
    check_shape(answer, 404, "path_not_found")
    with pytest.raises(openai.NotFoundError):
        client(sim, sim.keys["eu"]).embeddings.create(model=MODEL, input="x")


def test_a_wrong_method_is_a_405_that_names_the_right_one(sim):
    answer = get(sim.regions[EU] + "/v1/chat/completions", sim.keys["eu"])
    check_shape(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_a_body_over_the_limit_is_a_413(sim):
    big = prompt("x" * (17 * 1024 * 1024))
    head = (f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer "
            f"{sim.keys['eu']}\r\ncontent-length: {len(json.dumps(big))}\r\n\r\n").encode()
    status, received = exchange_bytes(sim.regions[EU], head)
    assert status == 413
    assert json.loads(received.split(b"\r\n\r\n", 1)[1])["error"]["code"] == "body_too_large"


def test_a_head_over_the_limit_is_a_431(sim):
    status, received = exchange_bytes(
        sim.regions[EU], b"GET /v1/models HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 17000 + b"\r\n\r\n")
    assert status == 431
    error = json.loads(received.split(b"\r\n\r\n", 1)[1])["error"]
    assert error["code"] == "head_too_large" and error["request_id"] and error["remedy"]


def test_bytes_that_are_no_http_get_a_400(sim):
    status, received = exchange_bytes(sim.regions[EU], b"HELLO\r\n\r\n")
    assert status == 400
    assert b"malformed_request" in received


def test_an_engines_4xx_is_passed_on_and_costs_its_health_nothing(sim):
    urls = sim.engine_urls(EU)
    order_faults(urls, {"kind": "status", "status": 422, "count": 2})
    try:
        answer = chat(sim.regions[EU], sim.keys["eu"])
        with pytest.raises(openai.UnprocessableEntityError):
            ask(sim, sim.keys["eu"])
    finally:
        clear_faults(urls)
    assert answer.status == 422 and answer.error["message"] and answer.request_id
    assert executions(urls)[answer.request_id] == 1, "not retried"
    for zone in sim.zones_of(EU):
        healthy = metrics(zone["gateway_url"])
        assert healthy[f'portolan_engine_healthy{{engine="{zone["engine_url"]}"}}'] == 1
    assert chat(sim.regions[EU], sim.keys["eu"]).status == 200


def test_an_engines_5xx_is_tried_elsewhere_then_given_up(sim):
    urls = sim.engine_urls(EU)
    order_faults(urls, {"kind": "status", "status": 500, "count": 20})
    try:
        answer = chat(sim.regions[EU], sim.keys["eu"])
    finally:
        clear_faults(urls)
    assert answer.status in (502, 503), answer.body
    assert executions(urls)[answer.request_id] == 2, "executions_max"
    check_shape(answer, answer.status, answer.error["code"])
