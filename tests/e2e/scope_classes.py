"""Kinds of requests, and where each may be: what the load plants and the checker looks for.

Written down by hand here, and not asked of the product: scope by scope, the zones in which a
request's text may be held (its entry, its executors) and run (their engines).
"""

import re
import time
from dataclasses import dataclass

CN = ("cn-hangzhou-a", "cn-hangzhou-b")
SG = ("ap-southeast-1a", "ap-southeast-1b")
EU = ("eu-central-1a", "eu-central-1b")
ALL = CN + SG + EU
GENERAL, EU_ONLY, CN_ONLY = "smollm2-135m-instruct", "smollm2-135m-eu", "smollm2-135m-cn"
MARKER = re.compile(rb"marker-([a-z]+)-[0-9a-f]{20}")
MARKER_START = "marker-"


@dataclass(frozen=True)
class Kind:
    """`run`: zones whose engines may see it. The entry may hold it, too."""

    name: str
    workspace: str
    doors: tuple  # zones whose front doors it is sent to
    run: tuple
    weight: int
    model: str = GENERAL
    narrowing: str = ""  # a region, in the body
    own_door: bool = False  # only by the zone's own URL: the region's other zone is no entry
    asks_first: bool = False  # with `expect: 100-continue`: the body goes if the head is let in


KINDS = {kind.name: kind for kind in (
    Kind("global", "global", ALL, ALL, 8),
    Kind("intl", "international", SG + EU, SG + EU, 4),
    Kind("cn", "cn", CN, CN, 5),
    Kind("eu", "eu", EU, EU, 5),
    Kind("zone", "frankfurt-a", EU[:1], EU[:1], 2, own_door=True),
    # Weights that a rule keeps in the EU, asked for everywhere: always far from CN and SG.
    Kind("weights", "global", ALL, EU, 4, model=EU_ONLY, own_door=True),
    # A scope whose front doors may stand outside.
    Kind("remote", "remote", ALL, EU, 4, own_door=True),
    Kind("narrow", "international", SG, SG, 3, narrowing="ap-southeast-1"),
    # A rule denies Singapore in windows of time; see `zones_of`.
    Kind("tidal", "tidal", SG + EU, SG + EU, 6, asks_first=True, own_door=True),
    # A scope that Worlds take Singapore from, and give back.
    Kind("shifty", "shifty", SG + EU, SG + EU, 6, asks_first=True, own_door=True),
    # Refused: the model is nowhere in the scope; the door is outside.
    Kind("nowhere", "eu", EU, (), 2, model=CN_ONLY, own_door=True),
    Kind("outside", "eu", CN + SG, (), 2, asks_first=True, own_door=True),
)}

MORE = """
---
kind: Scope
metadata: {name: frankfurt-a}
spec: {include: [eu-central-1a]}
---
kind: Scope
metadata: {name: eu-anywhere}
spec: {include: [eu], entry: anywhere}
---
kind: Workspace
metadata: {name: frankfurt-a, org: demo}
spec: {scopes: [frankfurt-a], labels: {data-class: public}}
---
kind: Workspace
metadata: {name: remote, org: demo}
spec: {scopes: [eu-anywhere], labels: {data-class: public}}
---
kind: Workspace
metadata: {name: tidal, org: demo}
spec: {scopes: [international], labels: {data-class: tidal}}
---
kind: Workspace
metadata: {name: shifty, org: demo}
spec: {scopes: [shifty], labels: {data-class: public}}
"""
SHIFTY = """
---
apiVersion: portolan/v1
kind: Scope
metadata: {{name: shifty}}
spec: {{include: [{include}]}}
"""
WIDE, NARROW = SHIFTY.format(include="eu, ap-southeast-1"), SHIFTY.format(include="eu")
TIDE = """
---
apiVersion: portolan/v1
kind: Rule
metadata: {{name: tide-{number}}}
spec:
  deny: {{data: {{data-class: tidal}}, to: {{region: [ap-southeast-1]}}}}
  from: {start}
  until: {end}
  reason: "a window in which Singapore is closed for this data"
  source: "tests/e2e/scope_classes.py"
"""


class Tide:
    """Windows of time in which a rule denies Singapore: `beat` seconds closed, `beat` open.

    A rule whose window is over gets one that is far ahead, so that every gateway knows of it in
    time, also one that was killed, paused or cut off.
    """

    RULES = 40

    def __init__(self, start, beat):
        self.start, self.beat = int(start), beat
        self.windows = []
        self.current = [self._next() for _ in range(self.RULES)]

    def _next(self):
        begin = self.start + 2 * self.beat * len(self.windows)
        self.windows.append((begin, begin + self.beat))
        return self.windows[-1]

    def text(self, numbers=range(RULES)):
        def date(seconds):
            return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
        return "".join(TIDE.format(number=n, start=date(self.current[n][0]),
                                   end=date(self.current[n][1])) for n in numbers)

    def renew(self):
        """Resources to apply now."""
        over = [n for n, window in enumerate(self.current) if window[1] < time.time()]
        for number in over:
            self.current[number] = self._next()
        return self.text(over)

    def dates(self, begin, end):
        """At which the rule began or ceased to bind."""
        return [date for window in self.windows for date in window if begin < date < end]


@dataclass(frozen=True)
class History:
    """What changed during the run, in seconds of the clock that all share."""

    windows: tuple  # (from, until) in which the rule denies Singapore
    narrow_worlds: frozenset  # hashes of Worlds in which `shifty` is without Singapore

    def closed_throughout(self, began, ended):
        return any(start <= began and ended < end for start, end in self.windows)


def run_zones(outcome, history):
    """Zones whose engines may have seen this request's text, by what was true while it ran."""
    kind = KINDS[outcome["kind"]]
    closed = kind.name == "tidal" and history.closed_throughout(outcome["began"], outcome["ended"])
    narrowed = kind.name == "shifty" and outcome["world"] in history.narrow_worlds
    return EU if closed or narrowed else kind.run


def hold_zones(outcome, history):
    """Zones whose gateways may have received it: those that run it, and its entry if it was let
    in. Who was not told to go on has sent nothing."""
    if KINDS[outcome["kind"]].asks_first and not outcome["sent"]:
        return ()
    return (*run_zones(outcome, history), *outcome["entries"])
