"""Reads the header of a stored object up to its pixel data with pydicom, for the places that draw or decode it."""

from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset
from pydicom.filereader import EXPLICIT_VR_LENGTH_32, read_partial
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from overlays.dicom.instance import PixelLayout
from overlays.dicom.read_pixels import FLOATING, PIXELS
from overlays.dicom.tags import tag_of

PIXEL_TAGS = {tag_of(keyword): keyword for keyword in PIXELS}
UNDEFINED_LENGTH = 0xFFFFFFFF


@dataclass(frozen=True)
class Header:
    """The data set before Pixel Data, and where in the file the pixels lie.

    ``pixels`` is None for an object without Pixel Data, and for Deflated Explicit VR Little Endian, where no byte of the file is a pixel.
    """

    dataset: Dataset
    transfer_syntax_uid: UID
    pixels: PixelLayout | None


def read_header(path: Path) -> Header:
    """The header of the object; nothing of the pixel data is read, unless the whole data set is deflated.

    Raises whatever pydicom raises: only for stored objects, or in a child process.
    """
    met: list[tuple[str, str | None, int]] = []

    def at_pixel_data(tag: int, vr: str | None, length: int) -> bool:
        if tag not in PIXEL_TAGS:
            return False
        met.append((PIXEL_TAGS[tag], vr, length))
        return True

    with path.open("rb") as file:
        dataset = read_partial(file, at_pixel_data)
        position = file.tell()
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    if not met or syntax == DeflatedExplicitVRLittleEndian:
        return Header(dataset, syntax, None)
    keyword, vr, length = met[-1]
    long_head = not dataset.original_encoding[0] and vr in EXPLICIT_VR_LENGTH_32
    return Header(dataset, syntax, pixel_layout(dataset, position + (12 if long_head else 8), length, keyword))


def pixel_layout(dataset: Dataset, offset: int, length: int, keyword: str = "PixelData") -> PixelLayout:
    """The layout of a value that lies at ``offset``, by what the data set says of it."""
    encapsulated = length == UNDEFINED_LENGTH
    floating = keyword in FLOATING
    return PixelLayout(
        offset=offset,
        length=None if encapsulated else length,
        rows=dataset.Rows,
        columns=dataset.Columns,
        frames=int(dataset.get("NumberOfFrames") or 1),
        samples_per_pixel=dataset.SamplesPerPixel,
        bits_allocated=dataset.BitsAllocated,
        bits_stored=dataset.BitsAllocated if floating else dataset.BitsStored,
        pixel_representation=0 if floating else dataset.PixelRepresentation,
        photometric_interpretation=dataset.PhotometricInterpretation,
        encapsulated=encapsulated,
        keyword=keyword,
    )
