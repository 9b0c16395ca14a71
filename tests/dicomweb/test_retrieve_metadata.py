"""WADO-RS: metadata as DICOM JSON, at three levels."""

import gzip
import json

import pytest

from overlays.models import AuditEntry
from tests.builders import report, to_bytes
from tests.dicomweb.conftest import SITE

pytestmark = pytest.mark.django_db


@pytest.fixture
def fetch(called, clinician):
    def get(path: str, method: str = "get", **headers):
        return getattr(called(clinician), method)(path, **({"HTTP_ACCEPT": "application/dicom+json"} | headers))

    return get


def content(answer) -> bytes:
    return b"".join(answer.streaming_content)


def uids(answer) -> list[str]:
    return [found["00080018"]["Value"][0] for found in json.loads(content(answer))]


@pytest.fixture
def paths(scene) -> dict[str, str]:
    study = f"/dicom-web/studies/{scene.study}"
    return {
        "study": f"{study}/metadata",
        "series": f"{study}/series/{scene.images[0].SeriesInstanceUID}/metadata",
        "instance": f"{scene.path(scene.images[0])}/metadata",
    }


def test_an_instance_tells_all_its_attributes(fetch, scene, paths):
    answer = fetch(paths["instance"])
    (found,) = json.loads(content(answer))
    assert answer["Content-Type"] == "application/dicom+json"
    assert found["00200032"] == {"vr": "DS", "Value": [-32, -32, 0]}
    assert found["00100010"]["Value"] == [{"Alphabetic": "Doe^Jane"}]


def test_pixel_data_is_an_address_that_answers(fetch, scene, paths):
    (found,) = json.loads(content(fetch(paths["instance"])))
    address = found["7FE00010"]["BulkDataURI"]
    assert address == f"{SITE}{scene.path(scene.images[0])}/bulkdata/7FE00010"
    answer = fetch(address.removeprefix(SITE), HTTP_ACCEPT="application/octet-stream")
    assert content(answer) == scene.images[0].PixelData


def test_a_segmentation_tells_its_functional_groups(fetch, scene):
    scene.accept()
    (found,) = json.loads(content(fetch(f"{scene.path()}/metadata")))
    assert len(found["52009230"]["Value"]) == scene.overlay.NumberOfFrames
    assert found["00081115"]["Value"][0]["0020000E"]["Value"] == [scene.images[0].SeriesInstanceUID]


def test_a_series_and_a_study_tell_each_instance(fetch, scene, paths):
    expected = [image.SOPInstanceUID for image in scene.images]
    assert uids(fetch(paths["series"])) == uids(fetch(paths["study"])) == expected


def test_a_permitted_overlay_is_part_of_its_study(fetch, scene, paths):
    scene.accept()
    assert scene.overlay.SOPInstanceUID in uids(fetch(paths["study"]))


def test_a_withheld_report_is_not_told(fetch, scene, post):
    measured = report(sources=scene.images, about=scene.overlay)
    assert post(to_bytes(measured)).refusal is None
    assert fetch(f"{scene.path(measured)}/metadata").status_code == 404


@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_metadata_is_compressed_for_those_who_take_it(fetch, scene, paths, level):
    plain, packed = fetch(paths[level]), fetch(paths[level], HTTP_ACCEPT_ENCODING="br, gzip;q=0.8")
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(content(packed)) == content(plain)
    assert packed["ETag"] != plain["ETag"]


@pytest.mark.parametrize("coding", ["", "identity", "gzip;q=0", "deflate"])
def test_metadata_is_plain_for_others(fetch, paths, coding):
    assert "Content-Encoding" not in fetch(paths["instance"], HTTP_ACCEPT_ENCODING=coding).headers


@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_unchanged_metadata_is_not_sent_again(fetch, paths, level):
    tag = fetch(paths[level])["ETag"]
    answer = fetch(paths[level], HTTP_IF_NONE_MATCH=tag)
    assert (answer.status_code, answer.content) == (304, b"")


def test_metadata_of_a_study_changes_with_what_is_permitted(fetch, scene, paths):
    tag = fetch(paths["study"])["ETag"]
    scene.accept()
    assert fetch(paths["study"], HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_metadata_that_leaves_is_recorded(fetch, scene, paths):
    scene.accept()
    fetch(paths["instance"])
    fetch(paths["study"])
    fetch(paths["study"], "head")
    (entry,) = AuditEntry.objects.filter(event="instances:retrieved")
    assert entry.data["form"] == "metadata"


def test_head_tells_the_headers_alone(fetch, paths):
    answer = fetch(paths["study"], "head")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"")
    assert answer["ETag"] == fetch(paths["study"])["ETag"]


def test_a_client_that_takes_no_json_is_refused(fetch, paths):
    assert fetch(paths["study"], HTTP_ACCEPT="application/dicom+xml").status_code == 406


@pytest.fixture
def kept(scene, monkeypatch, own_store):
    """Where texts are kept, with every text worth keeping."""
    monkeypatch.setattr("overlays.queries.dicomweb_metadata.WORTH_KEEPING", 1)
    return own_store / "derived"


def test_a_large_text_is_kept_and_given_again_the_same(fetch, paths, kept):
    first = content(fetch(paths["study"]))
    assert len(list(kept.iterdir())) == 2
    assert content(fetch(paths["study"])) == first


def test_a_kept_text_names_the_address_through_which_it_is_asked(called, radiologist, scene, fetch, paths, kept):
    content(fetch(paths["instance"]))
    answer = called(radiologist).get("/review" + paths["instance"])
    (found,) = json.loads(content(answer))
    assert found["7FE00010"]["BulkDataURI"].startswith(f"{SITE}/review/dicom-web/")


def test_a_kept_text_is_not_told_once_it_is_withheld(fetch, scene, kept):
    scene.accept()
    path = f"{scene.path()}/metadata"
    assert scene.overlay.SOPInstanceUID.encode() in content(fetch(path))
    scene.set(status="recalled")
    assert fetch(path).status_code == 404


def test_kept_texts_may_be_thrown_away(fetch, paths, kept):
    first = content(fetch(paths["instance"]))
    for file in kept.iterdir():
        file.unlink()
    assert content(fetch(paths["instance"])) == first
