"""For each code that only an operator can see, what provokes it: see provoke_errors.py."""

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from network import EU, ROOT
from provoke_errors import admin, arguments_of, provokes, with_flags


@provokes("admin_key_required")
def no_admin_key(net, _):
    return admin(net, "GET", "/gateways", key=net.keys["eu"])


@provokes("resource_not_found")
def a_region_that_is_not_there(net, _):
    return admin(net, "GET", "/resources/regions/atlantis")


@provokes("resource_conflict")
def a_change_of_what_changed_meanwhile(net, _):
    return admin(net, "DELETE", f"/resources/regions/{EU}?resourceVersion=987654321")


@provokes("change_guarded")
def a_region_that_a_scope_has_nothing_besides(net, _):
    return admin(net, "POST", "/restrictions", {"drain": EU})


@provokes("invalid_resource")
def a_resource_that_is_not_valid(net, _):
    return admin(net, "POST", "/apply", b"apiVersion: portolan/v1\nkind: Regoin\n")


@provokes("disk_full")
def a_control_with_no_room(net, _):
    """Its data stand on a small disk of a mount namespace that ends with it."""
    with tempfile.TemporaryDirectory() as folder:
        data, key_file = f"{folder}/data", f"{folder}/admin.key"
        os.mkdir(data)
        control = with_flags(arguments_of(net.control_pid), data=data, admin="127.0.0.1:0",
                             gateways="127.0.0.1:0", admin_key_file=key_file)
        inside = ["sh", "-c", 'mount -t tmpfs -o size=2m small "$1" && shift && exec "$@"', "-", data]
        process = subprocess.Popen(["unshare", "--map-root-user", "--mount", *inside, *control],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            said = process.stdout.readline()
            if "control is ready" not in said:
                reason = f"no mount namespaces here: {said}"
                pytest.fail(reason) if os.environ.get("PORTOLAN_PROOF") else pytest.skip(reason)
            with contextlib.suppress(OSError):
                with open(f"/proc/{process.pid}/root{data}/filler", "wb", buffering=0) as filler:
                    while True:
                        filler.write(b"x" * 4096)
            full = SimpleNamespace(admin_url=said.split("admin ")[1].split(",")[0],
                                   admin_key=Path(key_file).read_text().strip())
            return admin(full, "POST", "/apply", (ROOT / "worlds/local.yaml").read_bytes())
        finally:
            process.kill()
            process.wait(10)
            process.stdout.close()


@provokes("disk_failed")
def a_file_that_is_a_folder(net, _):
    command = with_flags(arguments_of(net.zones_of(EU)[0]["gateway_pid"]), root="/")
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@provokes("store_failed")
def a_store_that_another_process_holds(net, _):
    command = with_flags(arguments_of(net.control_pid), admin="127.0.0.1:0",
                         gateways="127.0.0.1:0")
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@provokes("bad_configuration")
def a_file_that_is_not_there(net, _):
    return net.cli("apply", "-f", "/no/such/file.yaml")


@provokes("limit_exceeded")
def a_key_file_of_two_megabytes(net, _):
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"0" * 2 * 1024 * 1024)
        file.flush()
        command = with_flags(arguments_of(net.zones_of(EU)[0]["gateway_pid"]), root=file.name)
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
