#!/usr/bin/env python3
"""Runs everything at full size and says of each point: command, figures, pass or fail.

    tests/proof/prove.py                 all points
    tests/proof/prove.py line.4 proof.2  these alone

Exit code 0: every point that was asked for passed. What was seen is also in
build/proof.json, and each command's whole output in build/proof/.
"""

import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from points import POINTS

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "build/proof"
SUMMARY = re.compile(r"^\[  (PASSED|FAILED)  \].*|^\S+_fuzz: .*|^figure: .*|.*\bmutants?\b.*\d.*$")
NO_TEST_RAN = "[  PASSED  ] 0 tests."
FIGURES_SHOWN = 16


def pytest_command(name, only, report):
    command = ["build/venv/bin/python", "-m", "pytest", f"tests/e2e/{name}.py", "-q", "-rs",
               "--timeout", "3000", "-p", "no:cacheprovider", f"--junitxml={report}"]
    return command + (["-k", only] if only else [])


def figures_of_report(report):
    """What the tests counted and printed."""
    suite = ElementTree.parse(report).getroot().find("testsuite")
    counts = {kind: int(suite.get(kind)) for kind in ("tests", "failures", "errors", "skipped")}
    figures = [f"{counts['tests']} tests, {counts['failures'] + counts['errors']} failed, "
               f"{counts['skipped']} skipped"]
    for case in suite.iter("testcase"):
        for output in case.iter("system-out"):
            figures += [line for line in (output.text or "").splitlines()
                        if re.search(r"\d", line) and not line.startswith(("-", "{", "["))]
    passed = counts["failures"] + counts["errors"] + counts["skipped"] == 0
    return passed, figures


def run(command, log, seconds):
    environment = dict(os.environ, PORTOLAN_PROOF="1")
    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
                                   stdin=subprocess.DEVNULL, env=environment,
                                   start_new_session=True)
        try:
            return process.wait(seconds) == 0
        except BaseException as reason:
            os.killpg(process.pid, 15)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
            if isinstance(reason, subprocess.TimeoutExpired):
                output.write(f"\nnot over after {seconds} s\n")
                return False
            raise


def run_e2e(name, only):
    report, log = LOGS / f"{name}.xml", LOGS / f"{name}.log"
    report.unlink(missing_ok=True)
    command = pytest_command(name, only, report.relative_to(ROOT))
    options = ["-o", "junit_logging=system-out", "-o", "junit_log_passing_tests=true"]
    passed = run([*command, *options], log, 3600)
    if not report.exists():
        return command, False, ["no report: see " + str(log.relative_to(ROOT))]
    complete, figures = figures_of_report(report)
    return command, passed and complete, figures


def run_program(arguments, seconds):
    name = re.sub(r"[^A-Za-z0-9]+", "-", " ".join(arguments)).strip("-")
    log = LOGS / f"{name[:80]}.log"
    passed = run(list(arguments), log, seconds)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    figures = [line for line in lines if SUMMARY.match(line)][-FIGURES_SHOWN:]
    return list(arguments), passed and NO_TEST_RAN not in lines, figures


def prove(point):
    outcomes = []
    for kind, *what in point.commands:
        if kind == "program":
            outcomes.append(run_program(*what))
        else:
            names, only = what
            outcomes += [run_e2e(name, only) for name in names]
    return outcomes


def show(point, outcomes, seconds):
    passed = all(outcome[1] for outcome in outcomes)
    print(f"{'pass' if passed else 'FAIL'}  {point.step}.{point.number:<3} {point.title}"
          f"  ({seconds:.0f} s)")
    for command, good, figures in outcomes:
        print(f"      {'pass' if good else 'FAIL'}  $ {' '.join(command)}")
        for figure in figures[:FIGURES_SHOWN]:
            print(f"              {figure.strip()}")
    sys.stdout.flush()
    return passed


def main(asked):
    known = {f"{point.step}.{point.number}": point for point in POINTS}
    unknown = [name for name in asked if name not in known]
    if unknown:
        sys.exit(f"there is no point {', '.join(unknown)}; there are {', '.join(known)}")
    LOGS.mkdir(parents=True, exist_ok=True)
    results = []
    for name, point in known.items():
        if asked and name not in asked:
            continue
        began = time.monotonic()
        print(f"....  {name:<9} {point.title}", flush=True)
        outcomes = prove(point)
        seconds = time.monotonic() - began
        passed = show(point, outcomes, seconds)
        results.append({"point": name, "title": point.title, "passed": passed,
                        "seconds": round(seconds, 1),
                        "commands": [{"command": " ".join(command), "passed": good,
                                      "figures": figures} for command, good, figures in outcomes]})
        (ROOT / "build/proof.json").write_text(json.dumps(results, indent=2) + "\n")
    failed = [result["point"] for result in results if not result["passed"]]
    print(f"{len(results) - len(failed)} of {len(results)} points hold"
          + (f"; not {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("stopped; the points before it are in build/proof.json")
