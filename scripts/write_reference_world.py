#!/usr/bin/env python3
"""Writes worlds/alibaba-29-87.yaml from the tables in worlds/sources.

`--check` writes nothing and fails when the file is not what would be written.
"""

import csv
import json
import sys
from pathlib import Path

WORLDS = Path(__file__).resolve().parent.parent / "worlds"
OUTPUT = WORLDS / "alibaba-29-87.yaml"
WEIGHTS = "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

HEAD = """\
# The reference network: 29 regions, 87 zones. scripts/write_reference_world.py
# writes this file from worlds/sources; change those, and run it again.
# worlds/sources/README.md says where they come from, what each label means, and
# which rules cannot be written. URLs are left out, for `portolan up` to fill in:
#   portolan up worlds/alibaba-29-87.yaml --engines sim
apiVersion: portolan/v1
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
        joint = "" if name[-1].isdigit() else "-"
        region["zones"] = [f"{name}{joint}{chr(ord('a') + i)}" for i in range(int(region["zones"]))]
    return regions


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


def documents():
    regions = read_regions()
    yield from map(region_document, regions)
    for region in regions:
        for zone in region["zones"]:
            yield document("Zone", {"name": zone}, {"region": region["region_id"]})
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
    for name, (_, _, has) in MODELS.items():
        for region in filter(has, regions):
            for zone in region["zones"]:
                yield document("Deployment", {"name": f"{name}.{zone}"},
                               {"model": name, "zone": zone,
                                "engines": [{"kind": "llama.cpp", "slots": "4"}]})


def main():
    text = HEAD + "---\n".join(documents())
    if sys.argv[1:] == ["--check"]:
        if OUTPUT.read_text(encoding="utf-8") != text:
            sys.exit(f"{OUTPUT} is not what {Path(__file__).name} writes; run it")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        OUTPUT.write_text(text, encoding="utf-8")


main()
