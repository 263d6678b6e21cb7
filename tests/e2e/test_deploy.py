"""What deploy/ has for systemd and containers fits this program. test_systemd.py starts it."""

import json
import re
import shutil
import subprocess

import pytest

from network import BINARY, ROOT, run_portolan

FOLDER = ROOT / "deploy/systemd"
ROLES = [FOLDER / f"portolan-{role}.service" for role in ("control", "gateway", "meter")]
TOOL = "systemd-analyze"
needs_systemd = pytest.mark.skipif(shutil.which(TOOL) is None, reason=f"needs {TOOL}")
# Of systemd's "exposure level", 0 to 100: what is left is that it serves the network.
EXPOSURE_MAX = 20


def settings(unit):
    lines = unit.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def limit(name):
    limits = json.loads(run_portolan("limits", "-o", "json").stdout)
    return next(limit["value"] for limit in limits if limit["name"] == name)


@pytest.fixture
def placed(tmp_path):
    """The units as they would stand where the program is."""
    for unit in [*FOLDER.glob("*.service"), *FOLDER.glob("*.timer")]:
        text = unit.read_text().replace("/usr/bin/portolan", str(BINARY.resolve()))
        (tmp_path / unit.name).write_text(text)
    return sorted(tmp_path.iterdir())


@needs_systemd
def test_systemd_takes_the_units(placed):
    assert len(placed) == 5
    said = subprocess.run([TOOL, "verify", *map(str, placed)], capture_output=True, text=True,
                          timeout=60)
    assert said.returncode == 0 and said.stderr == "", said.stderr


@needs_systemd
def test_a_unit_with_a_wrong_word_would_be_found(placed):
    unit = placed[0]
    unit.write_text(unit.read_text().replace("ProtectSystem=strict", "ProtectSystems=strict"))
    said = subprocess.run([TOOL, "verify", str(unit)], capture_output=True, text=True, timeout=60)
    assert "ProtectSystems" in said.stderr


@needs_systemd
def test_a_process_may_do_little_beside_its_work(placed):
    for unit in (each for each in placed if each.suffix == ".service"):
        judged = subprocess.run([TOOL, "security", "--offline=true",
                                 f"--threshold={EXPOSURE_MAX}", str(unit)],
                                capture_output=True, text=True, timeout=60)
        assert judged.returncode == 0, judged.stdout[-500:] + judged.stderr


@pytest.mark.parametrize("unit", ROLES, ids=lambda unit: unit.stem)
def test_a_unit_gives_its_process_time_to_drain_and_files_for_its_connections(unit):
    given = settings(unit)
    assert int(given["TimeoutStopSec"]) * 1000 > limit("control_drain_ms")
    assert int(given["LimitNOFILE"]) // 2 - 256 >= limit("connections_max"), "for each two"
    role = unit.stem.removeprefix("portolan-")
    assert given["ExecStart"] == f"/usr/bin/portolan {role} $PORTOLAN_FLAGS"
    assert run_portolan(role, "--help").returncode == 0


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="needs Debian's dpkg")
def test_the_image_has_the_packages_that_the_program_links():
    linked = subprocess.run(["ldd", str(BINARY)], capture_output=True, text=True, check=True).stdout
    files = re.findall(r"=> (/\S+)", linked)
    # Debian 12 has merged /usr: dpkg knows files by either name.
    names = [name for file in files for name in (file, file.removeprefix("/usr"), "/usr" + file)]
    owners = subprocess.run(["dpkg", "-S", *names], capture_output=True, text=True).stdout
    packages = {line.split(":")[0] for line in owners.splitlines()} - {"libc6", "libgcc-s1"}
    recipe = set((ROOT / "deploy/Containerfile").read_text().split())
    assert packages and packages <= recipe, packages - recipe
