"""Tests what is read of a structure set."""

import warnings
from io import BytesIO
from pathlib import Path

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import Code, Instance
from tests.builders import ct_series, to_bytes, uid
from tests.builders.structure_sets import structure_set

POINTS = 6_000


@pytest.fixture
def read(tmp_path: Path):
    def reading(data_set) -> Instance:
        path = tmp_path / "object.dcm"
        path.write_bytes(to_bytes(data_set))
        return inspect(path, bounds=Bounds()).instance

    return reading


def test_a_region_is_read_with_its_contours_and_its_observation(read) -> None:
    images = ct_series()
    liver, spleen = read(structure_set(sources=images)).regions
    assert (liver.number, liver.name, liver.description) == (1, "Liver", "Liver, drawn by a model")
    assert (liver.contours, liver.points, liver.geometric_types) == (4, 16, ("CLOSED_PLANAR",))
    assert (liver.generation_algorithm, liver.interpreted_type) == ("AUTOMATIC", "ORGAN")
    assert liver.property_type == Code(value="10200004", scheme="SCT", meaning="Liver")
    assert (liver.rgb, spleen.rgb) == ((30, 200, 30), (30, 30, 200))
    assert liver.frame_of_reference_uid == images[0].FrameOfReferenceUID


def test_what_the_set_says_of_itself_is_read(read) -> None:
    instance = read(structure_set(approval_status="REJECTED"))
    assert (instance.content_label, instance.content_description, instance.approval_status) == (
        "AI_STRUCTURES",
        "LiverSeg 2.1.0",
        "REJECTED",
    )


def test_a_region_of_which_nothing_is_drawn_has_no_contour(read) -> None:
    made = structure_set()
    del made.ROIContourSequence[1].ContourSequence
    del made.RTROIObservationsSequence[1]
    spleen = read(made).regions[1]
    assert (spleen.contours, spleen.points, spleen.geometric_types, spleen.property_type) == (0, 0, (), None)


def with_a_long_contour(*, implicit: bool) -> bytes:
    """A set whose first contour has more than 64 KiB of coordinates: in explicit VR they are written as UN (PS3.5 6.2.2)."""
    made = structure_set()
    made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1"
    contour = made.ROIContourSequence[0].ContourSequence[0]
    contour.NumberOfContourPoints = POINTS
    contour.ContourData = ["0.25", "-7.5", "0.00"] * POINTS
    content = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom says that it writes UN
        made.save_as(content, implicit_vr=implicit, little_endian=True)
    return content.getvalue()


@pytest.mark.parametrize("implicit", [True, False], ids=["implicit", "explicit"])
def test_a_contour_longer_than_a_short_value_is_counted_whole(tmp_path: Path, implicit: bool) -> None:
    path = tmp_path / "object.dcm"
    path.write_bytes(with_a_long_contour(implicit=implicit))
    found = inspect(path, bounds=Bounds())
    assert found.instance.regions[0].points == POINTS + 12
    assert [finding for finding in found.findings if finding.rule.startswith(("RTS-005", "NUM", "TXT", "LIM"))] == []


@pytest.mark.parametrize("implicit", [True, False], ids=["implicit", "explicit"])
def test_a_word_at_the_end_of_a_long_contour_is_told(tmp_path: Path, implicit: bool) -> None:
    path = tmp_path / "object.dcm"
    last = b"\\-7.5\\0.00 "
    path.write_bytes(with_a_long_contour(implicit=implicit).replace(last, b"\\-7.5\\here "))
    told = next(finding for finding in inspect(path, bounds=Bounds()).findings if finding.rule == "NUM-002")
    assert told.sentence == "'here' is no decimal string."


def test_sources_are_the_images_listed_and_those_that_contours_name(read) -> None:
    images = ct_series()
    made = structure_set(sources=images)
    other = uid("an image that no list has")
    made.ROIContourSequence[0].ContourSequence[0].ContourImageSequence[0].ReferencedSOPInstanceUID = other
    references = read(made).references
    assert [reference.sop_instance_uid for reference in references] == [*(i.SOPInstanceUID for i in images), other]
    assert [reference.series_instance_uid for reference in references] == [images[0].SeriesInstanceUID] * 4 + [""]


def test_the_frames_of_an_image_on_which_contours_lie_are_read(read) -> None:
    made = structure_set()
    for number, contour in enumerate(made.ROIContourSequence[0].ContourSequence, 1):
        contour.ContourImageSequence[0].ReferencedSOPInstanceUID = ct_series()[0].SOPInstanceUID
        contour.ContourImageSequence[0].ReferencedFrameNumber = number
    assert read(made).references[0].frame_numbers == (1, 2, 3, 4)


def test_the_predecessor_is_read(read) -> None:
    old = structure_set(uid_seed="old")
    assert read(structure_set(predecessor=old)).predecessors == (old.SOPInstanceUID,)


def test_the_frame_of_reference_is_that_of_the_set_or_the_only_one_it_refers_to(read) -> None:
    made = structure_set()
    del made.FrameOfReferenceUID
    assert read(made).frame_of_reference_uid == ct_series()[0].FrameOfReferenceUID


def test_of_several_frames_of_reference_none_is_that_of_the_set(read) -> None:
    made = structure_set()
    del made.FrameOfReferenceUID
    space = type(made)("", {})
    space.FrameOfReferenceUID = uid("another space")
    made.ReferencedFrameOfReferenceSequence.append(space)
    assert read(made).frame_of_reference_uid == ""


def test_the_algorithm_of_a_region_is_believed_first(read) -> None:
    best = read(structure_set()).algorithms[0]
    assert (best.rank, best.name, best.version, best.manufacturer) == (1, "LiverSeg", "2.1.0", "ACME AI")
    assert best.place == "(3006,0020)[1].(3006,0037) ROIDerivationAlgorithmIdentificationSequence"


def test_without_it_the_equipment_that_processed_is_believed(read) -> None:
    assert read(structure_set(with_algorithm_identification=False)).algorithms[0].rank == 2


def test_where_contours_lie_is_told_once_an_image(read) -> None:
    images = ct_series()
    planes = read(structure_set(sources=images)).contour_planes
    assert [plane.sop_instance_uid for plane in planes] == [image.SOPInstanceUID for image in images]
    assert [plane.centre[2] for plane in planes] == [image.ImagePositionPatient[2] for image in images]


@pytest.mark.parametrize("colour", [[256, 0, 0], [1, 2], ["", "", ""]])
def test_what_is_no_colour_is_none(read, colour: list) -> None:
    made = structure_set()
    made.ROIContourSequence[0].ROIDisplayColor = colour
    assert read(made).regions[0].rgb is None
