"""Clients inside a region: many requests in flight, each with a text that exists once.

Runs alone, with the standard library: `scope_load.py CONFIG`. Goes on until the file
CONFIG["stop"] exists; then writes what became of every request, a line of JSON each.
"""

import asyncio
import json
import os
import random
import sys
import time

from scope_classes import KINDS, MARKER_START

CLIENT_SECONDS = 15  # more than the gateway is given
DEADLINE_MS = 8000
GONE_SHARE, STREAM_SHARE, REGION_DOOR_SHARE = 0.02, 0.6, 0.3
TEXT = "please say {marker} and {marker} again"


class Broken(Exception):
    """The connection ended within an answer."""


async def read_head(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    return int(lines[0].split(" ")[1]), fields


async def read_body(reader, fields, take):
    """Hands over pieces as they come; returns when HTTP says that it is all."""
    if fields.get("transfer-encoding") != "chunked":
        take(await reader.readexactly(int(fields.get("content-length", 0))))
        return
    while True:
        size = int((await reader.readline()).split(b";")[0] or b"x", 16)
        piece = await reader.readexactly(size + 2)
        take(piece[:-2])
        if size == 0:
            return


class Client:
    """One after the other, over a connection that is kept."""

    def __init__(self, load, number):
        self.load, self.dice = load, random.Random(f"{load.seed} {number}")
        self.number, self.connection, self.door = number, None, None

    async def run(self):
        while not self.load.stopping:
            outcome = self.choose()
            outcome["began"], outcome["looked"] = time.time(), self.load.looked
            try:
                async with asyncio.timeout(CLIENT_SECONDS):
                    await self.ask(outcome)
            except TimeoutError:
                outcome["end"] = "timeout"
            except (OSError, EOFError, ValueError, Broken) as error:
                outcome["end"] = type(error).__name__
            outcome["ended"] = time.time()
            if outcome["end"] != "whole":
                self.hang_up()
            if outcome["end"] == "ConnectionRefusedError":
                await asyncio.sleep(0.2)  # its gateway is being started again
            else:
                self.load.note(outcome)

    def choose(self):
        load, dice = self.load, self.dice
        kind = dice.choices(load.kinds, load.weights)[0]
        zone = dice.choice([zone for zone in kind.doors if zone in load.doors])
        by_region = not kind.own_door and dice.random() < REGION_DOOR_SHARE
        marker = f"{MARKER_START}{kind.name}-{load.random_text()}"
        # By the region's URL either of its zones may be the entry.
        return {"marker": marker, "kind": kind.name, "zone": zone, "by_region": by_region,
                "entries": sorted(load.doors) if by_region else [zone],
                "stream": dice.random() < STREAM_SHARE, "gone": dice.random() < GONE_SHARE,
                "sent": False, "status": 0, "end": "", "ran": "", "world": "", "echoed": False,
                "whole": False}

    def body_of(self, outcome):
        kind = KINDS[outcome["kind"]]
        body = {"model": kind.model, "max_tokens": self.dice.randrange(4, 9),
                "stream": outcome["stream"],
                "messages": [{"role": "user",
                              "content": TEXT.format(marker=outcome["marker"])}]}
        if kind.narrowing:
            body["portolan"] = {"only": [kind.narrowing]}
        return json.dumps(body).encode()

    async def connect(self, outcome):
        host = self.load.host
        port = self.load.region_port if outcome["by_region"] else self.load.doors[outcome["zone"]]
        if self.connection and self.door == port and not self.connection[0].at_eof():
            return self.connection
        self.hang_up()
        self.connection, self.door = await asyncio.open_connection(host, port), port
        return self.connection

    def hang_up(self):
        if self.connection:
            self.connection[1].transport.abort()
        self.connection = None

    async def ask(self, outcome):
        kind = KINDS[outcome["kind"]]
        body = self.body_of(outcome)
        reader, writer = await self.connect(outcome)
        head = (f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer "
                f"{self.load.keys[kind.workspace]}\r\ncontent-type: application/json\r\n"
                f"portolan-timeout-ms: {DEADLINE_MS}\r\ncontent-length: {len(body)}\r\n")
        if kind.asks_first:
            writer.write((head + "expect: 100-continue\r\n\r\n").encode())
            status, fields = await read_head(reader)
            if status != 100:
                await self.take(outcome, reader, status, fields)
                self.hang_up()  # the body was never sent
                return
            outcome["sent"] = True
            writer.write(body)
        else:
            outcome["sent"] = True
            writer.write((head + "\r\n").encode() + body)
        if outcome["gone"]:
            await self.leave(outcome, reader)
            return
        status, fields = await read_head(reader)
        await self.take(outcome, reader, status, fields)

    async def take(self, outcome, reader, status, fields):
        outcome["status"] = status
        outcome["ran"] = fields.get("portolan-zone", "")
        outcome["world"] = fields.get("portolan-world", "")
        answer = bytearray()
        await read_body(reader, fields, answer.extend)
        outcome["end"] = "whole"
        outcome["echoed"] = outcome["marker"].encode() in answer
        outcome["whole"] = status == 200 and (b"data: [DONE]" in answer if outcome["stream"]
                                              else b'"usage"' in answer)
        if status >= 400:
            outcome["code"] = str(json.loads(answer)["error"]["code"])

    async def leave(self, outcome, reader):
        """Goes away at some moment of the answer. It counts if the answer was not all there."""
        answer = bytearray()
        try:
            async with asyncio.timeout(self.dice.random() * 0.15):
                while b"[DONE]" not in answer and b'"usage"' not in answer:
                    piece = await reader.read(65536)
                    if not piece:
                        raise Broken
                    answer += piece
            outcome["end"] = "too late"
        except TimeoutError:
            outcome["end"] = "gone"
        finally:
            # Also of an answer that breaks meanwhile, which is no silence.
            if answer.startswith(b"HTTP/1.1 "):
                outcome["status"] = int(answer[9:12])
        self.hang_up()


class Load:
    def __init__(self, config):
        self.config = config
        self.seed, self.keys, self.host = config["seed"], config["keys"], config["host"]
        self.doors, self.region_port = config["doors"], config["region_port"]  # zone: port
        self.kinds = [kind for kind in KINDS.values()
                      if set(kind.doors) & set(self.doors) and kind.name in config["kinds"]]
        self.weights = [kind.weight for kind in self.kinds]
        self.stopping = False
        self.looked = time.time()  # when it had taken what had come to its connections
        self.lines = open(config["outcomes"], "w", encoding="utf-8")

    @staticmethod
    def random_text():
        return os.urandom(10).hex()

    def note(self, outcome):
        self.lines.write(json.dumps(outcome) + "\n")

    async def watch(self):
        while not os.path.exists(self.config["stop"]):
            await asyncio.sleep(0.2)
            self.looked = time.time()
            self.lines.flush()
        self.stopping = True

    async def run(self):
        clients = [Client(self, number) for number in range(self.config["clients"])]
        await asyncio.gather(self.watch(), *(client.run() for client in clients))
        self.lines.close()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        asyncio.run(Load(json.load(file)).run())
