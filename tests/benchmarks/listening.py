"""Listens like many viewers at once, in a process of its own; is told by a JSON line on its input, and tells by one at the end."""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit


@dataclass
class Heard:
    """What the listeners heard: how long answers took (seconds), when each listener learned of a change, how many calls failed."""

    seconds: list[float] = field(default_factory=list)
    learned: list[float] = field(default_factory=list)
    failures: int = 0
    listening: int = 0


class Listener:
    """One viewer, with a connection and a token of its own."""

    def __init__(self, told: dict, token: str, heard: Heard) -> None:
        self._told, self._token, self._heard = told, token, heard
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def _send(self, after: str) -> asyncio.StreamReader:
        if self._streams is None:
            parts = urlsplit(self._told["origin"])
            self._streams = await asyncio.open_connection(parts.hostname, parts.port)
        reader, writer = self._streams
        query = {"study": self._told["study"]} | ({"after": after} if after else {})
        lines = (
            f"GET {self._told['path']}?{urlencode(query)} HTTP/1.1",
            f"Host: {urlsplit(self._told['origin']).netloc}",
            f"Authorization: Bearer {self._token}",
        )
        writer.write("\r\n".join([*lines, "", ""]).encode())
        await writer.drain()
        return reader

    def _close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def ask(self, after: str) -> dict:
        """One call and its answer. Raises OSError, asyncio.IncompleteReadError, ValueError for an answer that is no success."""
        began = time.monotonic()
        reader = await self._send(after)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        size = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        body = await reader.readexactly(size)
        if not head.startswith(b"http/1.1 200"):
            raise ValueError(head)
        if b"connection: close" in head:
            self._close()
        self._heard.seconds.append(time.monotonic() - began)
        return json.loads(body)

    async def follow(self) -> None:
        """Ask for ever; begin somewhere in the first interval, and wait up to 30 % less each time, so that the listeners spread."""
        after, first, counted = "", self._told["poll_seconds"] or 2, False
        await asyncio.sleep(random.random() * first)
        while True:
            try:
                answer = await self.ask(after)
            except (OSError, asyncio.IncompleteReadError, ValueError):
                self._heard.failures += 1
                self._close()
                await asyncio.sleep(1)
                continue
            if not counted:
                counted, self._heard.listening = True, self._heard.listening + 1
            after = answer["after"]
            if answer["changes"]:
                self._heard.learned.append(time.monotonic())
            if self._told["poll_seconds"]:
                await asyncio.sleep(self._told["poll_seconds"] * random.uniform(0.7, 1))

    async def stream(self) -> None:
        """Read one answer after the other that never ends by itself (server-sent events)."""
        await asyncio.sleep(random.random() * 2)
        counted = False
        while True:
            try:
                reader = await self._send("")
                async for line in reader:
                    if line.startswith(b":") and not counted:
                        counted, self._heard.listening = True, self._heard.listening + 1
                    if line.startswith(b"data:"):
                        self._heard.learned.append(time.monotonic())
            except (OSError, asyncio.IncompleteReadError):
                self._heard.failures += 1
            self._close()
            await asyncio.sleep(1)


async def main() -> None:
    """Listen until the input ends."""
    told = json.loads(sys.stdin.readline())
    heard = Heard()
    listeners = [Listener(told, token, heard) for token in told["tokens"]]
    tasks = [asyncio.create_task(each.stream() if told["streams"] else each.follow()) for each in listeners]
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps(vars(heard)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
