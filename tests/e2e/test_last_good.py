"""Gateways keep the last good World: against an older one, a foreign one, and with none at all."""

import json
import re
import shutil
from pathlib import Path

import pytest

from client import await_engine, chat, get, metrics
from network import EU, MODEL, run_portolan, wait_until


ENOUGH_DECISIONS = 20  # trial_decisions_min


@pytest.fixture(scope="module")
def another_home(tmp_path_factory):
    """A root, a control key and certificates that nobody here pinned."""
    home = tmp_path_factory.mktemp("another")
    assert run_portolan("up", "--print", "--engines", "sim", home=home).returncode == 0
    return home


def gateways(network):
    return [zone["gateway_url"] for zone in network.zones.values()]


def serves(url, network):
    try:
        return chat(url, network.keys["global"]).status == 200
    except OSError:
        return False


def is_ready(url):
    try:
        return get(url + "/readyz").status == 200
    except OSError:
        return False


def serve_all(network):
    return all(serves(url, network) for url in gateways(network))


def hold_all(network, version):
    return all(metrics(url)["portolan_world_version"] == version for url in gateways(network))


def stop_control(network):
    command = Path(f"/proc/{network.control_pid}/cmdline").read_bytes().split(b"\0")[:-1]
    network.kill(network.control_pid)
    return [part.decode() for part in command]


def worlds(network):
    return json.loads(network.cli("get", "worlds", "-o", "json").stdout)


def refusals(network, word):
    """The reasons with that word that `portolan get worlds` shows, by gateway."""
    return {entry["gateway"]: refusal["reason"] for entry in worlds(network)["gateways"]
            for refusal in entry["refused"] if word in refusal["reason"]}


def without_version(text):
    return re.sub(r"(?m)^ *resourceVersion:.*\n", "", text)


def name_in(text):
    return re.search(r'(?m)^ +name: "(.*)"$', text).group(1)


def apply_scope(network, name):
    text = (f"apiVersion: portolan/v1\nkind: Scope\nmetadata: {{name: {name}}}\n"
            "spec: {include: [eu]}\n")
    applied = network.cli("apply", "-f", "-", stdin=text)
    assert applied.returncode == 0, applied.stderr
    return worlds(network)["current"]["version"]


def await_refusals(network, word, count):
    found = wait_until(f"{count} gateways refuse: {word}",
                       lambda: len(refusals(network, word)) == count and refusals(network, word))
    assert word in network.cli("get", "worlds").stdout, "the table shows it, too"
    print(f"{count} refuse, as {next(iter(found.values()))}")


@pytest.fixture(scope="class")
def story(shared_own_sim):
    network = shared_own_sim
    network.data = network.home / "control"
    network.older = network.home / "control.older"
    return network


class TestWithoutAndWithAnotherControl:
    """One story in order, on one network: to start one takes longer than all of it."""

    def test_gateways_serve_and_start_anew_with_control_dead(self, story):
        story.command = stop_control(story)
        shutil.copytree(story.data, story.older)
        assert serve_all(story)
        zone = story.zones_of(EU)[0]
        zone["gateway_pid"] = story.restart_process(zone["gateway_pid"]).pid
        wait_until("it serves from its disk", lambda: serves(zone["gateway_url"], story))

    def test_control_comes_back_and_the_world_moves_on(self, story):
        story.start_control(story.command)
        story.version = apply_scope(story, "newer")
        wait_until("the new World is everywhere", lambda: hold_all(story, story.version))

    def test_another_world_of_the_same_number_is_refused(self, story):
        stop_control(story)
        shutil.rmtree(story.data)
        shutil.copytree(story.older, story.data)
        story.start_control(story.command)
        assert worlds(story)["current"]["version"] < story.version, "an older copy"
        assert hold_all(story, story.version) and serve_all(story)
        assert apply_scope(story, "other") == story.version
        await_refusals(story, "stale_version", 6)
        assert serve_all(story)

    def test_an_older_world_is_refused_by_a_gateway_that_lost_its_own(self, story):
        stop_control(story)
        shutil.rmtree(story.data)
        shutil.copytree(story.older, story.data)
        zone = story.zones_of(EU)[0]
        folder = story.home / "gateways" / story.gateway_id(zone["name"]) / "last-good"
        command = Path(f"/proc/{zone['gateway_pid']}/cmdline").read_bytes().split(b"\0")[:-1]
        story.kill(zone["gateway_pid"])
        for file in folder.glob("world*"):
            file.unlink()
        zone["gateway_pid"] = story.start_process(command).pid
        story.start_control(story.command)
        await_refusals(story, "is older than", 1)
        assert chat(zone["gateway_url"], story.keys["eu"]).status == 503, "it has no World"
        assert serves(story.zones_of(EU)[1]["gateway_url"], story)

    def test_a_restored_control_is_believed_once_its_epoch_is_raised(self, story):
        stop_control(story)
        story.start_control([*story.command, "--epoch", "2"])
        story.version = apply_scope(story, "after-restore")
        wait_until("all follow", lambda: hold_all(story, story.version))
        wait_until("all serve", lambda: serve_all(story))

    def test_a_world_is_tried_on_what_was_decided_lately(self, story):
        """One that deploys the model nowhere is refused where it was asked for, and only there."""
        busy, idle = (zone["gateway_url"] for zone in story.zones_of(EU))
        for number in (0, 1):
            zone = story.zones_of(EU)[number]
            zone["gateway_pid"] = story.restart_process(zone["gateway_pid"]).pid
            # Nobody asks it for an answer meanwhile: the idle one is to know too little.
            wait_until("it is ready again", lambda: is_ready(zone["gateway_url"]))
            await_engine(zone)
            assert serves(zone["gateway_url"], story)
        for _ in range(ENOUGH_DECISIONS):
            assert serves(busy, story)
        listed = story.cli("get", "deployments", "-o", "yaml").stdout
        kept = [text for text in listed.split("---\n") if f"model: \"{MODEL}\"" in text]
        assert len(kept) == 6, listed
        own = f"{MODEL}.{story.zones_of(EU)[0]['name']}"
        kept.sort(key=lambda text: name_in(text) == own)  # the last to go: no executor refuses
        for text in kept:
            gone = story.cli("delete", "deployment", name_in(text), "--break-glass", "a test")
            assert gone.returncode == 0, gone.stderr
        wait_until("it is refused", lambda: story.gateway_id(story.zones_of(EU)[0]["name"])
                   in refusals(story, "deploys their models nowhere"))
        assert "invalid_resource" in story.cli("get", "worlds").stdout
        version = worlds(story)["current"]["version"]
        wait_until("the other one takes it",
                   lambda: metrics(idle)["portolan_world_version"] == version)
        assert serves(busy, story) and not serves(idle, story)
        back = "---\n".join(without_version(text) for text in kept)
        applied = story.cli("apply", "-f", "-", stdin=back)
        assert applied.returncode == 0, applied.stderr
        story.version = worlds(story)["current"]["version"]
        wait_until("all follow", lambda: hold_all(story, story.version) and serve_all(story))

        def tried():
            trial = next(entry.get("trial") for entry in worlds(story)["gateways"]
                         if entry["zone"] == story.zones_of(EU)[0]["name"])
            return trial and trial["decisions"] >= ENOUGH_DECISIONS and trial["refused"] == {} and trial
        print(f"the next World: {wait_until('it tells how the next World did', tried)}")

    def test_a_world_signed_under_another_root_is_refused(self, story, another_home):
        command = stop_control(story)
        for flag in ("--signing-key", "--certificate", "--root"):
            at = command.index(flag) + 1
            command[at] = str(another_home / "authority" / Path(command[at]).name)
        story.start_control(command)
        for name in ("one", "two"):
            assert apply_scope(story, name) > story.version
        await_refusals(story, "bad_signature", 6)
        assert hold_all(story, story.version) and serve_all(story)
