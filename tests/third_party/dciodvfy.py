"""Runs the validator dciodvfy (dicom3tools) over one object."""

import subprocess
import sys
from mmap import ACCESS_READ, mmap
from pathlib import Path

from overlays.dicom.bounds import Bounds
from overlays.dicom.faults import Unreadable
from overlays.dicom.inflate import inflated
from overlays.dicom.part10 import read_file_meta
from overlays.dicom.transfer_syntaxes import DEFLATED_LE, EXPLICIT_LE
from tests.builders.mutations.raw import with_meta_uid

PROGRAM = Path(sys.executable).with_name("dciodvfy")
SECONDS = 60.0


def errors_of(path: Path, scratch: Path) -> tuple[str, ...]:
    """Its error lines without the word ``Error``; a deflated object is given to it inflated, since it does not inflate.
    Its exit status says nothing: it is 1 for every sound TILED_FULL object.

    Raises subprocess.TimeoutExpired.
    """
    plain = _inflated(path, scratch)
    done = subprocess.run(
        [PROGRAM, "-new", plain], capture_output=True, text=True, errors="replace", check=False, timeout=SECONDS
    )
    lines = tuple(line.removeprefix("Error - ") for line in done.stderr.splitlines() if line.startswith("Error"))
    return (*lines, f"ended by signal {-done.returncode}") if done.returncode < 0 else lines


def _inflated(path: Path, scratch: Path) -> Path:
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        try:
            meta = read_file_meta(data)
            if meta.transfer_syntax_uid != DEFLATED_LE:
                return path
            head = with_meta_uid(data[: meta.body], 0x00020010, EXPLICIT_LE)
            with inflated(data, meta.body, limit=Bounds().max_inflated_bytes, scratch=scratch) as body:
                plain = scratch / "inflated.dcm"
                plain.write_bytes(head + body[:])
                return plain
        except Unreadable:
            return path
