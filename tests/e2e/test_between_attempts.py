"""What takes permission away ends the attempt that it forbids, and binds the next one."""

import json
import threading

import pytest

from client import chat, clear_faults, executions, metrics, order_faults, send
from network import ANYWHERE, EU, SG, wait_until

FIRST, OTHER = f"{EU}a", f"{EU}b"


class Asked(threading.Thread):
    """A request from Singapore that hangs at the first zone of Frankfurt that it goes to."""

    def __init__(self, split):
        assert split.cli("apply", "-f", "-", stdin=ANYWHERE).returncode == 0
        made = split.cli("key", "create", "--workspace", "eu-anywhere", "-o", "json")
        self.split, self.key = split, json.loads(made.stdout)
        self.gateway = split.zones_of(SG)[0]["gateway_url"]
        wait_until("the key is known", lambda: self.ask().status == 200, 50)
        super().__init__(target=lambda: setattr(self, "answer", self.ask()))
        order_faults(split.engine_urls(EU), {"kind": "hang", "count": 1})
        before = self.started()
        self.start()
        wait_until("it hangs", lambda: self.started() != before)
        self.zone = next(zone for zone in before if before[zone] != self.started()[zone])
        self.spare = OTHER if self.zone == FIRST else FIRST
        clear_faults([split.zones[self.spare]["engine_url"]])

    def ask(self):
        return chat(self.gateway, self.key["key"])

    def started(self):
        return {zone: len(executions([self.split.zones[zone]["engine_url"]]))
                for zone in (FIRST, OTHER)}

    def lose_the_engine(self):
        self.split.kill_engine(self.zone)
        self.join(60)
        assert not self.is_alive()
        return self.answer

    def ran_at(self, zone):
        return self.answer.request_id in executions([self.split.zones[zone]["engine_url"]])


@pytest.fixture
def asked(split):
    return Asked(split)


def deny(network, place, gateway):
    """Returns when that gateway knows."""
    def known():
        return metrics(gateway)["portolan_restrictions_sequence"]
    before = known()
    answer = send("POST", network.admin_url + "/admin/v1/restrictions", network.admin_key,
                  {"deny": place})
    assert answer.status == 201, answer.body
    wait_until("the restriction arrives", lambda: known() > before, 50)


def test_a_lost_attempt_is_repeated_so_the_others_here_can_fail(asked):
    answer = asked.lose_the_engine()
    assert answer.status == 200 and answer.headers["portolan-zone"] == asked.spare


def test_a_key_that_was_revoked_meanwhile_gets_no_second_attempt(split, asked):
    assert split.cli("key", "revoke", asked.key["id"]).returncode == 0
    wait_until("the revocation arrives", lambda: asked.ask().status == 401, 50)
    answer = asked.lose_the_engine()
    assert answer.status == 401 and answer.error["code"] == "revoked_key", answer.body
    assert not asked.ran_at(asked.spare)


def test_a_zone_that_was_denied_meanwhile_gets_no_second_attempt(split, asked):
    deny(split, asked.spare, asked.gateway)
    answer = asked.lose_the_engine()
    assert answer.status == 503 and answer.error["code"] == "scope_exhausted", answer.body
    assert not asked.ran_at(asked.spare)


def test_what_a_denied_zone_computes_is_ended_and_another_zone_serves(split, asked):
    deny(split, asked.zone, asked.gateway)
    asked.join(60)
    assert not asked.is_alive()
    assert asked.answer.status == 200, asked.answer.body
    assert asked.answer.headers["portolan-zone"] == asked.spare
