"""Measures comparing two large segmentations in the child: processor time, and memory of its own beside that of the mapped files."""

import mmap
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from overlays.dicom.bounds import Bounds
from overlays.dicom.pictures_pixels import layout_of
from overlays.dicom.sandbox import Sandbox, Task
from overlays.dicom.stored import open_stored
from tests.builders.large import COLUMNS, FRAME_BYTES, ROWS, large_segmentation

FRAMES = 8000
CASES: dict[str, Iterable[int]] = {
    "the same": (),
    "every hundredth frame moved by 2 rows": range(0, FRAMES, 100),
    "every frame moved by 2 rows": range(FRAMES),
}


def changed(path: Path, target: Path, frames: Iterable[int]) -> None:
    """A copy in which the masks of some frames (from 0) lie two rows lower."""
    shutil.copy(path, target)
    with open_stored(path) as stored:
        start = layout_of(stored.root, transfer_syntax_uid=stored.transfer_syntax_uid, bounds=Bounds()).offset
    with target.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        for number in frames:
            at = slice(start + number * FRAME_BYTES, start + (number + 1) * FRAME_BYTES)
            data[at] = np.roll(np.frombuffer(data[at], np.uint8).reshape(ROWS, COLUMNS // 8), 2, axis=0).tobytes()


def own_mebibytes(pid: int) -> float:
    """Resident memory of a process that is not a mapped file (Linux: proc(5), status)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def processor_seconds(pid: int) -> float:
    """User and system time of a process (Linux: proc(5), stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(before: Path, after: Path) -> tuple[float, float, float]:
    """Seconds of processor time, memory before and at the highest, in MiB; the child is warm."""
    with Sandbox(size=1, seconds=900, memory_bytes=6 << 30) as sandbox:
        sandbox.warm()
        time.sleep(3)
        (pid,) = sandbox.process_ids()
        idle, highest, ended = own_mebibytes(pid), [0.0], threading.Event()

        def watch() -> None:
            while not ended.wait(0.02):
                highest[0] = max(highest[0], own_mebibytes(pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        start = processor_seconds(pid)
        sandbox.run(Task.COMPARE, before, other=str(after))
        seconds = processor_seconds(pid) - start
        ended.set()
        watcher.join()
        return seconds, idle, highest[0]


def main() -> None:
    """One line a case."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.dcm", Path(folder) / "after.dcm"
        large_segmentation(before, frames=FRAMES)
        for name, frames in CASES.items():
            changed(before, after, frames)
            seconds, idle, highest = measured(before, after)
            print(f"| {name} | {seconds:.1f} s | {highest - idle:.0f} MiB above {idle:.0f} |", flush=True)


if __name__ == "__main__":
    main()
