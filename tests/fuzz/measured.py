"""Bounds one call within this process: processor seconds, and how far its memory may rise."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.cost import Cost, cost_of

MOST_SECONDS = 2.0
MOST_BYTES = 200 << 20
LOST_SECONDS = 30.0
"""After which an input is given up, whatever it was doing."""


class TooSlow(Exception):
    """One input took longer than any may."""


class TooLarge(Exception):
    """One input took more memory than any may."""


def measured(call: Callable[[], Any]) -> tuple[Any, Cost]:
    """The answer of the call and its cost. Raises TooSlow, TooLarge, and what the call raises."""
    with _patience():
        answer, cost = cost_of(call)
    if cost.seconds > MOST_SECONDS:
        raise TooSlow(f"{cost.seconds:.1f} s for one input")
    if cost.grown > MOST_BYTES:
        raise TooLarge(f"{cost.grown >> 20} MB for one input")
    return answer, cost


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
