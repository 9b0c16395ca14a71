"""Binary segmentations in the encapsulated forms that pydicom does not write."""

import struct
import zlib
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, RLELossless

from overlays.dicom.frames import pack_bits
from overlays.dicom.transfer_syntaxes import DEFLATED_IMAGE_FRAME


def save(dataset: Dataset, path: Path) -> None:
    """Save also with a transfer syntax that pydicom does not know: under another of the same length, which is then replaced."""
    unknown = dataset.file_meta.TransferSyntaxUID == DEFLATED_IMAGE_FRAME
    if unknown:
        dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.save_as(path)
    if unknown:
        wanted = DEFLATED_IMAGE_FRAME.encode().ljust(len(JPEGBaseline8Bit), b"\x00")
        path.write_bytes(path.read_bytes().replace(JPEGBaseline8Bit.encode(), wanted, 1))


def rle(data: bytes) -> bytes:
    runs = b"".join(bytes([len(part) - 1]) + part for part in (data[at : at + 128] for at in range(0, len(data), 128)))
    return struct.pack("<16L", 1, 64, *[0] * 14) + runs + b"\x00" * (len(runs) % 2)


def recoded(dataset: Dataset, syntax: str, encode) -> None:
    """Encapsulate each frame of a binary segmentation after ``encode``, which takes zeros and ones."""
    frames = np.atleast_3d(dataset.pixel_array)
    dataset.PixelData = encapsulate([encode(frame) for frame in frames])
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = syntax


def as_one_bit_rle(dataset: Dataset, *, packed: bool) -> None:
    recoded(dataset, RLELossless, lambda frame: rle(pack_bits(frame) if packed else frame.tobytes()))


def deflated_frame(frame: np.ndarray) -> bytes:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    data = engine.compress(pack_bits(frame)) + engine.flush()
    return data + b"\x00" * (len(data) % 2)


def as_deflated_frames(dataset: Dataset) -> None:
    recoded(dataset, DEFLATED_IMAGE_FRAME, deflated_frame)
