"""Ranges of bytes and conditions: single parts of instances, frames and bulk values, never of what is withheld."""

import pytest

from overlays.models import AuditEntry
from tests.builders import to_bytes

pytestmark = pytest.mark.django_db

DICOM = "application/dicom"
OCTETS = "application/octet-stream"


@pytest.fixture
def fetch(called, clinician):
    def get(path: str, accept: str = DICOM, method: str = "get", **headers: str):
        return getattr(called(clinician), method)(path, headers={"accept": accept} | headers)

    return get


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=132-", 132, None),
        ("bytes=-50", -50, None),
        ("bytes=7-7", 7, 7),
        ("bytes=5-999999999", 5, None),
    ],
)
def test_one_range_of_an_instance_is_those_bytes(fetch, scene, asked, first, last):
    stored = to_bytes(scene.images[0])
    answer = fetch(scene.path(scene.images[0]), Range=asked)
    wanted = stored[first : None if last is None else last + 1]
    start = first % len(stored)
    assert answer.status_code == 206
    assert body(answer) == wanted
    assert answer["Content-Range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(stored)}"
    assert answer["Content-Length"] == str(len(wanted))


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=9-2",
        "bytes=-",
        "lines=1-2",
        "bytes=a-b",
        "bytes",
        "bytes=1-2-3",
        "bytes=" + "9" * 40 + "-",
    ],
)
def test_what_is_no_single_range_is_answered_whole(fetch, scene, asked):
    answer = fetch(scene.path(scene.images[0]), Range=asked)
    assert (answer.status_code, body(answer)) == (200, to_bytes(scene.images[0]))
    assert answer["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_with_the_length(fetch, scene, asked):
    answer = fetch(scene.path(scene.images[0]), Range=asked)
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{len(to_bytes(scene.images[0]))}"
    assert answer["Content-Type"] == "application/problem+json"


def test_a_range_holds_only_for_the_bytes_it_was_meant_for(fetch, scene):
    path = scene.path(scene.images[0])
    tag = fetch(path)["ETag"]
    assert fetch(path, Range="bytes=0-9", **{"If-Range": tag}).status_code == 206
    assert fetch(path, Range="bytes=0-9", **{"If-Range": '"another"'}).status_code == 200
    assert fetch(path, Range="bytes=0-9", **{"If-Range": f"W/{tag}"}).status_code == 200
    assert fetch(path, Range="bytes=0-9", **{"If-Range": "Sun, 22 Nov 2026 00:00:00 GMT"}).status_code == 200


def test_a_range_has_the_entity_tag_of_the_whole(fetch, scene):
    path = scene.path(scene.images[0])
    assert fetch(path, Range="bytes=0-9")["ETag"] == fetch(path)["ETag"]


def test_another_entity_tag_insisted_on_is_refused(fetch, scene):
    path = scene.path(scene.images[0])
    assert fetch(path, **{"If-Match": '"another"'}).status_code == 412
    assert fetch(path, **{"If-Match": fetch(path)["ETag"]}).status_code == 200
    assert fetch(path, **{"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("part", ["frames/1", "bulkdata/7FE00010"])
def test_a_range_of_pixels_is_those_bytes(fetch, scene, part):
    image = scene.images[0]
    answer = fetch(f"{scene.path(image)}/{part}", OCTETS, Range="bytes=10-29")
    assert (answer.status_code, body(answer)) == (206, image.PixelData[10:30])


def test_a_multipart_answer_has_no_ranges(fetch, scene):
    answer = fetch(scene.path(scene.images[0]), 'multipart/related; type="application/dicom"', Range="bytes=0-9")
    assert answer.status_code == 200
    assert "Accept-Ranges" not in answer


def test_a_range_of_what_is_withheld_is_not_there(fetch, scene):
    for asked in ("bytes=0-9", "bytes=99999999-"):
        answer = fetch(scene.path(), Range=asked)
        assert (answer.status_code, "Content-Range" in answer) == (404, False)


def test_a_range_of_derived_content_is_recorded(fetch, scene):
    scene.accept()
    assert body(fetch(scene.path(), Range="bytes=0-9")) == scene.bytes_of_overlay[:10]
    assert AuditEntry.objects.filter(event="instances:retrieved").count() == 1


@pytest.mark.parametrize("part", ["", "/frames/1", "/bulkdata/7FE00010", "/metadata"])
def test_head_tells_what_get_would(fetch, scene, part):
    path, accept = scene.path(scene.images[0]) + part, "*/*"
    head, got = fetch(path, accept, method="head"), fetch(path, accept)
    assert (head.status_code, body(head)) == (200, b"")
    told = ("ETag", "Content-Type", "Content-Length", "Vary")
    assert {name: head.get(name) for name in told} == {name: got.get(name) for name in told}


def test_head_of_a_search_tells_its_length_alone(fetch, scene):
    accept = "application/dicom+json"
    head, got = fetch("/dicom-web/studies", accept, method="head"), fetch("/dicom-web/studies", accept)
    assert (head.content, head["Content-Length"]) == (b"", str(len(got.content)))


def test_a_range_of_a_head_is_not_looked_at(fetch, scene):
    answer = fetch(scene.path(scene.images[0]), method="head", Range="bytes=0-9")
    assert (answer.status_code, answer["Content-Length"]) == (200, str(len(to_bytes(scene.images[0]))))
