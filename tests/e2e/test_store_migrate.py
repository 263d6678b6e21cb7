"""Control's state moves from SQLite into etcd and back: nothing is lost, gateways notice nothing."""

import base64
import contextlib
import hashlib
import json
import shutil
import signal
import sqlite3
import subprocess

import pytest

from client import send
from etcd import EtcdCluster
from network import BINARY, run_portolan, wait_until
from test_backup import Traffic, apply_scope, make_key, revoke, settle, statuses, stop_control
from test_backup import versions

MANY = 5_000
LIVE = 2**63 - 1
MARK = b"migration"


def digest(items):
    """What the command says that it is."""
    whole = hashlib.sha256()
    for key, value in sorted(items):
        if key != MARK:
            whole.update(b"%d:%s,%d:%s," % (len(key), key, len(value), value))
    return whole.hexdigest()


def in_sqlite(folder):
    with contextlib.closing(sqlite3.connect(folder / "control.db")) as database:
        return database.execute("SELECT key, value FROM entry WHERE superseded = ?",
                                (LIVE,)).fetchall()


def in_etcd(etcd):
    """All but what a process that is gone still holds by a lease: it is not moved."""
    prefix = b"/portolan/local/k/"
    items, start = [], prefix
    while True:
        body = {"key": base64.b64encode(start).decode(), "limit": 5000,
                "range_end": base64.b64encode(b"/portolan/local/k0").decode()}
        page = send("POST", f"http://{etcd.clients[0]}/v3/kv/range", body=body).json
        found = [(base64.b64decode(item["key"]), base64.b64decode(item.get("value", "")))
                 for item in page.get("kvs", [])]
        leased = {base64.b64decode(item["key"]) for item in page.get("kvs", []) if "lease" in item}
        items += [(key[len(prefix):], value) for key, value in found if key not in leased]
        if not page.get("more"):
            return items
        start = found[-1][0] + b"\0"


def add_many(folder):
    """Keys that control reads and nobody needs, so that a move takes a while."""
    with contextlib.closing(sqlite3.connect(folder / "control.db")) as database, database:
        (revision,), = database.execute("SELECT value FROM counter WHERE name = 'revision'")
        rows = [(b"zone-key/none-%06d" % number, b"1" * 100, revision, revision, LIVE, 0)
                for number in range(MANY)]
        rows = [(key, b"1", *rest) for key, _, *rest in rows]
        database.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)


def migrate(source, target, *more):
    return run_portolan("store", "migrate", "--from", source, "--to", target, *more)


def migrate_until_writing(source, target, number):
    """Sends that signal to a move that has begun to write; its exit code and what it said."""
    process = subprocess.Popen([str(BINARY), "store", "migrate", "--from", source, "--to", target],
                               stderr=subprocess.PIPE, text=True)
    said = ""
    for line in process.stderr:
        said += line
        if line.startswith("writing"):
            process.send_signal(number)
    return process.wait(60), said


def refuses_to_start(command):
    """What a control says that ends by itself."""
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    return ended.stderr


def end_control(network):
    """Lets it stop by itself, so that it takes its session along."""
    process = network.strangers[-1]
    process.terminate()
    process.wait(30)


@pytest.fixture(scope="class")
def story(shared_own_sim):
    network = shared_own_sim
    network.data = network.home / "control"
    network.in_file = f"sqlite:{network.data}"
    network.etcd = EtcdCluster()
    network.traffic = Traffic(network)
    network.traffic.start()
    yield network
    network.traffic.ended.set()
    network.etcd.stop()


class TestAMovedStore:
    """One story in order."""

    def test_what_is_in_use_stays_where_it_is(self, story):
        story.stays, story.revoked = make_key(story), make_key(story)
        revoke(story, story.revoked)
        apply_scope(story, "before")
        story.newest = settle(story)
        refused = migrate(story.in_file, story.etcd.url())
        assert refused.returncode == 1 and "held by another process" in refused.stderr
        assert in_etcd(story.etcd) == []

    def test_what_is_torn_or_not_there_is_not_moved(self, story, tmp_path):
        story.command = stop_control(story)
        add_many(story.data)
        story.items = in_sqlite(story.data)
        whole = (story.data / "control.db").read_bytes()
        torn = tmp_path / "torn"
        torn.mkdir()
        (torn / "control.db").write_bytes(whole[:len(whole) // 2])
        for place, sentence in ((torn, "damaged"), (tmp_path / "none", "There is no")):
            refused = migrate(f"sqlite:{place}", story.etcd.url())
            assert refused.returncode == 1 and sentence in refused.stderr, refused.stderr
        assert not (tmp_path / "none").exists() and in_etcd(story.etcd) == []

    def test_control_does_not_begin_anew_beside_a_store_that_was_not_moved(self, story):
        in_etcd_now = [*story.command, "--store", story.etcd.url()]
        assert "Move it first" in refuses_to_start(in_etcd_now)
        assert in_etcd(story.etcd) == []

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
    def test_a_move_that_is_ended_halfway_leaves_the_source(self, story, number):
        code, said = migrate_until_writing(story.in_file, story.etcd.url(), number)
        assert code == (-number if number == signal.SIGKILL else 1), said
        assert number == signal.SIGKILL or "It was stopped. Nothing was moved" in said
        there = len(in_etcd(story.etcd))
        print(f"{there} of {len(story.items)} keys were written")
        assert 0 < there < len(story.items)
        half = refuses_to_start([*story.command, "--store", story.etcd.url()])
        assert "is being filled from sqlite:" in half
        assert sorted(in_sqlite(story.data)) == sorted(story.items)

    def test_it_is_taken_up_and_both_sides_are_the_same(self, story):
        moved = migrate(story.in_file, story.etcd.url(), "-o", "json")
        assert moved.returncode == 0, moved.stderr
        said = json.loads(moved.stdout)
        assert said["source_sha256"] == said["target_sha256"] == digest(story.items)
        assert sorted(in_etcd(story.etcd)) == sorted(story.items)
        assert said["keys"] == len(story.items)
        assert (said["epoch"], said["world"]) == story.newest[0]

    def test_the_old_place_is_closed_and_the_new_one_goes_on(self, story):
        assert f"was moved to {story.etcd.url()}" in refuses_to_start(story.command)
        again = migrate(story.in_file, story.etcd.url())
        assert again.returncode == 1 and "was moved to" in again.stderr
        before = versions(story)
        story.start_control([*story.command, "--store", story.etcd.url()])
        assert settle(story) == story.newest and versions(story) == before
        apply_scope(story, "in-etcd")
        story.newest = settle(story)
        assert statuses(story, story.revoked) == {401} and statuses(story, story.stays) == {200}
        used = migrate(story.etcd.url(), f"sqlite:{story.home / 'back'}")
        assert used.returncode == 1 and "1 control uses this store" in used.stderr, used.stderr

    def test_and_back(self, story):
        end_control(story)
        items = in_etcd(story.etcd)
        full = migrate(story.etcd.url(), story.in_file)
        assert full.returncode == 1 and "holds what was moved" in full.stderr, full.stderr
        moved = migrate(story.etcd.url(), f"sqlite:{story.home / 'back'}")
        assert moved.returncode == 0 and moved.stdout.count(digest(items)) == 2, moved.stdout
        assert sorted(in_sqlite(story.home / "back")) == sorted(items)
        command = [str(story.home / "back") if part == str(story.data) else part
                   for part in story.command]
        story.start_control(command)
        assert settle(story) == story.newest
        apply_scope(story, "back-again")
        assert settle(story)[0][1] == story.newest[0][1] + 1
        assert statuses(story, story.revoked) == {401} and statuses(story, story.stays) == {200}
        assert story.cli("audit", "verify").returncode == 0
        shutil.rmtree(story.data)

    def test_requests_were_served_all_the_time(self, story):
        served, failed = story.traffic.stop()
        print(f"{served} served, {len(failed)} failed")
        assert served > 0 and not failed, failed[:3]
