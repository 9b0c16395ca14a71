"""Images of the archive are passed on as they come; nothing leaves that nobody has ruled on, whatever the archive says."""

import io
import json
from email import message_from_bytes

import pydicom
import pytest

from overlays.archive.holdings import HOLDINGS
from overlays.governance.errors import ArchiveFailed
from overlays.models import AuditEntry, OverlayVersion
from tests.archive.double import Answer, holding, told
from tests.builders import ct_series, segmentation, to_bytes

pytestmark = pytest.mark.django_db

FILES = 'multipart/related; type="application/dicom"; transfer-syntax=*'
OCTETS = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
JSON = "application/dicom+json"


@pytest.fixture(autouse=True)
def nothing_known():
    HOLDINGS.clear()


@pytest.fixture
def images():
    return ct_series(slices=2, rows=16, columns=16)


@pytest.fixture
def overlay(images):
    return segmentation(sources=images)


@pytest.fixture
def get(client_of, clinician):
    """GET as the clinician."""

    def ask(path: str, accept: str = FILES, actor=clinician, method: str = "get", **headers):
        return getattr(client_of(actor), method)(f"/dicom-web/{path}", headers={"Accept": accept} | headers)

    return ask


@pytest.fixture
def accepted(post, registered, overlay):
    """Registers the overlay, and accepts it."""

    def accept():
        registered()
        assert post(to_bytes(overlay)).refusal is None
        OverlayVersion.objects.update(review_state="accepted", reviewed_by="R. Lee", reviewer_key="user:2")

    return accept


def parts(answer) -> list[bytes]:
    assert answer.status_code == 200, answer.content
    body = f"Content-Type: {answer['Content-Type']}\r\n\r\n".encode() + answer.getvalue()
    message = message_from_bytes(body)
    return [part.get_payload(decode=True) for part in message.get_payload()]


def named(files: list[bytes]) -> set[str]:
    return {pydicom.dcmread(io.BytesIO(data)).SOPInstanceUID for data in files}


def study_of(data_set) -> str:
    return f"studies/{data_set.StudyInstanceUID}"


def series_of(data_set) -> str:
    return f"{study_of(data_set)}/series/{data_set.SeriesInstanceUID}"


def path_of(data_set) -> str:
    return f"{series_of(data_set)}/instances/{data_set.SOPInstanceUID}"


EVERYWHERE = ("", "/metadata", "/frames/1", "/bulkdata/7FE00010", "/bulkdata/00420011")


@pytest.mark.real
class TestWithOrthanc:
    """Against a real archive."""

    @pytest.fixture(autouse=True)
    def stored(self, orthanc, images, overlay):
        orthanc.store(*images, overlay)

    def test_an_image_is_passed_on(self, get, images):
        assert named(parts(get(path_of(images[0])))) == {images[0].SOPInstanceUID}

    def test_an_image_comes_alone_to_who_wants_it_so(self, get, images):
        answer = get(path_of(images[0]), "application/dicom; transfer-syntax=*")
        assert answer["Content-Type"] == "application/dicom"
        assert named([answer.getvalue()]) == {images[0].SOPInstanceUID}

    def test_a_study_comes_without_what_nobody_ruled_on(self, get, images):
        for path in (study_of(images[0]), series_of(images[0])):
            assert named(parts(get(path))) == {image.SOPInstanceUID for image in images}

    @pytest.mark.parametrize("suffix", EVERYWHERE)
    def test_what_nobody_ruled_on_leaves_by_no_address(self, get, overlay, suffix):
        assert get(path_of(overlay) + suffix, "*/*").status_code == 404

    @pytest.mark.parametrize("suffix", ["", "/metadata"])
    def test_nor_does_its_series(self, get, overlay, suffix):
        assert get(series_of(overlay) + suffix, "*/*").status_code == 404

    def test_a_study_comes_from_both_places_once_it_is_accepted(self, get, accepted, images, overlay):
        accepted()
        assert named(parts(get(study_of(images[0])))) == {each.SOPInstanceUID for each in (*images, overlay)}
        assert AuditEntry.objects.filter(event__startswith="instances:").count() == 1

    @pytest.mark.parametrize("suffix", EVERYWHERE)
    def test_a_rejected_one_leaves_by_no_address_though_the_archive_has_it(self, get, accepted, overlay, suffix):
        accepted()
        OverlayVersion.objects.update(review_state="rejected")
        assert get(path_of(overlay) + suffix, "*/*").status_code == 404

    def test_metadata_of_the_study_come_from_both(self, get, accepted, images, overlay):
        accepted()
        found = json.loads(get(study_of(images[0]) + "/metadata", JSON).getvalue())
        assert {each["00080018"]["Value"][0] for each in found} == {each.SOPInstanceUID for each in (*images, overlay)}

    def test_bulk_data_lead_to_the_registry_and_can_be_had_there(self, get, images):
        (found,) = json.loads(get(path_of(images[0]) + "/metadata", JSON).getvalue())
        address = found["7FE00010"]["BulkDataURI"]
        assert address.startswith("http://127.0.0.1:8000/dicom-web/")
        answer = get(address.removeprefix("http://127.0.0.1:8000/dicom-web/"), "*/*")
        assert parts(answer) == [images[0].PixelData]

    def test_frames_are_passed_on(self, get, images):
        answer = get(path_of(images[0]) + "/frames/1", OCTETS)
        assert parts(answer) == [images[0].PixelData]
        assert b"Content-Location" not in answer.getvalue()

    @pytest.mark.parametrize(("frames", "status"), [("0", 400), ("2", 404), ("x", 400), ("1,2", 404)])
    def test_frames_that_there_are_not(self, get, images, frames, status):
        assert get(path_of(images[0]) + f"/frames/{frames}", OCTETS).status_code == status

    @pytest.mark.parametrize("suffix", ["/frames/1", "/bulkdata/7FE00010"])
    def test_who_accepts_parts_of_any_type_gets_octets(self, get, images, suffix):
        answer = get(path_of(images[0]) + suffix, 'multipart/related; type="*/*"')
        assert parts(answer) == [images[0].PixelData]

    def test_a_narrowed_token_gets_nothing_else(self, get, clinician, narrowed_to, images):
        actor = narrowed_to(clinician, "1.2.3")
        for path in (study_of(images[0]), series_of(images[0]), path_of(images[0]), path_of(images[0]) + "/metadata"):
            assert get(path, "*/*", actor).status_code == 404

    def test_an_unknown_study_is_not_found(self, get):
        assert get("studies/1.2.3").status_code == 404

    def test_head_carries_nothing(self, get, images):
        answer = get(path_of(images[0]), method="head")
        assert (answer.status_code, answer.getvalue()) == (200, b"")


class Lying:
    """An archive whose searches are true, and whose other answers a test writes."""

    def __init__(self, double, *held) -> None:
        self.answer = Answer()
        searches = holding(*held)
        double.answers = lambda asked: searches(asked) if asked.path.endswith("/instances") else self.answer


@pytest.fixture
def lying(double, images, overlay):
    return Lying(double, *images, overlay)


def multipart(*bodies: bytes, closed: bool = True) -> Answer:
    pieces = [b"\r\n--b\r\nContent-Type: application/dicom\r\n\r\n" + body for body in bodies]
    end = b"\r\n--b--\r\n" if closed else b""
    return Answer(
        b"".join(pieces) + end, headers={"Content-Type": 'multipart/related; type="application/dicom"; boundary=b'}
    )


def test_instances_of_others_in_the_answer_are_left_out(get, lying, images, overlay):
    other = ct_series(slices=1, rows=16, columns=16, uid_seed="other")[0]
    lying.answer = multipart(*(to_bytes(each) for each in (other, *images, overlay, images[0])))
    found = parts(get(series_of(images[0])))
    assert sorted(named(found)) == sorted(image.SOPInstanceUID for image in images)
    assert len(found) == 2


def test_an_overlay_under_an_images_name_is_left_out(get, lying, images, overlay):
    overlay.SOPInstanceUID = overlay.file_meta.MediaStorageSOPInstanceUID = images[0].SOPInstanceUID
    lying.answer = multipart(to_bytes(overlay))
    assert get(path_of(images[0])).status_code == 502


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", "500 Oops"),
        Answer(b"", "403 Forbidden"),
        Answer(b"<html>", headers={"Content-Type": "text/html"}),
        Answer(b"x", headers={"Content-Type": "multipart/related; boundary=b"}),
        multipart(),
    ],
    ids=["500", "403", "html", "no parts", "none"],
)
@pytest.mark.parametrize("suffix", ["", "/frames/1", "/metadata"])
def test_what_is_no_answer_is_a_bad_gateway(get, lying, images, answer, suffix):
    lying.answer = answer
    found = get(path_of(images[0]) + suffix, "*/*")
    assert found.status_code == 502
    assert found["Content-Type"] == "application/problem+json"
    assert found.json()["code"] == "archive_failed"


def test_what_is_no_file_is_a_bad_gateway(get, lying, images):
    lying.answer = multipart(b"no file")
    assert get(path_of(images[0])).status_code == 502


@pytest.mark.parametrize("answer", [multipart(b"1", closed=False), multipart(b"1", b"2")], ids=["cut", "too many"])
def test_frames_that_were_cut_short_or_too_many_break_off(get, lying, images, answer):
    lying.answer = answer
    found = get(path_of(images[0]) + "/frames/1", OCTETS)
    with pytest.raises(ArchiveFailed):
        found.getvalue()


def test_a_series_that_was_cut_short_breaks_off(get, lying, images):
    lying.answer = multipart(*(to_bytes(image) for image in images), closed=False)
    answer = get(series_of(images[0]))
    with pytest.raises(ArchiveFailed):
        answer.getvalue()


def test_a_series_that_lacks_an_image_breaks_off(get, lying, images):
    lying.answer = multipart(to_bytes(images[0]))
    with pytest.raises(ArchiveFailed):
        get(series_of(images[0])).getvalue()


def test_an_archive_that_is_silent_is_a_gateway_timeout(get, double, images):
    import time

    double.answers = lambda asked: time.sleep(1.5)
    found = get(path_of(images[0]))
    assert (found.status_code, found.json()["code"]) == (504, "archive_too_slow")


def test_what_is_derived_is_answered_while_the_archive_is_away(get, double, accepted, images, overlay):
    double.answers = holding(*images)
    accepted()
    double.answers = lambda asked: Answer(b"", "503 Away")
    for path in (series_of(overlay), path_of(overlay)):
        assert named(parts(get(path))) == {overlay.SOPInstanceUID}
    assert get(path_of(images[0])).status_code == 502
    assert get(study_of(images[0])).status_code == 502


ODD = [
    ("", "a/b/c"),
    ("/metadata", "text/html"),
    ("/rendered", "text/html"),
    ("/rendered?unknown=1", "*/*"),
    ("/thumbnail?viewport=0,0", "*/*"),
    ("/frames/0", "*/*"),
    ("/frames/1", "a/b/c"),
    ("/bulkdata/none", "text/html"),
]
"""What is refused, and by what it is found that something is there, if that is refused otherwise than what is not."""


@pytest.mark.parametrize("narrowed", [False, True])
@pytest.mark.parametrize("away", [False, True])
@pytest.mark.parametrize(("suffix", "accept"), ODD)
def test_what_is_withheld_is_refused_as_what_is_unknown(
    get, double, accepted, images, overlay, clinician, narrowed_to, suffix, accept, away, narrowed
):
    double.answers = holding(*images)
    accepted()
    OverlayVersion.objects.update(review_state="rejected")
    if away:
        double.answers = lambda asked: Answer(b"", "500 Oops")
    actor = narrowed_to(clinician, "1.2.3") if narrowed else clinician
    unknown = segmentation(sources=images, uid_seed="never posted")
    withheld, never = (get(path_of(each) + suffix, accept, actor=actor) for each in (overlay, unknown))
    assert (withheld.status_code, withheld.content) == (never.status_code, never.content)
    assert never.status_code == (502 if away and not narrowed else 404)


def test_an_entity_tag_and_a_range_are_passed_on(get, double, images):
    searches = holding(*images)

    def answers(asked):
        if asked.path.endswith("/instances"):
            return searches(asked)
        if asked.headers.get("if-none-match") == '"a"':
            return Answer(b"", "304 Not Modified", {"ETag": '"a"'})
        headers = {"Content-Type": "image/jpeg", "ETag": '"a"', "Content-Range": "bytes 0-1/9", "Content-Length": "2"}
        return Answer(b"ab", "206 Partial Content", headers)

    double.answers = answers
    path = path_of(images[0]) + "/frames/1"
    answer = get(path, "image/jpeg", Range="bytes=0-1")
    assert (answer.status_code, answer.getvalue(), answer["ETag"]) == (206, b"ab", '"a"')
    assert answer["Content-Range"] == "bytes 0-1/9"
    assert double.asked[-1].headers["range"] == "bytes=0-1"
    assert get(path, "image/jpeg", **{"If-None-Match": '"a"'}).status_code == 304


@pytest.mark.parametrize(
    "uri",
    [
        "http://elsewhere.example/secret",
        "/dicom-web/studies/9.9/bulk",
        "/dicom-web/studies/{study}/../../admin",
        "http://[",
    ],
)
def test_bulk_data_that_lead_elsewhere_are_not_fetched(get, lying, double, images, uri):
    element = json.loads(images[0].to_json())
    element["7FE00010"] = {"vr": "OW", "BulkDataURI": uri.format(study=images[0].StudyInstanceUID)}
    lying.answer = told([element])
    assert get(path_of(images[0]) + "/bulkdata/7FE00010", "*/*").status_code == 502
    assert double.paths()[-1].endswith("/metadata")


def test_a_large_image_is_never_held_as_a_whole(get, lying, images):
    chunk, count = b"\0" * (1 << 20), 40
    head = to_bytes(images[0])

    def body():
        yield b"\r\n--b\r\nContent-Type: application/dicom\r\n\r\n" + head
        for _ in range(count):
            yield chunk
        yield b"\r\n--b--\r\n"

    lying.answer = Answer(body(), headers={"Content-Type": 'multipart/related; type="application/dicom"; boundary=b'})
    answer = get(path_of(images[0]))
    largest = total = 0
    for piece in answer.streaming_content:
        largest, total = max(largest, len(piece)), total + len(piece)
    assert total > count << 20
    assert largest <= 1 << 19
