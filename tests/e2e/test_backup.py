"""Control's store is lost and comes back from a backup: no gateway goes back, nothing is silent."""

import json
import shutil
import stat
import threading
import time
from pathlib import Path

import pytest

from client import chat, get, metrics
from network import run_portolan, wait_until


def gateways(network):
    return [zone["gateway_url"] for zone in network.zones.values()]


def versions(network):
    return {tuple(metrics(url)[f"portolan_{name}"] for name in
                  ("world_version", "keyring_sequence", "restrictions_sequence"))
            for url in gateways(network)}


def held(network):
    """What all gateways hold by now, told to control, when they agree."""
    page = json.loads(network.cli("get", "gateways", "-o", "json").stdout)
    said = {tuple((gateway[kind]["epoch"], gateway[kind]["version"])
                  for kind in ("world", "keyring", "restrictions"))
            for gateway in page["gateways"]}
    return said.pop() if len(said) == 1 and len(page["gateways"]) == 6 else None


def settle(network):
    """Waits until every gateway holds what control has."""
    def all_follow():
        current = json.loads(network.cli("get", "worlds", "-o", "json").stdout)["current"]
        seen = held(network)
        return seen and seen[0] == (current["epoch"], current["version"]) and seen
    return wait_until("all gateways hold what control has", all_follow)


def apply_scope(network, name):
    text = (f"apiVersion: portolan/v1\nkind: Scope\nmetadata: {{name: {name}}}\n"
            "spec: {include: [eu]}\n")
    applied = network.cli("apply", "-f", "-", stdin=text)
    assert applied.returncode == 0, applied.stderr


def make_key(network):
    return json.loads(network.cli("key", "create", "-w", "global", "-o", "json").stdout)


def revoke(network, key):
    done = network.cli("key", "revoke", key["id"])
    assert done.returncode == 0, done.stderr


def statuses(network, key):
    return {get(url + "/v1/models", key["key"]).status for url in gateways(network)}


def stop_control(network):
    command = Path(f"/proc/{network.control_pid}/cmdline").read_bytes().split(b"\0")[:-1]
    network.kill(network.control_pid)
    return [part.decode() for part in command]


class Traffic(threading.Thread):
    """Asks every gateway in turn until it is told to stop; keeps what was not answered."""

    def __init__(self, network):
        super().__init__(daemon=True)
        self.network, self.served, self.failed = network, 0, []
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            for url in gateways(self.network):
                answer = chat(url, self.network.keys["global"])
                if answer.status == 200:
                    self.served += 1
                else:
                    self.failed.append((url, answer.status, answer.body))
                time.sleep(0.05)

    def stop(self):
        self.ended.set()
        self.join(60)
        return self.served, self.failed


@pytest.fixture(scope="class")
def story(shared_own_sim):
    network = shared_own_sim
    network.data = network.home / "control"
    network.backup = network.home / "control.backup"
    network.traffic = Traffic(network)
    network.traffic.start()
    yield network
    network.traffic.ended.set()


class TestALostStore:
    """One story in order."""

    def test_a_backup_is_taken_while_control_runs(self, story):
        story.stays = make_key(story)
        story.revoked_later = make_key(story)
        apply_scope(story, "before")
        taken = story.cli("backup", story.backup)
        assert taken.returncode == 0, taken.stderr
        assert stat.S_IMODE(story.backup.stat().st_mode) == 0o600
        text = story.backup.read_text()
        assert story.stays["id"] in text and story.stays["key"] not in text
        assert story.admin_key not in text and story.keys["global"] not in text
        assert story.cli("backup", story.backup).returncode == 1, "a backup is not overwritten"
        assert run_portolan("backup", "verify", story.backup).returncode == 0

    def test_much_changes_behind_it(self, story):
        apply_scope(story, "after-1")
        apply_scope(story, "after-2")
        story.made_later = make_key(story)
        revoke(story, story.revoked_later)
        wait_until("refused", lambda: statuses(story, story.revoked_later) == {401})
        wait_until("known", lambda: statuses(story, story.made_later) == {200})
        story.newest = settle(story)

    def test_a_torn_or_foreign_backup_is_not_restored(self, story, tmp_path):
        torn = tmp_path / "torn"
        torn.write_bytes(story.backup.read_bytes()[:-100])
        for file, more in ((torn, ()), (story.backup, ("--network", "other"))):
            refused = run_portolan("restore", file, "--data", tmp_path / "data", *more)
            assert refused.returncode == 1 and not (tmp_path / "data").exists(), refused.stderr
        assert run_portolan("backup", "verify", torn).returncode == 1
        full = run_portolan("restore", story.backup, "--data", story.data)
        assert full.returncode == 1 and "has a store already" in full.stderr

    def test_restored_it_says_what_it_lacks_and_no_gateway_goes_back(self, story):
        command = stop_control(story)
        story.lost = story.data.rename(story.home / "control.lost")
        restored = run_portolan("restore", story.backup, "--data", story.data,
                                "--reason", "the disk died")
        assert restored.returncode == 0, restored.stderr
        assert "REVOCATIONS" in restored.stdout
        story.start_control(command)

        def all_heard():
            shown = json.loads(story.cli("restore", "status", "-o", "json").stdout)["restore"]
            return len(shown["gateways_heard"]) == 6 and shown["lacking"] and shown
        shown = wait_until("all gateways are heard", all_heard)
        now = shown["backup"]
        (_, world), (_, keyring), _ = story.newest
        # Restrictions are sent at once, so what is said of theirs ends when all have taken them.
        lacking = (f"World {world} and restored is {now['world']}; "
                   f"Keyring {keyring} and restored is {now['keyring']};")
        assert lacking in shown["lacking"]
        assert lacking in story.cli("get", "worlds").stdout
        seen = wait_until("all gateways have polled", lambda: held(story))
        assert seen[:2] == story.newest[:2], "World and Keyring stay as they were"
        assert statuses(story, story.revoked_later) == {401}
        assert statuses(story, story.made_later) == {200}

    def test_a_finish_in_haste_brings_no_revoked_key_back(self, story):
        assert story.cli("restore", "finish", "--reason", "in haste").returncode == 0

        def refusals():
            page = json.loads(story.cli("get", "gateways", "-o", "json").stdout)
            return [refusal["reason"] for gateway in page["gateways"]
                    for refusal in gateway["refused"] if refusal["kind"] == "keyring"]
        said = wait_until("all refuse the Keyring", lambda: len(refusals()) == 6 and refusals())
        assert all(story.revoked_later["id"] in reason for reason in said)
        assert statuses(story, story.revoked_later) == {401}

    def test_revoked_again_all_follow(self, story):
        revoke(story, story.revoked_later)
        apply_scope(story, "made-up-for")
        seen = settle(story)
        assert seen[0][0] > story.newest[0][0]
        assert statuses(story, story.revoked_later) == {401}
        assert statuses(story, story.stays) == {200}
        assert statuses(story, story.made_later) == {401}, "it is missing, as was said"
        audit = json.loads(story.cli("audit", "list", "-o", "json").stdout)["entries"]
        acts = [entry["act"] for entry in audit]
        assert acts[-4:] == ["restore", "finish-restore", "revoke-key", "apply"], acts
        assert story.cli("audit", "verify").returncode == 0

    def test_the_lost_store_that_comes_back_late_moves_nobody(self, story):
        command = stop_control(story)
        newest = versions(story)
        shutil.rmtree(story.data)
        story.lost.rename(story.data)
        story.start_control(command)
        wait_until("all have polled it", lambda: held(story))
        assert versions(story) == newest
        assert statuses(story, story.revoked_later) == {401}

    def test_requests_were_served_all_the_time(self, story):
        served, failed = story.traffic.stop()
        print(f"{served} served, {len(failed)} failed")
        assert served >= 2 * len(gateways(story)) and not failed, failed[:3]
