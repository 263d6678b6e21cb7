"""Webhooks as they are in production: over TLS, and told by one of several controls on etcd."""

import contextlib
import os
import shutil

import pytest

from certificates import make_authority, make_certificate
from etcd import EtcdCluster
from network import EU, MODEL, command_of, run_portolan, wait_until
from split_network import SplitNetwork
from three_controls import ThreeControls, option
from webhook import Hook, Receiver, counted, kinds

ZONES = (f"{EU}a", f"{EU}b")
LEFT, CAME = ("model.leaves", EU, MODEL), ("model.appears", EU, MODEL)


def make_pem(folder, authority, name, **more):
    """A certificate and its key in one file."""
    make_certificate(folder, authority, name, **more)
    path = folder / f"{name}.both.pem"
    path.write_text((folder / f"{name}.pem").read_text() + (folder / f"{name}.key").read_text())
    return path


def each_once(events):
    return kinds({event["id"]: event for event in events}.values())


def test_a_receiver_that_is_not_vouched_for_is_told_nothing_and_nothing_is_lost(split, tmp_path):
    for name in ("authority", "other"):
        make_authority(tmp_path, name)
    hook = Hook(split, authority=tmp_path / "authority.pem")
    wait_until("what is there at first is known", hook.is_told_of_changes, 40)
    wrong = [
        (make_pem(tmp_path, "other", "stranger"), "unable to get local issuer certificate"),
        (make_pem(tmp_path, "authority", "elsewhere", names="DNS:hooks.example.net"),
         "IP address mismatch"),
        (make_pem(tmp_path, "authority", "late", days=-1), "certificate has expired")]
    for zone in ZONES:
        split.kill_engine(zone)
    for certificate, why in wrong:
        receiver = hook.receive(certificate=certificate)
        said = f"TLS: certificate verify failed ({why})"
        wait_until(why, lambda: said in hook.log.read_text(), 40)
        receiver.kill()
        receiver.wait(10)
    assert f"the webhook https://127.0.0.1:{hook.port}/portolan takes no event" in \
        hook.log.read_text(), "it is named"
    assert hook.waiting() > 0 and hook.events() == [], "no byte went to who is not trusted"
    hook.receive(certificate=make_pem(tmp_path, "authority", "receiver"))
    wait_until("nothing waits any more", lambda: hook.waiting() == 0, 60)
    assert each_once(hook.events()).count(LEFT) == 1


@pytest.mark.parametrize("scheme, file, said", [
    ("https", "missing.pem", "--webhook-ca names"), ("https", "empty.pem", "which is empty"),
    ("https", "words.pem", "the authority is not PEM"),
    ("http", "words.pem", "--webhook is http://")])
def test_an_authority_that_cannot_be_used_is_refused_at_start(sim, tmp_path, scheme, file, said):
    (tmp_path / "empty.pem").touch()
    (tmp_path / "words.pem").write_text("no certificate")
    (tmp_path / "secret").write_text("0123456789abcdef")
    command = option(command_of(sim.control_pid)[1:], "--data", tmp_path / "control")
    ended = run_portolan(*command, "--webhook", f"{scheme}://127.0.0.1:9/", "--webhook-secret",
                         tmp_path / "secret", "--webhook-ca", tmp_path / file)
    assert ended.returncode == 1 and said in ended.stderr, ended.stderr


class TellingControls(ThreeControls):
    """Of which each would tell the receiver, and one does."""

    def __init__(self, network, etcd):
        self.receiver = Receiver(network)
        super().__init__(network, etcd, self.receiver.flags, ZONES)

    def living(self):
        return [number for number, process in enumerate(self.processes) if process.poll() is None]

    def counted(self, number, name):
        return counted(f"http://{self.admins[number]}", name)


@pytest.fixture
def controls():
    with contextlib.ExitStack() as stack:
        network = SplitNetwork()
        stack.callback(shutil.rmtree, network.home, ignore_errors=True)
        stack.callback(network.stop)
        etcd = EtcdCluster()
        stack.callback(etcd.stop)
        yield TellingControls(network, etcd)


@pytest.mark.skipif(not os.environ.get("PORTOLAN_PROOF"),
                    reason="three controls die one after the other: make proof")
def test_another_control_tells_what_the_one_that_told_left_undone(controls):
    network, receiver = controls.network, controls.receiver
    log = network.home / "logs/restarted.log"
    controls.send(0, "POST", "apply", (network.home / "world.yaml").read_bytes())
    wait_until("what is there at first is known",
               lambda: "the webhook is told of changes from now on" in log.read_text(), 60)
    taking = receiver.receive()
    for zone in ZONES:
        network.kill_engine(zone)
    wait_until("it is told", lambda: LEFT in kinds(receiver.events()), 60)
    wait_until("it is put away", lambda: controls.counted(0, "waiting") == 0, 20)
    (teller,) = [number for number in controls.living()
                 if controls.counted(number, "delivered_total") > 0]
    before = len(receiver.events())

    # It dies while the receiver has the next event and has not said that it took it.
    taking.kill()
    taking.wait(10)
    slow = receiver.receive(seconds=8)
    network.start_engine(ZONES[0])
    wait_until("it is posted", lambda: len(receiver.events()) > before, 60)
    controls.kill(teller)
    slow.kill()
    slow.wait(10)
    (cut,) = receiver.events()[before:]
    receiver.receive()
    other = controls.living()[0]
    wait_until("another one posts it", lambda: len(receiver.events()) > before + 1, 90)
    assert receiver.events()[before + 1] == cut, "the same, by its id and all else"

    # The one that took over also sees what happens next, and behind it the last one does.
    wait_until("it is put away", lambda: controls.counted(other, "waiting") == 0, 20)
    network.kill_engine(ZONES[0])
    wait_until("what happens next is told",
               lambda: each_once(receiver.events()).count(LEFT) == 2, 60)
    for number in controls.living()[:-1]:
        controls.kill(number)
    network.start_engine(ZONES[0])
    wait_until("the last control tells the rest",
               lambda: each_once(receiver.events()).count(CAME) == 2, 90)
    assert {event["region"] for event in receiver.events()} == {EU}
    happened = [kind for kind in each_once(receiver.events()) if kind[2] == MODEL]
    assert happened == [LEFT, CAME, LEFT, CAME], "each once, in order, none lost"
