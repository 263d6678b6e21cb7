"""An etcd that speaks TLS: who is let in, who is told why not, and that an unsafe one is refused."""

import concurrent.futures
import json
import os
import shutil
import subprocess
import time

import pytest

from certificates import make_authority, make_certificate
from etcd import ETCD
from network import BINARY, Network, free_base_port, run_portolan, wait_until

NAMESPACE = ["unshare", "--net"]


def etcd_command(folder, data, client, peer, *more):
    """One member, which takes clients at that address by TLS."""
    return [str(ETCD), "--name", "m0", "--data-dir", str(folder / data), "--log-level", "error",
            "--listen-client-urls", f"https://{client}", "--advertise-client-urls",
            f"https://{client}", "--listen-peer-urls", f"http://{peer}",
            "--initial-advertise-peer-urls", f"http://{peer}", "--initial-cluster",
            f"m0=http://{peer}", "--cert-file", str(folder / "server.pem"), "--key-file",
            str(folder / "server.key"), *more]


def checking(folder):
    """What lets in only clients that the authority has certified."""
    return ["--client-cert-auth", "--trusted-ca-file", str(folder / "authority.pem")]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    for authority in ("authority", "other"):
        make_authority(folder, authority)
    make_certificate(folder, "authority", "server")
    make_certificate(folder, "authority", "control")
    make_certificate(folder, "other", "stranger")
    return folder


def query(files, authority="authority", certificate=None):
    text = f"?ca={files}/{authority}.pem"
    if certificate:
        text += f"&certificate={files}/{certificate}.pem&key={files}/{certificate}.key"
    return text


def look(place, *before):
    """What is said of an etcd that holds nothing, or of why it cannot be used."""
    command = [*before, str(BINARY), "store", "migrate", "--from", place, "--to",
               "sqlite:/nowhere/at/all"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1, ended.stdout
    return ended.stderr


NOTHING_THERE = "holds no state of a control"


@pytest.fixture(scope="module")
def member(files):
    base = free_base_port(2)
    client, peer = f"127.0.0.1:{base}", f"127.0.0.1:{base + 1}"
    with open(files / "etcd.log", "wb") as log:
        process = subprocess.Popen(etcd_command(files, "data", client, peer, *checking(files)),
                                   stdout=log, stderr=log)
    try:
        place = f"etcd://{client}"
        wait_until("etcd answers",
                   lambda: NOTHING_THERE in look(place + query(files, certificate="control")))
        yield place
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture(scope="module", autouse=True)
def strangers(files, member):
    """What is said to who is not let in: each waits, beside the tests, as an election may take."""
    wrong = {"no certificate": query(files),
             "a stranger's certificate": query(files, certificate="stranger"),
             "another authority": query(files, "other", "control"),
             "in clear": ""}
    with concurrent.futures.ThreadPoolExecutor() as at_once:
        yield {how: at_once.submit(look, member + text) for how, text in wrong.items()}


def test_state_goes_there_and_back_by_tls(files, member, tmp_path):
    network = Network()
    network.stop()
    place = member + query(files, certificate="control")
    said = []
    for source, target in ((f"sqlite:{network.home}/control", place), (place, f"sqlite:{tmp_path}")):
        moved = run_portolan("store", "migrate", "--from", source, "--to", target, "-o", "json")
        assert moved.returncode == 0, moved.stderr
        said.append(json.loads(moved.stdout))
    assert said[0]["source_sha256"] == said[1]["target_sha256"] and said[0]["keys"] > 0
    shutil.rmtree(network.home)


@pytest.mark.skipif(os.geteuid() != 0, reason="makes a network namespace, which needs root")
@pytest.mark.parametrize("checks_clients", [True, False])
def test_off_loopback_an_etcd_that_lets_anybody_read_is_refused(files, checks_clients):
    """In a namespace, whose one address is none of loopback's for those who look at it."""
    inside = subprocess.Popen(
        [*NAMESPACE, "sh", "-c", "ip link set lo up && ip address add 10.77.0.1/32 dev lo && "
         "echo ready && exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert inside.stdout.readline() == "ready\n"
    enter = ["nsenter", "--net", "--target", str(inside.pid)]
    more = checking(files) if checks_clients else []
    etcd = subprocess.Popen([*enter, *etcd_command(files, f"off-{checks_clients}", "10.77.0.1:2379",
                                                   "127.0.0.1:2380", *more)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        place = "etcd://10.77.0.1:2379"
        assert "would be spoken to in clear" in look(place, *enter)
        end = time.monotonic() + 60
        said = look(place + query(files, certificate="control"), *enter)
        while "No member of etcd answers" in said and time.monotonic() < end:
            said = look(place + query(files, certificate="control"), *enter)
        wanted = NOTHING_THERE if checks_clients else "reads keys for anybody who connects"
        assert wanted in said, said
    finally:
        etcd.kill()
        etcd.wait(10)
        inside.stdin.close()
        inside.wait(10)


def test_neither_is_a_stranger_let_in_nor_a_strange_etcd_believed(strangers):
    for how, looking in strangers.items():
        said = looking.result()
        assert "No member of etcd answers" in said, (how, said)
