"""Everything that goes wrong during the out-of-scope proof, on order, and when it did.

Each kind has a thread of its own that keeps pace with the requests until its goal is reached, so
that a busy machine takes longer and sees as many faults a request. What took effect is counted
afterwards, by scope_counts.py, from what the clients saw.
"""

import random
import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from functools import partial
from signal import SIGCONT, SIGKILL, SIGQUIT, SIGSTOP

from network import EU, wait_until
from scope_classes import NARROW, WIDE
from scope_replay import Replayer

# Orders of engines by their kind, the name of which their own count has.
ORDERS = {"status": [{"status": 500}], "hang": [{}], "slow": [{"factor": 12}],
          "reset_after": [{"tokens": tokens} for tokens in (0, 1, 3)],
          "malformed": [{"variant": name} for name in ("json", "event", "end", "head")]}
# What is ordered for each one that has to take effect: some find nobody in flight.
SHARES = {"engine killed": 1.02, "gateway killed": 1.2, "gateway paused": 1.6, "hop cut": 1.6,
          "hop delayed": 1.6, "World changed": 1.1, "World replayed": 1.4}
CORES_MAX, LONG_EVERY = 9, 15
PACE = 1.15  # a little ahead of the requests, so that the last fault is not waited for
POLL_SECONDS, RENEW_SECONDS = 0.05, 10
DATES_SHARE = 1.1
HOP_LOST_SECONDS = 3.6  # longer than a gateway believes in a silent one (hop_silence_max)
EXTRA_DELAY_MS = 150
OF_EU = 0.9  # of cuts and delays: what has to go there hits it


@dataclass
class Event:
    """A fault of one kind, from `begin` to `end` of time.time(); `where`: zone or regions."""

    kind: str
    where: object
    begin: float
    end: float
    detail: object = None


class Faults:
    """`least` of each kind, spread over `wanted` requests."""

    def __init__(self, run, wanted, least):
        self.network, self.round_trips, self.tide = run.network, run.round_trips, run.tide
        self.wanted, self.least = wanted, least
        self.requests = 0  # so far, as the run knows
        self.goals = {kind: round(least * share) for kind, share in SHARES.items()}
        self.events, self.errors = [], []
        self.taken = Counter()  # orders that engines carried out on requests
        self.last_taken = {}  # by engine process
        self.narrow, self.narrow_worlds = False, set()  # hashes of those without Singapore
        self.changing = threading.Lock()
        self.stopping = threading.Event()
        self.busy = {zone: threading.Lock() for zone in self.network.gateways}
        self.replayer = Replayer(self.network)
        work = [self.kill_engines, self.order_faults, self.pause_gateways, self.cut_hops,
                self.delay_hops, self.change_worlds, self.replay_worlds]
        work += [partial(self.kill_gateways, region)
                 for region in self.network.stage.regions.values()]
        self.threads = [threading.Thread(target=self._repeat, args=(number, one), daemon=True)
                        for number, one in enumerate([self.renew_tide, *work])]

    def __enter__(self):
        self.began = time.time()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(120)
        for engine in self.network.engines.values():
            self.count_taken(engine)

    def done(self):
        """Whether every goal is reached."""
        dates = len(self.tide.dates(self.began, time.time()))
        return (dates >= self.least * DATES_SHARE
                and not any(thread.is_alive() for thread in self.threads[1:]))

    def _repeat(self, number, work):
        """What goes wrong with the test itself, or with the network, fails the run."""
        try:
            work(random.Random(number))
        except Exception:  # pylint: disable=broad-except
            self.errors.append(traceback.format_exc())

    def paced(self, kind, threads=1):
        """Counts up, once for each fault that is due, until there are as many as wanted."""
        number = 0
        while self.count(kind) < self.goals[kind]:
            if self.stopping.wait(POLL_SECONDS):
                return
            if self.is_due(kind, number * threads):
                yield number
                number += 1

    def is_due(self, kind, number):
        return self.requests * PACE >= number * self.wanted / self.goals[kind]

    def note(self, kind, where, begin, detail=None):
        self.events.append(Event(kind, where, begin, time.time(), detail))

    def count(self, kind):
        return sum(event.kind == kind for event in self.events)

    # Engines

    def count_taken(self, engine):
        """Before an engine is killed, and at the end: its counts go with it."""
        try:
            now = engine.send("GET", "/sim/faults").json
        except OSError:
            return
        before = self.last_taken.get(engine.run_name, {})
        self.last_taken[engine.run_name] = now
        for kind, number in now.items():
            self.taken[kind] += number - before.get(kind, 0)

    def order_faults(self, dice):
        """One order at a time to an engine drawn by lot, of the kind that was carried out least."""
        engines = list(self.network.engines.values())
        while not self.stopping.wait(POLL_SECONDS):
            fewest = min(self.taken[kind] for kind in ORDERS)
            if fewest >= self.least:
                return
            if fewest * self.wanted > self.requests * PACE * self.least:
                continue
            kind = min(ORDERS, key=lambda name: self.taken[name])
            engine = dice.choice(engines)
            try:
                engine.send("POST", "/sim/faults", [{"kind": kind, **dice.choice(ORDERS[kind])}])
                self.stopping.wait(POLL_SECONDS)
                self.count_taken(engine)
            except OSError:
                continue  # it is being killed

    def kill_engines(self, dice):
        engines = list(self.network.engines.values())
        for _ in self.paced("engine killed"):
            while not self.kill_engine(dice.choice(engines)) and not self.stopping.wait(0.05):
                pass

    def kill_engine(self, engine):
        """Only with requests in flight: it is stopped, so that it finishes none, and looked at."""
        self.count_taken(engine)
        if not self.busy[engine.zone].acquire(blocking=False):
            return False
        try:
            begin = time.time()
            engine.signal(SIGSTOP)
            time.sleep(0.02)
            if not self.in_flight_at(engine):
                engine.signal(SIGCONT)
                return False
            engine.end(SIGKILL)
            self.note("engine killed", engine.zone, begin)
        finally:
            self.busy[engine.zone].release()
        engine.start()
        return True

    def in_flight_at(self, engine):
        name = f'portolan_engine_in_flight{{engine="http://{engine.host}:{engine.port}"}}'
        try:
            return self.network.gateways[engine.zone].metrics().get(name, 0)
        except OSError:
            return 0  # its gateway is not there, either

    # Gateways

    def kill_gateways(self, region, dice):
        """One after the other in each region."""
        gateways = [one for one in self.network.gateways.values() if one.region is region]
        core_every = self.goals["gateway killed"] // CORES_MAX
        for number in self.paced("gateway killed", threads=len(self.network.stage.regions)):
            gateway = gateways[number % len(gateways)]
            time.sleep(dice.uniform(0, 0.5))
            with self.busy[gateway.zone]:
                begin = time.time()
                gateway.end(SIGQUIT if number % core_every == 0 else SIGKILL)
                self.note("gateway killed", gateway.zone, begin)
                gateway.start()
                wait_until(f"{gateway.name} is back", lambda: self.network.holds(gateway, 1), 60)

    def pause_gateways(self, dice):
        for number in self.paced("gateway paused"):
            zone = dice.choice(list(self.network.gateways))
            with self.busy[zone]:
                begin = time.time()
                self.network.gateways[zone].signal(SIGSTOP)
                long = number % LONG_EVERY == LONG_EVERY - 1
                time.sleep(HOP_LOST_SECONDS if long else dice.uniform(0.1, 0.4))
                self.network.gateways[zone].signal(SIGCONT)
                self.note("gateway paused", zone, begin)

    # Hops

    def cut_hops(self, dice):
        for number in self.paced("hop cut"):
            pair = self.choose_pair(dice)
            before, begin = self.dropped(pair), time.time()
            self.network.stage.cut(*pair)
            long = number % LONG_EVERY == LONG_EVERY - 1
            time.sleep(HOP_LOST_SECONDS if long else dice.uniform(0.2, 0.5))
            self.network.stage.join(*pair)
            self.note("hop cut", pair, begin, self.dropped(pair) - before)

    def choose_pair(self, dice):
        of_eu = dice.random() < OF_EU
        return dice.choice([pair for pair in self.round_trips if (EU in pair) == of_eu])

    def dropped(self, pair):
        return self.network.stage.counts()[0][frozenset(pair)]["dropped"]

    def delay_hops(self, dice):
        for _ in self.paced("hop delayed"):
            pair, begin = self.choose_pair(dice), time.time()
            self.network.stage.delay(*pair, self.round_trips[pair] + EXTRA_DELAY_MS)
            time.sleep(dice.uniform(0.3, 0.5))
            self.network.stage.delay(*pair, self.round_trips[pair])
            self.note("hop delayed", pair, begin)

    # Worlds

    def change_worlds(self, dice):
        """Forward to less, and back to what an older World held."""
        del dice
        for number in self.paced("World changed"):
            begin = time.time()
            with self.changing:
                self.narrow = number % 2 == 0
                self.apply(NARROW if self.narrow else WIDE)
            self.note("World changed", "", begin)

    def renew_tide(self, dice):
        """Until the end: rules whose windows are over get new ones."""
        del dice
        while not self.stopping.wait(RENEW_SECONDS):
            with self.changing:
                self.apply(self.tide.renew())

    def apply(self, text):
        if not text:
            return
        self.network.apply(text)
        if self.narrow:
            self.narrow_worlds.add(self.network.current_world()["hash"])

    def replay_worlds(self, dice):
        """Whether a gateway asks at that moment is luck: who has met none tries again at once."""
        del dice
        kind = "World replayed"
        while self.count(kind) < self.goals[kind] and not self.stopping.wait(POLL_SECONDS):
            if self.is_due(kind, self.count(kind)):
                begin = time.time()
                for _ in range(self.replayer.replay()):
                    self.note(kind, "", begin)
