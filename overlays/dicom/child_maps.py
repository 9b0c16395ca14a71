"""Opens parametric maps with highdicom, every frame decoded.

Runs in a child process only (:mod:`overlays.dicom.sandbox`): on a foreign object it may raise anything.
"""

from pathlib import Path

import numpy as np
from highdicom.pm.sop import ParametricMap, pmread
from pydicom import Dataset

from overlays.dicom.child_header import Header
from overlays.dicom.child_limits import WRONG_POINTER, unreadable
from overlays.dicom.frames import iter_frames

BATCH_BYTES = 16 << 20
"""Decoded frames held at once, at 8 bytes a pixel."""
AS_STORED = {
    f"apply_{transform}": False
    for transform in (
        "real_world_transform",
        "modality_transform",
        "voi_transform",
        "presentation_lut",
        "palette_color_lut",
        "icc_profile",
    )
}


def open_map(path: Path, header: Header, *, lazy: bool) -> tuple[dict, ParametricMap | None]:
    """The answer, and the map when highdicom opens it. Where the dimension indices point into a functional group that does not hold
    them, as those of dcmqi do, the frames are read with our own means.
    """
    try:
        found = pmread(path, lazy_frame_retrieval=lazy)
    except KeyError as error:
        if header.pixels is None or header.pixels.encapsulated or error.args[0] not in _pointed_at(header.dataset):
            raise
        return unreadable(WRONG_POINTER) | {"frames": _own_frames(path, header), "segments": []}, None
    return {"readable": True, "frames": _decode_all(found), "segments": []}, found


def _decode_all(found: ParametricMap) -> int:
    """``get_frames``: the methods for single and for stored frames fail on floating point pixels in highdicom 0.28."""
    frames = int(found.number_of_frames)
    batch = max(1, BATCH_BYTES // max(1, found.Rows * found.Columns * 8))
    for first in range(1, frames + 1, batch):
        found.get_frames(range(first, min(first + batch, frames + 1)), dtype=np.float64, **AS_STORED)
    return frames


def _pointed_at(dataset: Dataset) -> set[int]:
    return {item.get("FunctionalGroupPointer") for item in dataset.get("DimensionIndexSequence", ())}


def _own_frames(path: Path, header: Header) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in iter_frames(file, header.pixels))
