"""Measures one call within this process: processor seconds and how far its memory rose."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_SECONDS = 2.0
MOST_BYTES = 200 << 20
LOST_SECONDS = 30.0
"""After which an input is given up, and is a failure whatever it was doing."""

_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class TooSlow(Exception):
    """One input took longer than any may."""


class TooLarge(Exception):
    """One input took more memory than any may."""


@dataclass(frozen=True)
class Cost:
    """Processor seconds, and bytes above what was in use before."""

    seconds: float
    grown: int


def measured(call: Callable[[], Any]) -> tuple[Any, Cost]:
    """The answer of the call and its cost. Raises TooSlow, TooLarge, and what the call raises."""
    _FORGET.write_text("5")  # proc(5): the peak is reset
    before, began = _resident("VmRSS"), time.process_time()
    with _patience():
        answer = call()
    cost = Cost(time.process_time() - began, _resident("VmHWM") - before)
    if cost.seconds > MOST_SECONDS:
        raise TooSlow(f"{cost.seconds:.1f} s for one input")
    if cost.grown > MOST_BYTES:
        raise TooLarge(f"{cost.grown >> 20} MB for one input")
    return answer, cost


def _resident(name: str) -> int:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) << 10
    raise LookupError(name)


@contextmanager
def _patience() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise TooSlow(f"more than {LOST_SECONDS:g} s for one input")

    kept = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, LOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, kept)
