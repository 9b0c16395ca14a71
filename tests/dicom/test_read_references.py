"""Tests which instances are read as the sources of an object, and which as earlier versions of it."""

from copy import deepcopy
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import Instance
from tests.builders import capture, ct_series, key_objects, presentation, segmentation, to_bytes, uid

OTHER = uid("other")


@pytest.fixture
def read(tmp_path: Path):
    def reading(data_set) -> Instance:
        path = tmp_path / "object.dcm"
        path.write_bytes(to_bytes(data_set))
        return inspect(path, bounds=Bounds()).instance

    return reading


def reference_to(instance: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = instance.SOPClassUID, instance.SOPInstanceUID
    return item


def test_an_image_that_only_graphics_name_is_a_source_of_a_state(read) -> None:
    made = presentation()
    made.GraphicAnnotationSequence[0].ReferencedImageSequence[0].ReferencedSOPInstanceUID = OTHER
    last = read(made).references[-1]
    assert (last.sop_instance_uid, last.series_instance_uid) == (OTHER, "")


def test_a_blended_image_that_is_not_listed_has_its_series(read) -> None:
    made = presentation(kind="ADVANCED_BLENDING")
    made.AdvancedBlendingSequence[0].ReferencedImageSequence[0].ReferencedSOPInstanceUID = OTHER
    last = read(made).references[-1]
    assert (last.sop_instance_uid, last.series_instance_uid) == (OTHER, ct_series()[0].SeriesInstanceUID)


def test_a_blended_set_may_lie_in_another_study(read) -> None:
    made = presentation(kind="BLENDING")
    made.BlendingSequence[1].StudyInstanceUID = OTHER
    studies = [reference.study_instance_uid for reference in read(made).references]
    assert studies == [ct_series()[0].StudyInstanceUID] * 2 + [OTHER] * 2


def test_the_frames_of_a_state_are_those_that_any_place_names(read) -> None:
    made = presentation()
    made.ReferencedSeriesSequence[0].ReferencedImageSequence[0].ReferencedFrameNumber = [5, 2]
    made.GraphicAnnotationSequence[0].ReferencedImageSequence[0].ReferencedFrameNumber = 3
    assert read(made).references[0].frame_numbers == (2, 3, 5)


def test_what_is_selected_is_a_source_with_its_series(read) -> None:
    references = read(key_objects()).references
    chosen = [*ct_series()[:2], segmentation()]
    assert [(reference.sop_instance_uid, reference.series_instance_uid) for reference in references] == [
        (one.SOPInstanceUID, one.SeriesInstanceUID) for one in chosen
    ]


def test_a_selected_object_that_is_no_evidence_is_a_source_too(read) -> None:
    made = key_objects()
    item = deepcopy(made.ContentSequence[-1])
    item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID = OTHER
    made.ContentSequence.append(item)
    assert read(made).references[-1].sop_instance_uid == OTHER


@pytest.mark.parametrize(("kind", "sources"), [("RGB", 1), ("FRAMES", 4)])
def test_the_source_images_of_a_capture_have_their_series(read, kind: str, sources: int) -> None:
    images = ct_series()[:sources]
    references = read(capture(kind=kind)).references
    assert [(reference.sop_instance_uid, reference.series_instance_uid) for reference in references] == [
        (image.SOPInstanceUID, image.SeriesInstanceUID) for image in images
    ]


def test_a_source_image_alone_makes_a_capture_known_in_its_lineage(read) -> None:
    made = capture()
    del made.ReferencedSeriesSequence
    made.SourceImageSequence[0].ReferencedFrameNumber = [4, 1]
    (reference,) = read(made).references
    assert (reference.sop_instance_uid, reference.frame_numbers) == (ct_series()[0].SOPInstanceUID, (1, 4))


def test_an_object_of_another_study_is_a_source_of_a_capture(read) -> None:
    made = capture()
    series, study = Dataset(), Dataset()
    series.SeriesInstanceUID = uid("their series")
    series.ReferencedInstanceSequence = [reference_to(segmentation(uid_seed="theirs"))]
    study.StudyInstanceUID = OTHER
    study.ReferencedSeriesSequence = [series]
    made.StudiesContainingOtherReferencedInstancesSequence = [study]
    last = read(made).references[-1]
    assert (last.sop_instance_uid, last.study_instance_uid) == (segmentation(uid_seed="theirs").SOPInstanceUID, OTHER)


def test_the_segmentation_that_a_capture_shows_is_a_source_and_no_earlier_version(read) -> None:
    made = capture()
    made.SourceInstanceSequence = [reference_to(segmentation())]
    instance = read(made)
    assert instance.references[-1].sop_instance_uid == segmentation().SOPInstanceUID
    assert instance.predecessors == ()


def test_a_state_names_the_state_that_it_corrects(read) -> None:
    made = presentation()
    made.SourceInstanceSequence = [reference_to(presentation(uid_seed="first"))]
    assert read(made).predecessors == (presentation(uid_seed="first").SOPInstanceUID,)
