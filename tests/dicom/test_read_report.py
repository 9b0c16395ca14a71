"""Tests what people read of the content tree of a selection."""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from overlays.dicom import read_report
from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import ContentLine, Instance
from tests.builders import ct_series, key_objects, report, segmentation, to_bytes
from tests.builders.basic_texts import basic_text


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
        depth=1, relationship="CONTAINS", value_type="IMAGE", name="Source", value=value, code="260753009, SCT"
    )


def test_a_reference_to_nothing_is_told_as_nothing(read) -> None:
    made = key_objects()
    del made.ContentSequence[-1].ReferencedSOPSequence
    assert read(made).content_tree[-1].value == ""


def text_of(built):
    return next(item for item in _items(built) if item.get("ValueType") == "TEXT")


def _items(data_set):
    for item in data_set.get("ContentSequence", ()):
        yield item
        yield from _items(item)


def lines_of(instance):
    return [line for line in instance.content_tree if line.value_type == "TEXT"]


def test_a_long_text_is_kept_to_its_end(read) -> None:
    built = basic_text()
    text_of(built).TextValue = "Normal. " * 2500 + "Aortic dissection."
    (line, *_) = lines_of(read(built))
    assert line.value.endswith("Aortic dissection.")
    assert not line.cut


def test_a_text_beyond_all_bounds_is_marked_as_cut(read) -> None:
    built = basic_text()
    text_of(built).TextValue = "x" * 70_000
    (line, *_) = lines_of(read(built))
    assert (len(line.value), line.cut) == (65_536, True)


def test_texts_that_are_too_long_together_are_marked_as_cut(read, monkeypatch) -> None:
    monkeypatch.setattr(read_report, "MAX_TREE_TEXT", 10)
    lines = read(basic_text()).content_tree
    assert sum(len(line.value) for line in lines) == 10
    assert {line.cut for line in lines if line.value_type == "TEXT"} == {True}


def test_a_concept_is_told_with_its_code(read) -> None:
    assert read(key_objects()).content_tree[0].code == "113000, DCM"


def test_a_number_without_a_value_is_told_with_its_qualifier(read) -> None:
    built = report()
    qualifier = Dataset()
    qualifier.CodeValue, qualifier.CodingSchemeDesignator = "114000", "DCM"
    qualifier.CodeMeaning = "Not a number"
    for number in [item for item in _items(built) if item.get("ValueType") == "NUM"]:
        number.MeasuredValueSequence, number.NumericValueQualifierCodeSequence = [], [qualifier]
    instance = read(built)
    said = "no value: Not a number (114000, DCM)"
    assert said in {line.value for line in instance.content_tree}
    assert said in {each.value for group in instance.measurement_groups for each in group.measurements}
