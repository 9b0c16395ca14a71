"""The table of everything that a decoding child can be asked to do."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import get_decoder
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, RLELossless

from overlays.dicom.child import TaskFunction
from overlays.dicom.child_encode import encode
from overlays.dicom.child_explicit import joined as joined_frames
from overlays.dicom.child_explicit import surroundings
from overlays.dicom.child_header import Header, pixel_layout, read_header
from overlays.dicom.child_open import open_instance, own_frame
from overlays.dicom.compare.compare import compare_segmentations
from overlays.dicom.compare.figures import NotComparable
from overlays.dicom.frames import FrameNotFound, frame_fragments, pack_bits, read_frame
from overlays.dicom.instance import PixelLayout
from overlays.dicom.read_pixels import PIXELS
from overlays.dicom.sandbox import Task
from overlays.dicom.transfer_syntaxes import DEFLATED_IMAGE_FRAME


def frame(path: Path, *, number: int) -> tuple[dict, bytes]:
    """One frame, counted from 1, as native little-endian bytes; 1-bit pixels packed, beginning on a byte.

    The result names what the bytes are, which may differ from the header (a JPEG decoder may change the colour space): ``rows``,
    ``columns``, ``samples_per_pixel``, ``bits_allocated``, ``photometric_interpretation``. Samples of a pixel lie side by side.
    """
    header = read_header(path)
    pixels, photometric = _decode(path, header, number)
    bits = header.dataset.BitsAllocated
    described = _described(pixels, bits, photometric)
    if bits == 1:
        return described, pack_bits(pixels)
    return described, pixels.astype(pixels.dtype.newbyteorder("<"), copy=False).tobytes()


def frames(path: Path, *, numbers: list[int], joined: bool = False) -> tuple[dict, bytes]:
    """Frames of a compressed object, one behind the other, as ``frame`` gives each; ``joined``: 1-bit ones without a gap between them.

    The result describes the last one.
    """
    header = read_header(path)
    with path.open("rb") as file:
        fragments = frame_fragments(file, header.pixels)
        decoded = []
        for number in numbers:
            if not 1 <= number <= len(fragments):
                raise FrameNotFound(f"There is no frame {number}: the object has {len(fragments)}, counted from 1.")
            pixels, photometric = _decoded(_bytes_at(file, fragments[number - 1]), header)
            decoded.append(pixels)
    bits = header.dataset.BitsAllocated
    groups = [decoded] if joined else [[each] for each in decoded]
    return _described(pixels, bits, photometric), b"".join(joined_frames(each, bits) for each in groups)


def explicit(path: Path) -> tuple[dict, bytes]:
    """The object without its pixels in Explicit VR Little Endian; see ``surroundings``, and ``described`` where they are compressed."""
    header = read_header(path)
    described = frames(path, numbers=[1])[0] if header.pixels and header.pixels.encapsulated else None
    found, encoded = surroundings(path, described)
    return found | {"described": described}, encoded


def _bytes_at(file: BinaryIO, places: Sequence[tuple[int, int]]) -> bytes:
    found = []
    for offset, length in places:
        file.seek(offset)
        found.append(file.read(length))
    return b"".join(found)


def _described(pixels: np.ndarray, bits: int, photometric: str) -> dict:
    return {
        "rows": pixels.shape[0],
        "columns": pixels.shape[1],
        "samples_per_pixel": pixels.shape[2] if pixels.ndim == 3 else 1,
        "bits_allocated": bits,
        "photometric_interpretation": str(photometric),
    }


def compare(path: Path, *, other: str) -> tuple[dict, bytes]:
    """How the segmentation ``other`` differs from the earlier one at ``path``: ``comparison`` as its dataclass, field by field.

    Where the two cannot be compared ``not_comparable`` has the code and the sentence.
    """
    try:
        found = compare_segmentations(path, Path(other), decoder=_decoder)
    except NotComparable as refused:
        return {"not_comparable": {"code": refused.code, "sentence": refused.sentence}}, b""
    return {"comparison": asdict(found)}, b""


def _decoder(path: Path) -> Callable[[bytes], np.ndarray]:
    header = read_header(path)
    return lambda stored: _decoded(stored, header)[0]


def _decode(path: Path, header: Header, number: int) -> tuple[np.ndarray, str]:
    frames = int(header.dataset.get("NumberOfFrames") or 1)
    if not 1 <= number <= frames:
        raise FrameNotFound(f"There is no frame {number}: the object has {frames}, counted from 1.")
    syntax = header.transfer_syntax_uid
    if syntax == DeflatedExplicitVRLittleEndian:
        inflated = pydicom.dcmread(path)
        keyword = next(word for word in PIXELS if word in inflated)
        value = inflated[keyword].value
        layout = pixel_layout(inflated, 0, len(value), keyword)
        stored = read_frame(BytesIO(value), layout, number)
        return _floats(stored, layout) if layout.floating else _decode_alone(inflated, stored, syntax)
    with path.open("rb") as file:
        stored = read_frame(file, header.pixels, number)
    if header.pixels.floating:
        return _floats(stored, header.pixels)
    return _decoded(stored, header)


def _decoded(stored: bytes, header: Header) -> tuple[np.ndarray, str]:
    """The values in the stored bytes of one frame, and what they mean."""
    syntax = header.transfer_syntax_uid
    if syntax == DEFLATED_IMAGE_FRAME or (syntax == RLELossless and header.pixels.bits_allocated == 1):
        return own_frame(stored, header), header.pixels.photometric_interpretation
    return _decode_alone(header.dataset, stored, syntax)


def _floats(stored: bytes, layout: PixelLayout) -> tuple[np.ndarray, str]:
    """A frame of floating point pixels, which are always native (PS3.3 C.7.6.24, C.7.6.25)."""
    pixels = np.frombuffer(stored, f"<f{layout.bits_allocated // 8}").reshape(layout.rows, layout.columns)
    return pixels, layout.photometric_interpretation


def _decode_alone(dataset: Dataset, stored: bytes, syntax: UID) -> tuple[np.ndarray, str]:
    """Decode the stored bytes of one frame as if they were the whole image."""
    single = Dataset()
    single.file_meta = FileMetaDataset()
    single.file_meta.TransferSyntaxUID = syntax
    single.update(dataset.group_dataset(0x0028))
    single.NumberOfFrames = 1
    single.PixelData = encapsulate([stored]) if syntax.is_encapsulated else stored
    single["PixelData"].VR = "OB" if syntax.is_encapsulated or dataset.BitsAllocated <= 8 else "OW"
    pixels, meta = get_decoder(syntax).as_array(single, raw=True)
    return pixels, meta["photometric_interpretation"]


TASKS: dict[Task, TaskFunction] = {
    Task.OPEN: open_instance,
    Task.FRAME: frame,
    Task.ENCODE: encode,
    Task.COMPARE: compare,
    Task.FRAMES: frames,
    Task.EXPLICIT: explicit,
}
"""One function for each member of Task."""
