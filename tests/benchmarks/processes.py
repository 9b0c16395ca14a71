"""Reads from /proc what a process and its descendants hold of memory, the most they held, and the processor time they took."""

import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

INTERVAL_SECONDS = 0.02


def _field(pid: int, name: str) -> int:
    """A field of /proc/PID/status in bytes; 0 for a process that is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def descendants(pid: int) -> list[int]:
    """All processes below this one."""
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children[int(fields[1])].append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        below = children[waiting.pop()]
        found += below
        waiting += below
    return found


def processor_seconds(pid: int) -> float:
    """The processor time that a process and its descendants have taken so far; of those that have ended, nothing."""
    ticks = 0
    for each in (pid, *descendants(pid)):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def held_bytes(pid: int) -> int:
    """The memory that a process and its descendants hold; pages that they share count for each."""
    return sum(_field(each, "VmRSS") for each in (pid, *descendants(pid)))


@dataclass
class Memory:
    """Bytes above idle, at most: of the one web process that grew most, and of all processes of the service together."""

    web: int = 0
    all: int = 0


@contextmanager
def watched(pid: int) -> Iterator[Memory]:
    """Watch a gunicorn master while the block runs; idle is what was held when it began."""
    workers = _children(pid)
    before = {worker: _field(worker, "VmRSS") for worker in workers}
    together = sum(_field(each, "VmRSS") for each in descendants(pid))
    memory, stop = Memory(), threading.Event()

    def look() -> None:
        while not stop.wait(INTERVAL_SECONDS):
            memory.web = max(memory.web, *(_field(worker, "VmRSS") - held for worker, held in before.items()))
            memory.all = max(memory.all, sum(_field(each, "VmRSS") for each in descendants(pid)) - together)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield memory
    finally:
        stop.set()
        thread.join()


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
