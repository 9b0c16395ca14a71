"""Writes a segmentation of thousands of frames to a file, quickly and in little memory."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from tests.builders.files import to_bytes
from tests.builders.images import ct_series
from tests.builders.mutations.raw import header
from tests.builders.segmentations import segmentation
from tests.builders.uids import uid

ROWS = COLUMNS = 512
SEGMENTS = 64
SLICES = 320
FRAME_BYTES = ROWS * COLUMNS // 8
CHUNK_FRAMES = 64


def large_sources(
    *, uid_seed: str = "large", slices: int = SLICES, with_pixels: bool = False
) -> list[pydicom.FileDataset]:
    """The CT series that the large segmentation names: 512 by 512 pixels, headers alone unless pixels are asked for."""
    return ct_series(uid_seed=uid_seed, slices=slices, rows=ROWS, columns=COLUMNS, with_pixels=with_pixels)


def large_segmentation(path: Path, *, frames: int = 8000, uid_seed: str = "large") -> None:
    """A BINARY segmentation of 64 segments over ``large_sources(uid_seed=uid_seed)``, 32 kB a frame: 8,000 frames make 270 MB.

    The header of a small segmentation is taken, its frames are repeated for every pair of segment and slice, and the pixels are
    streamed. Memory: the header, a few megabytes.
    """
    slices = -(-frames // SEGMENTS)
    sources = large_sources(uid_seed=uid_seed, slices=slices)
    header_set = _header(sources, frames, uid_seed)
    with path.open("wb") as file:
        file.write(to_bytes(header_set))
        file.write(header(0x52009230, b"SQ", 0)[:8])
        groups = b"".join(_groups(sources, frames, uid_seed))
        file.write(len(groups).to_bytes(4, "little"))
        file.write(groups)
        length = frames * FRAME_BYTES
        file.write(header(0x7FE00010, b"OB", length))
        for start in range(0, frames, CHUNK_FRAMES):
            end = min(start + CHUNK_FRAMES, frames)
            file.write(b"".join(_pixels(_place(number, frames)[0]) for number in range(start, end)))


def _place(frame: int, frames: int) -> tuple[int, int]:
    """Segment (from 0) and slice (from 0) of a frame: all slices of a segment before the next segment."""
    slices = -(-frames // SEGMENTS)
    return frame // slices, frame % slices


def _header(sources: list[pydicom.FileDataset], frames: int, seed: str) -> Dataset:
    """Everything before the per-frame groups."""
    found = segmentation(
        sources=ct_series(uid_seed=seed, slices=2), uid_seed=f"{seed} segmentation", segments=("Liver", "Spleen")
    )
    pattern = found.SegmentSequence[0]
    items = []
    for number in range(1, _place(frames - 1, frames)[0] + 2):
        item = deepcopy(pattern)
        item.SegmentNumber = number
        item.SegmentLabel = f"Segment {number}"
        item.TrackingID = f"{seed} {number}"
        item.TrackingUID = uid(seed, "tracking", number)
        items.append(item)
    found.SegmentSequence = Sequence(items)
    found.Rows, found.Columns, found.NumberOfFrames = ROWS, COLUMNS, frames
    references = [_reference(source) for source in sources]
    found.ReferencedSeriesSequence[0].SeriesInstanceUID = sources[0].SeriesInstanceUID
    found.ReferencedSeriesSequence[0].ReferencedInstanceSequence = Sequence(references)
    del found.SourceImageSequence
    del found.PerFrameFunctionalGroupsSequence
    del found.PixelData
    return found


def _reference(source: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = source.SOPClassUID
    item.ReferencedSOPInstanceUID = source.SOPInstanceUID
    return item


def _groups(sources: list[pydicom.FileDataset], frames: int, seed: str) -> Iterator[bytes]:
    """One encoded item a frame. The parts that depend on the slice alone are encoded once for each slice."""
    pattern = segmentation(
        sources=ct_series(uid_seed=seed, slices=2), uid_seed=f"{seed} segmentation", segments=("Liver", "Spleen")
    )
    group = pattern.PerFrameFunctionalGroupsSequence[0]
    parts = [_of_slice(group, source) for source in sources]
    for frame in range(frames):
        segment, place = _place(frame, frames)
        derivation, position = parts[place]
        content = Dataset()
        content.DimensionIndexValues = [segment + 1, place + 1]
        item = Dataset()
        item.FrameContentSequence = Sequence([content])
        identification = Dataset()
        identification.ReferencedSegmentNumber = segment + 1
        numbered = Dataset()
        numbered.SegmentIdentificationSequence = Sequence([identification])
        body = derivation + _encoded(item) + position + _encoded(numbered)
        yield b"\xfe\xff\x00\xe0" + len(body).to_bytes(4, "little") + body


def _of_slice(group: Dataset, source: Dataset) -> tuple[bytes, bytes]:
    """Derivation Image and Plane Position of a slice, encoded."""
    derivation = Dataset()
    derivation.DerivationImageSequence = deepcopy(group.DerivationImageSequence)
    derivation.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID = source.SOPInstanceUID
    position = Dataset()
    placed = Dataset()
    placed.ImagePositionPatient = source.ImagePositionPatient
    position.PlanePositionSequence = Sequence([placed])
    return _encoded(derivation), _encoded(position)


def _encoded(data_set: Dataset) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, data_set)
    return buffer.getvalue()


def _pixels(segment: int) -> bytes:
    """A square of the segment's own, packed, 1 bit a pixel: no two of the 64 overlap."""
    mask = np.zeros((ROWS, COLUMNS // 8), np.uint8)
    row, column = segment // 8 * 64, segment % 8 * 8
    mask[row : row + 64, column : column + 8] = 0xFF
    return mask.tobytes()
