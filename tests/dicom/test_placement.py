"""Frames are placed by what they say of themselves, never by their order."""

from datetime import datetime

import numpy as np
import pytest
from pydicom import dcmread

from overlays.dicom.placement import frame_places
from overlays.management.demo.phantom_canvas import Geometry
from overlays.management.demo.phantom_ct import StudyOfPhantom, ct_series
from overlays.management.demo.phantom_objects import Kind, ModelOfPhantom, segmentation
from overlays.management.demo.phantom_trunk import Structure

GEOMETRY = Geometry(slices=5, rows=16, columns=16, pixel_spacing=1.0, slice_spacing=3.0, top=10.0)
STUDY = StudyOfPhantom(seed="placement", patient_id="P", patient_name="P^Q", performed=datetime(2026, 1, 1))
MODEL = ModelOfPhantom(name="M", version="1", manufacturer="A")


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


def test_orientation_and_thickness_are_read_from_the_shared_groups(sources, tmp_path):
    first = frame_places(stored(sources, tmp_path))[0]

    assert (first.orientation, first.thickness) == ((1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 3.0)
