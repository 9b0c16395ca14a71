"""Measures what one call within this process costs (Linux)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Cost:
    """Processor seconds, and the bytes by which memory in use rose above what it was before."""

    seconds: float
    grown: int


def cost_of(call: Callable[[], Any]) -> tuple[Any, Cost]:
    """The answer of the call and its cost. Raises what the call raises."""
    _FORGET.write_text("5")  # proc(5): the peak is measured from now on
    before, began = _memory("VmRSS"), time.process_time()
    answer = call()
    return answer, Cost(time.process_time() - began, max(0, _memory("VmHWM") - before))


def _memory(name: str) -> int:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) << 10
    raise LookupError(name)
