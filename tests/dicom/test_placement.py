"""Frames are placed by what they say of themselves, never by their order."""

from datetime import datetime

import numpy as np
import pytest
from pydicom import dcmread

from overlays.dicom.instance import Grid
from overlays.dicom.placement import FramePlace, SourcePlane, frame_places, slices
from overlays.management.demo.phantom_canvas import Geometry
from overlays.management.demo.phantom_ct import StudyOfPhantom, ct_series
from overlays.management.demo.phantom_objects import Kind, ModelOfPhantom, segmentation
from overlays.management.demo.phantom_trunk import Structure

GEOMETRY = Geometry(slices=5, rows=16, columns=16, pixel_spacing=1.0, slice_spacing=3.0, top=10.0)
STUDY = StudyOfPhantom(seed="placement", patient_id="P", patient_name="P^Q", performed=datetime(2026, 1, 1))
MODEL = ModelOfPhantom(name="M", version="1", manufacturer="A")
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def masks() -> dict[Structure, np.ndarray]:
    liver, spleen = np.zeros((2, *GEOMETRY.shape), bool)
    liver[1:4, 2:6, 2:6] = True
    spleen[3:5, 9:12, 9:12] = True
    return {Structure.LIVER: liver, Structure.SPLEEN: spleen}


@pytest.fixture(scope="module")
def sources():
    return ct_series(np.zeros(GEOMETRY.shape, np.int16), GEOMETRY, STUDY)


def stored(sources, tmp_path, kind=Kind.BINARY, chosen=None):
    made = segmentation(
        sources, chosen or masks(), STUDY, MODEL, created=datetime(2026, 1, 2), series="s", series_number=9, kind=kind
    )
    made.save_as(tmp_path / "seg.dcm")
    return tmp_path / "seg.dcm"


def plane(uid: str, z: float | None) -> SourcePlane:
    position = None if z is None else (0.0, 0.0, z)
    return SourcePlane(uid, Grid(rows=16, columns=16, orientation=AXIAL, position=position))


def place(number: int, z: float | None = None, *uids: str) -> FramePlace:
    return FramePlace(number, (1,), uids, None if z is None else (0.0, 0.0, z))


def test_every_frame_has_segment_source_and_position(sources, tmp_path):
    read = {
        (p.segment_numbers, p.source_sop_instance_uids, p.position[2]) for p in frame_places(stored(sources, tmp_path))
    }

    assert read == {
        ((segment,), (sources[index].SOPInstanceUID,), 10.0 - 3 * index)
        for segment, indices in ((1, (1, 2, 3)), (2, (3, 4)))
        for index in indices
    }


def test_frames_are_numbered_from_one(sources, tmp_path):
    assert [p.number for p in frame_places(stored(sources, tmp_path))] == [1, 2, 3, 4, 5]


def test_a_segment_number_in_the_shared_groups_counts_for_every_frame(sources, tmp_path):
    path = stored(sources, tmp_path, chosen={Structure.LIVER: masks()[Structure.LIVER]})

    assert {p.segment_numbers for p in frame_places(path)} == {(1,)}


def test_a_label_map_frame_may_hold_every_segment_but_not_the_background(sources, tmp_path):
    path = stored(sources, tmp_path, Kind.LABELMAP)

    assert {p.segment_numbers for p in frame_places(path)} == {(1, 2)}


def test_a_frame_without_derivation_has_no_source(sources, tmp_path):
    path = stored(sources, tmp_path)
    changed = dcmread(path)
    del changed.PerFrameFunctionalGroupsSequence[0].DerivationImageSequence
    changed.save_as(path)

    assert [p.source_sop_instance_uids == () for p in frame_places(path)] == [True, False, False, False, False]


def test_a_deflated_object_is_placed_as_well(sources, tmp_path):
    path = stored(sources, tmp_path)
    plain = frame_places(path)
    changed = dcmread(path)
    changed.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.99"
    changed.save_as(tmp_path / "deflated.dcm")

    assert frame_places(tmp_path / "deflated.dcm") == plain


def test_slices_are_ordered_along_the_normal():
    ordered = slices([plane("b", 3), plane("c", 6), plane("a", 0)], [])

    assert [(s.sop_instance_uid, s.distance) for s in ordered] == [("a", 0), ("b", 3), ("c", 6)]


def test_an_image_without_a_position_comes_last():
    assert [s.sop_instance_uid for s in slices([plane("x", None), plane("a", 0)], [])] == ["a", "x"]


def test_a_frame_lies_on_the_image_that_it_names_whatever_its_position():
    named = slices([plane("a", 0), plane("b", 3)], [place(1, 0.0, "b")])

    assert [[f.number for f in s.frames] for s in named] == [[], [1]]


def test_frame_order_is_not_source_order():
    reversed_frames = [place(1, 6.0), place(2, 3.0), place(3, 0.0)]
    found = slices([plane("a", 0), plane("b", 3), plane("c", 6)], reversed_frames)

    assert [[f.number for f in s.frames] for s in found] == [[3], [2], [1]]


def test_a_frame_that_names_a_stranger_is_placed_by_position():
    found = slices([plane("a", 0), plane("b", 3)], [place(1, 2.9, "stranger")])

    assert [[f.number for f in s.frames] for s in found] == [[], [1]]


@pytest.mark.parametrize(("z", "placed"), [(4.4, True), (4.6, False), (-1.4, True), (-1.6, False)])
def test_a_frame_lies_on_no_image_further_than_half_a_spacing_away(z, placed):
    found = slices([plane("a", 0), plane("b", 3)], [place(1, z)])

    assert any(s.frames for s in found) is placed


def test_a_tolerance_can_be_demanded():
    assert not any(s.frames for s in slices([plane("a", 0), plane("b", 3)], [place(1, 0.2)], tolerance=0.1))


def test_a_frame_that_names_several_images_lies_on_each():
    found = slices([plane("a", 0), plane("b", 3)], [place(1, 0.0, "a", "b")])

    assert [[f.number for f in s.frames] for s in found] == [[1], [1]]


def test_a_frame_without_place_or_source_lies_nowhere():
    assert not any(s.frames for s in slices([plane("a", 0)], [place(1)]))


def test_images_without_places_still_take_frames_that_name_them():
    assert [s.frames[0].number for s in slices([SourcePlane("a", None)], [place(1, None, "a")])] == [1]


def test_an_oblique_series_is_ordered_along_its_own_normal():
    sagittal = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    sources = [
        SourcePlane(uid, Grid(rows=1, columns=1, orientation=sagittal, position=(x, 0.0, 0.0)))
        for uid, x in (("a", 4.0), ("b", -4.0))
    ]
    found = slices(sources, [FramePlace(1, (1,), (), (4.0, 90.0, 70.0))])

    assert {s.sop_instance_uid: len(s.frames) for s in found} == {"a": 1, "b": 0}
