"""Reads one object with highdicom, as its documentation says; for a child process of the sandbox."""

from collections.abc import Callable
from pathlib import Path

import highdicom as hd
import pydicom

from tests.third_party.questions import Question

MOST_PIXELS = 1 << 28
"""What highdicom is asked to decode at once."""

STORAGE = "1.2.840.10008.5.1.4.1.1."
READERS: dict[str, Callable[[Path], object]] = {
    STORAGE + "66.4": hd.seg.segread,
    STORAGE + "66.7": hd.seg.segread,
    STORAGE + "88.22": hd.sr.srread,
    STORAGE + "88.33": hd.sr.srread,
    STORAGE + "88.34": hd.sr.srread,
    STORAGE + "88.59": lambda path: hd.ko.KeyObjectSelectionDocument.from_dataset(pydicom.dcmread(path)),
    STORAGE + "30": lambda path: hd.pm.ParametricMap.from_dataset(pydicom.dcmread(path), copy=False),
    STORAGE + "91.1": hd.ann.annread,
}
"""highdicom's reader of each SOP class that it has one for; ``imread`` besides, for whatever has pixels."""


def highdicom(path: Path) -> tuple[dict, bytes]:
    """Read the object whole, its pixels too. Raises what highdicom raises; ``read`` is false where it has no reader."""
    header = pydicom.dcmread(path, stop_before_pixels=True)
    read = READERS.get(header.SOPClassUID)
    if read is None and "Rows" not in header:
        return {"read": False}, b""
    image = (read or hd.imread)(path)
    if "Rows" in header:
        pixels = header.Rows * header.Columns * int(header.get("NumberOfFrames") or 1)
        if pixels > MOST_PIXELS:
            raise MemoryError(f"{pixels} pixels are not decoded at once")
        _ = image.pixel_array
    return {"read": True}, b""


TASKS = {Question.HIGHDICOM: highdicom}
"""One function for each member of Question."""
