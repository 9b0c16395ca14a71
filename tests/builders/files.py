"""Turns data sets into Part 10 files."""

import zlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pydicom
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian


def to_bytes(data_set: Dataset) -> bytes:
    """The file, meta information included. Values are written as they are, valid or not."""
    buffer = BytesIO()
    with config.disable_value_validation():
        pydicom.dcmwrite(buffer, data_set, enforce_file_format=False)
    return buffer.getvalue()


def from_bytes(content: bytes) -> pydicom.FileDataset:
    """A fresh data set."""
    return pydicom.dcmread(BytesIO(content))


def write(data_set: Dataset, folder: Path, name: str = "") -> Path:
    """The file in a folder, named after its SOP Instance UID unless told otherwise."""
    path = folder / (name or f"{data_set.SOPInstanceUID}.dcm")
    path.write_bytes(to_bytes(data_set))
    return path


def write_series(data_sets: Iterable[Dataset], folder: Path) -> list[Path]:
    """One file for each data set."""
    return [write(data_set, folder) for data_set in data_sets]


def deflated(content: bytes, *, level: int = 6) -> bytes:
    """The same object in Deflated Explicit VR Little Endian; ``content`` is a file in Explicit VR Little Endian."""
    data_set = from_bytes(content)
    data_set.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    meta = BytesIO()
    pydicom.filewriter.write_file_meta_info(meta, data_set.file_meta)
    body = content[body_offset(content) :]
    engine = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = engine.compress(body) + engine.flush()
    return bytes(128) + b"DICM" + meta.getvalue() + packed + b"\x00" * (len(packed) % 2)


def body_offset(content: bytes) -> int:
    """Where the data set begins behind the meta information."""
    return 144 + int.from_bytes(content[140:144], "little")
