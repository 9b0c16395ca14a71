"""Finds out whether highdicom, the library that everybody uses, opens an object and decodes each of its frames.

Runs in a child process only (:mod:`overlays.dicom.sandbox`): on a foreign object it may raise anything and take any memory it is given.
"""

import zlib
from collections import deque
from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.pixels import get_decoder, iter_pixels, pixel_array
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, RLELossless

from overlays.dicom.bounds import Bounds
from overlays.dicom.child_graphics import open_annotations, open_structure_set, open_text
from overlays.dicom.child_header import Header, read_header
from overlays.dicom.child_limits import (
    BY_REFERENCE,
    DEFLATED_FRAMES,
    EMPTY_MEASUREMENT,
    NO_DECODER,
    NO_FRAME_CONTENT,
    ONE_BIT_RLE,
    unreadable,
)
from overlays.dicom.child_maps import open_map
from overlays.dicom.child_selected import open_selection, open_state
from overlays.dicom.frames import iter_frames, one_bit_rle_frame, unpack_bits
from overlays.dicom.instance import Family
from overlays.dicom.sop_classes import KEY_OBJECT_SELECTION, PARAMETRIC_MAP, SOP_CLASSES
from overlays.dicom.transfer_syntaxes import DEFLATED_IMAGE_FRAME

SEGMENTATIONS = {"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"}
REPORTS = {
    "1.2.840.10008.5.1.4.1.1.88.22": hd.sr.EnhancedSR,
    "1.2.840.10008.5.1.4.1.1.88.33": hd.sr.ComprehensiveSR,
    "1.2.840.10008.5.1.4.1.1.88.34": hd.sr.Comprehensive3DSR,
}
STRUCTURED_REPORTING = "1.2.840.10008.5.1.4.1.1.88."
BATCH_BYTES = 16 << 20
"""Decoded frames held at once."""

MOST_VOXELS = Bounds().max_volume_voxels


class Unsound(ValueError):
    """The object is opened, but must not be used."""


def open_instance(path: Path, *, most_voxels: int = MOST_VOXELS) -> tuple[dict, bytes]:
    """What reading the whole object gave: ``readable``, or the ``reason`` why a legal object is not, with ``known_limit``.

    ``most_voxels`` bounds the regular volume through all frames, which a viewer allocates; none is built here. A known limit is
    said only after the rest of the object was read with our own means. Raises whatever reading raises.
    """
    header = read_header(path)
    sop_class = header.dataset.SOPClassUID
    if sop_class in SEGMENTATIONS:
        return _open_segmentation(path, header, most_voxels), b""
    if sop_class in REPORTS:
        return _open_report(path, REPORTS[sop_class]), b""
    if sop_class.startswith(STRUCTURED_REPORTING) and sop_class != KEY_OBJECT_SELECTION:
        return open_text(path), b""
    if sop_class == PARAMETRIC_MAP:
        return _open_map(path, header, most_voxels), b""
    opener = OPENERS.get(SOP_CLASSES[sop_class].family) if sop_class in SOP_CLASSES else None
    return (opener or _open_image)(path, header), b""


def _open_segmentation(path: Path, header: Header, most_voxels: int) -> dict:
    syntax = header.transfer_syntax_uid
    if syntax == DEFLATED_IMAGE_FRAME:
        return unreadable(DEFLATED_FRAMES) | _own_frames(path, header)
    if _lacks_frame_content(header.dataset):
        return unreadable(NO_FRAME_CONTENT) | _frames_alone(path, header)
    segmentation = hd.seg.segread(path, lazy_frame_retrieval=_can_be_lazy(header))
    segments = [int(number) for number in segmentation.segment_numbers]
    _check_extent(segmentation, most_voxels)
    found = {"segments": segments}
    if syntax == RLELossless and segmentation.BitsAllocated == 1:
        return unreadable(ONE_BIT_RLE) | _own_frames(path, header) | found
    return {"readable": True, "frames": _decode_all(segmentation)} | found


def _lacks_frame_content(dataset: Dataset) -> bool:
    return any("FrameContentSequence" not in item for item in dataset.get("PerFrameFunctionalGroupsSequence", ()))


def _frames_alone(path: Path, header: Header) -> dict:
    """Decode every frame of an object whose pixels alone can be had from a library."""
    if header.transfer_syntax_uid == RLELossless and header.pixels.bits_allocated == 1:
        return _own_frames(path, header)
    segments = [int(item.SegmentNumber) for item in header.dataset.get("SegmentSequence", ())]
    return {"frames": sum(1 for _ in iter_pixels(path, raw=True)), "segments": segments}


def _open_map(path: Path, header: Header, most_voxels: int) -> dict:
    if header.transfer_syntax_uid == DEFLATED_IMAGE_FRAME:
        return unreadable(DEFLATED_FRAMES) | _own_frames(path, header)
    if _lacks_frame_content(header.dataset):
        return unreadable(NO_FRAME_CONTENT) | _frames_alone(path, header)
    answer, found = open_map(path, header, lazy=_can_be_lazy(header))
    if found is not None:
        _check_extent(found, most_voxels)
    return answer


def _can_be_lazy(header: Header) -> bool:
    """Whether highdicom 0.28 reads single frames of the file: not of a deflated one, and wrongly where frames do not begin on a byte."""
    layout = header.pixels
    if layout is None:
        return False
    unaligned = layout.bits_allocated == 1 and layout.rows * layout.columns % 8 != 0
    return layout.encapsulated or not unaligned


def _check_extent(image: hd.Image, most_voxels: int) -> None:
    geometry = image.get_volume_geometry()
    if geometry is None:
        return
    voxels = prod(int(side) for side in geometry.spatial_shape)
    if voxels > most_voxels:
        raise Unsound(f"the frames span a volume of {voxels} voxels; {most_voxels} are allowed")


def _decode_all(image: hd.Image) -> int:
    frames = int(image.number_of_frames)
    size = image.Rows * image.Columns * image.SamplesPerPixel * max(1, image.BitsAllocated // 8)
    batch = max(1, BATCH_BYTES // size)
    for first in range(1, frames + 1, batch):
        image.get_stored_frames(range(first, min(first + batch, frames + 1)))
    return frames


def _own_frames(path: Path, header: Header) -> dict:
    """Decode every frame of a form that the library cannot, with the decoders of this package."""
    frames = 0
    for _ in own_frames(path, header):
        frames += 1
    segments = [int(item.SegmentNumber) for item in header.dataset.get("SegmentSequence", ())]
    return {"frames": frames, "segments": segments}


def own_frames(path: Path, header: Header) -> Iterator[np.ndarray]:
    """Frames in Deflated Image Frame Compression or 1-bit RLE Lossless, decoded one at a time."""
    with path.open("rb") as file:
        for fragment in iter_frames(file, header.pixels):
            yield own_frame(fragment, header)


def own_frame(fragment: bytes, header: Header) -> np.ndarray:
    """One such frame, of shape (rows, columns), with several samples a pixel (rows, columns, samples)."""
    layout = header.pixels
    if header.transfer_syntax_uid == RLELossless:
        return one_bit_rle_frame(fragment, layout.rows, layout.columns)
    shape = (layout.rows, layout.columns, *([layout.samples_per_pixel] if layout.samples_per_pixel > 1 else []))
    expected = (prod(shape) * layout.bits_allocated + 7) // 8
    raw = zlib.decompressobj(-zlib.MAX_WBITS).decompress(fragment, expected)
    if len(raw) != expected:
        raise Unsound(f"a deflated frame inflates to {len(raw)} bytes where {expected} belong")
    if layout.bits_allocated == 1:
        return unpack_bits(raw, layout.rows, layout.columns)
    return np.frombuffer(raw, f"<u{layout.bits_allocated // 8}").reshape(shape)


def _open_report(path: Path, reader: type) -> dict:
    document = pydicom.dcmread(path)
    elsewhere = _remove(document, _is_by_reference)
    empty = _remove(document, _is_empty_measurement)
    report = reader.from_dataset(document, copy=False)
    found = {"frames": 0, "segments": [], "evidence": len(report.get_evidence())}
    if isinstance(report.content, hd.sr.MeasurementReport):
        found["groups"] = _count_groups(report.content)
    limit = BY_REFERENCE if elsewhere else EMPTY_MEASUREMENT if empty else None
    return (unreadable(limit) if limit else {"readable": True}) | found


def _count_groups(content: hd.sr.MeasurementReport) -> int:
    groups = [
        *content.get_volumetric_roi_measurement_groups(),
        *content.get_planar_roi_measurement_groups(),
        *content.get_image_measurement_groups(),
    ]
    for group in groups:
        group.get_measurements()
    return len(groups)


def _remove(item: Dataset, unwanted: Callable[[Dataset], bool]) -> int:
    """Take content items out of the tree, with all that stands below them: their number. Every value of them is parsed."""
    if "ContentSequence" not in item:
        return 0
    children = list(item.ContentSequence)
    taken, kept = [], []
    for child in children:
        (taken if unwanted(child) else kept).append(child)
    for child in taken:
        deque(child.iterall(), maxlen=0)
    if kept and taken:
        item.ContentSequence = kept
    elif taken:
        del item.ContentSequence
    return len(taken) + sum(_remove(child, unwanted) for child in kept)


def _is_by_reference(item: Dataset) -> bool:
    return "ReferencedContentItemIdentifier" in item and "ValueType" not in item


def _is_empty_measurement(item: Dataset) -> bool:
    return item.get("ValueType") == "NUM" and not item.get("MeasuredValueSequence")


def _open_capture(path: Path, header: Header) -> dict:
    """A secondary capture, every frame decoded: it is drawn as it is."""
    syntax = header.transfer_syntax_uid
    if syntax == DEFLATED_IMAGE_FRAME:
        return unreadable(DEFLATED_FRAMES) | _own_frames(path, header)
    if not _has_decoder(syntax):
        return unreadable(NO_DECODER) | {"frames": 0, "segments": []}
    image = hd.imread(path, lazy_frame_retrieval=_can_be_lazy(header))
    if syntax == RLELossless and image.BitsAllocated == 1:
        return unreadable(ONE_BIT_RLE) | _own_frames(path, header)
    return {"readable": True, "frames": _decode_all(image), "segments": []}


def _has_decoder(syntax: str) -> bool:
    return not UID(syntax).is_encapsulated or get_decoder(syntax).is_available


def _open_image(path: Path, header: Header) -> dict:
    frames = header.pixels.frames if header.pixels else int(header.dataset.get("NumberOfFrames") or 1)
    if UID(header.transfer_syntax_uid).is_compressed and header.transfer_syntax_uid != DeflatedExplicitVRLittleEndian:
        pixel_array(path, index=0, raw=True)
    return {"readable": True, "frames": frames, "segments": []}


OPENERS: dict[Family, Callable[[Path, Header], dict]] = {
    Family.KEY_OBJECTS: lambda path, header: open_selection(path),
    Family.PRESENTATION_STATE: lambda path, header: open_state(path),
    Family.SECONDARY_CAPTURE: _open_capture,
    Family.ANNOTATIONS: lambda path, header: open_annotations(path),
    Family.STRUCTURE_SET: lambda path, header: open_structure_set(path),
}
"""How each family is opened that is neither a segmentation nor a report; the others as an image."""
