"""Measurements become a TID 1500 report that every reader reads alike."""

import json
import subprocess
import sys
from pathlib import Path

import highdicom as hd
import pydicom
import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.encode.refusal import EncodingRefused, Reason
from overlays.dicom.encode.report import encode_report
from overlays.dicom.inspect import inspect
from overlays.dicom.model_identity import claimed_model
from tests.builders import ct_series, report, segmentation
from tests.dicom.encode.works import (
    CUBIC_MILLIMETRE,
    LIVER,
    VOLUME,
    code,
    errors,
    errors_of_dciodvfy,
    predecessor_of,
    work,
    written,
)

pytestmark = pytest.mark.slow

MEASURED = {"name": VOLUME, "value": 1234.5678901234567, "unit": CUBIC_MILLIMETRE}
SITE = code("10200004", "SCT", "Liver")
DIAMETER = code("103339001", "SCT", "Long Axis")
MILLIMETRE = code("mm", "UCUM", "mm")
SQUARE = [[1, 1], [9, 1], [9, 9], [1, 9], [1, 1]]
OPEN_3D = [[0, 0, 0], [5, 0, 0], [5, 5, 0], [0, 5, 0]]
SQUARE_3D = [[0, 0, 0], [5, 0, 0], [5, 5, 0], [0, 0, 0]]


@pytest.fixture(scope="module")
def images() -> list:
    return ct_series()


@pytest.fixture(scope="module")
def seg(images):
    return segmentation(sources=images)


def groups_of(images, seg) -> dict[str, dict]:
    """A group of each kind, by name."""
    first, second = (str(image.SOPInstanceUID) for image in images[:2])
    common = {"finding": LIVER, "measurements": [MEASURED]}
    return {
        "segment": common | {"segment": {"instance": str(seg.SOPInstanceUID), "number": 1}},
        "frames of a segment": common | {"segment": {"instance": str(seg.SOPInstanceUID), "number": 1, "frames": [1]}},
        "outline": common | {"regions": [{"image": first, "type": "POLYLINE", "points": SQUARE}]},
        "outlines": common
        | {"regions": [{"image": image, "type": "POLYLINE", "points": SQUARE} for image in (first, second)]},
        "outline in space": common | {"regions_3d": [{"type": "POLYGON", "points": SQUARE_3D}]},
        "surface": common
        | {
            "regions_3d": [
                {"type": "POLYGON", "points": [[x, y, z + height] for x, y, z in SQUARE_3D]} for height in (0, 2.5)
            ]
        },
        "ellipsoid": common
        | {
            "regions_3d": [
                {
                    "type": "ELLIPSOID",
                    "points": [[-3, 0, 0], [3, 0, 0], [0, -2, 0], [0, 2, 0], [0, 0, -1], [0, 0, 1]],
                }
            ]
        },
        "images": common | {"images": [first]},
        "the study": {
            "evaluations": [
                {"name": code("363698007", "SCT", "Finding Site"), "value": LIVER},
            ]
        },
    }


NAMES = list(groups_of(ct_series(slices=2), segmentation()))


def section(*groups: dict) -> dict:
    return {"groups": [{"tracking_id": f"Finding {number}"} | group for number, group in enumerate(groups, 1)]}


def encoded(images, seg, *groups: dict, **more):
    return encode_report(work("report", section(*groups), sources=images, others=[seg], **more))


@pytest.fixture(scope="module")
def whole(images, seg, tmp_path_factory) -> Path:
    """A report with a group of each kind."""
    return written(encoded(images, seg, *groups_of(images, seg).values()), tmp_path_factory.mktemp("report"))


def test_it_breaks_no_rule(whole):
    assert errors(whole) == []


def test_it_passes_dciodvfy(whole):
    assert errors_of_dciodvfy(whole) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_report_of_one_group_is_sound(images, seg, name, tmp_path):
    path = written(encoded(images, seg, groups_of(images, seg)[name]), tmp_path)
    assert (errors(path), errors_of_dciodvfy(path)) == ([], [])


def test_highdicom_reads_each_group_and_every_value_as_it_was(whole):
    content = hd.sr.srread(whole).content
    volumes, planes = content.get_volumetric_roi_measurement_groups(), content.get_planar_roi_measurement_groups()
    others = content.get_image_measurement_groups()
    assert (len(volumes), len(planes), len(others)) == (4, 3, 2)
    values = {each.value for group in (*volumes, *planes, *others) for each in group.get_measurements()}
    assert values == {MEASURED["value"]}


def test_dcmtk_reads_it(whole):
    answer = subprocess.run(["dsrdump", whole], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout.count("(121206,DCM")) == (0, 0)
    assert answer.stdout.count('"Measurement Group"') == len(NAMES)


def test_dcmqi_reads_the_values_of_a_segment(images, seg, tmp_path):
    path, found = written(encoded(images, seg, groups_of(images, seg)["segment"]), tmp_path), tmp_path / "found.json"
    reader = Path(sys.executable).with_name("tid1500reader")
    subprocess.run([reader, "--inputDICOM", path, "--outputMetadata", found], capture_output=True, check=True)
    (group,) = json.loads(found.read_text())["Measurements"]
    (item,) = group["measurementItems"]
    assert (group["TrackingIdentifier"], float(item["value"])) == ("Finding 1", pytest.approx(MEASURED["value"]))


def test_its_model_version_is_read_from_it(whole):
    instance = inspect(whole, bounds=Bounds()).instance
    claim, findings = claimed_model(instance, None)
    assert ((claim.name, claim.version, claim.manufacturer), findings) == (("LiverSeg", "2.1.0", "ACME AI"), ())


def test_its_sources_are_the_images_and_the_segmentation(whole, images, seg):
    instance = inspect(whole, bounds=Bounds()).instance
    named = {reference.sop_instance_uid for reference in instance.references}
    assert named == {str(each.SOPInstanceUID) for each in (*images, seg)}


def test_of_many_images_those_that_are_drawn_on_are_listed_and_all_are_evidence(seg, tmp_path):
    images = ct_series(uid_seed="many", slices=40, rows=16, columns=16)
    region = {"image": str(images[7].SOPInstanceUID), "type": "POINT", "points": [[1, 1]]}
    path = written(encoded(images, seg, {"finding": LIVER, "regions": [region]}), tmp_path)
    library = [
        each for each in pydicom.dcmread(path).ContentSequence if each.ConceptNameCodeSequence[0].CodeValue == "111028"
    ]
    listed = [
        each for group in library[0].ContentSequence for each in group.ContentSequence if each.ValueType == "IMAGE"
    ]
    assert [each.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for each in listed] == [images[7].SOPInstanceUID]
    assert len(inspect(path, bounds=Bounds()).instance.references) == 40
    assert (errors(path), errors_of_dciodvfy(path)) == ([], [])


def test_its_equipment_and_qualification_are_told(images, seg):
    built = encoded(images, seg, groups_of(images, seg)["images"], content_qualification="PRODUCT").dataset
    first = built.ContributingEquipmentSequence[0]
    assert (built.ContentQualification, first.ManufacturerModelName, first.SoftwareVersions) == (
        "PRODUCT",
        "LiverSeg",
        "2.1.0",
    )


def test_it_is_complete_and_not_verified(whole):
    found = pydicom.dcmread(whole)
    assert (found.CompletionFlag, found.VerificationFlag) == ("COMPLETE", "UNVERIFIED")


def test_a_correction_names_its_predecessor(images, seg, tmp_path):
    before = report(sources=images, about=seg)
    made = encoded(images, seg, groups_of(images, seg)["images"], predecessor=predecessor_of(before))
    path = written(made, tmp_path)
    assert inspect(path, bounds=Bounds()).instance.predecessors == (str(before.SOPInstanceUID),)
    assert (errors(path), errors_of_dciodvfy(path)) == ([], [])


def test_the_same_work_gives_the_same_bytes(images, seg, tmp_path):
    group = groups_of(images, seg)["outline"]
    first = written(encoded(images, seg, group), tmp_path).read_bytes()
    assert written(encoded(images, seg, group), tmp_path).read_bytes() == first


def test_whole_numbers_may_be_written_with_a_point(images, seg, tmp_path):
    segment = {"instance": str(seg.SOPInstanceUID), "number": 1.0, "frames": [1.0]}
    assert errors(written(encoded(images, seg, {"finding": LIVER, "segment": segment}), tmp_path)) == []


def test_tracking_uids_are_kept_or_made(images, seg):
    given = "1.2.826.0.1.3680043.8.498.77"
    built = encoded(images, seg, {"tracking_uid": given, "finding": LIVER}, {"finding": LIVER}).dataset
    found = hd.sr.Comprehensive3DSR.from_dataset(built).content.get_image_measurement_groups()
    assert found[0].tracking_uid == given
    assert found[1].tracking_uid.startswith("2.25.")


def test_the_procedure_is_that_of_the_sources(seg):
    images = ct_series(slices=1)
    item = pydicom.Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "25045-6", "LN", "CT unspecified body region"
    images[0].ProcedureCodeSequence = [item]
    built = encoded(images, seg, {"finding": LIVER}).dataset
    named = [each for each in built.ContentSequence if each.ConceptNameCodeSequence[0].CodeValue == "121058"]
    assert named[0].ConceptCodeSequence[0].CodeValue == "25045-6"


def refused(images, seg, *groups: dict, others=None) -> tuple[Reason, str, str]:
    """Reason, path and sentence of the one fault."""
    with pytest.raises(EncodingRefused) as caught:
        encode_report(work("report", section(*groups), sources=images, others=[seg] if others is None else others))
    faults = caught.value.faults
    if not faults:
        return caught.value.reason, "", caught.value.sentence
    assert len(faults) == 1, faults
    return caught.value.reason, faults[0].path, faults[0].sentence


@pytest.mark.parametrize(
    ("group", "path", "said"),
    [
        ({"segment": {"instance": "1.2.3", "number": 1}, "finding": LIVER}, ".segment", "no segmentation 1.2.3"),
        ({"images": ["1.2.3"], "finding": LIVER}, ".images[0]", "not among the sources"),
        ({}, "", "a finding, measurements or evaluations"),
        ({"finding": LIVER, "laterality": LIVER}, ".laterality", "site"),
        ({"finding": LIVER, "geometric_purpose": LIVER}, ".geometric_purpose", "Only a region"),
        (
            {"measurements": [{"name": VOLUME, "value": 1, "unit": code("mm3", "DCM", "mm3")}]},
            ".measurements[0].unit.scheme",
            "UCUM",
        ),
        ({"measurements": [{"name": VOLUME, "value": 1e301, "unit": MILLIMETRE}]}, ".measurements[0].value", "at most"),
        ({"measurements": [{"name": VOLUME, "value": "1", "unit": MILLIMETRE}]}, ".measurements[0].value", "number"),
        ({"regions_3d": [{"type": "POLYGON", "points": OPEN_3D}], "finding": LIVER}, ".regions_3d[0].points", "ends with"),
        ({"regions_3d": [{"type": "POINT", "points": [[0, 0, 0]] * 2}], "finding": LIVER}, ".regions_3d[0].points", "1 points"),
        ({"regions_3d": [{"type": "POINT", "points": [[0, 0, 0]]}] * 2, "finding": LIVER}, ".regions_3d", "one surface"),
        ({"regions_3d": [{"type": "POINT", "points": [[0, 0]]}], "finding": LIVER}, ".regions_3d[0].points[0]", "At least 3"),
        ({"colour": "red", "finding": LIVER}, "", "not known"),
    ],
    ids=lambda value: None if not isinstance(value, str) else value or "group",
)  # fmt: skip
def test_a_group_that_does_not_fit_is_refused(images, seg, group, path, said):
    reason, where, sentence = refused(images, seg, group)
    assert (reason, where) == (Reason.DESCRIPTION, f"$.report.groups[0]{path}")
    assert said in sentence


def test_a_group_measures_in_one_place(images, seg):
    group = groups_of(images, seg)["outline"] | {"images": [str(images[0].SOPInstanceUID)]}
    assert "one place" in refused(images, seg, group)[2]


def test_tracking_uids_are_not_used_twice(images, seg):
    group = {"tracking_uid": "1.2.3", "finding": LIVER}
    assert refused(images, seg, group, group)[1] == "$.report.groups[1].tracking_uid"


@pytest.mark.parametrize("point", [[65, 1], [1, 64.5], [-0.5, 1]])
def test_a_point_outside_the_image_is_refused_with_its_size(images, seg, point):
    region = {"image": str(images[0].SOPInstanceUID), "type": "POINT", "points": [point]}
    assert "64 columns and 64 rows" in refused(images, seg, {"regions": [region], "finding": LIVER})[2]


def test_a_segment_that_there_is_not_is_refused(images, seg):
    group = {"segment": {"instance": str(seg.SOPInstanceUID), "number": 7}, "finding": LIVER}
    assert "no segment 7" in refused(images, seg, group)[2]


def test_a_frame_that_there_is_not_is_refused(images, seg):
    group = {"segment": {"instance": str(seg.SOPInstanceUID), "number": 1, "frames": [900]}, "finding": LIVER}
    assert "frame 900" in refused(images, seg, group)[2]


def test_a_frame_of_another_segment_is_refused(images, seg):
    group = {"segment": {"instance": str(seg.SOPInstanceUID), "number": 2, "frames": [1]}, "finding": LIVER}
    assert "segment 2 alone" in refused(images, seg, group)[2]


def test_a_frame_of_an_image_that_there_is_not_is_refused(images, seg):
    region = {"image": str(images[0].SOPInstanceUID), "type": "POINT", "points": [[1, 1]], "frame": 2}
    assert "frame 2" in refused(images, seg, {"regions": [region], "finding": LIVER})[2]


def series_named(built) -> set[str]:
    """Source Series for Segmentation (121232 DCM) of every group."""
    return {str(item.UID) for item in _items(built) if item.ConceptNameCodeSequence[0].CodeValue == "121232"}


def _items(item):
    for each in item.get("ContentSequence", ()):
        yield each
        yield from _items(each)


def test_a_segment_s_series_is_the_one_its_segmentation_was_made_from(images, seg):
    others = ct_series(uid_seed="before", study_uid=str(images[0].StudyInstanceUID))
    built = encoded([*others, *images], seg, groups_of(images, seg)["segment"]).dataset
    assert series_named(built) == {str(images[0].SeriesInstanceUID)}


@pytest.mark.parametrize("frames", [{}, {"frames": [1]}])
def test_a_segment_of_another_series_than_the_sources_is_refused(images, seg, frames):
    others = ct_series(uid_seed="before", study_uid=str(images[0].StudyInstanceUID))
    group = {"finding": LIVER, "segment": {"instance": str(seg.SOPInstanceUID), "number": 1} | frames}
    reason, where, sentence = refused(others, seg, group)
    assert (reason, where) == (Reason.DESCRIPTION, "$.report.groups[0].segment")
    assert str(images[0].SeriesInstanceUID) in sentence


def test_regions_in_space_need_one_frame_of_reference(seg):
    images = ct_series()
    images[0].FrameOfReferenceUID = "1.2.3"
    group = {"regions_3d": [{"type": "POINT", "points": [[0, 0, 0]]}], "finding": LIVER}
    assert refused(images, seg, group)[0] is Reason.SOURCES
