"""The values of a mask and the described segments go together, or the sentence says which do not."""

from dataclasses import replace

import numpy as np
import pytest

from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.mask_values import Prepared, prepared
from overlays.dicom.encode.refusal import EncodingRefused, Reason
from overlays.dicom.encode.segment_description import SegmentationType, SegmentationWish
from tests.dicom.encode.wishes import SHAPE, fractions, labels, work

BINARY, FRACTIONAL, LABELMAP = SegmentationType.BINARY, SegmentationType.FRACTIONAL, SegmentationType.LABELMAP


def wish(form: SegmentationType = BINARY, numbers: tuple[int, ...] = (1, 2)) -> SegmentationWish:
    first = work().description.segmentation
    segments = tuple(replace(first.segments[0], number=number) for number in numbers)
    return replace(first, form=form, segments=segments)


def made(array: np.ndarray, form: SegmentationType = BINARY, numbers: tuple[int, ...] = (1, 2)) -> Prepared:
    return prepared(array, wish(form, numbers), EncodingLimits())


def refusal(
    array: np.ndarray, form: SegmentationType = BINARY, numbers: tuple[int, ...] = (1, 2), **limits: int
) -> EncodingRefused:
    with pytest.raises(EncodingRefused) as refused:
        prepared(array, wish(form, numbers), EncodingLimits(**limits))
    return refused.value


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int8, np.uint16, np.int32, np.int64, np.uint64, np.float32, np.float64, ">i2", ">f4"]
)
def test_labels_of_any_type_are_the_same(dtype: object) -> None:
    ready = made(labels().astype(dtype))
    assert ready.array.dtype == np.uint8
    assert np.array_equal(ready.array, labels())


def test_one_segment_may_be_true_and_false() -> None:
    assert np.array_equal(made(labels() == 1, numbers=(1,)).array, labels() == 1)


def test_segments_of_a_binary_mask_are_numbered_from_one() -> None:
    ready = made(labels(second=300, dtype=np.int16), numbers=(1, 300))
    assert np.array_equal(ready.array, labels())
    assert [number for number, _ in ready.segments] == [1, 2]
    assert [(remark.code, remark.sentence) for remark in ready.remarks] == [
        ("renumbered", "Segments of the type BINARY are numbered from 1: 300 → 2.")
    ]


def test_segments_of_a_label_map_keep_their_numbers() -> None:
    ready = made(labels(second=300, dtype=np.int16), LABELMAP, (1, 300))
    assert ready.array.dtype == np.uint16
    assert np.array_equal(ready.array, labels(second=300, dtype=np.uint16))
    assert ([number for number, _ in ready.segments], ready.remarks) == ([1, 300], ())


def test_a_described_segment_without_a_voxel_is_remarked() -> None:
    ready = made(labels(), numbers=(1, 2, 3))
    assert [remark.code for remark in ready.remarks] == ["empty-segment"]
    assert "The segment 3 (Liver) has no voxel" in ready.remarks[0].sentence


def test_the_mask_of_the_caller_is_not_changed() -> None:
    array = labels().astype(np.float32)
    before = array.copy()
    made(array)
    assert np.array_equal(array, before)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (labels(second=7), "1 value(s) that no segment describes: 7 (378 voxels)"),
        (labels() * 0.5, "holds 0.5, which is no whole number"),
        (labels().astype(np.int16) - 1, "holds the value -1"),
        (labels(second=70000, dtype=np.int32), "holds the value 70000"),
        (labels() * np.float32(np.nan), "holds nan"),
        (np.where(labels() == 1, np.float32(np.inf), 0), "holds the value inf"),
    ],
)
def test_values_that_no_segment_can_have_are_refused(array: np.ndarray, says: str) -> None:
    refused = refusal(array)
    assert refused.reason is Reason.MASK_VALUES
    assert says in refused.sentence


@pytest.mark.parametrize("form", SegmentationType)
def test_an_empty_mask_is_refused(form: SegmentationType) -> None:
    array = np.zeros((*SHAPE, 2), np.float32) if form is FRACTIONAL else np.zeros(SHAPE, np.uint8)
    assert refusal(array, form).reason is Reason.EMPTY


def channels(*parts: np.ndarray) -> np.ndarray:
    return np.stack(parts, axis=-1).astype(np.uint8)


def test_channels_that_do_not_overlap_become_labels() -> None:
    assert np.array_equal(made(channels(labels() == 1, labels() == 2)).array, labels())


def test_channels_that_overlap_stay_channels() -> None:
    both = channels(labels() > 0, labels() == 2)
    assert np.array_equal(made(both).array, both)


def test_channels_are_numbered_as_the_segments_say() -> None:
    array = channels(np.zeros(SHAPE), labels() == 1, labels() == 2)
    ready = made(array, LABELMAP, (2, 3))
    assert np.array_equal(ready.array, np.where(labels() == 1, 2, np.where(labels() == 2, 3, 0)))


@pytest.mark.parametrize(
    ("array", "form", "numbers", "says"),
    [
        (channels(labels() > 0, labels() == 2), LABELMAP, (1, 2), "The segments 1 and 2 overlap"),
        (channels(labels() == 1), BINARY, (1, 2), "none for the segment(s) 2 (Liver)"),
        (channels(labels() == 1, labels() == 2), BINARY, (1,), "Channel 2 of the mask has voxels"),
        (channels(labels(), labels()), BINARY, (1, 2), "holds 2: with one channel a segment, voxels are 0 or 1"),
    ],
)
def test_channels_that_do_not_fit_are_refused(
    array: np.ndarray, form: SegmentationType, numbers: tuple, says: str
) -> None:
    assert says in refusal(array, form, numbers).sentence


def test_fractions_are_on_the_steps_of_the_largest_value() -> None:
    ready = made(fractions() * np.float64(0.999), FRACTIONAL)
    assert ready.array.dtype == np.float32
    assert np.allclose(ready.array * 255, np.rint(ready.array * 255), atol=1e-4)


def test_one_segment_of_fractions_needs_no_channel() -> None:
    assert np.array_equal(made(fractions()[..., 0], FRACTIONAL, (1,)).array, fractions()[..., :1])


def test_a_fraction_below_half_a_step_is_nothing() -> None:
    assert refusal(fractions() * 0.001, FRACTIONAL).reason is Reason.EMPTY


@pytest.mark.parametrize(
    ("array", "numbers", "says"),
    [
        (fractions() * 2, (1, 2), "fractions lie between 0 and 1"),
        (-fractions(), (1, 2), "fractions lie between 0 and 1"),
        (fractions() * np.nan, (1, 2), "holds the value nan"),
        (fractions()[..., 0], (1, 2), "has a channel for each; this one has none"),
        (fractions(), (1, 3), "none for the segment(s) 3"),
        (fractions(), (1,), "which no segment describes"),
    ],
)
def test_fractions_that_are_none_are_refused(array: np.ndarray, numbers: tuple, says: str) -> None:
    refused = refusal(array, FRACTIONAL, numbers)
    assert refused.reason is Reason.MASK_VALUES
    assert says in refused.sentence


def test_fractions_have_a_limit_of_their_own() -> None:
    assert refusal(fractions(), FRACTIONAL, max_fractional_voxels=1000).reason is Reason.TOO_LARGE
