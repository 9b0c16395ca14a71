"""What clients may send by mistake or malice: an answer that fits, nothing of it to the archive, and never a fault of the registry."""

import copy
from io import BytesIO

import pydicom
import pytest
from django.urls import reverse
from pydicom import Dataset
from pydicom.filewriter import write_file_meta_info

from overlays.dicomweb import urls
from tests.archive.double import Answer, file, serving
from tests.builders import ct_series

pytestmark = pytest.mark.django_db

STRANGE_UIDS = [
    "1.2.3%0d%0aX-Other: 1",
    "1.2.3%0AGET /",
    "1.2.3%00",
    "1.2.é",
    "1.2.３",  # a digit of full width
    "1." + "2" * 63,
    "1.2.03",
    "1..2",
    ".1.2",
    "1.2.",
    "1.2.3%2F..%2F..",
    "..",
    "1.2.3%23",
    "1.2.3%20",
    "*",
    "1.2.3,1.2.4",
    "1.2.3%5C1.2.4",
]


@pytest.fixture
def images():
    return ct_series(slices=2, rows=16, columns=16)


@pytest.fixture
def get(double, images, client_of, clinician):
    double.answers = serving(*images)

    def ask(path: str, query: str = "", method: str = "get", **headers: str):
        return getattr(client_of(clinician), method)(f"/dicom-web/{path}{query}", headers={"Accept": "*/*"} | headers)

    return ask


def lying(image, keyword: str, value: str) -> bytes:
    """The image as a file whose data set says something else than its meta information."""
    other = copy.deepcopy(image)
    setattr(other, keyword, value)
    meta, body = BytesIO(), BytesIO()
    write_file_meta_info(meta, image.file_meta)
    pydicom.dcmwrite(body, Dataset(other), implicit_vr=False, little_endian=True)
    return bytes(128) + b"DICM" + meta.getvalue() + body.getvalue()


def path_of(image) -> str:
    series = f"studies/{image.StudyInstanceUID}/series/{image.SeriesInstanceUID}"
    return f"{series}/instances/{image.SOPInstanceUID}"


@pytest.mark.parametrize("uid", STRANGE_UIDS)
@pytest.mark.parametrize(
    "place",
    [
        "studies/{}",
        "studies/{}/series",
        "studies/{}/rendered",
        "studies/1.2/series/{}/metadata",
        "studies/1.2/series/1.3/instances/{}",
        "studies/1.2/series/1.3/instances/{}/frames/1",
    ],
)
def test_a_uid_that_is_none_is_refused_before_the_archive_is_asked(get, double, place, uid):
    assert get(place.format(uid)).status_code in (400, 404)
    assert double.asked == []


@pytest.mark.parametrize("frames", ["0", "1,0", "-1", "x", "1,,2", "1,", "1%0d%0a", "9999999999", "1;2", "01"])
def test_frames_that_cannot_be_are_refused(get, images, frames):
    answer = get(f"{path_of(images[0])}/frames/{frames}")
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize(
    "accept",
    [
        ";",
        ",",
        "a/b/c",
        "text",
        'multipart/related; type="',
        "multipart/related; type=application/dicom; transfer-syntax=1.2\r\n",
        "application/dicom; transfer-syntax=*; q=x",
        "a/b," * 60,
        "x" * 5000,
        "application/dicom; q=0",
        "é/é",
    ],
)
@pytest.mark.parametrize("suffix", ["", "/metadata", "/frames/1", "/rendered", "/bulkdata/7FE00010"])
def test_an_accept_that_is_none_is_refused(get, images, accept, suffix):
    answer = get(path_of(images[0]) + suffix, Accept=accept)
    assert answer.status_code in (400, 404, 406)


@pytest.mark.parametrize(
    "query",
    [
        "limit=99999999999",
        "limit=-1",
        "limit=0",
        "limit=1e3",
        "offset=99999999999",
        "limit=1&limit=2",
        "PatientID=%0d%0aX: 1",
        "StudyInstanceUID=%00",
        "StudyInstanceUID=1.2%5C%5C..",
        "includefield=%0a",
        "x" * 5000 + "=1",
        "00100020=" + "x" * 5000,
    ],
)
@pytest.mark.parametrize("level", ["studies", "series", "instances"])
def test_a_key_that_is_none_is_refused_before_the_archive_is_asked(get, double, level, query):
    answer = get(level, f"?{query}")
    assert answer.status_code in (400,)
    assert double.asked == []


FRAME = Answer(b"0123456789", headers={"Content-Type": "application/octet-stream"})


@pytest.mark.parametrize(
    "given",
    [
        "bytes=0-1,3-4",
        "bytes=9-3",
        "bytes=",
        "bytes=-",
        "lines=1-2",
        "bytes=a-b",
        "bytes=0-0," * 200,
        "bytes=" + "9" * 30 + "-",
    ],
)
@pytest.mark.parametrize("suffix", ["/frames/1", "/rendered"])
def test_a_range_that_is_none_or_several_asks_the_archive_for_all(get, images, double, given, suffix):
    plain = double.answers
    double.answers = lambda asked: FRAME if asked.path.endswith(suffix) else plain(asked)
    answer = get(path_of(images[0]) + suffix, Accept="application/octet-stream, image/*", Range=given)
    assert (answer.status_code, answer.getvalue()) == (200, FRAME.body)
    assert "range" not in double.asked[-1].headers


def test_a_range_behind_the_end_is_told_as_such(get, images, double):
    plain = double.answers
    beyond = Answer(b"", "416 Range Not Satisfiable", {"Content-Range": "bytes */10"})
    double.answers = lambda asked: beyond if asked.path.endswith("/frames/1") else plain(asked)
    answer = get(f"{path_of(images[0])}/frames/1", Accept="application/octet-stream", Range="bytes=50-")
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */10")


def test_a_part_that_nobody_asked_for_is_not_passed_on(get, images, double):
    plain = double.answers
    part = Answer(b"01", "206 Partial Content", FRAME.headers | {"Content-Range": "bytes 0-1/10"})
    double.answers = lambda asked: part if asked.path.endswith("/frames/1") else plain(asked)
    assert get(f"{path_of(images[0])}/frames/1", Accept="application/octet-stream").status_code == 502


def test_a_file_whose_data_set_is_another_object_than_its_meta_information_says_does_not_leave(get, images, double):
    plain = double.answers
    for keyword, value in (("SOPClassUID", "1.2.840.10008.5.1.4.1.1.66.4"), ("SOPInstanceUID", "1.2.3")):
        content = lying(images[0], keyword, value)
        double.answers = lambda asked, content=content: (
            file(content) if asked.path.endswith(images[0].SOPInstanceUID) else plain(asked)
        )
        answer = get(path_of(images[0]), Accept="application/dicom")
        assert (answer.status_code, answer.json()["code"]) == (502, "archive_failed")


def test_a_page_of_studies_is_filled_with_the_registrys_own_where_the_archive_takes_too_long(get, double, monkeypatch):
    monkeypatch.setattr("overlays.dicomweb.archive_search.MOST_SECONDS", -1.0)
    answer = get("studies")
    assert (answer.status_code, answer.json()) == (200, [])
    assert "takes long" in answer["Warning"]


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("name", [each.name for each in urls.urlpatterns if each.name != "capabilities"])
def test_head_answers_as_get_does_without_a_body(orthanc, images, client_of, clinician, name):
    orthanc.store(*images)
    (pattern,) = [each for each in urls.urlpatterns if each.name == name]
    known = {"study": "Study", "series": "Series", "instance": "SOP"}
    known = {key: images[0][f"{word}InstanceUID"].value for key, word in known.items()} | {
        "frames": "1",
        "tag": "7FE00010",
    }
    path = reverse(f"dicomweb:{name}", kwargs={key: known[key] for key in pattern.pattern.converters})
    client = client_of(clinician)
    one, other = (ask(path, headers={"Accept": "*/*"}) for ask in (client.get, client.head))
    one.getvalue()
    assert (one.status_code, other.status_code, other.getvalue()) == (200, 200, b"")
