"""A frame is found at its place, whatever lies around it, and what is not there is not invented."""

import io
import struct
from dataclasses import replace

import numpy as np
import pytest
from pydicom import encaps

from overlays.dicom.frames import (
    FrameBroken,
    FrameNotFound,
    iter_frames,
    one_bit_rle_frame,
    pack_bits,
    read_frame,
    unpack_bits,
)
from overlays.dicom.instance import PixelLayout

BEFORE = b"header of some length"


def layout(**changes: object) -> PixelLayout:
    plain = PixelLayout(
        offset=len(BEFORE),
        length=None,
        rows=3,
        columns=5,
        frames=4,
        samples_per_pixel=1,
        bits_allocated=8,
        bits_stored=8,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
        encapsulated=False,
    )
    return replace(plain, **changes)


def encapsulate(frames: list[bytes], **form: object) -> bytes:
    """The frames as the value of Pixel Data, with the delimiter that pydicom leaves to its writer."""
    return encaps.encapsulate(frames, **form) + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


def stored(value: bytes) -> io.BytesIO:
    return io.BytesIO(BEFORE + value)


class CountingFile(io.BytesIO):
    """Counts the bytes that are read."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


@pytest.fixture
def masks() -> np.ndarray:
    return (np.random.default_rng(1).random((4, 3, 5)) > 0.5).astype(np.uint8)


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_a_native_frame_is_its_exact_bytes(bits):
    size = 15 * bits // 8
    value = bytes(range(256)) * 2
    frame = read_frame(stored(value), layout(bits_allocated=bits, length=4 * size), 3)

    assert frame == value[2 * size : 3 * size]


def test_a_colour_frame_counts_its_samples():
    value = bytes(range(180))

    assert read_frame(stored(value), layout(samples_per_pixel=3, length=180), 2) == value[45:90]


def test_a_frame_of_halved_colour_counts_two_samples_a_pixel():
    value = bytes(range(120))
    halved = layout(samples_per_pixel=3, photometric_interpretation="YBR_FULL_422", length=120)

    assert read_frame(stored(value), halved, 2) == value[30:60]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_one_bit_frame_is_shifted_to_begin_on_a_byte(masks, number):
    one_bit = layout(bits_allocated=1, length=8)
    frame = read_frame(stored(pack_bits(masks)), one_bit, number)

    assert len(frame) == 2
    assert np.array_equal(unpack_bits(frame, 3, 5), masks[number - 1])


def test_the_bits_after_a_shifted_frame_are_zero():
    frame = read_frame(stored(b"\xff" * 8), layout(bits_allocated=1, length=8), 2)

    assert frame == b"\xff\x7f"


def test_only_the_bytes_of_the_frame_are_read():
    file = CountingFile(BEFORE + bytes(1_000_000))
    read_frame(file, layout(rows=100, columns=100, frames=100, length=1_000_000), 50)

    assert file.taken == 10_000


@pytest.mark.parametrize("number", [0, -1, 5])
@pytest.mark.parametrize("encapsulated", [False, True])
def test_a_frame_that_does_not_exist_is_not_found(number, encapsulated):
    with pytest.raises(FrameNotFound, match="has 4"):
        read_frame(stored(bytes(60)), layout(length=60, encapsulated=encapsulated), number)


def test_a_native_frame_beyond_the_value_is_broken():
    with pytest.raises(FrameBroken, match="59 bytes"):
        read_frame(stored(bytes(100)), layout(length=59), 4)


def test_a_native_frame_beyond_the_file_is_broken():
    with pytest.raises(FrameBroken, match="ends"):
        read_frame(stored(bytes(50)), layout(length=60), 4)


FRAGMENTS = [b"one.", b"second", b"third fragment", b"4444"]


@pytest.mark.parametrize("table", [True, False], ids=["offset table", "no offset table"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_an_encapsulated_frame_is_its_fragment(table, number):
    value = encapsulate(FRAGMENTS, has_bot=table)

    assert read_frame(stored(value), layout(encapsulated=True), number) == FRAGMENTS[number - 1]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_several_fragments_of_a_frame_are_joined_by_the_offset_table(number):
    frames = [bytes([frame]) * 12 for frame in range(4)]
    value = encapsulate(frames, fragments_per_frame=3, has_bot=True)

    assert read_frame(stored(value), layout(encapsulated=True), number) == frames[number - 1]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_several_fragments_of_a_frame_are_joined_by_the_starts_of_code_streams(number):
    frames = [b"\xff\xd8" + bytes([frame]) * 10 for frame in range(4)]
    value = encapsulate(frames, fragments_per_frame=3, has_bot=False)

    assert read_frame(stored(value), layout(encapsulated=True), number) == frames[number - 1]


def test_all_fragments_belong_to_the_only_frame():
    value = encapsulate([b"0123456789ab"], fragments_per_frame=3, has_bot=False)

    assert read_frame(stored(value), layout(encapsulated=True, frames=1), 1) == b"0123456789ab"


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_extended_offsets_lead_to_the_frame(number):
    value = encapsulate(FRAGMENTS, has_bot=False)
    offsets = [0, 12, 26, 48]

    assert (
        read_frame(stored(value), layout(encapsulated=True), number, extended_offsets=offsets) == FRAGMENTS[number - 1]
    )


@pytest.mark.parametrize("number", [1, 4])
def test_an_offset_that_leads_into_a_fragment_is_broken(number):
    value = encapsulate(FRAGMENTS, has_bot=False)

    with pytest.raises(FrameBroken, match="no item"):
        read_frame(stored(value), layout(encapsulated=True), number, extended_offsets=[2, 12, 26, 49])


def test_fragments_that_fit_no_number_of_frames_are_broken():
    with pytest.raises(FrameBroken, match="3 fragments"):
        read_frame(stored(encapsulate(FRAGMENTS[:3], has_bot=False)), layout(encapsulated=True), 1)


def test_a_table_for_another_number_of_frames_is_broken():
    with pytest.raises(FrameBroken, match="12 bytes for 4 frames"):
        read_frame(stored(encapsulate(FRAGMENTS[:3], has_bot=True)), layout(encapsulated=True), 1)


def test_a_fragment_longer_than_the_file_is_broken():
    value = struct.pack("<HHL", 0xFFFE, 0xE000, 0) + struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFF0)

    with pytest.raises(FrameBroken, match="file ends"):
        read_frame(stored(value), layout(encapsulated=True), 1)


def test_walking_to_a_fragment_reads_no_other():
    file = CountingFile(BEFORE + encapsulate([bytes(100_000)] * 4, has_bot=False))
    read_frame(file, layout(encapsulated=True), 3)

    assert file.taken < 101_000


def test_every_native_frame_comes_in_order(masks):
    frames = list(iter_frames(stored(pack_bits(masks)), layout(bits_allocated=1, length=8)))

    assert [unpack_bits(frame, 3, 5).tolist() for frame in frames] == masks.tolist()


def test_every_encapsulated_frame_comes_in_order():
    assert list(iter_frames(stored(encapsulate(FRAGMENTS)), layout(encapsulated=True))) == FRAGMENTS


def test_too_few_bits_are_broken():
    with pytest.raises(FrameBroken, match="1 bytes"):
        unpack_bits(b"\xff", 3, 5)


def rle(data: bytes) -> bytes:
    """PackBits of literal runs behind the header of one segment."""
    runs = [data[at : at + 128] for at in range(0, len(data), 128)]
    segment = b"".join(bytes([len(run) - 1]) + run for run in runs)
    return struct.pack("<16L", 1, 64, *[0] * 14) + segment + b"\x00" * (len(segment) % 2)


@pytest.fixture(params=[(16, 16), (15, 15), (17, 33)], ids=str)
def mask(request) -> np.ndarray:
    return (np.random.default_rng(2).random(request.param) > 0.5).astype(np.uint8)


def test_rle_of_packed_bits_is_recognised(mask):
    assert np.array_equal(one_bit_rle_frame(rle(pack_bits(mask)), *mask.shape), mask)


def test_rle_of_one_byte_a_pixel_is_recognised(mask):
    assert np.array_equal(one_bit_rle_frame(rle(mask.tobytes()), *mask.shape), mask)


def test_runs_are_repeated():
    runs = struct.pack("<16L", 1, 64, *[0] * 14) + bytes([257 - 128, 1, 257 - 128, 0])

    assert one_bit_rle_frame(runs, 16, 16).sum() == 128


def test_rle_of_a_length_that_fits_neither_form_is_broken():
    with pytest.raises(FrameBroken, match="decodes to 40 bytes"):
        one_bit_rle_frame(rle(bytes(40)), 16, 16)


def test_rle_of_bytes_that_are_not_bits_is_broken():
    with pytest.raises(FrameBroken):
        one_bit_rle_frame(rle(bytes([7]) * 256), 16, 16)


@pytest.mark.parametrize("fragment", [b"", b"short", struct.pack("<16L", 3, 64, *[0] * 14)])
def test_rle_without_the_header_of_one_segment_is_broken(fragment):
    with pytest.raises(FrameBroken, match="one segment"):
        one_bit_rle_frame(fragment, 16, 16)


def test_endless_runs_stop_at_the_size_of_the_frame():
    bomb = struct.pack("<16L", 1, 64, *[0] * 14) + bytes([129, 1]) * 1_000_000

    assert one_bit_rle_frame(bomb, 16, 16).all()
