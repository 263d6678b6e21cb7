"""Large outages of the last years, replayed: what happened, what it costs here, and what it would
cost without the guard that stands before it. Costs are counts: requests that a client asked for
while it happened and that did not end as a whole answer. `make test` plays those that the guard
ends within seconds; `make proof` plays all of them, with the guard and without.
"""

import json
import os
import shutil
import signal
import time

import pytest

from client import chat
from load import Load
from network import EU, ROOT, Network, command_of, is_alive, wait_until

PROOF = os.environ.get("PORTOLAN_PROOF") == "1"
CLIENTS = 6
CN = "cn-hangzhou"
BACK_SECONDS = 120  # wave_back_ms
OBSERVED_SECONDS = 4 if PROOF else 1
STOPPED_SECONDS = 45  # more than the least key_freshness
LONG = pytest.mark.skipif(not PROOF, reason="plays for minutes: make proof")
TEST_BUILD = ROOT / "build/dev/portolan"
TEST_BUILD_ONLY = [LONG, pytest.mark.skipif(not TEST_BUILD.exists(),
                                            reason="needs the test build: run 'make unit' first")]
GUARD_OFF = pytest.param(False, id="guard-off", marks=LONG)
GUARDED = pytest.mark.parametrize("guarded", [pytest.param(True, id="guarded"), GUARD_OFF])


@pytest.fixture(scope="module")
def shared():
    """For replays that change nothing."""
    network = Network()
    yield network
    network.stop()
    shutil.rmtree(network.home, ignore_errors=True)


@pytest.fixture
def network(shared, make_network, guarded):
    return shared if guarded else make_network()


def stored(network, kind, name):
    return json.loads(network.cli("get", kind, name, "-o", "json").stdout)


def zones_of(network, region):
    return [zone["name"] for zone in network.zones_of(region)]


def apply(network, *resources, flags=()):
    return network.cli("apply", "-f", "-", *flags,
                       stdin="\n---\n".join(json.dumps(each) for each in resources))


def worlds(network):
    return json.loads(network.cli("get", "worlds", "-o", "json").stdout)


def refused_by(network):
    """The reasons of those gateways that refuse the World."""
    return [refusal["reason"] for gateway in worlds(network)["gateways"]
            for refusal in gateway["refused"]]


def need_control(network):
    """Gateways are to ask control, as others' do: what they hold is good for 30 s."""
    workspaces = [stored(network, "workspace", name) for name in ("global", "eu")]
    for workspace in workspaces:
        workspace["spec"]["key_freshness"] = "30s"
    assert apply(network, *workspaces).returncode == 0


def starts_again(network, zone):
    """Engine and gateway of the zone start anew, with control gone, and serve."""
    place = network.zones[zone]
    network.kill_engine(zone)
    network.start_engine(zone)
    place["gateway_pid"] = network.restart_process(place["gateway_pid"]).pid

    def serves():
        try:
            answer = chat(place["gateway_url"], network.keys["eu"])
        except OSError:
            return False
        return answer.status == 200 and answer.headers["portolan-zone"] == zone
    wait_until("it serves from its disk", serves)


def overrule(guarded):
    return () if guarded else ("--break-glass", "the guard is off for this replay")


def cost(name, guarded, failed, load, off="guard off"):
    print(f"{name}, {'guarded' if guarded else off}: {len(failed)} of "
          f"{len(load.outcomes)} requests failed or were wrongly refused")


class Replay:
    """A network under load; what happens in its block is held against the load."""

    def __init__(self, network, zones=None, workspace="global"):
        self.load = Load(network, clients=CLIENTS, zones=zones, workspace=workspace)

    def __enter__(self):
        self.load.__enter__()
        wait_until("requests are served", lambda: len(self.load.outcomes) > 100)
        self.began = time.monotonic()
        return self

    def __exit__(self, *reason):
        if reason[0] is None:
            time.sleep(OBSERVED_SECONDS)
        self.load.__exit__(*reason)

    def failed(self, apart_from=()):
        return [outcome for outcome in self.load.outcomes if outcome.began > self.began
                and not outcome.complete and outcome.zone not in apart_from]


def rollout(network):
    return json.loads(network.cli("rollout", "status", "-o", "json").stdout)["rollout"]


@GUARDED
def test_cloudflare_2025_12_05_kill_switch(network, guarded):
    """A kill switch went to every server within seconds, by the channel that has no gradual
    rollout, and the code behind it failed everywhere at once. Here a Restriction is instant too,
    may only remove permission, and may not leave a scope or half the network without zones."""
    with Replay(network) as replay:
        done = network.cli("restrict", "deny", EU, *overrule(guarded))
        assert (done.returncode == 1) == guarded, done.stderr
    cost("cloudflare-2025-12-05", guarded, replay.failed(), replay.load)
    if guarded:
        assert "(change_guarded)" in done.stderr
        assert [str(each) for each in replay.failed()] == []
    else:
        assert "eu" in {each.workspace for each in replay.failed()}


@LONG
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "guard-off"])
def test_google_2025_06_12_blank_fields(make_network, guarded):
    """A policy row with blank fields was replicated to all regions within seconds; every server
    that read it crashed. Here a resource with blank fields that is well-formed goes to one zone
    first, and back when requests there are refused."""
    network = make_network("--waves", "paced" if guarded else "at-once")
    model = stored(network, "model", "smollm2-135m-instruct")
    model["spec"]["labels"] = {}
    # A model without a label may be in the EU alone, and these clients in China alone.
    with Replay(network, zones=zones_of(network, CN), workspace="cn") as replay:
        done = apply(network, model, flags=overrule(guarded=False))
        assert done.returncode == 0, done.stderr
        zones = []
        if guarded:
            wait_until("it has gone back", lambda: rollout(network)["phase"] == "gone-back",
                       BACK_SECONDS)
            zones = [zone for step in rollout(network)["steps"] for zone in step["zones"]]
            assert len(zones) == 1
    beyond = replay.failed(apart_from=zones)
    cost("google-2025-06-12, beyond the first zone", guarded, beyond, replay.load)
    if guarded:
        print(f"in the first zone {len(replay.failed())}: {rollout(network)['why']}")
        assert [str(each) for each in beyond] == []
    else:
        assert {each.zone for each in replay.failed()} == set(zones_of(network, CN))


@GUARDED
def test_aws_2025_10_20_older_plan_after_newer(network, guarded):
    """A slow worker applied an old plan over a newer one, and the clean-up of old plans then
    removed what it pointed at. Here a plan says which version it changes; an older one is a
    conflict that names both."""
    old = [stored(network, "deployment", f"smollm2-135m-instruct.{zone}")
           for zone in network.zones]
    new = json.loads(json.dumps(old))
    for plan in old:
        plan["spec"]["engines"] = [dict(each, url="http://127.0.0.1:9")
                                   for each in plan["spec"]["engines"]]
    for plan in new:
        plan["spec"]["engines"] = [dict(each, slots=5)
                                   for each in plan["spec"]["engines"]]
    assert apply(network, *new).returncode == 0
    if not guarded:
        for plan in old:
            del plan["metadata"]["resourceVersion"]
    with Replay(network) as replay:
        done = apply(network, *old, flags=overrule(guarded))
        assert (done.returncode == 1) == guarded, done.stderr
    cost("aws-2025-10-20", guarded, replay.failed(), replay.load)
    if guarded:
        assert "(resource_conflict)" in done.stderr
        assert [str(each) for each in replay.failed()] == []
    else:
        assert len(replay.failed()) > CLIENTS


@GUARDED
def test_alibaba_2023_11_12_incomplete_allow_list(network, guarded):
    """The list of who may use the storage came out incomplete, and every service that asks it
    refused its users. Here a rule whose list of places leaves a workspace nothing is refused."""
    rule = stored(network, "rule", "eu-only-weights")
    del rule["metadata"]["resourceVersion"]
    rule["metadata"]["name"] = "where-open-weights-may-be"
    rule["spec"]["require"] = {"weights": {"export-class": "open"}, "in": {"country": ["DE"]}}
    with Replay(network, zones=zones_of(network, CN), workspace="cn") as replay:
        done = apply(network, rule, flags=overrule(guarded))
        assert (done.returncode == 1) == guarded, done.stderr
    cost("alibaba-2023-11-12", guarded, replay.failed(), replay.load)
    if guarded:
        assert "(change_guarded)" in done.stderr
        assert [str(each) for each in replay.failed()] == []
    else:
        assert len(replay.failed()) > 100


@LONG
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "guard-off"])
def test_roblox_2021_slow_store(make_network, guarded):
    """The store of the control plane became too slow to answer, and everything that asks it
    stood still for three days. Here no request asks control: a gateway goes on by what it has
    for as long as `key_freshness` says."""
    network = make_network()
    if not guarded:
        need_control(network)
    with Replay(network) as replay:
        os.kill(network.control_pid, signal.SIGSTOP)
        try:
            time.sleep(STOPPED_SECONDS)
        finally:
            os.kill(network.control_pid, signal.SIGCONT)
    cost("roblox-2021", guarded, replay.failed(), replay.load)
    if guarded:
        assert [str(each) for each in replay.failed()] == []
    else:
        assert len(replay.failed()) > 100


HALVES = pytest.mark.parametrize("off", [
    pytest.param((), id="guarded"),
    pytest.param(("control",), id="controls-half-off", marks=TEST_BUILD_ONLY),
    pytest.param(("control", "gateways"), id="guard-off", marks=TEST_BUILD_ONLY)])


def too_many_rules(network):
    """One more than a gateway reads."""
    rule = stored(network, "rule", "eu-only-weights")
    del rule["metadata"]["resourceVersion"]
    return [dict(rule, metadata=dict(rule["metadata"], name=f"generated-{number}"))
            for number in range(1025)]


def with_halves_off(make_network, off):
    """A control that sends what no gateway can load; gateways that fall by it."""
    flags = ["--binary-for-gateways", str(TEST_BUILD), "--gateway-args", "--fall-by-world"]
    network = make_network(*flags if "gateways" in off else ())
    _, *arguments = command_of(network.control_pid)
    network.kill(network.control_pid)
    network.start_control([str(TEST_BUILD), *arguments, "--skip-rule-limit"])
    return network


@HALVES
def test_cloudflare_2025_11_18_file_doubles(request, make_network, off):
    """A generated file doubled, past a limit of those that read it, and they crashed. Here control
    holds a change against the limits of the gateways before it is stored; and a gateway that is
    sent more than it can load refuses it, says why, and goes on by what it has."""
    network = with_halves_off(make_network, off) if off else request.getfixturevalue("shared")
    version = worlds(network)["current"]["version"]
    many = too_many_rules(network)
    with Replay(network) as replay:
        done = apply(network, *many)
        assert (done.returncode == 0) == bool(off), done.stderr
        if off == ("control",):
            wait_until("all gateways refuse it", lambda: len(refused_by(network)) == 6)
    cost("cloudflare-2025-11-18", not off, replay.failed(), replay.load,
         f"guard off in {' and '.join(off)}")
    if "gateways" in off:
        assert {each.zone for each in replay.failed()} == set(network.zones)
        assert not any(is_alive(zone["gateway_pid"]) for zone in network.zones.values())
        return
    assert [str(each) for each in replay.failed()] == []
    if off:
        print(f"each gateway: {refused_by(network)[0]}")
        assert "rules_max" in refused_by(network)[0]
    else:
        assert "1024" in done.stderr, done.stderr
        assert worlds(network)["current"]["version"] == version


def a_scope():
    return {"apiVersion": "portolan/v1", "kind": "Scope",
            "metadata": {"name": "made-meanwhile"}, "spec": {"include": ["eu"]}}


@GUARDED
def test_alibaba_hong_kong_2022_12_18_zone_takes_control(split, guarded):
    """The cooling of one zone failed, and with the zone went the region's control, which stood in
    it: other zones were whole, and nothing could be started or moved there for half a day. Here
    zones that are left serve by what they hold, and start again by it; changes wait for control."""
    lost, sibling = zones_of(split, EU)
    if not guarded:
        need_control(split)
    with Replay(split, zones=sorted(set(split.zones) - {lost})) as replay:
        split.kill_engine(lost)
        for pid in (split.zones[lost]["gateway_pid"], split.control_pid, split.file["meter_pid"]):
            split.kill(pid)
        time.sleep(0 if guarded else STOPPED_SECONDS)
    cost("alibaba-hong-kong-2022-12-18", guarded, replay.failed(), replay.load)
    if not guarded:
        assert {each.zone for each in replay.failed()} == set(split.zones) - {lost}
        return
    assert [str(each) for each in replay.failed()] == []
    starts_again(split, sibling)
    assert chat(split.regions[EU], split.keys["eu"]).status == 200, "the lost zone's clients"
    done = apply(split, a_scope())
    print(f"what is not possible: {done.stderr.strip()}")
    assert done.returncode == 1 and "control" in done.stderr
