"""Tests counting and comparing 1-bit frames on their packed bits."""

from dataclasses import replace

import numpy as np
import pytest

from overlays.dicom import packed_bits
from overlays.dicom.instance import PixelLayout
from overlays.dicom.packed_bits import overlaps, pixel_counts

START = 5
"""Bytes before the pixels: a value may lie anywhere in the file."""
GRIDS = [(8, 8), (16, 16), (64, 64), (5, 8), (15, 15), (3, 3), (1, 1), (7, 9)]


def packed(frames: np.ndarray) -> tuple[bytes, PixelLayout]:
    """Frames of 0 and 1, of shape (frames, rows, columns), as the standard packs them, padded to an even length."""
    value = np.packbits(frames.ravel(), bitorder="little").tobytes()
    value += bytes(len(value) % 2)
    layout = PixelLayout(
        offset=START,
        length=len(value),
        rows=frames.shape[1],
        columns=frames.shape[2],
        frames=frames.shape[0],
        samples_per_pixel=1,
        bits_allocated=1,
        bits_stored=1,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
        encapsulated=False,
    )
    return b"\xff" * START + value, layout


def random_frames(shape: tuple[int, int, int], share: float = 0.3) -> np.ndarray:
    return (np.random.default_rng(sum(shape)).random(shape) < share).astype(np.uint8)


@pytest.mark.parametrize("grid", GRIDS)
def test_pixels_are_counted_frame_by_frame(grid: tuple[int, int]) -> None:
    frames = random_frames((11, *grid))
    frames[4] = 0
    assert pixel_counts(*packed(frames)).tolist() == frames.sum(axis=(1, 2)).tolist()


def test_frames_behind_the_first_chunk_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_bits, "CHUNK", 64)
    frames = random_frames((50, 16, 16))
    assert pixel_counts(*packed(frames)).tolist() == frames.sum(axis=(1, 2)).tolist()


@pytest.mark.parametrize("grid", GRIDS)
def test_overlaps_are_those_of_the_pixels(grid: tuple[int, int]) -> None:
    frames = random_frames((12, *grid), share=0.2)
    data, layout = packed(frames)
    places = [(0, 1, 2), (3, 4), (5,), (6, 7, 8, 9, 10, 11)]
    wanted = [
        tuple((a, b) for a in place for b in place if a < b and (frames[a] & frames[b]).any()) for place in places
    ]
    assert list(overlaps(data, layout, pixel_counts(data, layout), places)) == [pairs for pairs in wanted if pairs]


def test_neighbours_do_not_overlap() -> None:
    frames = np.zeros((2, 15, 15), np.uint8)
    frames[0, :, :7], frames[1, :, 7:] = 1, 1
    data, layout = packed(frames)
    assert list(overlaps(data, layout, pixel_counts(data, layout), [(0, 1)])) == []


def test_a_place_is_told_when_its_pairs_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_bits, "MOST_PAIRS", 1)
    data, layout = packed(np.ones((6, 8, 8), np.uint8))
    found = list(overlaps(data, layout, pixel_counts(data, layout), [(0, 1, 2), (3, 4, 5)]))
    assert found == [((0, 1),), ()]


@pytest.mark.parametrize(
    "change",
    [
        {"encapsulated": True, "length": None},
        {"bits_allocated": 8},
        {"frames": 9},
        {"rows": 0},
        {"frames": -1},
        {"samples_per_pixel": 3},
    ],
)
def test_other_forms_are_left_alone(change: dict) -> None:
    data, layout = packed(np.ones((2, 8, 8), np.uint8))
    assert pixel_counts(data, replace(layout, **change)) is None
