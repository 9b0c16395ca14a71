"""Sends requests over kept connections and measures how long the answers take, with as little work in between as possible."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

BUFFER = 1 << 20
TIMEOUT_SECONDS = 120


class BadAnswer(Exception):
    """A server answered otherwise than with success; measuring it would be worth nothing."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The answers of one run: how long each took, how long the run, how many bytes the last one had."""

    seconds: tuple[float, ...]
    elapsed: float
    size: int

    @property
    def p50(self) -> float:
        """The median, in seconds."""
        return median(self.seconds)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.elapsed


class Connection:
    """One kept connection to an origin such as ``http://127.0.0.1:8000``; ``timeout`` is the longest silence, in seconds."""

    def __init__(self, origin: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(origin)
        self._timeout = timeout
        self._address = (parts.hostname, parts.port)
        self._socket: socket.socket | None = None

    def close(self) -> None:
        """Hang up."""
        if self._socket:
            self._socket.close()
            self._socket = None

    def ask(self, head: bytes, body: bytes = b"", file: Path | None = None, tail: bytes = b"") -> int:
        """Send a request, whose body may come from a file, and read the answer to its end; the size of its body.

        Raises BadAnswer, OSError.
        """
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(body) < BUFFER:
            self._socket.sendall(head + body)
        else:
            self._socket.sendall(head)
            self._socket.sendall(body)
        if file:
            with file.open("rb") as opened:
                self._socket.sendfile(opened)
            self._socket.sendall(tail)
        return self._answer()

    def _answer(self) -> int:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, rest = received.partition(b"\r\n\r\n")
        headers = head.lower()
        if b" 20" not in headers[:11]:
            raise BadAnswer((head + b" " + rest)[:2000].decode(errors="replace"))
        if b"transfer-encoding: chunked" in headers:
            size = self._chunks(rest)
        else:
            _, named, after = headers.partition(b"content-length:")
            length = int(after.split(b"\r\n", 1)[0]) if named else 0
            size, left = length, length - len(rest)
            while left > 0:
                left -= len(self._more())
        if b"connection: close" in headers:
            self.close()
        return size

    def _chunks(self, pending: bytes) -> int:
        size = 0
        while True:
            while b"\r\n" not in pending:
                pending += self._more()
            line, _, pending = pending.partition(b"\r\n")
            length = int(line, 16)
            left = length + 2 - len(pending)
            if left > 0:
                while left > 0:
                    last = self._more()
                    left -= len(last)
                pending = last[len(last) + left :] if left else b""
            else:
                pending = pending[length + 2 :]
            if length == 0:
                return size
            size += length

    def _more(self) -> bytes:
        data = self._socket.recv(BUFFER)
        if not data:
            raise BadAnswer("the server hung up")
        return data


def get(address: str, **headers: str) -> bytes:
    """The bytes of a GET request."""
    return request("GET", address, **headers)


def request(method: str, address: str, **headers: str) -> bytes:
    """The head of a request; underscores in header names stand for hyphens."""
    parts = urlsplit(address)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def repeat(origin: str, heads: Sequence[bytes], *, clients: int, seconds: float, warm: int = 8) -> Measured:
    """Ask in turn, each client over a connection of its own, for so many seconds; the first answers of each do not count."""

    def work(own: int, ready: Callable[[], None], say: Callable[[float, int], None]) -> None:
        connection = Connection(origin)
        for _ in range(warm):
            connection.ask(heads[own % len(heads)])
        ready()
        turn, deadline = own, time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            began = time.perf_counter()
            size = connection.ask(heads[turn % len(heads)])
            say(time.perf_counter() - began, size)
            turn += clients
        connection.close()

    return _run(work, clients)


def each_once(origin: str, requests: Sequence[tuple[bytes, bytes]], *, clients: int) -> Measured:
    """Send every request (head and body) once, shared out among the clients."""
    waiting = list(reversed(requests))

    def work(own: int, ready: Callable[[], None], say: Callable[[float, int], None]) -> None:
        connection = Connection(origin)
        ready()
        while waiting:
            try:
                head, body = waiting.pop()
            except IndexError:  # another client took the last one
                break
            began = time.perf_counter()
            size = connection.ask(head, body)
            say(time.perf_counter() - began, size)
        connection.close()

    return _run(work, clients)


def _run(work: Callable[[int, Callable[[], None], Callable[[float, int], None]], None], clients: int) -> Measured:
    """Let the clients begin together once all are ready. Raises what the first client that failed raised."""
    start = threading.Barrier(clients + 1)
    said: list[tuple[float, int]] = []
    failures: list[Exception] = []

    def guarded(own: int) -> None:
        try:
            work(own, start.wait, lambda seconds, size: said.append((seconds, size)))
        except threading.BrokenBarrierError:
            return
        except Exception as error:  # noqa: BLE001 -- told to the caller below
            failures.append(error)
            start.abort()

    threads = [threading.Thread(target=guarded, args=(own,)) for own in range(clients)]
    for thread in threads:
        thread.start()
    with suppress(threading.BrokenBarrierError):
        start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return Measured(
        seconds=tuple(seconds for seconds, _ in said), elapsed=time.perf_counter() - began, size=said[-1][1]
    )
