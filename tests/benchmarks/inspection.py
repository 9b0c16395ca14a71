"""Prints what inspecting a stored object costs in processor time and memory, and what reading and hashing its bytes does."""

import hashlib
import json
import sys
import time
from pathlib import Path

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.rules.table import TABLE

ROUNDS = 3


def best(path: Path, work) -> float:
    """The least of a few runs: the page cache is warm after the first."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work(path)
        seconds.append(time.process_time() - began)
    return min(seconds)


def hashed(path: Path) -> str:
    """SHA-256 of the file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def inspected(path: Path) -> None:
    """Every rule about one object. Raises ValueError when the object is refused: then the time would tell nothing."""
    if inspect(path, bounds=Bounds()).instance is None:
        raise ValueError("the object was refused")


def highest() -> int:
    """The most resident memory so far, KiB (Linux: proc(5), VmHWM); the figure of getrusage would begin with the parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def main() -> None:
    """One line of JSON; the memory counts the mapped pages of the file too."""
    path = Path(sys.argv[1])
    hashing = best(path, hashed)
    before = highest()
    inspecting = best(path, inspected)
    grown = highest() - before
    print(json.dumps({"hashing": hashing, "inspecting": inspecting, "kib": grown, "rules": len(TABLE)}))


if __name__ == "__main__":
    main()
