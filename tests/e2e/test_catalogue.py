"""What regions offer: signed, and told of when it changes."""

import json
import random

import pytest

from network import CN, EU, MODEL, SG, run_portolan, wait_until
from webhook import Hook, kinds


def verify(file, root, *flags):
    """Offline: with no network's home."""
    return run_portolan("catalogue", "verify", file, "--trust", root, *flags,
                        environment={"PORTOLAN_HOME": "/nonexistent"})


def signed(network, *flags):
    shown = network.cli("products", "--signed", *flags)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


def models(verified, region):
    one, = [each for each in verified["catalogues"] if each["region"] == region]
    return {model["name"]: model for model in one["models"]}


def test_a_signed_catalogue_with_any_byte_changed_is_refused(sim, tmp_path):
    text = signed(sim, "--region", EU)
    file, root = tmp_path / "catalogue.jws", sim.home / "authority/root.pub"
    file.write_text(text)
    assert verify(file, root).returncode == 0
    chance = random.Random(1)
    for at in chance.sample(range(len(text) - 1), 40):
        other = chance.choice([c for c in "Aw9-_.\n" if c != text[at]])
        file.write_text(text[:at] + other + text[at + 1:])
        refused = verify(file, root)
        assert refused.returncode == 1 and "NOT VALID" in refused.stdout, (at, other)
    file.write_text(text[:-20])
    assert verify(file, root).returncode == 1
    file.write_text(text)
    (tmp_path / "other.pub").write_text("ab" * 32)
    assert verify(file, tmp_path / "other.pub").returncode == 1
    assert verify(file, tmp_path / "missing.pub").returncode == 2
    assert verify(tmp_path / "missing.jws", root).returncode == 2


def test_every_regions_catalogue_says_what_it_serves(sim, tmp_path):
    file, root = tmp_path / "catalogue.jws", sim.home / "authority/root.pub"

    def verified():
        file.write_text(signed(sim))
        return json.loads(verify(file, root, "-o", "json").stdout)

    def all_served():
        return all(models(verified(), region)[MODEL]["served"] for region in (CN, SG, EU))

    wait_until("every region serves the model", all_served, 30, every=0.5)
    shown = verified()
    assert shown["valid"] and len(shown["catalogues"]) == 3
    assert models(shown, SG)["smollm2-135m-eu"]["missing"] == "denied_by_rule"
    one = models(shown, EU)[MODEL]
    assert (one["context"], one["slots"], one["lacks"]) == (2048, 8, [])
    assert one["digest"].startswith("sha256:")
    assert "VALID: region eu-central-1 of network" in verify(file, root).stdout
    unknown = sim.cli("products", "--signed", "--region", "eu-central-2")
    assert unknown.returncode == 1 and "Did you mean 'eu-central-1'?" in unknown.stderr


@pytest.fixture
def hook(split):
    return Hook(split)


def test_a_webhook_tells_of_what_changes_whoever_dies_meanwhile(hook):
    network = hook.network
    wait_until("what is there at first is known", hook.is_told_of_changes, 40)
    receiver = hook.receive()
    assert hook.events() == []
    for zone in (f"{EU}a", f"{EU}b"):
        network.kill_engine(zone)
    left = ("model.leaves", EU, MODEL)
    wait_until("it is told", lambda: left in kinds(hook.events()), 40)
    assert all(event["how"] == "none of its engines there is healthy" for event in hook.events())
    told = len(hook.events())

    # The receiver is down, then answers errors, and control dies: nothing is lost.
    receiver.kill()
    receiver.wait(10)
    network.start_engine(f"{EU}a")
    wait_until("events wait", lambda: hook.waiting() > 0, 40)
    failing = hook.receive(500)
    wait_until("it is asked again", lambda: len(hook.events()) > told, 40)
    refused = hook.events()[told]
    hook.restart_control()
    failing.kill()
    failing.wait(10)
    assert hook.waiting() > 0
    hook.receive()
    came = ("model.appears", EU, MODEL)
    wait_until("nothing waits any more", lambda: hook.waiting() == 0, 60)
    assert came in kinds(hook.events())
    assert refused["id"] in [event["id"] for event in hook.events()[told + 1:]], "the same again"
    # The restart itself is no event: each happened once, however often it was posted.
    happened = {event["id"]: event for event in hook.events()}.values()
    assert kinds(happened).count(left) == 1 and kinds(happened).count(came) == 1
