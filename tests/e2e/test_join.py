"""Machines join a network by tokens: who is let in, who is told why not, and that one serves."""

import contextlib
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time

import pytest

from client import chat, get, metrics
from conftest import run
from network import BINARY, EU, MODEL, free_base_port, run_portolan, wait_until

ZONE, OTHER_ZONE = f"{EU}a", f"{EU}b"


def make_token(network, *flags, zone=ZONE):
    made = network.cli("token", "create", "--zone", zone, "-o", "json", *flags)
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


def join(control, token, folder, *flags):
    return run_portolan("join", "--control", control, "--token", token, "--folder", folder,
                        "-o", "json", *flags)


def joined(control, token, folder, *flags):
    ended = join(control, token, folder, *flags)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def refused(control, token, folder, *flags):
    ended = join(control, token, folder, *flags)
    assert ended.returncode == 1, ended.stdout
    assert not (folder / "machine.json").exists(), "nothing that looks joined is left"
    return ended.stderr


def token_states(network):
    listed = json.loads(network.cli("token", "list", "-o", "json").stdout)["tokens"]
    return {token["id"]: token["state"] for token in listed}


def audit_acts(network):
    listed = json.loads(network.cli("audit", "list", "-o", "json").stdout)["entries"]
    return [entry["act"] for entry in listed]


def control_command(network, changes):
    """As `up` started its control, but for these flags."""
    words = [word.decode() for word in
             open(f"/proc/{network.control_pid}/cmdline", "rb").read().split(b"\0")[:-1]]
    for flag, value in changes.items():
        at = words.index(flag)
        words[at:at + 2] = [] if value is None else [flag, str(value)]
    return words


@pytest.fixture(scope="module")
def net():
    """A network of its own: gateways that joined stay in its tables when they are gone."""
    yield from run()


@pytest.fixture(scope="module")
def secure(net, tmp_path_factory):
    """Another control of that network, on a copy of its store, whose admin API speaks TLS."""
    folder = tmp_path_factory.mktemp("control")
    base = free_base_port(2)
    backup = folder / "control.backup"
    assert net.cli("backup", str(backup)).returncode == 0
    restored = run_portolan("restore", str(backup), "--data", str(folder / "control"),
                            "--reason", "a control with TLS")
    assert restored.returncode == 0, restored.stderr
    # An address of this machine that is not written as one of loopback's.
    command = control_command(net, {"--data": folder / "control",
                                    "--admin": f"[::ffff:127.0.0.1]:{base}",
                                    "--gateways": f"127.0.0.1:{base + 1}"})
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        wait_until("it is ready", lambda: "is ready" in (folder / "log").read_text())
        yield f"https://127.0.0.1:{base}"
    finally:
        process.terminate()
        process.wait(30)


def test_every_refusal_says_what_to_do_and_leaves_the_network_as_it_was(net, tmp_path):
    control = net.admin_url
    late = make_token(net, "--expires", "1s")
    revoked = make_token(net)
    assert net.cli("token", "revoke", revoked["id"]).returncode == 0
    used = make_token(net)
    first = joined(control, used["token"], tmp_path / "first")
    fresh = make_token(net)

    wait_until("it is late", lambda: token_states(net)[late["id"]] == "late")
    said = refused(control, late["token"], tmp_path / "late")
    assert "(expired_key)" in said and "portolan token create" in said
    said = refused(control, revoked["token"], tmp_path / "revoked")
    assert "(revoked_key)" in said and "portolan token create" in said
    said = refused(control, used["token"], tmp_path / "second")
    assert "(resource_conflict)" in said and first["id"] in said, "names who was let in"
    said = refused(control, fresh["token"], tmp_path / "zone", "--zone", OTHER_ZONE)
    assert "(invalid_parameter)" in said and f"zone '{ZONE}', not '{OTHER_ZONE}'" in said
    said = refused(control, fresh["token"], tmp_path / "role", "--role", "control")
    assert "(invalid_parameter)" in said and "for a gateway, not a control" in said
    said = refused(control, fresh["token"], tmp_path / "id", "--id", net.gateway_id(ZONE))
    assert "(resource_conflict)" in said and "--id" in said, "that gateway serves"
    said = refused(control, fresh["token"], tmp_path / "root", "--root", "0" * 64)
    assert "(untrusted_peer)" in said and "--root" in said
    said = refused(control, fresh["token"][:-1], tmp_path / "cut")
    assert "(malformed_key)" in said

    states = token_states(net)
    assert [states[token["id"]] for token in (late, revoked, used)] == ["late", "revoked", "used"]
    assert "join" in audit_acts(net) and net.cli("audit", "verify").returncode == 0
    database = b"".join(path.read_bytes() for path in (net.home / "control").glob("control.db*"))
    assert used["id"].encode() in database
    assert used["token"].split("_")[2].encode() not in database, "only its hash is stored"


def test_the_same_machine_may_ask_again_with_the_same_token(net, tmp_path):
    token = make_token(net)["token"]
    first = joined(net.admin_url, token, tmp_path)
    for lost in ("machine.json", "machine.pem", "authority.pem"):
        (tmp_path / lost).unlink()
        again = joined(net.admin_url, token, tmp_path)
        assert again["identity"] == first["identity"] and (tmp_path / lost).exists()
    assert os.stat(tmp_path / "machine.key").st_mode & 0o777 == 0o600
    key = (tmp_path / "machine.key").read_text()
    command = ["openssl", "x509", "-in", str(tmp_path / "machine.pem"), "-noout", "-pubkey"]
    of_certificate = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    of_key = subprocess.run(["openssl", "pkey", "-pubout"], input=key, capture_output=True,
                            text=True, check=True).stdout
    assert of_certificate == of_key


@contextlib.contextmanager
def serving(machine, port, folder):
    """The process of a gateway that has joined, started as `join` has printed it."""
    assert machine["command"][0] == "portolan"
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([str(BINARY), *machine["command"][1:]], stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def ready():
        assert process.poll() is None, (folder / "log").read_text()
        try:
            return get(url + "/readyz").status == 200
        except OSError:
            return False
    try:
        wait_until("the gateway would serve", ready)
        yield url
    finally:
        process.terminate()
        process.wait(60)


def serial_of(pem):
    text = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=pem, text=True,
                          capture_output=True, check=True).stdout
    return text.strip()


def connect(folder, port):
    """As a peer of the network."""
    trust = ssl.create_default_context(cafile=folder / "authority.pem")
    trust.check_hostname = False
    trust.load_cert_chain(folder / "machine.pem", folder / "machine.key")
    return trust.wrap_socket(socket.create_connection(("127.0.0.1", port), 30))


def serial_shown(connection):
    return serial_of(ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True)))


def serial_of_new_one(folder, port):
    with connect(folder, port) as connection:
        return serial_shown(connection)


def answers(connection):
    connection.sendall(b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n")
    return connection.recv(4096).startswith(b"HTTP/1.1 4")


def test_a_joined_gateway_serves_by_the_command_that_was_printed(net, tmp_path):
    base = free_base_port(2)
    machine = joined(net.admin_url, make_token(net)["token"], tmp_path, "--root",
                     str(net.home / "authority" / "root.pub"), "--listen", f"127.0.0.1:{base}",
                     "--hop", f"127.0.0.1:{base + 1}")
    assert machine["identity"] == f"spiffe://local/zone/{ZONE}/gateway/{machine['id']}"
    with serving(machine, base, tmp_path) as url:
        answer = chat(url, net.keys["eu"])
        assert answer.status == 200 and answer.json["model"] == MODEL
        assert answer.headers["portolan-request-id"].startswith(machine["id"])
        seen = json.loads(net.cli("get", "gateways", "-o", "json").stdout)["gateways"]
        assert machine["id"] in [gateway["gateway"] for gateway in seen]


def ask_over_tls(network, control, *arguments, authority=None, environment=None):
    trust = ["--admin-ca", str(authority)] if authority else []
    return run_portolan(*arguments, "--admin", control, *trust, "-o", "json",
                        environment={"PORTOLAN_ADMIN_KEY": network.admin_key,
                                     **(environment or {})})


def make_token_over_tls(network, control):
    made = ask_over_tls(network, control, "token", "create", "--zone", ZONE,
                        authority=network.home / "authority" / "tls-authority.pem")
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)["token"]


def test_the_admin_key_goes_to_a_control_of_the_named_authority_alone(net, secure, tmp_path):
    named = str(net.home / "authority" / "tls-authority.pem")
    listed = ask_over_tls(net, secure, "token", "list", environment={"PORTOLAN_ADMIN_CA": named})
    assert listed.returncode == 0, listed.stderr
    said = ask_over_tls(net, secure, "token", "list").stderr
    assert "(untrusted_peer)" in said and "--admin-ca" in said, said
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
                    "-days", "2", "-subj", "/CN=other"], check=True, capture_output=True,
                   cwd=tmp_path)
    said = ask_over_tls(net, secure, "token", "list", authority=tmp_path / "ca.pem").stderr
    assert "(untrusted_peer)" in said, said
    said = ask_over_tls(net, secure, "token", "list", authority=tmp_path / "none.pem").stderr
    assert "(bad_configuration)" in said and "none.pem" in said, said


def test_over_tls_control_is_known_by_the_fingerprint_in_the_token(net, secure, tmp_path):
    token = make_token_over_tls(net, secure)
    stranger = token[:-1] + ("0" if token[-1] != "0" else "1")
    said = refused(secure, stranger, tmp_path / "stranger")
    assert "(untrusted_peer)" in said and "not of the network that made the token" in said, said
    # Nothing was used up by that, and nothing was sent in clear.
    machine = joined(secure, token, tmp_path / "machine")
    assert "127.0.0.1" in machine["command"][machine["command"].index("--control") + 1]


def test_a_restored_control_knows_no_token_of_before(net, secure, tmp_path):
    """One that was used behind the backup would let a second machine in."""
    said = refused(secure, make_token(net)["token"], tmp_path)
    assert "(unknown_key)" in said and "portolan token create" in said


def test_a_control_without_an_authority_lets_nobody_join(net, tmp_path):
    base = free_base_port(2)
    command = control_command(net, {"--ca-key": None, "--ca-certificate": None, "--root": None,
                                    "--data": tmp_path / "control", "--admin": f"127.0.0.1:{base}",
                                    "--gateways": f"127.0.0.1:{base + 1}",
                                    "--admin-key-file": tmp_path / "admin.key"})
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL)
    try:
        admin = f"http://127.0.0.1:{base}"
        wait_until("it has made its admin key", lambda: (tmp_path / "admin.key").exists())
        key = (tmp_path / "admin.key").read_text().strip()

        def create():
            return run_portolan("token", "create", "--admin", admin, "--zone", ZONE,
                                environment={"PORTOLAN_ADMIN_KEY": key})
        wait_until("it answers", lambda: "cannot be reached" not in create().stderr)
        for said in (create().stderr, refused(admin, make_token(net)["token"], tmp_path / "m")):
            assert "(bad_configuration)" in said and "--ca-key" in said, said
    finally:
        process.terminate()
        process.wait(30)


def test_an_authority_or_a_root_of_another_network_is_refused_at_start(net, tmp_path):
    (tmp_path / "root.pub").write_text("ab" * 32 + "\n")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
                    "-days", "2", "-subj", "/CN=other"], check=True, capture_output=True,
                   cwd=tmp_path)
    wrong = {"--root": {"--root": "root.pub"},
             "--ca-certificate": {"--ca-key": "ca.key", "--ca-certificate": "ca.pem"}}
    for named, files in wrong.items():
        changes = {flag: tmp_path / file for flag, file in files.items()}
        command = control_command(net, {"--data": tmp_path / "control", **changes})
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 1 and named in ended.stderr, ended.stderr


def test_a_certificate_is_renewed_and_no_connection_is_cut(net, tmp_path):
    base = free_base_port(2)
    hop = base + 1
    machine = joined(net.admin_url, make_token(net)["token"], tmp_path, "--listen",
                     f"127.0.0.1:{base}", "--hop", f"127.0.0.1:{hop}")
    early = run_portolan("join", "--renew", "--folder", tmp_path, "-o", "json")
    assert early.returncode == 0 and json.loads(early.stdout)["renewed"] is False, "not due yet"
    before = serial_of((tmp_path / "machine.pem").read_text())
    with serving(machine, base, tmp_path) as url, connect(tmp_path, hop) as kept:
        assert serial_shown(kept) == before
        renewed = run_portolan("join", "--renew", "--at-once", "--folder", tmp_path)
        assert renewed.returncode == 0, renewed.stderr
        after = serial_of((tmp_path / "machine.pem").read_text())
        assert after != before
        wait_until("new ones are shown the new one",
                   lambda: serial_of_new_one(tmp_path, hop) == after)
        assert answers(kept) and serial_shown(kept) == before, "the one that was there goes on"
        assert chat(url, net.keys["eu"]).status == 200
        assert "new connections show a new certificate" in (tmp_path / "log").read_text()
    assert "renew" in audit_acts(net)
    listed = json.loads(net.cli("get", "machines", "-o", "json").stdout)["machines"]
    ends = {each["id"]: each["ends"] for each in listed}
    assert ends[machine["id"]] == json.loads((tmp_path / "machine.json").read_text())["ends"]
    assert metrics(net.admin_url)["portolan_machines"] == len(listed)


def test_what_no_token_let_in_is_not_renewed(net, tmp_path):
    """A gateway of `up` has a certificate of the same authority, and is no machine that joined."""
    joined(net.admin_url, make_token(net)["token"], tmp_path)
    leaf = net.home / "authority" / "tls" / net.gateway_id(ZONE)
    shutil.copy(f"{leaf}.pem", tmp_path / "machine.pem")
    shutil.copy(f"{leaf}.key", tmp_path / "machine.key")
    said = run_portolan("join", "--renew", "--at-once", "--folder", tmp_path)
    assert said.returncode == 1 and "(resource_not_found)" in said.stderr, said.stderr
    assert "No token let" in said.stderr


def is_served(url):
    try:
        return get(url + "/readyz").status == 200
    except OSError:
        return False


def revoke(network, machine):
    ended = network.cli("machine", "revoke", machine, "--reason", "a test")
    assert ended.returncode == 0, ended.stderr


def posts_usage_as(folder, meter_port):
    """What the meter says to records of that machine."""
    with connect(folder, meter_port) as connection:
        connection.sendall(b"POST /meter/v1/records HTTP/1.1\r\nhost: m\r\ncontent-length: 1\r\n\r\nx")
        return connection.recv(65536).split(b" ")[1]


def hop_port(network, zone):
    listed = json.loads(network.cli("get", "zones", "-o", "json").stdout)["items"]
    found = next(each for each in listed if each["metadata"]["name"] == zone)
    return int(found["spec"]["gateways"][0]["hop"].rpartition(":")[2])


def asks_hop_as(folder, hop):
    """What a gateway says to a question for a receipt; a revoked one gets no further than that."""
    with connect(folder, hop) as connection:
        connection.sendall(b"POST /hop/v1/receipt HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\n\r\n{}")
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return json.loads(answer.read())["code"]


def test_a_stolen_machine_is_trusted_nowhere_within_five_seconds(net, tmp_path):
    base = free_base_port(2)
    machine = joined(net.admin_url, make_token(net)["token"], tmp_path, "--listen",
                     f"127.0.0.1:{base}", "--hop", f"127.0.0.1:{base + 1}")
    hop = hop_port(net, OTHER_ZONE)
    meter_port = int(machine["command"][machine["command"].index("--meter") + 1].rpartition(":")[2])
    assert asks_hop_as(tmp_path, hop) == "malformed_peer", "its garbage is refused, not it"
    assert posts_usage_as(tmp_path, meter_port) == b"400"
    typo = net.cli("machine", "revoke", machine["id"][:-1] + "x")
    assert typo.returncode == 1 and machine["id"] in typo.stderr, "a typo is asked about"
    with serving(machine, base, tmp_path) as url:
        assert chat(url, net.keys["eu"]).status == 200
        began = time.monotonic()
        revoke(net, machine["id"])
        wait_until("it serves nobody any more", lambda: not is_served(url), 5)
        wait_until("the meter takes nothing of it",
                   lambda: posts_usage_as(tmp_path, meter_port) == b"403", 5)
        wait_until("no gateway believes it", lambda: asks_hop_as(tmp_path, hop) == "untrusted_peer", 5)
        assert time.monotonic() - began < 5
    assert "was revoked" in (tmp_path / "log").read_text()
    again = subprocess.run([str(BINARY), *machine["command"][1:]], capture_output=True, text=True,
                           timeout=30)
    assert again.returncode == 1 and "was revoked" in again.stderr, "nor does a start help"
    said = run_portolan("join", "--renew", "--at-once", "--folder", tmp_path)
    assert said.returncode == 1 and "(untrusted_peer)" in said.stderr, said.stderr
    states = {each["id"]: each["state"] for each in
              json.loads(net.cli("machine", "list", "-o", "json").stdout)["machines"]}
    assert states[machine["id"]] == "revoked"
    assert "revoke-machine" in audit_acts(net)
    assert chat(net.regions[EU], net.keys["eu"]).status == 200, "the others go on"
