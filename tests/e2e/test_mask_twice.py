"""P1, twice: with one of the two masks switched off the other one holds alone.

The switches exist in test builds only (preset `dev`). A key of workspace `eu` asks Frankfurt
for the model that stands in cn-hangzhou alone.
"""

import pytest

from client import chat, executions
from network import CN, EU, ROOT

TEST_BUILD = ROOT / "build/dev/portolan"
OUTSIDE = "smollm2-135m-cn"

pytestmark = pytest.mark.skipif(not TEST_BUILD.exists(),
                                reason="needs the test build: run 'make unit' first")


def ask_outside(make_network, gateway_args):
    flags = ["--binary-for-gateways", str(TEST_BUILD)]
    if gateway_args:
        flags += ["--gateway-args", gateway_args]
    network = make_network(*flags)
    answer = chat(network.regions[EU], network.keys["eu"], model=OUTSIDE)
    computed_outside = executions(network.engine_urls(CN))
    inside = chat(network.regions[EU], network.keys["eu"])
    assert inside.status == 200, "what is allowed is still served"
    return answer, computed_outside


def test_without_the_entrys_mask_the_executor_holds(make_network):
    answer, computed_outside = ask_outside(make_network, "--skip-entry-mask")
    assert answer.status == 503 and answer.error["code"] == "world_skew", answer.body
    assert computed_outside == {}


def test_without_the_executors_mask_the_entry_holds(make_network):
    answer, computed_outside = ask_outside(make_network, "--skip-executor-mask")
    assert answer.status == 404 and answer.error["code"] == "model_not_found", answer.body
    assert computed_outside == {}


def test_without_both_the_leak_is_seen_so_these_tests_can_fail(make_network):
    answer, computed_outside = ask_outside(make_network, "--skip-entry-mask --skip-executor-mask")
    assert answer.status == 200, answer.body
    assert answer.headers["portolan-region"] == CN
    assert sum(computed_outside.values()) == 1
