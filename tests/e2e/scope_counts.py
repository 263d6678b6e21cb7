"""Which faults took effect on requests in flight, by what their clients saw.

A fault that hit nobody does not count. In flight is a request that its client had sent and whose
answer was not all there; clients and faults read one clock.

  engine killed    the engine was stopped and its gateway had requests at it; then it was killed
  500 reset slow   an engine carried the order out on a request (its own count)
    malformed hung
  gateway killed   a request in flight at it never got a whole answer
  gateway paused   a request was in flight at it when it stopped
  hop cut          the switch dropped packets, and a request between the two regions was in flight
  hop delayed      a request between the two regions was in flight
  World changed    a request in the scope that changes was in flight
  World replayed   a gateway refused a World that it had left behind, and said so
  rule date        a request under the rule was in flight when the date passed
  client gone      the client left an answer that was not all there
"""

from bisect import bisect_left
from collections import Counter, defaultdict

from scope_classes import EU

TAKEN = {"engine hung": "hang", "engine 500": "status", "engine reset": "reset_after",
         "engine slow": "slow", "engine malformed": "malformed"}
LONGEST_SECONDS = 20  # that a client waits


class InFlight:
    """Requests by when they began."""

    def __init__(self, outcomes):
        self.outcomes = sorted(outcomes, key=lambda outcome: outcome["began"])
        self.begins = [outcome["began"] for outcome in self.outcomes]

    def any(self, begin, end):
        """Those that were in flight at some moment from `begin` to `end`."""
        at = bisect_left(self.begins, begin - LONGEST_SECONDS)
        while at < len(self.outcomes) and self.begins[at] < end:
            if self.outcomes[at]["ended"] > begin:
                return True
            at += 1
        return False


def region_of(zone):
    return zone[:-2] if zone.startswith("cn") else zone[:-1]


def pair_of(outcome):
    """The two regions that a request went between, if it did."""
    ran = outcome["ran"] or (EU[0] if outcome["kind"] in ("weights", "remote") else "")
    return frozenset((region_of(outcome["zone"]), region_of(ran))) if ran else frozenset()


def count_effects(outcomes, faults, dates):
    sent = [outcome for outcome in outcomes.values() if outcome["sent"]]
    at_zone, cut_off, between, of_kind = (defaultdict(list) for _ in range(4))
    for outcome in sent:
        of_kind[outcome["kind"]].append(outcome)
        between[pair_of(outcome)].append(outcome)
        if not outcome["by_region"]:
            at_zone[outcome["zone"]].append(outcome)
            if outcome["end"] not in ("whole", "gone", "too late", "timeout"):
                cut_off[outcome["zone"]].append(outcome)
    groups = {name: {key: InFlight(group) for key, group in groups.items()}
              for name, groups in (("gateway killed", cut_off), ("gateway paused", at_zone),
                                   ("hop", between), ("kind", of_kind))}
    counts = Counter({name: faults.taken[order] for name, order in TAKEN.items()})
    for event in faults.events:
        counts[event.kind] += took_effect(event, groups)
    tidal = groups["kind"].get("tidal", InFlight([]))
    counts["rule date"] = sum(tidal.any(date, date) for date in dates)
    counts["client gone"] = sum(outcome["end"] == "gone" for outcome in sent)
    return counts


def took_effect(event, groups):
    nobody = InFlight([])
    if event.kind == "engine killed":
        return True
    if event.kind == "gateway killed":
        return groups[event.kind].get(event.where, nobody).any(event.begin, event.end)
    if event.kind == "gateway paused":
        return groups[event.kind].get(event.where, nobody).any(event.begin, event.begin)
    if event.kind in ("hop cut", "hop delayed"):
        crossing = groups["hop"].get(frozenset(event.where), nobody)
        return (event.kind != "hop cut" or event.detail > 0) and crossing.any(event.begin,
                                                                                event.end)
    if event.kind == "World changed":
        return groups["kind"].get("shifty", nobody).any(event.begin, event.end)
    return True
