"""STOW-RS: what is taken, how it is acknowledged, and in which form it must come."""

import io
import json

import pytest
from django.db import DataError
from pydicom import Dataset

from overlays.governance.permissions import Scope
from overlays.models import AuditEntry, OverlayVersion, SourceInstance
from overlays.queries.stored_bytes import open_bytes
from overlays.services.store_source import store_source
from tests.builders import ct_series, report, segmentation, to_bytes
from tests.dicomweb.conftest import BOUNDARY, MULTIPART, SITE, body_of, snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def images() -> list[Dataset]:
    return ct_series(slices=2, rows=16, columns=16)


def referenced(answer) -> list[str]:
    return [item["00081155"]["Value"][0] for item in answer.json().get("00081199", {}).get("Value", [])]


def test_images_are_stored_without_reserve(stow, images):
    answer = stow(*map(to_bytes, images))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/dicom+json"
    assert referenced(answer) == [image.SOPInstanceUID for image in images]


def test_the_bytes_are_stored_as_they_came(stow, registered, images):
    registered()
    data = to_bytes(segmentation(sources=images))
    stow(*map(to_bytes, images), data)
    with open_bytes(OverlayVersion.objects.get().sha256) as file:
        assert file.read() == data


def test_the_answer_names_class_instance_and_address(stow, images):
    answer = stow(to_bytes(images[0]))
    (item,) = answer.json()["00081199"]["Value"]
    study, series, uid = images[0].StudyInstanceUID, images[0].SeriesInstanceUID, images[0].SOPInstanceUID
    address = f"{SITE}/dicom-web/studies/{study}"
    assert item["00081150"]["Value"] == [images[0].SOPClassUID]
    assert item["00081190"]["Value"] == [f"{address}/series/{series}/instances/{uid}"]
    assert answer.json()["00081190"]["Value"] == [address]


def test_a_segmentation_and_its_report_come_in_one_body(stow, registered, images):
    registered()
    overlay = segmentation(sources=images)
    measured = report(sources=images, about=overlay)
    answer = stow(*map(to_bytes, [*images, overlay, measured]))
    assert len(referenced(answer)) == 4
    assert OverlayVersion.objects.values("post").distinct().count() == 1


def test_a_warning_is_answered_with_202_and_told(stow, registered, images):
    registered()
    answer = stow(to_bytes(segmentation(sources=images)))
    (item,) = answer.json()["00081199"]["Value"]
    comments = [each["00771001"]["Value"][0] for each in item["00741048"]["Value"]]
    assert answer.status_code == 202
    assert item["00081196"]["Value"] == [0xB007]
    assert any(comment.startswith("[REG-012 (0008,2112) SourceImageSequence]") for comment in comments)


def test_some_that_fail_are_told_beside_those_that_are_stored(stow, images):
    broken = ct_series(uid_seed="other", slices=1, rows=16, columns=16)[0]
    broken.Rows = 17
    answer = stow(to_bytes(images[0]), to_bytes(broken))
    (failed,) = answer.json()["00081198"]["Value"]
    assert answer.status_code == 202
    assert failed["00081155"]["Value"] == [broken.SOPInstanceUID]
    assert referenced(answer) == [images[0].SOPInstanceUID]


def test_the_same_instance_again_is_no_fault(stow, images):
    stow(to_bytes(images[0]))
    assert stow(to_bytes(images[0])).status_code == 200
    assert SourceInstance.objects.count() == 1


def test_other_bytes_under_a_known_uid_are_a_conflict(stow, images, own_store):
    stow(to_bytes(images[0]))
    before = snapshot(own_store)
    images[0].PatientSex = "O"
    answer = stow(to_bytes(images[0]))
    assert answer.status_code == 409
    assert answer.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0x0111]
    assert snapshot(own_store) == before


def test_an_instance_of_the_study_of_the_address_is_taken(stow, images):
    assert stow(to_bytes(images[0]), study=images[0].StudyInstanceUID).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        f"multipart/related; type=application/dicom; boundary={BOUNDARY}",
        f'Multipart/Related;boundary={BOUNDARY};TYPE="application/dicom"',
        f"multipart/related; boundary={BOUNDARY}",
    ],
)
def test_the_content_type_may_be_written_in_several_ways(stow, images, content_type):
    assert stow(to_bytes(images[0]), content_type=content_type).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "application/dicom",
        "application/json",
        "multipart/form-data; boundary=x",
        f'multipart/related; type="application/dicom+json"; boundary={BOUNDARY}',
    ],
)
def test_another_media_type_is_refused(stow, images, content_type, own_store):
    answer = stow(to_bytes(images[0]), content_type=content_type)
    assert answer.status_code == 415
    assert 'multipart/related; type="application/dicom"' in answer.json()["detail"]
    assert not snapshot(own_store)[-1]


@pytest.mark.parametrize(
    ("content_type", "said"),
    [
        ("multipart/related; type=application/dicom", "boundary has 1 to 70"),
        (f"multipart/related; type=application/dicom; boundary={'x' * 71}", "boundary has 1 to 70"),
        ('multipart/related; boundary="', "is not a media type"),
        ("multipart related", "does not begin with a media type"),
        ("multipart/related; boundary=a; boundary=b", "twice"),
    ],
)
def test_a_malformed_content_type_is_refused(stow, images, content_type, said, own_store):
    answer = stow(to_bytes(images[0]), content_type=content_type)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert said in answer.json()["detail"]
    assert not snapshot(own_store)[-1]


@pytest.mark.parametrize("body", [b"", b"no multipart at all", body_of(b"x")[:-20]])
def test_a_body_that_is_no_multipart_is_refused(stow, body, own_store):
    answer = stow(body=body)
    assert answer.status_code in (400, 411)
    assert not snapshot(own_store)[-1]


def test_a_body_without_parts_is_refused(stow):
    answer = stow(body=f"--{BOUNDARY}--".encode())
    assert answer.status_code == 400
    assert "no part" in answer.json()["detail"]


def test_a_cut_body_keeps_what_was_complete_and_nothing_of_the_rest(stow, images, own_store):
    body = body_of(*map(to_bytes, images), closed=False)
    answer = stow(body=body[:-50])
    assert answer.status_code == 400
    assert referenced(answer) == [images[0].SOPInstanceUID]
    (item,) = answer.json()["0008119A"]["Value"]
    assert "cut short" in json.dumps(item)
    assert SourceInstance.objects.count() == len(snapshot(own_store)[-1]) == 1


def test_a_cut_body_with_no_complete_part_leaves_nothing(stow, images, own_store):
    answer = stow(body=body_of(to_bytes(images[0]), closed=False)[:-50])
    assert answer.status_code == 400
    assert "cut short" in answer.json()["detail"]
    assert snapshot(own_store) == (0, 0, 0, 0, 0, 0, [])


@pytest.mark.parametrize("content_type", ["text/plain", "application/dicom+xml", "", "not a type"])
def test_a_part_of_another_type_fails_with_a_sentence(stow, images, content_type, own_store):
    answer = stow(body=body_of(to_bytes(images[0]), content_type=content_type))
    (item,) = answer.json()["0008119A"]["Value"]
    assert answer.status_code == 409
    assert "parts of type application/dicom are taken" in json.dumps(item)
    assert not snapshot(own_store)[-1]


def test_a_part_over_the_limit_fails_alone(stow, images, settings, own_store):
    small, large = to_bytes(images[0]), to_bytes(images[1]) + bytes(100_000)
    settings.OVERLAYS_MAX_INSTANCE_BYTES = len(small)
    answer = stow(large, small)
    (item,) = answer.json()["0008119A"]["Value"]
    assert answer.status_code == 202
    assert item["00081197"]["Value"] == [0xA700]
    assert f"An instance may have {len(small)} bytes" in json.dumps(item)
    assert len(snapshot(own_store)[-1]) == 1


def test_a_body_over_the_limit_is_refused_before_it_is_read(stow, images, settings, own_store):
    settings.OVERLAYS_MAX_REQUEST_BYTES = 1000
    answer = stow(to_bytes(images[0]))
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")
    assert "1000 bytes" in answer.json()["detail"]
    assert not snapshot(own_store)[-1]


def chunked(body: bytes) -> dict:
    return {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}


def test_a_chunked_body_is_taken(called, pipeline, images):
    answer = called(pipeline).generic(
        "POST", "/dicom-web/studies", content_type=MULTIPART, **chunked(body_of(to_bytes(images[0])))
    )
    assert answer.status_code == 200


def test_a_chunked_body_over_the_limit_keeps_what_was_complete(called, pipeline, images, settings, own_store):
    body = body_of(*map(to_bytes, images)) + bytes(2 << 20)
    settings.OVERLAYS_MAX_REQUEST_BYTES = 1 << 20
    answer = called(pipeline).generic("POST", "/dicom-web/studies", content_type=MULTIPART, **chunked(body))
    assert answer.status_code == 413
    assert len(referenced(answer)) == len(snapshot(own_store)[-1]) == 2


def test_a_body_of_unknown_length_is_refused(called, pipeline):
    answer = called(pipeline).generic("POST", "/dicom-web/studies", content_type=MULTIPART)
    assert answer.status_code == 411


def test_a_chunked_body_whose_end_the_server_cannot_tell_is_refused(called, pipeline):
    told = chunked(b"") | {"wsgi.input_terminated": False}
    answer = called(pipeline).generic("POST", "/dicom-web/studies", content_type=MULTIPART, **told)
    assert answer.status_code == 411


def test_too_many_parts_are_refused(stow, monkeypatch, own_store):
    monkeypatch.setattr("overlays.dicomweb.intake.MOST_PARTS", 3)
    answer = stow(*[b"x"] * 4)
    assert answer.status_code == 400
    assert "may have 3 parts" in answer.content.decode()
    assert not snapshot(own_store)[-1]


def test_many_refusals_of_one_request_share_an_audit_entry(stow, monkeypatch):
    monkeypatch.setattr("overlays.dicomweb.intake.MOST_REFUSALS", 2)
    assert stow(*[b""] * 5).status_code == 409
    told = [entry.data for entry in AuditEntry.objects.filter(event="instance:refused").order_by("pk")]
    assert [data.get("count", 1) for data in told] == [1, 1, 3]
    assert told[2]["rules"] == "3 more of the same request"


def test_refusals_that_were_not_recorded_yet_are_when_the_body_breaks_off(stow, monkeypatch):
    monkeypatch.setattr("overlays.dicomweb.intake.MOST_REFUSALS", 0)
    assert stow(body=body_of(b"", b"", closed=False)).status_code == 400
    assert AuditEntry.objects.get(event="instance:refused").data["count"] == 1


@pytest.mark.parametrize("fault", [DataError, OverflowError])
def test_a_value_that_the_database_does_not_take_refuses_its_instance_alone(stow, images, monkeypatch, fault):
    def one_is_too_much(*, actor, at, received, instance, findings):
        if instance.sop_instance_uid == images[0].SOPInstanceUID:
            raise fault("too much")
        return store_source(actor=actor, at=at, received=received, instance=instance, findings=findings)

    monkeypatch.setattr("overlays.services.store_instance.store_source", one_is_too_much)
    answer = stow(*map(to_bytes, images))
    assert answer.status_code == 202
    assert referenced(answer) == [image.SOPInstanceUID for image in images[1:]]
    (failed,) = answer.json()["0008119A"]["Value"]
    assert failed["00081197"]["Value"] == [0xA900]
    assert AuditEntry.objects.get(event="instance:refused").data["count"] == 1


def test_a_client_that_accepts_no_json_is_told_before_anything_is_stored(stow, images, own_store):
    answer = stow(to_bytes(images[0]), HTTP_ACCEPT="application/dicom+xml")
    assert answer.status_code == 406
    assert not snapshot(own_store)[-1]


def test_a_clinician_may_not_store(stow, clinician, images, own_store):
    answer = stow(to_bytes(images[0]), actor=clinician)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert not snapshot(own_store)[-1]


def test_a_refused_client_has_its_body_read_so_that_it_sees_the_status(called, clinician):
    body = io.BytesIO(bytes(3 << 20))
    told = chunked(b"") | {"wsgi.input": body}
    called(clinician).generic("POST", "/dicom-web/studies", content_type=MULTIPART, **told)
    assert body.tell() == 3 << 20


def test_of_a_refused_body_that_says_how_large_it_is_nothing_is_read(called, clinician):
    body = io.BytesIO(bytes(20 << 20))
    told = {"wsgi.input": body, "CONTENT_LENGTH": str(20 << 20)}
    called(clinician).generic("POST", "/dicom-web/studies", content_type=MULTIPART, **told)
    assert body.tell() == 0


def test_no_more_than_a_bounded_part_of_a_refused_body_is_read(called, clinician):
    body = io.BytesIO(bytes(20 << 20))
    told = chunked(b"") | {"wsgi.input": body}
    called(clinician).generic("POST", "/dicom-web/studies", content_type=MULTIPART, **told)
    assert body.tell() == 8 << 20


def test_a_reader_stores_a_correction(stow, scene, radiologist):
    scene.accept()
    corrected = segmentation(sources=scene.images, uid_seed="corrected", predecessor=scene.overlay, shift=2)
    answer = stow(to_bytes(corrected), actor=radiologist)
    assert answer.status_code in (200, 202), answer.json()
    assert OverlayVersion.objects.get(sop_instance_uid=corrected.SOPInstanceUID).author == radiologist.name


def test_a_pipeline_may_not_post_for_the_model_of_another(stow, registered, pipeline, images, own_store):
    from dataclasses import replace

    registered()
    stow(*map(to_bytes, images))
    before = snapshot(own_store)
    answer = stow(to_bytes(segmentation(sources=images)), actor=replace(pipeline, client_id="other-pipeline"))
    (failed,) = answer.json()["00081198"]["Value"]
    assert answer.status_code == 409
    assert failed["00081197"]["Value"] == [0x0124]
    assert "may not post for the model LiverSeg" in json.dumps(failed)
    assert snapshot(own_store) == before


def test_a_narrowed_pipeline_posts_to_its_studies_alone(stow, narrowed, pipeline, images, own_store):
    answer = stow(to_bytes(images[0]), actor=narrowed(pipeline, "1.2.3"))
    assert answer.status_code == 409
    assert answer.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0x0124]
    assert snapshot(own_store) == (0, 0, 0, 0, 0, 0, [])


def test_a_client_that_may_both_store_and_view_stores_results_of_a_model(stow, registered, pipeline, images):
    from dataclasses import replace

    registered()
    both = replace(pipeline, scopes=frozenset({Scope.STORE, Scope.VIEW}))
    stow(*map(to_bytes, images), to_bytes(segmentation(sources=images)), actor=both)
    assert OverlayVersion.objects.get().author == ""


def test_a_full_disk_is_answered_with_503_and_leaves_nothing(stow, images, monkeypatch, own_store):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("registry.storage.DurableFolder._save", full)
    answer = stow(to_bytes(images[0]))
    assert answer.status_code == 503
    assert snapshot(own_store) == (0, 0, 0, 0, 0, 0, [])
