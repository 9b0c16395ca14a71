"""Two stored segmentations are compared alike in every form of storage."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless, RLELossless

from overlays.dicom.compare.compare import Limits, compare_segmentations
from overlays.dicom.compare.figures import Comparison, MatchedBy, Missing, NotComparable
from overlays.dicom.sandbox import Sandbox, SandboxRefused, Task
from overlays.management.demo.phantom_objects import Kind
from overlays.management.demo.phantom_trunk import Structure
from tests.builders import segmentation, write
from tests.dicom import small
from tests.dicom.recoded import as_deflated_frames, as_one_bit_rle
from tests.dicom.recoded import save as save_unknown

pytestmark = pytest.mark.slow

LIVER, SPLEEN = (small.masks()[structure] for structure in (Structure.LIVER, Structure.SPLEEN))
VOXEL_ML = 3.0 / 1000


@pytest.fixture(scope="module")
def sources():
    return small.images()


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(size=1) as pool:
        yield pool


@pytest.fixture
def stored(sources, tmp_path):
    """Stores masks by structure as a segmentation; the path."""

    def store(masks: dict[Structure, np.ndarray], kind: Kind = Kind.BINARY, change=lambda dataset: None) -> Path:
        dataset = small.segments(sources, Kind.BINARY if kind is Kind.FRACTIONAL else kind, masks)
        if kind is Kind.FRACTIONAL:
            dataset = small.segments(sources, kind, {name: mask * 2.0 for name, mask in masks.items()})
        change(dataset)
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.dcm"
        save_unknown(dataset, path)
        return path

    return store


def moved(mask: np.ndarray, columns: int) -> np.ndarray:
    return np.roll(mask, columns, axis=2)


def pair_of(found: Comparison, label: str = "liver"):
    return next(pair for pair in found.pairs if pair.before.label.lower() == label)


def test_a_segment_is_measured_against_itself(stored):
    path = stored(small.masks())
    found = compare_segmentations(path, path)
    assert [(pair.dice, pair.jaccard, pair.hausdorff_95_mm, pair.hausdorff_mm) for pair in found.pairs] == [
        (1, 1, 0, 0)
    ] * 2


def test_the_figures_of_a_box_moved_by_one_column(stored):
    pair = pair_of(
        compare_segmentations(stored({Structure.LIVER: LIVER}), stored({Structure.LIVER: moved(LIVER, 1)})),
    )
    assert (pair.before.voxels, pair.after.voxels, pair.common_voxels) == (48, 48, 36)
    assert (pair.dice, pair.jaccard) == (0.75, 0.6)
    assert (pair.hausdorff_95_mm, pair.hausdorff_mm) == (1.0, 1.0)
    assert pair.missing == {}


def test_volumes_are_millilitres_and_change_from_before_to_after(stored):
    half = LIVER.copy()
    half[1:4, 2:4] = False
    pair = pair_of(compare_segmentations(stored({Structure.LIVER: LIVER}), stored({Structure.LIVER: half})))
    assert (pair.before.volume_ml, pair.after.volume_ml) == pytest.approx((48 * VOXEL_ML, 24 * VOXEL_ML))
    assert (pair.volume_change_ml, pair.volume_change_percent) == pytest.approx((-24 * VOXEL_ML, -50))


def test_frames_are_laid_on_each_other_by_position(stored):
    """The later object begins two slices higher, so that frames of one number lie in different places."""
    higher = LIVER.copy()
    higher[:3] = False
    found = compare_segmentations(stored({Structure.LIVER: LIVER}), stored({Structure.LIVER: higher}))
    assert pair_of(found).common_voxels == 16


def test_a_segment_that_only_one_has_is_listed_on_its_side(stored):
    found = compare_segmentations(stored({Structure.LIVER: LIVER}), stored(small.masks()))
    assert found.only_before == ()
    assert [(alone.label.lower(), alone.voxels) for alone in found.only_after] == [("spleen", int(SPLEEN.sum()))]


def test_an_emptied_segment_has_no_distance_and_says_why(stored):
    empty = {Structure.LIVER: np.zeros_like(LIVER), Structure.SPLEEN: SPLEEN}
    pair = pair_of(compare_segmentations(stored(small.masks()), stored(empty)))
    assert (pair.dice, pair.jaccard, pair.volume_change_percent) == (0, 0, -100)
    assert pair.hausdorff_95_mm is pair.hausdorff_mm is None
    assert set(pair.missing.values()) == {Missing.ONE_EMPTY}


def test_a_segment_that_was_empty_has_no_change_in_percent(stored):
    empty = {Structure.LIVER: np.zeros_like(LIVER), Structure.SPLEEN: SPLEEN}
    pair = pair_of(compare_segmentations(stored(empty), stored(small.masks())))
    assert (pair.volume_change_percent, pair.missing["volume_change_percent"]) == (None, Missing.ONE_EMPTY)


def test_two_empty_segments_have_no_figure_but_their_volumes(stored):
    path = stored({Structure.LIVER: np.zeros_like(LIVER), Structure.SPLEEN: SPLEEN})
    pair = pair_of(compare_segmentations(path, path))
    assert (pair.dice, pair.jaccard, pair.hausdorff_95_mm, pair.volume_change_ml) == (None, None, None, 0)
    assert set(pair.missing.values()) == {Missing.BOTH_EMPTY}


@pytest.mark.parametrize("one", list(Kind))
@pytest.mark.parametrize("other", list(Kind))
def test_every_type_of_segmentation_is_compared_with_every_other(stored, one, other):
    wider = {Structure.LIVER: LIVER | moved(LIVER, 1), Structure.SPLEEN: SPLEEN}
    found = compare_segmentations(stored(small.masks(), one), stored(wider, other))
    assert (pair_of(found).before.voxels, pair_of(found).after.voxels, pair_of(found).common_voxels) == (48, 60, 48)
    assert pair_of(found, "spleen").dice == 1


def test_a_fractional_voxel_counts_from_half_of_the_maximum(sources, tmp_path):
    share = np.where(LIVER, 0.6, 0.0)
    share[1] = np.where(LIVER[1], 0.4, 0.0)
    fractional = small.segments(sources, Kind.BINARY, {Structure.LIVER: LIVER})
    doubled = small.segments(sources, Kind.FRACTIONAL, {Structure.LIVER: share * 2})
    paths = [small.save(dataset, tmp_path / f"{at}.dcm") for at, dataset in enumerate((fractional, doubled))]
    found = compare_segmentations(*paths)
    assert (found.fractional_threshold, pair_of(found).after.voxels) == (0.5, 32)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda dataset: as_one_bit_rle(dataset, packed=True), id="one-bit RLE"),
        pytest.param(lambda dataset: as_one_bit_rle(dataset, packed=False), id="one-byte RLE"),
        pytest.param(as_deflated_frames, id="deflated frames"),
        pytest.param(
            lambda dataset: setattr(dataset.file_meta, "TransferSyntaxUID", DeflatedExplicitVRLittleEndian),
            id="deflated data set",
        ),
    ],
)
def test_a_binary_one_is_compared_in_every_compression(stored, sandbox, change):
    packed = stored({Structure.LIVER: moved(LIVER, 1), Structure.SPLEEN: SPLEEN}, change=change)
    answer = sandbox.run(Task.COMPARE, stored(small.masks()), other=str(packed)).result["comparison"]
    assert [pair["dice"] for pair in answer["pairs"]] == [0.75, 1]


@pytest.mark.parametrize("kind", ["FRACTIONAL", "LABELMAP"])
@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless])
def test_pixels_of_a_byte_are_compared_in_every_compression(sandbox, tmp_path, kind, syntax):
    before = write(segmentation(uid_seed="before"), tmp_path)
    packed = write(segmentation(uid_seed="after", kind=kind, transfer_syntax=syntax, shift=2), tmp_path)
    answer = sandbox.run(Task.COMPARE, before, other=str(packed)).result["comparison"]
    assert [(pair["dice"], pair["hausdorff_mm"]) for pair in answer["pairs"]] == [(0.75, 1.5)] * 2


def test_what_is_not_comparable_is_told_by_the_child_in_its_own_words(stored, sandbox, sources):
    shifted = stored(small.masks(), change=_moved_sideways)
    refused = sandbox.run(Task.COMPARE, stored(small.masks()), other=str(shifted)).result["not_comparable"]
    assert refused["code"] == "different_geometry"
    assert refused["sentence"].count("17 by 15 pixels") == 2


def _moved_sideways(dataset) -> None:
    for item in dataset.PerFrameFunctionalGroupsSequence:
        position = item.PlanePositionSequence[0]
        position.ImagePositionPatient = [position.ImagePositionPatient[0] + 1, *position.ImagePositionPatient[1:]]


def _placeless(dataset) -> None:
    for item in (*dataset.PerFrameFunctionalGroupsSequence, *dataset.SharedFunctionalGroupsSequence):
        for keyword in ("PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence"):
            if keyword in item:
                delattr(item, keyword)


def test_frames_without_a_place_are_compared_by_their_source_image_without_volume(stored):
    shifted = stored({Structure.LIVER: moved(LIVER, 1)}, change=_placeless)
    pair = pair_of(compare_segmentations(stored({Structure.LIVER: LIVER}, change=_placeless), shifted))
    assert (pair.dice, pair.before.volume_ml, pair.hausdorff_95_mm) == (0.75, None, None)
    assert set(pair.missing.values()) == {Missing.NO_GEOMETRY}


def test_tiles_of_one_source_image_are_not_laid_on_each_other(stored):
    def tiled(dataset) -> None:
        _placeless(dataset)
        first, *others = dataset.PerFrameFunctionalGroupsSequence
        for item in others:
            item.DerivationImageSequence = first.DerivationImageSequence

    path = stored({Structure.LIVER: LIVER}, change=tiled)
    with pytest.raises(NotComparable, match="no source image each"):
        compare_segmentations(path, path)


def test_a_broken_object_ends_the_task_and_not_the_child(stored, sandbox, tmp_path):
    (tmp_path / "broken.dcm").write_bytes(stored(small.masks()).read_bytes()[:900])
    with pytest.raises(SandboxRefused):
        sandbox.run(Task.COMPARE, stored(small.masks()), other=str(tmp_path / "broken.dcm"))


def test_an_image_is_not_compared(stored, sources, tmp_path):
    with pytest.raises(NotComparable, match="no segmentation"):
        compare_segmentations(stored(small.masks()), small.save(sources[0], tmp_path / "image.dcm"))


def test_compressed_frames_need_a_decoder(stored):
    packed = stored(small.masks(), change=lambda dataset: as_one_bit_rle(dataset, packed=True))
    with pytest.raises(NotComparable, match="no decoder"):
        compare_segmentations(packed, packed)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(Limits(surface_voxels=10), Missing.SURFACE_TOO_LARGE), (Limits(work=10), Missing.TOO_MUCH_WORK)],
)
def test_beyond_a_limit_there_is_no_distance_and_the_rest_stays(stored, limits, reason):
    after = stored({Structure.LIVER: moved(LIVER, 1)})
    pair = pair_of(compare_segmentations(stored({Structure.LIVER: LIVER}), after, limits=limits))
    assert (pair.dice, pair.hausdorff_95_mm, pair.missing["hausdorff_95_mm"]) == (0.75, None, reason)


def test_the_background_of_a_label_map_is_no_segment(stored):
    path = stored(small.masks(), Kind.LABELMAP)
    found = compare_segmentations(path, path)
    assert [pair.before.number for pair in found.pairs] == [1, 2]


def test_segments_say_why_they_were_paired(stored):
    found = compare_segmentations(stored(small.masks()), stored(small.masks(), Kind.LABELMAP))
    assert {pair.matched_by for pair in found.pairs} <= set(MatchedBy)


@pytest.mark.parametrize("kind", [Kind.BINARY, Kind.LABELMAP])
def test_equal_lesions_are_paired_by_overlap_whatever_their_numbers(stored, kind):
    def lesions(dataset) -> None:
        for item in dataset.SegmentSequence:
            item.SegmentLabel = "Lesion"
            item.SegmentedPropertyTypeCodeSequence[0].CodeValue = "52988006"
            item.pop("TrackingUID", None)
            item.pop("AnatomicRegionSequence", None)

    first = stored(small.masks(), kind, change=lesions)
    second = stored({Structure.LIVER: SPLEEN, Structure.SPLEEN: LIVER}, kind, change=lesions)
    found = compare_segmentations(first, second)
    assert [(pair.before.number, pair.after.number, pair.matched_by, pair.dice) for pair in found.pairs] == [
        (1, 2, MatchedBy.OVERLAP, 1),
        (2, 1, MatchedBy.OVERLAP, 1),
    ]
