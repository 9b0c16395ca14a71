"""Masks that come as one file a segment become one segmentation."""

import re
import weakref
from pathlib import Path

import highdicom as hd
import numpy as np
import pytest

from overlays.dicom.encode import class_masks
from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.refusal import EncodingRefused, Reason
from overlays.dicom.encode.segmentation import encode_segmentation
from tests.builders.files import to_bytes
from tests.dicom.encode import files
from tests.dicom.encode.wishes import SPLEEN, affine, document, labels, segment, sources, work

NAMES = {"3": "liver", "7": "kidney_left", "9": "vertebrae_C5"}


def boxes(*, overlap: bool = False) -> dict[str, np.ndarray]:
    """A box a class, none symmetrical to any flip; with ``overlap`` the first two share voxels."""
    found = {name: np.zeros(labels().shape, np.uint8) for name in NAMES.values()}
    found["liver"][1:4, 2:6, 2:7] = 1
    found["kidney_left"][3:5, 4 if overlap else 20 : 29, 4:30] = 1
    found["vertebrae_C5"][0, 30:33, 1:4] = 1
    return found


def by_class(**section: object) -> dict:
    return document() | {"segmentation": {"class_names": "totalsegmentator", "segments": NAMES} | section}


def put(folder: Path, masks: dict[str, np.ndarray]) -> tuple[Path, ...]:
    """A NIfTI file each, named as the folder of an encoding names them."""
    return tuple(
        files.nifti(folder, np.transpose(mask, (2, 1, 0)), affine()[:, [2, 1, 0, 3]], name=f"{number:06}-{name}.nii.gz")
        for number, (name, mask) in enumerate(masks.items(), start=1)
    )


def encoded(description: dict, paths: tuple[Path, ...], limits: EncodingLimits | None = None):
    return encode_segmentation(work(description, files=paths), limits).dataset


def refusal(description: dict, paths: tuple[Path, ...], limits: EncodingLimits | None = None) -> EncodingRefused:
    with pytest.raises(EncodingRefused) as refused:
        encoded(description, paths, limits)
    return refused.value


@pytest.mark.parametrize("form", ["BINARY", "LABELMAP"])
def test_one_file_a_class_is_the_same_as_one_file_of_labels(tmp_path: Path, form: str) -> None:
    masks = boxes()
    whole = sum(mask * np.uint8(number) for number, mask in zip(NAMES, masks.values(), strict=True))
    label_map = files.npz(tmp_path, whole, affine())
    expected = encoded(by_class(type=form), (label_map,))
    backwards = dict(reversed(masks.items()))
    assert to_bytes(encoded(by_class(type=form), put(tmp_path, backwards))) == to_bytes(expected)


def test_classes_may_overlap(tmp_path: Path) -> None:
    masks = boxes(overlap=True)
    images = sources()
    made = hd.seg.Segmentation.from_dataset(encoded(by_class(), put(tmp_path, masks)))
    uids = [image.SOPInstanceUID for image in reversed(images)]
    for number, (name, mask) in enumerate(masks.items(), start=1):
        assert made.get_segment_description(number).SegmentLabel == name
        found = made.get_pixels_by_source_instance(uids, segment_numbers=[number], assert_missing_frames_are_empty=True)
        assert np.array_equal(found[..., 0], mask)


def test_an_empty_class_is_described_and_remarked_on(tmp_path: Path) -> None:
    masks = boxes()
    masks["kidney_left"][:] = 0
    made = encode_segmentation(work(by_class(), files=put(tmp_path, masks)))
    assert [remark.sentence for remark in made.remarks if remark.code == "empty-segment"] == [
        "The segment 7 (kidney_left) has no voxel; it is described, and has no frame."
    ]


def test_a_segment_may_name_its_file(tmp_path: Path) -> None:
    masks = boxes()
    described = [segment(1, file="kidney_left.nii.gz"), segment(2, "liver", SPLEEN)]
    description = document(segments=described)
    made = encoded(description, put(tmp_path, {name: masks[name] for name in ("liver", "kidney_left")}))
    assert np.count_nonzero(made.pixel_array[0]) == np.count_nonzero(masks["kidney_left"][3])


def test_one_file_is_a_mask_of_its_segment_where_the_segment_names_it(tmp_path: Path) -> None:
    made = encoded(document(segments=[segment(5, file="liver")]), put(tmp_path, {"liver": boxes()["liver"]}))
    assert made.NumberOfFrames == 3


def test_masks_without_geometry_are_placed_by_planes(tmp_path: Path) -> None:
    images, paths = sources(), []
    for name, mask in boxes().items():
        files.npy(tmp_path, mask[::-1]).rename(tmp_path / f"{name}.npy")
        paths.append(tmp_path / f"{name}.npy")
    planes = {"planes": [image.SOPInstanceUID for image in images]}
    made = encoded(by_class() | planes, tuple(paths))
    assert made.NumberOfFrames == encoded(by_class(), put(tmp_path, boxes())).NumberOfFrames


def test_overlapping_classes_of_a_label_map_are_refused_by_name(tmp_path: Path) -> None:
    refused = refusal(by_class(type="LABELMAP"), put(tmp_path, boxes(overlap=True)))
    assert refused.reason is Reason.MASK_VALUES
    assert refused.sentence == "The masks of liver and kidney_left overlap; a LABELMAP holds one segment a voxel."


@pytest.mark.parametrize("name", ["kidney_left", "vertebrae_C5"])
def test_masks_of_several_geometries_are_refused_with_both(tmp_path: Path, name: str) -> None:
    masks = boxes(overlap=True)
    paths = put(tmp_path, masks)
    there = affine()[:, [2, 1, 0, 3]]
    there[0, 3] += 3
    path = paths[list(masks).index(name)]
    files.nifti(tmp_path, np.transpose(masks[name], (2, 1, 0)), there, name=path.name)
    refused = refusal(by_class(), paths)
    assert refused.reason is Reason.GEOMETRY
    voxels = "35 × 37 × 5 voxels of 0.75 × 0.75 × 2.5 mm, axes to LPS (1, 0, 0; 0, 1, 0; 0, 0, 1), first voxel at"
    assert refused.sentence == (
        f"The masks of liver and {name} have different geometries. "
        f"liver: {voxels} (-32.0000, -32.0000, 0.0000) in LPS. "
        f"{name}: {voxels} (-29.0000, -32.0000, 0.0000) in LPS."
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda masks: masks.pop("liver"), "There is no mask file for the segment(s) 3 (liver)."),
        (lambda masks: masks.update(DOE_JANE=masks["liver"]), "Mask file 4 is named after none of the 3 segments"),
        (lambda masks: masks.update(spleen=masks["liver"]), "Mask file 4 (spleen) is named after none of the 3"),
        (lambda masks: masks["liver"].__imul__(2), "The mask of liver holds 2: with one file a segment, voxels are 0"),
    ],
)
def test_files_and_segments_go_together(tmp_path: Path, change, says: str) -> None:
    masks = boxes()
    change(masks)
    refused = refusal(by_class(), put(tmp_path, masks))
    assert refused.reason is Reason.MASK_VALUES
    assert says in refused.sentence
    assert "DOE" not in refused.sentence


def test_two_files_of_one_class_are_refused(tmp_path: Path) -> None:
    paths = put(tmp_path, boxes())
    twice = paths[0].with_name("000009-liver.nrrd")
    twice.write_bytes(b"")
    assert "Two mask files are named after the segment 3 (liver)." in refusal(by_class(), (*paths, twice)).sentence


def test_two_segments_of_one_name_are_refused(tmp_path: Path) -> None:
    description = document(segments=[segment(1, "liver"), segment(2, "liver")])
    paths = put(tmp_path, {"liver": boxes()["liver"], "spleen": boxes()["liver"]})
    assert re.search(r"1 \(liver\) and 2 \(liver\) .* file", refusal(description, paths).sentence)


def test_fractions_come_in_one_file(tmp_path: Path) -> None:
    refused = refusal(by_class(type="FRACTIONAL"), put(tmp_path, boxes()))
    assert "in one file" in refused.sentence


def test_a_broken_file_is_refused_by_the_name_of_its_segment(tmp_path: Path) -> None:
    paths = put(tmp_path, boxes())
    paths[1].write_bytes(b"nothing")
    refused = refusal(by_class(), paths)
    assert refused.reason is Reason.MASK_UNREADABLE
    assert refused.sentence.startswith("The mask of kidney_left: ")


def test_overlaps_beyond_the_limit_of_voxels_are_refused(tmp_path: Path) -> None:
    voxels = labels().size
    limits = EncodingLimits(max_voxels=3 * voxels - 1)
    assert encoded(by_class(), put(tmp_path, boxes()), limits)
    refused = refusal(by_class(), put(tmp_path, boxes(overlap=True)), limits)
    assert refused.reason is Reason.TOO_LARGE
    assert "liver and kidney_left overlap" in refused.sentence


def test_one_file_is_held_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside what they are combined into: each is let go before the next is read."""
    held: list[weakref.ref] = []
    read = class_masks.read_mask

    def counted(paths, limits):
        assert not any(reference() is not None for reference in held)
        mask = read(paths, limits)
        held.append(weakref.ref(mask))
        return mask

    monkeypatch.setattr(class_masks, "read_mask", counted)
    assert encoded(by_class(), put(tmp_path, boxes(overlap=True)))
    assert len(held) == 5  # for labels until two overlap, then each for its channel
