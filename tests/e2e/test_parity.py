"""`portolan parity` and `portolan products`: what a region should have, and has not."""

import csv
import io
import json
import subprocess

from network import BINARY, CN, EU, MODEL, SG, wait_until

TARGET = """
apiVersion: portolan/v1
kind: ParityTarget
metadata: {name: chat-outside-china}
spec: {models: [%s], regions: ["*"], except: ["country:CN"], features: [chat], by: %s}
"""


def parity(network, *flags):
    shown = network.cli("parity", *flags, "-o", "json")
    assert shown.returncode in (0, 3), shown.stderr
    return json.loads(shown.stdout)


def percents(network, *flags):
    return {each["region"]: each["percent"] for each in parity(network, *flags)["regions"]}


def gaps(network, *flags):
    return {(gap["region"], gap["model"], gap["item"]): gap
            for gap in parity(network, *flags)["gaps"]}


def await_percent(network, region, percent, seconds=30):
    wait_until(f"{region} has {percent} %",
               lambda: percents(network)[region] == percent, seconds, every=0.3)


def await_all(network):
    """Of three models with three features and a context each: one is everywhere, one is
    deployed in one region, one is let into one by a rule."""
    wait_until("every region has what it can",
               lambda: percents(network) == {CN: 66.6, SG: 33.3, EU: 66.6}, 30, every=0.3)


def test_without_a_target_every_model_is_asked_for_everywhere(sim):
    await_all(sim)
    assert {key: (gap["missing"], gap["items"]) for key, gap in gaps(sim).items()} == {
        (CN, "smollm2-135m-eu", "model"): ("denied_by_rule", 5),
        (SG, "smollm2-135m-eu", "model"): ("denied_by_rule", 5),
        (SG, "smollm2-135m-cn", "model"): ("not_deployed", 5),
        (EU, "smollm2-135m-cn", "model"): ("not_deployed", 5)}
    shown = sim.cli("parity")
    assert shown.returncode == 0
    line, = [line for line in shown.stdout.splitlines() if "eu-only-weights" in line]
    assert line.startswith("whole model  smollm2-135m-eu") and line.endswith(f"{SG}, {CN}")
    assert "55.5 %: 25 of 45 models, features, limits and prices are there" in shown.stdout
    rows = list(csv.DictReader(io.StringIO(sim.cli("parity", "-o", "csv").stdout)))
    assert len(rows) == 4 and {row["region"] for row in rows} == {CN, SG, EU}


def test_its_exit_code_says_whether_parity_is_met(sim):
    await_all(sim)
    assert sim.cli("parity", "--fail-below", "33.3").returncode == 0
    assert sim.cli("parity", "--fail-below", "33.4").returncode == 3
    assert sim.cli("parity", "--fail-below", "60", "--region", "eu,country:CN").returncode == 0
    assert sim.cli("parity", "--fail-below", "100", "--model", MODEL).returncode == 0
    typo = sim.cli("parity", "--region", "eu-central-2")
    assert typo.returncode == 1 and "Did you mean 'eu-central-1'?" in typo.stderr
    assert sim.cli("parity", "--fail-below", "101").returncode not in (0, 1, 3)


def test_products_say_where_each_model_is_and_which_rule_denies_it(sim):
    await_all(sim)
    shown = sim.cli("products").stdout.splitlines()
    assert any(line.startswith(MODEL) and line.endswith("3 of 3 regions") for line in shown)
    assert any(line.startswith("smollm2-135m-eu") and line.endswith("1 of 3 regions")
               for line in shown)
    line, = [line for line in shown if "eu-only-weights" in line]
    assert line.split()[0] == "smollm2-135m-eu" and line.endswith(f"{SG}, {CN}")
    one = json.loads(sim.cli("products", "--region", SG, "--model", MODEL, "-o", "json").stdout)
    product, = one["products"]
    assert product["context"] == 2048 and product["regions"][0]["has"]


def test_a_target_is_met_until_engines_die_and_met_again_when_they_are_back(split):
    await_all(split)
    world = split.cli("get", "worlds").stdout.splitlines()[0]
    typo = split.cli("apply", "-f", "-", stdin=TARGET % ("smollm2-135m-instrct", "2030-01-01"))
    assert typo.returncode == 1
    assert ":5:17: " in typo.stderr and f"Did you mean '{MODEL}'?" in typo.stderr, typo.stderr
    done = split.cli("apply", "-f", "-", stdin=TARGET % (MODEL, "2030-01-01"))
    assert done.returncode == 0, done.stderr
    assert split.cli("get", "worlds").stdout.splitlines()[0] == world, "a target is in no World"
    wait_until("all of it is met",
               lambda: split.cli("parity", "--fail-below", "100").returncode == 0, 30, every=0.3)
    assert parity(split)["whole"]["wanted"] == 6

    watched = split.home / "watched.jsonl"
    watch = subprocess.Popen([BINARY, "products", "--home", split.home, "--model", MODEL,
                              "--watch", "-o", "json"], stdout=watched.open("wb"),
                             stderr=subprocess.PIPE, text=True)
    split.strangers.append(watch)
    assert watch.stderr.readline().startswith("watching 3 ")
    for zone in (f"{EU}a", f"{EU}b"):
        split.kill_engine(zone)
    await_percent(split, EU, 0.0)
    gap = gaps(split)[(EU, MODEL, "model")]
    assert (gap["missing"], gap["target"], gap["by"], gap["overdue"]) == (
        "unhealthy", "chat-outside-china", "2030-01-01", False)
    assert split.cli("parity").returncode == 0
    late = split.cli("apply", "-f", "-", stdin=TARGET % (MODEL, "2024-01-01"))
    assert late.returncode == 0, late.stderr
    told = split.cli("parity")
    assert told.returncode == 3 and "2024-01-01 overdue" in told.stdout
    assert "asked for by target chat-outside-china" in told.stdout
    listed = split.cli("get", "paritytargets").stdout
    assert "chat-outside-china" in listed and "2024-01-01" in listed

    split.start_engine(f"{EU}a")
    await_percent(split, EU, 100.0)
    wait_until("the watch told of both", lambda: len(watched.read_text().splitlines()) == 2)
    watch.kill()
    left, came = map(json.loads, watched.read_text().splitlines())
    assert (left["what"], left["region"], left["model"]) == ("leaves", EU, MODEL)
    assert left["how"] == "none of its engines there is healthy"
    assert (came["what"], came["region"], came["how"]) == ("appears", EU, "")
