"""Re-encodes what surrounds the pixels of an object as Explicit VR Little Endian, in a child process."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.config import disable_value_validation
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_file_meta_info
from pydicom.filewriter import write_dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from overlays.dicom.child_header import PIXEL_TAGS, UNDEFINED_LENGTH
from overlays.dicom.tags import tag_of

LARGE = 1 << 16
"""Bytes from which a value stays in the file until it is written."""

_OFFSET_TABLES = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")
_TRAILING_PADDING = tag_of("DataSetTrailingPadding")


def surroundings(path: Path, described: dict | None) -> tuple[dict, bytes]:
    """Everything but the pixels, with a File Meta Information that says Explicit VR Little Endian (PS3.10 7.1).

    ``described`` says what decoded frames are, where they were compressed. The result has ``before``, how many of the bytes come in
    front of the pixels, and their element: ``keyword`` (None where there is none) and ``vr``. Raises whatever pydicom raises.
    """
    with disable_value_validation():
        whole = _read(path)
        tag = next((tag for tag in PIXEL_TAGS if tag in whole), None)
        bits = whole.get("BitsAllocated", 8)
        if tag is not None:
            del whole[tag]
        for keyword in _OFFSET_TABLES:
            if keyword in whole:
                delattr(whole, keyword)
        if described is not None:
            _say_what_is_decoded(whole, described)
        before, after = _parts(whole, UNDEFINED_LENGTH if tag is None else tag)
        # Both halves in the form and the character set of the whole.
        out = BytesIO()
        before.file_meta = whole.file_meta
        before.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        before.preamble = whole.preamble
        before.save_as(out, implicit_vr=False, little_endian=True, enforce_file_format=True)
        rest = DicomBytesIO()
        rest.is_little_endian, rest.is_implicit_VR = True, False
        write_dataset(rest, after, before.get("SpecificCharacterSet", "ISO_IR 6"))
    front = out.getvalue()
    found = {"before": len(front), "keyword": PIXEL_TAGS.get(tag), "vr": _vr_of_pixels(PIXEL_TAGS.get(tag), bits)}
    return found, front + rest.getvalue()


def joined(frames: list[np.ndarray], bits: int) -> bytes:
    """Frames as they follow each other in native pixel data: 1-bit ones without a gap (PS3.5 8.1.1)."""
    if bits == 1:
        return np.packbits(np.concatenate([each.ravel() for each in frames]) != 0, bitorder="little").tobytes()
    return b"".join(each.astype(each.dtype.newbyteorder("<"), copy=False).tobytes() for each in frames)


def _read(path: Path) -> Dataset:
    """The object, its large values left in the file, which cannot be done where the file is deflated."""
    is_deflated = read_file_meta_info(path).TransferSyntaxUID == DeflatedExplicitVRLittleEndian
    return pydicom.dcmread(path, defer_size=None if is_deflated else LARGE)


def _say_what_is_decoded(whole: Dataset, described: dict) -> None:
    photometric = described["photometric_interpretation"]
    # Decoders give each pixel its own chrominance.
    whole.PhotometricInterpretation = "YBR_FULL" if photometric == "YBR_FULL_422" else photometric
    whole.SamplesPerPixel = described["samples_per_pixel"]
    if described["samples_per_pixel"] > 1:
        whole.PlanarConfiguration = 0


def _parts(whole: Dataset, tag: int) -> tuple[Dataset, Dataset]:
    """The elements in front of the tag, and those behind it without padding."""
    before, after = whole[:tag], whole[tag:]
    if _TRAILING_PADDING in after:
        del after[_TRAILING_PADDING]
    return before, after


def _vr_of_pixels(keyword: str | None, bits: int) -> str | None:
    """PS3.5 A.2, 8.2."""
    return {"FloatPixelData": "OF", "DoubleFloatPixelData": "OD", "PixelData": "OW" if bits > 8 else "OB"}.get(keyword)
