"""What `make proof` shows: each point, and the commands whose outcome decides it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    step: str  # line | proof | network, as in the design's order of building
    number: int
    title: str
    commands: tuple


def e2e(*names, only=""):
    """Files of tests/e2e. Their figures are what they print."""
    return ("e2e", names, only)


def program(*arguments, seconds=1800):
    """A command; its figures are the lines of its summary."""
    return ("program", arguments, seconds)


def unit(room, only="*"):
    return program(f"build/dev/src/{room}_test", f"--gtest_filter={only}", "--gtest_brief=1")


POINTS = (
    Point("line", 1, "real chat with stock SDKs", (e2e("test_sdk_chat"),)),
    Point("line", 2, "in scope or not at all (P1)",
          (e2e("test_scopes"), unit("policy"), unit("sim", "*Dated*"))),
    Point("line", 3, "the mask holds twice", (e2e("test_mask_twice"),)),
    Point("line", 4, "no request is lost (P3)", (e2e("test_failover"),)),
    Point("line", 5, "between zones", (e2e("test_between_zones"), unit("seal"))),
    Point("line", 6, "World, Keyring, Restrictions",
          (e2e("test_control", "test_last_good"), unit("world"), unit("control"))),
    Point("line", 7, "virtual time", (unit("virtual"), unit("sim"))),
    Point("line", 8, "the engine simulator", (e2e("test_engine_sim"), unit("engines"))),
    Point("line", 9, "errors raise the SDK's own classes", (e2e("test_errors"),)),
    Point("line", 10, "operations", (e2e("test_operations", "test_up"),)),
    Point("line", 11, "the house",
          (program("build/dev/tests/house_test", "--gtest_brief=1"), program("make", "headers"),
           program("make", "tsan"), program("make", "fuzz"))),
    Point("proof", 1, "usage log, meter, ledger",
          (e2e("test_usage"), unit("wire", "*Usage*"), unit("gateway", "*Usage*"),
           unit("store"), unit("meter"))),
    Point("proof", 2, "one request, one usage record (P4)",
          (e2e("test_usage_table", "test_usage_endings", "test_usage_exits",
               "test_usage_kills"),)),
    Point("proof", 3, "receipts",
          (e2e("test_receipts"), unit("seal", "*Receipt*"), unit("cli", "Receipt*"),
           unit("gateway", "Receipt*:ZoneKey*"), unit("policy", "MayFetchReceipt*"))),
    Point("proof", 4, "nothing leaves its scope", (e2e("test_stage", "test_out_of_scope"),)),
    Point("proof", 5, "planted bugs are found", (program("make", "mutants", seconds=5400),)),
    Point("proof", 6, "29 regions and 87 zones",
          (e2e("test_reference_network", "test_network_tables"),)),
    Point("proof", 7, "2,000 simulated networks, in storms and in calm weather",
          (program("build/release/play_network", "stormy", "1", "2000"),
           program("build/release/play_network", "calm", "1", "2000"))),
    Point("proof", 8, "every error, provoked", (e2e("test_error_table"),)),
    Point("network", 1, "one truth on SQLite and on etcd, and between them",
          (program("build/dev/tests/store/store_conformance_test", "--gtest_brief=1"),
           e2e("test_etcd_tls", "test_store_migrate", "test_three_controls"),
           unit("control", "Migrate*"))),
    Point("network", 2, "guard and waves",
          (e2e("test_guard", "test_waves", "test_prices"), unit("control", "Guard*:Rollout*"),
           unit("policy", "Guard*:LoosenedRules*:LostModels*:MovedPrices*:PriceDemands*:"
                          "PlanWave*:JudgeWave*"))),
    Point("network", 3, "a World is tried before it is taken; restrictions are ahead of it",
          (e2e("test_control", "test_last_good"),
           unit("policy", "TryWorld*:RestrictionPace*:GuardRestrictions*:PermitsNoMore*"),
           unit("gateway", "RecentDecisions*:KnowledgeOnDisk*:WorldTally*"),
           unit("world", "LastGood*"), unit("sim", "NewsOfControl*"))),
    Point("network", 4, "control, meter and their stores dead (P6)",
          (e2e("test_control_off"), unit("sim", "ControlOff*"), unit("world", "LastGood*"),
           unit("policy", "PermitsNoMore*"))),
    Point("network", 5, "machines join, leave, are stolen, come back with an old disk",
          (e2e("test_join", "test_authority", "test_machines", "test_deploy", "test_image",
               "test_systemd"),
           unit("gateway", "Epoch*"), unit("cli", "AdminClient*:ControlKey*:Join*"))),
    Point("network", 6, "a region is opened by a file, through gates",
          (e2e("test_opening", "test_opening_machines"),
           unit("control", "Opening*:AdminOpenings*:JudgeProbe*:FrontDoor*"),
           unit("policy", "JudgeShare*:LargerShare*:NeighboursCarry*"),
           unit("sim", "Opening*:Inspection*"))),
    Point("network", 7, "what is missing where, golden prompts, signed catalogues, webhook",
          (e2e("test_parity", "test_golden", "test_catalogue", "test_webhook"),
           unit("policy", "Parity*:Catalogue*"), unit("seal", "Catalogue*"),
           unit("control", "Parity*:ControlParity*:AdminParity*:*Golden*:Webhook*:ShareWatch*"))),
    Point("network", 8, "outages of the last years, with the guard and without",
          (e2e("test_outages"),)),
    Point("network", 9, "backup, restore, audit log",
          (e2e("test_backup", "test_audit"), unit("control", "Restore*:Audit*"),
           unit("seal", "Audit*"))),
    Point("network", 10, "how soon the reference network knows a change, and what it costs",
          (program("build/release/measure_documents", "worlds/alibaba-29-87.yaml", seconds=600),
           program("build/venv/bin/python", "tests/proof/control_numbers.py", seconds=1200),
           unit("model", "ApplyDeltas*:KeyTable*"), unit("gateway", "KnowledgeOnDisk*"))),
)
