#!/usr/bin/env python3
"""Writes the reference network and its openings from the tables in worlds/sources:
worlds/alibaba-29-87.yaml, worlds/before-2025.yaml and worlds/openings/*.yaml.

`--check` writes nothing and fails when a file is not what would be written.
"""

import csv
import json
import math
import sys
from pathlib import Path

WORLDS = Path(__file__).resolve().parent.parent / "worlds"
WEIGHTS = "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

HEAD = """\
# The reference network: 29 regions, 87 zones. scripts/write_reference_world.py
# writes this file from worlds/sources; change those, and run it again.
# worlds/sources/README.md says where they come from, what each label means, and
# which rules cannot be written. URLs are left out, for `portolan up` to fill in:
#   portolan up worlds/alibaba-29-87.yaml --engines sim
apiVersion: portolan/v1
"""

HEAD_BEFORE = """\
# The reference network as it was before 2025: 28 regions, 85 zones, and what each region is to
# have. scripts/write_reference_world.py writes this file from worlds/sources. What was opened in
# 2025 stands in worlds/openings, to be opened by a script:
#   portolan up worlds/before-2025.yaml --engines sim --ready worlds/openings/mexico.yaml
apiVersion: portolan/v1
"""

HEAD_OPENING = """\
# {what}, on top of worlds/before-2025.yaml.
# scripts/write_reference_world.py writes this file from worlds/sources.
#   portolan {noun} open worlds/openings/{name}.yaml
apiVersion: portolan/v1
"""

OPENING_COMMENT = """\
# Round trips: half as much again as the estimate, for its error and for detours.
"""

MODELS_COMMENT = """\
# One set of weights under several names, which differ in what rules ask of
# them. A label that is missing counts as the worst case, so every model says its
# export class: that of the accelerators it needs.
"""

AMERICAS, EUROPE_AND_MIDDLE_EAST = {"US", "MX"}, {"DE", "GB", "AE", "SA"}
GROUP_OF_COUNTRY = {"CN": "mainland", "DE": "eu", "JP": "japan", "US": "us"}

SCOPES = {
    "global": {"include": ["*"]},
    "international": {"include": ["*"], "exclude": ["country:CN"]},
    "mainland": {"include": ["country:CN"]},
    "eu": {"include": ["eu"]},
    "us": {"include": ["country:US"]},
    "japan": {"include": ["country:JP"]},
}

# Name: scope, labels. Data of no person need no origin.
WORKSPACES = {
    "global": ("global", {"data-class": "public"}),
    "international": ("international", {"data-class": "public"}),
    "mainland": ("mainland", {"data-class": "personal", "data-origin": "CN"}),
    "eu": ("eu", {"data-class": "personal", "data-origin": "EU"}),
    "us": ("us", {"data-class": "personal", "data-origin": "US"}),
    "japan": ("japan", {"data-class": "personal", "data-origin": "JP"}),
    "korea": ("international", {"data-class": "personal", "data-origin": "KR"}),
}

# Name: export class, aliases, whether a region has it.
MODELS = {
    "smollm2-135m-instruct": ("open", ["default"], lambda region: True),
    "smollm2-135m-3a090": ("3a090", [], lambda region: True),
    "smollm2-135m-h20": ("h20", [], lambda region: region["groups"][0] == "apac"),
    "smollm2-135m-cn": ("open", [], lambda region: region["country_iso"] == "CN"),
}

EXPORT = "export_control_timeline.csv"
TRANSFER = "data_transfer_rules.csv"
LICENCE = "these accelerators may go there by licence only"
STAYS = "without a mechanism of its law, this personal data stays where that law lets it"


def personal(origin):
    return {"data-class": "personal", "data-origin": origin}


# Name: the table, and its row by one of its first two columns; what it says of
# whom and where; why; from and until, which are words of that row.
RULES = {
    "us-2022-10-3a090": (
        EXPORT, "us-2022-10", "deny", {"weights": {"export-class": "3a090"}},
        {"country": ["CN", "HK"]}, LICENCE, "2022-10-21", "2023-11-17"),
    "us-2022-10-3a090-macau": (
        EXPORT, "us-2022-10", "deny", {"weights": {"export-class": "3a090"}},
        {"country": ["MO"]}, LICENCE, "2023-01-17", "2023-11-17"),
    "us-2023-10-3a090": (
        EXPORT, "us-2023-10", "deny", {"weights": {"export-class": "3a090"}},
        {"country": ["AE", "CN", "HK", "MO", "SA"]}, LICENCE, "2023-11-17", None),
    "us-2025-04-h20": (
        EXPORT, "us-2025-04", "deny", {"weights": {"export-class": "h20"}},
        {"country": ["CN", "HK", "MO"]}, LICENCE, "2025-04-09", None),
    "cn-pipl-personal": (
        TRANSFER, "PIPL + CAC Provisions on cross-border data flows", "require",
        {"data": personal("CN")}, {"country": ["CN"]}, STAYS, "2021-11-01", None),
    "cn-pipl-important": (
        TRANSFER, "PIPL + CAC Provisions on cross-border data flows", "require",
        {"data": {"data-class": "important", "data-origin": "CN"}}, {"country": ["CN"]},
        "important data is stored in China", "2021-11-01", None),
    "eu-gdpr-personal": (
        TRANSFER, "EU", "require", {"data": personal("EU")},
        {"country": ["GB"], "group": ["eu"]}, STAYS, "2018-05-25", None),
    "gb-gdpr-personal": (
        TRANSFER, "GB", "require", {"data": personal("GB")},
        {"country": ["GB"]}, STAYS, "2021-01-01", None),
    "jp-appi-personal": (
        TRANSFER, "JP", "require", {"data": personal("JP")},
        {"country": ["GB", "JP"], "group": ["eu"]}, STAYS, "2022-04-01", None),
    "kr-pipa-personal": (
        TRANSFER, "KR", "require", {"data": personal("KR")},
        {"country": ["KR"]}, STAYS, "2023-09-15", "2025-09-16"),
    "kr-pipa-personal-eu": (
        TRANSFER, "KR", "require", {"data": personal("KR")},
        {"country": ["KR"], "group": ["eu"]}, STAYS, "2025-09-16", None),
    "id-gr71-public-sector": (
        TRANSFER, "ID", "require",
        {"data": {"data-class": "public-sector", "data-origin": "ID"}}, {"country": ["ID"]},
        "operators of the public sector process and store in Indonesia", "2019-10-10", None),
    "sa-pdpl-personal": (
        TRANSFER, "SA", "require", {"data": personal("SA")},
        {"country": ["SA"]}, STAYS, "2024-09-14", None),
    "ae-decree-45-personal": (
        TRANSFER, "AE", "require", {"data": personal("AE")},
        {"country": ["AE"]}, STAYS, "2022-01-02", None),
    "mx-lfpdppp-personal": (
        TRANSFER, "MX", "require", {"data": personal("MX")},
        {"country": ["MX"]}, STAYS, "2025-03-21", None),
}


def read_table(name):
    with open(WORLDS / "sources" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def groups_of(country):
    if country in AMERICAS:
        first = "americas"
    else:
        first = "emea" if country in EUROPE_AND_MIDDLE_EAST else "apac"
    return [first, GROUP_OF_COUNTRY[country]] if country in GROUP_OF_COUNTRY else [first]


def zone_names(region, first, end):
    joint = "" if region[-1].isdigit() else "-"
    return [f"{region}{joint}{chr(ord('a') + i)}" for i in range(first, end)]


def read_regions():
    """Regions with their zones: how many from the one table, where from the other."""
    places = {row["region_id"]: row for row in read_table("regions.csv")}
    regions = read_table("regions_alibaba_29_87.csv")
    for region in regions:
        name = region["region_id"]
        place = places[name]
        region["latitude"], region["longitude"] = place["lat"], place["lon"]
        city, _, form = region["city"].partition(" (")
        region["city"] = city
        region["labels"] = {"form": form.rstrip(")").replace(" ", "-")} if form else {}
        region["groups"] = groups_of(region["country_iso"])
        region["zones"] = zone_names(name, 0, int(region["zones"]))
    return regions


def regions_before(regions):
    """The same without the openings of 2025."""
    counts = {row["region_id"]: int(row["zones_before"]) for row in read_table("openings_2025.csv")}
    before = [{**region, "zones": region["zones"][:counts.get(region["region_id"])]}
              for region in regions]
    return [region for region in before if region["zones"]]


def denied_countries(export_class):
    """Where rules without an end keep such weights out."""
    return {country for _, _, verb, subject, places, _, _, until in RULES.values()
            if verb == "deny" and not until and subject["weights"]["export-class"] == export_class
            for country in places["country"]}


def flow(value):
    """A value on one line of YAML; words are quoted where they must be."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    plain = all(c.isalnum() or c in "-. " for c in value) and value not in ("NO", "no", "")
    return value if plain else json.dumps(value)


def document(kind, metadata, spec):
    return f"kind: {kind}\nmetadata: {flow(metadata)}\n" + (f"spec: {flow(spec)}\n" if spec else "")


def rule_document(name, rule):
    table, row_name, verb, subject, places, reason, begins, ends = rule
    row, = [row for row in read_table(table) if row_name in list(row.values())[:2]]
    words = " ".join(row.values())
    # A superseded instrument ends where the next one takes effect.
    ends_known = ends is None or ends in words or ends in " ".join(
        other["effective"] for other in read_table(EXPORT))
    if begins not in words or not ends_known:
        sys.exit(f"{name}: its dates are not in the row {row_name} of {table}")
    statement = {**subject, "to" if verb == "deny" else "in": places}
    lines = [f"  {verb}: {flow(statement)}", f"  from: {begins}"]
    if ends:
        lines.append(f"  until: {ends}")
    lines.append(f"  reason: {json.dumps(reason)}")
    lines.append(f"  source: {json.dumps(row['instrument'] + ' (' + row['source'] + ')')}")
    return f"kind: Rule\nmetadata: {{name: {name}}}\nspec:\n" + "\n".join(lines) + "\n"


def region_document(region):
    spec = {"city": region["city"], "country": region["country_iso"],
            "latitude": region["latitude"], "longitude": region["longitude"],
            "groups": region["groups"]}
    if region["labels"]:
        spec["labels"] = region["labels"]
    return document("Region", {"name": region["region_id"]}, spec)


def model_documents():
    for name, (export_class, aliases, _) in MODELS.items():
        spec = {"digest": WEIGHTS, "context": "2048", "features": ["chat", "completions", "stream"]}
        if aliases:
            spec["aliases"] = aliases
        spec["labels"] = {"export-class": export_class}
        comment = MODELS_COMMENT if name == next(iter(MODELS)) else ""
        yield comment + document("Model", {"name": name}, spec)


def zone_documents(regions):
    for region in regions:
        for zone in region["zones"]:
            yield document("Zone", {"name": zone}, {"region": region["region_id"]})


def deployment_documents(regions):
    for name, (_, _, has) in MODELS.items():
        for region in filter(has, regions):
            for zone in region["zones"]:
                yield document("Deployment", {"name": f"{name}.{zone}"},
                               {"model": name, "zone": zone,
                                "engines": [{"kind": "llama.cpp", "slots": "4"}]})


def documents(regions):
    yield from map(region_document, regions)
    yield from zone_documents(regions)
    for name, spec in SCOPES.items():
        yield document("Scope", {"name": name}, spec)
    yield document("Org", {"name": "demo"}, {})
    limits = {"rpm": "600", "tpm": "200000", "concurrency": "64"}
    for name, (scope, labels) in WORKSPACES.items():
        yield document("Workspace", {"name": name, "org": "demo"},
                       {"scopes": [scope], "labels": labels, "limits": limits,
                        "key_freshness": "24h"})
    yield from model_documents()
    for name, rule in RULES.items():
        yield rule_document(name, rule)
    yield from deployment_documents(regions)


def wanted_regions(model, regions):
    """Where the model is deployed and no rule denies it."""
    export_class, _, has = MODELS[model]
    denied = denied_countries(export_class)
    return [region["region_id"] for region in regions
            if has(region) and region["country_iso"] not in denied]


def target_documents(regions):
    for model in MODELS:
        yield document("ParityTarget", {"name": model},
                       {"models": [model], "regions": wanted_regions(model, regions)})


def nearest_regions(name):
    """(estimated round trip in ms, region) of those that were estimated from measurements."""
    pairs = [row for row in read_table("alibaba_rtt_estimate.csv")
             if name in (row["a"], row["b"]) and not row["note"]]
    return sorted((float(row["est_rtt_ms"]), row["b"] if row["a"] == name else row["a"])
                  for row in pairs)


def opening_documents(row, regions):
    """A region that is new, or one zone more of a region that was there."""
    name, region_name = row["name"], row["region_id"]
    before, after = int(row["zones_before"]), int(row["zones_after"])
    region = next(region for region in regions if region["region_id"] == region_name)
    opened = {**region, "zones": zone_names(region_name, before, after)}
    if before == 0:
        yield region_document(region)
    yield from zone_documents([opened])
    yield from deployment_documents([opened])
    if before == 0:
        models = [model for model in MODELS if wanted_regions(model, [region])]
        yield document("ParityTarget", {"name": name},
                       {"models": models, "regions": [region_name]})
    country_of = {region["region_id"]: region["country_iso"] for region in regions}
    near = nearest_regions(region_name)[:3]
    denied = set().union(*(denied_countries(model[0]) for model in MODELS.values()))
    carry = [other for _, other in near if country_of[other] not in denied][:2]
    spec = {"region": region_name} if before == 0 else {"zone": opened["zones"][0]}
    spec["data"] = {"data-class": "public"}
    spec["neighbours"] = carry if before == 0 else [region_name, *carry]
    spec["round_trips"] = [
        {"to": other, "ms": str(10 * math.ceil(1.5 * ms / 10))}
        for ms, other in near]
    if before == 0 and after == 1:
        spec["skip"] = [{"gate": "loss", "reason": "the region has one zone; when that is gone "
                         "its neighbours take over"}]
    lines = [f"  {key}: {flow(value)}" for key, value in spec.items()]
    yield (OPENING_COMMENT + f"kind: Opening\nmetadata: {flow({'name': name})}\nspec:\n" +
           "\n".join(lines) + "\n")


def opening_file(row, regions):
    city = next(region["city"] for region in regions if region["region_id"] == row["region_id"])
    numerals = {"1": "first", "2": "second", "3": "third"}
    new_region = row["zones_before"] == "0"
    head = HEAD_OPENING.format(
        what=f"Region {city}" if new_region else f"{city}'s {numerals[row['zones_after']]} zone",
        noun="region" if new_region else "zone", name=row["name"])
    return head + "---\n".join(opening_documents(row, regions))


def files():
    """Each file that is written, with its text."""
    regions = read_regions()
    before = regions_before(regions)
    yield WORLDS / "alibaba-29-87.yaml", HEAD + "---\n".join(documents(regions))
    targets = target_documents(before)
    yield WORLDS / "before-2025.yaml", HEAD_BEFORE + "---\n".join([*documents(before), *targets])
    for row in read_table("openings_2025.csv"):
        yield WORLDS / "openings" / f"{row['name']}.yaml", opening_file(row, regions)


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    for path, text in files():
        if not sys.argv[1:]:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            sys.exit(f"{path} is not what {Path(__file__).name} writes; run it")


main()
