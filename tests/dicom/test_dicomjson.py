"""The JSON of a stored object says what the object says, in the types that viewers need."""

import json
from copy import deepcopy

import pytest
from pydicom import dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from overlays.dicom.dicomjson import NoBulkValue, bulk_value, metadata
from tests.builders.annotations import annotations
from tests.builders.structure_sets import structure_set
from tests.dicom import small

URI = "../bulkdata"


@pytest.fixture(scope="module")
def sources():
    return small.images()


@pytest.fixture(scope="module", params=["image", "segmentation", "report"])
def stored(request, sources, tmp_path_factory):
    segments = small.segments(sources)
    made = {
        "image": lambda: sources[0],
        "segmentation": lambda: segments,
        "report": lambda: small.document(sources, segments),
    }[request.param]()
    return small.save(made, tmp_path_factory.mktemp("json") / "object.dcm")


@pytest.fixture
def image(sources, tmp_path):
    def make(**attributes):
        changed = deepcopy(sources[0])
        for keyword, value in attributes.items():
            setattr(changed, keyword, value)
        return small.save(changed, tmp_path / "image.dcm")

    return make


def test_it_is_what_pydicom_makes_of_the_object(stored):
    expected = dcmread(stored).to_json_dict(
        bulk_data_threshold=100, bulk_data_element_handler=lambda element: f"{URI}/{element.tag:08X}"
    )

    assert metadata(stored, bulk_data_uri=URI) == without_empty_values(expected)


def without_empty_values(data_set: dict) -> dict:
    """pydicom gives an empty sequence a Value without items, where PS3.18 F.2.5 wants none."""
    return {
        tag: {
            key: [without_empty_values(item) for item in value] if element["vr"] == "SQ" and key == "Value" else value
            for key, value in element.items()
            if value != []
        }
        for tag, element in data_set.items()
    }


def test_it_can_be_written_as_strict_json(stored):
    assert json.loads(json.dumps(metadata(stored, bulk_data_uri=URI), allow_nan=False))


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian], ids=lambda uid: uid.name)
def test_it_does_not_depend_on_the_transfer_syntax(sources, tmp_path, syntax):
    path = small.save(small.segments(sources), tmp_path / "explicit.dcm")
    changed = dcmread(path)
    changed.file_meta.TransferSyntaxUID = syntax
    other = tmp_path / "other.dcm"
    changed.save_as(other, implicit_vr=syntax.is_implicit_VR, little_endian=True)
    found, expected = (metadata(each, bulk_data_uri=URI) for each in (other, path))
    for each in (found, expected):
        each["7FE00010"].pop("vr")

    assert found == expected


def test_pixel_data_is_a_reference_however_small(stored):
    found = metadata(stored, bulk_data_uri=URI)

    assert found.get("7FE00010", {"BulkDataURI": "none"})["BulkDataURI"] in (f"{URI}/7FE00010", "none")
    assert "InlineBinary" not in found.get("7FE00010", {})


def test_file_meta_information_is_left_out(stored):
    assert not [tag for tag in metadata(stored, bulk_data_uri=URI) if tag.startswith("0002")]


def test_decimal_and_integer_strings_are_numbers(image):
    found = metadata(image(ImageOrientationPatient=["1", "0.0", "-0", "0", "1.5e0", "0"]), bulk_data_uri=URI)

    assert found["00200037"]["Value"] == [1, 0.0, 0, 0, 1.5, 0]
    assert found["00200013"]["Value"] == [1]


def test_a_name_has_its_groups(image):
    found = metadata(image(PatientName="Yamada^Tarou=山田^太郎"), bulk_data_uri=URI)

    assert found["00100010"]["Value"] == [{"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"}]


def test_text_of_another_character_set_becomes_utf_8(image):
    found = metadata(image(SpecificCharacterSet="ISO_IR 100", PatientName="Ärger^Jörg"), bulk_data_uri=URI)

    assert found["00100010"]["Value"] == [{"Alphabetic": "Ärger^Jörg"}]
    assert found["00080005"]["Value"] == ["ISO_IR 192"]


def test_an_empty_attribute_has_no_value(image):
    assert metadata(image(), bulk_data_uri=URI)["00080090"] == {"vr": "PN"}


def test_an_empty_value_among_others_is_null(image):
    found = metadata(image(ImageType=["DERIVED", "", "AXIAL"]), bulk_data_uri=URI)

    assert found["00080008"]["Value"] == ["DERIVED", None, "AXIAL"]


def test_a_small_binary_value_is_inline(image):
    assert metadata(image(ICCProfile=b"\x01\x02"), bulk_data_uri=URI)["00282000"] == {
        "vr": "OB",
        "InlineBinary": "AQI=",
    }


def test_a_large_binary_value_is_a_reference(image):
    found = metadata(image(ICCProfile=bytes(1026)), bulk_data_uri=URI)

    assert found["00282000"] == {"vr": "OB", "BulkDataURI": f"{URI}/00282000"}


def test_a_number_that_json_lacks_is_a_string(image):
    found = metadata(image(RealWorldValueLastValueMapped=1, ExposureTimeInms=float("nan")), bulk_data_uri=URI)

    assert found["00189328"]["Value"] == ["NaN"]


def test_a_bulk_value_is_where_it_is_said_to_be(image):
    profile = bytes(range(256)) * 5
    path = image(ICCProfile=profile)
    offset, length = bulk_value(path, "00282000")

    assert path.read_bytes()[offset : offset + length] == profile


@pytest.mark.parametrize("tag", ["00282000", "00100010", "0010", "zzzzzzzz", "7FE0001G", "../../../etc"])
def test_what_is_no_bulk_value_is_not_found(image, tag):
    with pytest.raises(NoBulkValue):
        bulk_value(image(), tag)


def test_a_large_binary_value_in_an_item_is_a_reference_that_leads_to_it(tmp_path):
    made = annotations(nuclei=3000)
    path = small.save(made, tmp_path / "object.dcm")
    groups = metadata(path, bulk_data_uri=URI)["006A0002"]["Value"]
    address = groups[0]["00660016"]["BulkDataURI"].removeprefix(f"{URI}/")
    offset, length = bulk_value(path, address)

    assert address == "006A0002.1.00660016"
    assert path.read_bytes()[offset : offset + length] == made.AnnotationGroupSequence[0].PointCoordinatesData


def test_a_small_one_in_an_item_is_inline(tmp_path):
    path = small.save(annotations(), tmp_path / "object.dcm")

    assert "InlineBinary" in metadata(path, bulk_data_uri=URI)["006A0002"]["Value"][0]["00660016"]


@pytest.mark.parametrize(
    "address",
    [
        "006A0002.3.00660016",
        "006A0002.0.00660016",
        "006A0002.1",
        "006A0002.x.00660016",
        "006A0002.1.00660016.1.00660016",
        "00100010.1.00100010",
        "006A0002.1.006A0005",
        ".1.",
        ".".join(["006A0002.1"] * 40 + ["00660016"]),
    ],
)
def test_an_address_that_leads_nowhere_is_not_found(tmp_path, address):
    path = small.save(annotations(), tmp_path / "object.dcm")

    with pytest.raises(NoBulkValue):
        bulk_value(path, address)


def test_every_coordinate_of_a_contour_is_a_number(tmp_path):
    made = structure_set()
    contour = made.ROIContourSequence[0].ContourSequence[0]
    contour.ContourData = [1.25, 2.5, 3.0] * 3000
    path = small.save(made, tmp_path / "object.dcm")
    found = metadata(path, bulk_data_uri=URI)["30060039"]["Value"][0]["30060040"]["Value"][0]["30060050"]

    assert found == {"vr": "DS", "Value": [1.25, 2.5, 3.0] * 3000}
