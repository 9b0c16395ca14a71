"""WADO-RS: single frames and bulk data, from their place in the stored file."""

import numpy as np
import pytest

from overlays.models import AuditEntry, OverlayVersion
from tests.builders import deflated, report, segmentation, to_bytes
from tests.builders.annotations import annotations
from tests.builders.images import slide_image
from tests.builders.parametric_maps import parametric_map
from tests.dicomweb.conftest import parts_of

pytestmark = pytest.mark.django_db

OHIF = "multipart/related; type=application/octet-stream; transfer-syntax=*"
OCTETS = "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
RLE = "1.2.840.10008.1.2.5"


@pytest.fixture
def fetch(called, clinician):
    def get(path: str, accept: str = OHIF, **headers):
        return called(clinician).get(path, HTTP_ACCEPT=accept, **headers)

    return get


@pytest.fixture
def add(post):
    """Stores a derived object, and lets the clinical purpose show it."""

    def store(data: bytes, uid: str) -> None:
        found = post(data)
        assert found.refusal is None, found.findings
        OverlayVersion.objects.filter(sop_instance_uid=uid).update(review_state="accepted", reviewed_by="R. Lee")

    return store


@pytest.fixture
def packed(scene, add):
    """A label map in RLE."""
    found = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP", transfer_syntax=RLE)
    add(to_bytes(found), found.SOPInstanceUID)
    return found


def frame(data_set, number: int) -> bytes:
    size = len(data_set.PixelData) // int(data_set.get("NumberOfFrames", 1))
    return data_set.PixelData[(number - 1) * size : number * size]


def test_a_frame_of_an_image_is_its_pixels(fetch, scene):
    answer = fetch(f"{scene.path(scene.images[0])}/frames/1")
    assert parts_of(answer) == [scene.images[0].PixelData]


def test_a_part_names_its_transfer_syntax(fetch, scene):
    answer = fetch(f"{scene.path(scene.images[0])}/frames/1")
    assert f"Content-Type: {OCTETS}".encode() in b"".join(answer.streaming_content)


def test_frames_come_in_the_order_asked(fetch, scene):
    scene.accept()
    answer = fetch(f"{scene.path()}/frames/3,1,3")
    assert parts_of(answer) == [frame(scene.overlay, number) for number in (3, 1, 3)]


def test_commas_may_be_written_as_percent_2c(fetch, scene):
    scene.accept()
    assert len(parts_of(fetch(f"{scene.path()}/frames/1%2C2"))) == 2


def test_every_frame_has_the_bits_of_its_place(fetch, scene):
    scene.accept()
    whole = np.unpackbits(np.frombuffer(scene.overlay.PixelData, np.uint8), bitorder="little")
    frames = parts_of(fetch(f"{scene.path()}/frames/{','.join(map(str, range(1, scene.overlay.NumberOfFrames + 1)))}"))
    bits = np.concatenate([np.unpackbits(np.frombuffer(each, np.uint8), bitorder="little") for each in frames])
    assert np.array_equal(bits, whole[: len(bits)])


def test_one_frame_can_be_had_as_a_single_part(fetch, scene):
    answer = fetch(f"{scene.path(scene.images[0])}/frames/1", "application/octet-stream")
    assert answer["Content-Type"] == OCTETS
    assert b"".join(answer.streaming_content) == scene.images[0].PixelData


def test_several_frames_are_no_single_part(fetch, scene):
    scene.accept()
    assert fetch(f"{scene.path()}/frames/1,2", "application/octet-stream").status_code == 406


@pytest.mark.parametrize("number", ["0", "3", "999999999", "1,3"])
def test_a_frame_that_is_not_there_is_not_found(fetch, scene, number):
    scene.accept()
    path = scene.path() if number != "3" else scene.path(scene.images[0])
    number = number.replace("1,3", "1,99")
    answer = fetch(f"{path}/frames/{number}")
    assert answer.status_code == 404
    assert "counted from 1" in answer.json()["detail"]


@pytest.mark.parametrize("frames", ["a", "1,,2", "1-3", "-1", "1,", ",".join(["1"] * 10_001)])
def test_what_is_no_list_of_frames_is_refused(fetch, scene, frames):
    assert fetch(f"{scene.path(scene.images[0])}/frames/{frames}").status_code == 400


def test_a_report_has_no_frames(fetch, scene, add):
    measured = report(sources=scene.images, about=scene.overlay)
    add(to_bytes(measured), measured.SOPInstanceUID)
    assert fetch(f"{scene.path(measured)}/frames/1").status_code == 404


def test_a_compressed_frame_is_served_as_stored_with_its_media_type(fetch, scene, packed):
    answer = fetch(f"{scene.path(packed)}/frames/1", "multipart/related; type=image/dicom-rle")
    assert answer["Content-Type"].startswith('multipart/related; type="image/dicom-rle"')
    (part,) = parts_of(answer)
    assert part in packed.PixelData


def test_a_compressed_frame_goes_as_octets_to_a_client_that_takes_any_transfer_syntax(fetch, scene, packed):
    content = b"".join(fetch(f"{scene.path(packed)}/frames/1").streaming_content)
    assert f"Content-Type: application/octet-stream; transfer-syntax={RLE}".encode() in content


@pytest.mark.parametrize(
    "accept", ["image/jpeg", "multipart/related; type=image/jls", "multipart/related; type=image/jp2"]
)
def test_a_compressed_frame_is_never_passed_off_as_another(fetch, scene, packed, accept):
    answer = fetch(f"{scene.path(packed)}/frames/1", accept)
    assert answer.status_code == 406
    assert RLE in answer.json()["detail"]


def test_a_frame_of_a_deflated_object_is_that_of_the_plain_one(fetch, scene, add):
    plain = segmentation(sources=scene.images, uid_seed="deflated")
    add(deflated(to_bytes(plain)), plain.SOPInstanceUID)
    assert parts_of(fetch(f"{scene.path(plain)}/frames/2,1")) == [frame(plain, 2), frame(plain, 1)]


def test_pixel_data_can_be_had_as_bulk_data(fetch, scene):
    answer = fetch(f"{scene.path(scene.images[0])}/bulkdata/7FE00010", "application/octet-stream")
    assert b"".join(answer.streaming_content) == scene.images[0].PixelData


def test_bulk_data_of_a_compressed_object_is_its_frames(fetch, scene, packed):
    assert len(parts_of(fetch(f"{scene.path(packed)}/bulkdata/7fe00010"))) == packed.NumberOfFrames


def test_bulk_data_of_a_deflated_object_is_that_of_the_plain_one(fetch, scene, add):
    plain = segmentation(sources=scene.images, uid_seed="deflated")
    add(deflated(to_bytes(plain)), plain.SOPInstanceUID)
    assert parts_of(fetch(f"{scene.path(plain)}/bulkdata/7FE00010")) == [plain.PixelData]


@pytest.mark.parametrize("tag", ["00100010", "7FE00011", "pixels", "7FE0001"])
def test_there_is_no_bulk_data_under_other_tags(fetch, scene, tag):
    assert fetch(f"{scene.path(scene.images[0])}/bulkdata/{tag}").status_code == 404


@pytest.mark.parametrize(("address", "form"), [("frames/1,2", "frames"), ("bulkdata/7FE00010", "bulkdata")])
def test_frames_and_bulk_data_that_leave_are_recorded(fetch, scene, address, form):
    scene.accept()
    fetch(f"{scene.path()}/{address}")
    entry = AuditEntry.objects.get(event="instances:retrieved")
    assert (entry.subject, entry.data["form"]) == (scene.overlay.SOPInstanceUID, form)


def test_an_unchanged_frame_is_not_sent_again(fetch, scene):
    path = f"{scene.path(scene.images[0])}/frames/1"
    tag = fetch(path)["ETag"]
    assert fetch(path, HTTP_IF_NONE_MATCH=tag).status_code == 304


@pytest.mark.parametrize(
    ("kind", "keyword", "tag"),
    [("FLOAT", "FloatPixelData", "7FE00008"), ("DOUBLE", "DoubleFloatPixelData", "7FE00009")],
)
def test_frames_of_a_floating_point_map_are_its_numbers(fetch, scene, add, kind, keyword, tag):
    made = parametric_map(sources=scene.images, kind=kind)
    add(to_bytes(made), made.SOPInstanceUID)
    value = made[keyword].value
    half = len(value) // 2
    assert parts_of(fetch(f"{scene.path(made)}/frames/2,1")) == [value[half:], value[:half]]
    assert parts_of(fetch(f"{scene.path(made)}/bulkdata/{tag}")) == [value]
    assert fetch(f"{scene.path(made)}/bulkdata/7FE00010").status_code == 404


def test_a_bulk_array_in_a_sequence_has_an_address(fetch, scene, add, post):
    slide = slide_image()
    slide.StudyInstanceUID = scene.study
    assert post(to_bytes(slide)).refusal is None
    made = annotations(source=slide, nuclei=3000, model_name="LiverSeg", model_version="2.1.0")
    add(to_bytes(made), made.SOPInstanceUID)
    value = made.AnnotationGroupSequence[0].PointCoordinatesData
    assert parts_of(fetch(f"{scene.path(made)}/bulkdata/006A0002.1.00660016")) == [value]
