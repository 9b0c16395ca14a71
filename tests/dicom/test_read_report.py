"""Tests what people read of the content tree of a selection."""

from pathlib import Path

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import ContentLine, Instance
from tests.builders import ct_series, key_objects, segmentation, to_bytes


@pytest.fixture
def read(tmp_path: Path):
    def reading(data_set) -> Instance:
        path = tmp_path / "object.dcm"
        path.write_bytes(to_bytes(data_set))
        return inspect(path, bounds=Bounds()).instance

    return reading


def test_title_description_and_chooser_of_a_selection_are_read(read) -> None:
    instance = read(key_objects())
    assert (instance.document_title.value, instance.template) == ("113000", "2010")
    assert (instance.content_description, instance.content_creator) == ("Largest lesion", "LiverSeg")


def test_a_person_who_chose_is_told_before_the_device(read) -> None:
    made = key_objects()
    person = made.ContentSequence[2]
    assert person.ValueType == "TEXT"
    person.ValueType, person.PersonName = "PNAME", "Lee^Robin"
    person.ConceptNameCodeSequence[0].CodeValue = "121008"
    assert read(made).content_creator == "Lee^Robin"


def test_what_is_selected_is_told_by_class_and_uid(read) -> None:
    lines = [line for line in read(key_objects()).content_tree if line.value_type == "IMAGE"]
    wanted = [f"CT Image {image.SOPInstanceUID}" for image in ct_series()[:2]]
    assert [line.value for line in lines] == [*wanted, f"Segmentation {segmentation().SOPInstanceUID}"]


def test_frames_that_are_selected_are_told(read) -> None:
    made = key_objects()
    made.ContentSequence[-1].ReferencedSOPSequence[0].ReferencedFrameNumber = [3, 4]
    assert read(made).content_tree[-1].value.endswith(", frame 3, 4")


def test_a_reference_of_an_unknown_class_is_told_by_its_uids(read) -> None:
    made = key_objects()
    made.ContentSequence[-1].ReferencedSOPSequence[0].ReferencedSOPClassUID = "1.9.8"
    value = f"1.9.8 {segmentation().SOPInstanceUID}"
    assert read(made).content_tree[-1] == ContentLine(
        depth=1, relationship="CONTAINS", value_type="IMAGE", name="Source", value=value
    )


def test_a_reference_to_nothing_is_told_as_nothing(read) -> None:
    made = key_objects()
    del made.ContentSequence[-1].ReferencedSOPSequence
    assert read(made).content_tree[-1].value == ""
