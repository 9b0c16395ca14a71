"""Opening decodes every frame of a secondary capture."""

from pathlib import Path

import pytest
from pydicom.uid import JPEG2000Lossless, JPEGLosslessSV1, JPEGLSLossless, RLELossless

from overlays.dicom.sandbox import Sandbox, SandboxRefused, Task
from tests.builders import capture, write
from tests.dicom.recoded import as_one_bit_rle, save

SINGLE_BIT = "1.2.840.10008.5.1.4.1.1.7.1"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(size=1) as pool:
        yield pool


def single_bit(rows: int):
    """Four frames of one bit a pixel; with 15 rows they do not begin on a byte."""
    made = capture(kind="FRAMES")
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = SINGLE_BIT
    made.Rows, made.Columns = rows, 15
    made.BitsAllocated = made.BitsStored = 1
    made.HighBit = 0
    packed = (4 * rows * 15 + 7) // 8
    made.PixelData = b"\xaa" * (packed + packed % 2)
    return made


@pytest.mark.parametrize(("kind", "frames"), [("RGB", 1), ("FRAMES", 4)])
def test_a_native_capture_is_readable(sandbox: Sandbox, kind: str, frames: int, tmp_path: Path) -> None:
    result = sandbox.run(Task.OPEN, write(capture(kind=kind), tmp_path)).result
    assert result == {"readable": True, "frames": frames, "segments": []}


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless], ids=lambda syntax: syntax.name)
@pytest.mark.parametrize(("kind", "frames"), [("RGB", 1), ("FRAMES", 4)])
def test_a_compressed_capture_is_readable(
    sandbox: Sandbox, kind: str, frames: int, syntax: str, tmp_path: Path
) -> None:
    made = capture(kind=kind)
    made.compress(syntax, generate_instance_uid=False)
    assert sandbox.run(Task.OPEN, write(made, tmp_path)).result["frames"] == frames


@pytest.mark.parametrize("rows", [15, 16])
def test_frames_of_single_bits_are_readable(sandbox: Sandbox, rows: int, tmp_path: Path) -> None:
    result = sandbox.run(Task.OPEN, write(single_bit(rows), tmp_path)).result
    assert (result["readable"], result["frames"]) == (True, 4)


def test_single_bits_in_rle_are_legal_but_unreadable(sandbox: Sandbox, tmp_path: Path) -> None:
    made = single_bit(16)
    as_one_bit_rle(made, packed=True)
    save(made, tmp_path / "capture.dcm")
    result = sandbox.run(Task.OPEN, tmp_path / "capture.dcm").result
    assert (result["readable"], result["known_limit"], result["frames"]) == (False, True, 4)


def test_a_capture_that_no_installed_decoder_knows_is_legal_but_unreadable(sandbox: Sandbox, tmp_path: Path) -> None:
    made = capture()
    made.compress(JPEGLSLossless, generate_instance_uid=False)
    made.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    result = sandbox.run(Task.OPEN, write(made, tmp_path)).result
    assert (result["readable"], result["known_limit"]) == (False, True)


def test_a_capture_of_too_few_pixels_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    made = capture(kind="FRAMES")
    made.PixelData = made.PixelData[:-4096]
    with pytest.raises(SandboxRefused):
        sandbox.run(Task.OPEN, write(made, tmp_path))
