"""Sources of posted results are looked up in the archive: existence, patient, study, frame of reference."""

import itertools
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from overlays.models import AuditEntry, OverlayVersion
from overlays.queries.stored_bytes import key_of
from overlays.services import background
from overlays.services.outcomes import Refusal
from tests.archive.double import Answer, holding, told
from tests.builders import ct_series, segmentation, to_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def images():
    return ct_series(slices=2, rows=16, columns=16)


@pytest.fixture
def posted(post, registered, images):
    """Posts a segmentation of the images and gives the outcome."""
    registered()
    return lambda **options: post(to_bytes(segmentation(sources=images, **options)))


def stored() -> OverlayVersion:
    return OverlayVersion.objects.get()


def rules(outcome) -> set[str]:
    return {found.rule for found in outcome.findings}


@pytest.mark.real
class TestWithOrthanc:
    """Against a real archive."""

    def test_sources_that_are_there_are_verified(self, orthanc, images, posted):
        orthanc.store(*images)
        assert posted().refusal is None
        assert stored().verification == "verified"

    def test_sources_that_are_not_there_are_missing(self, orthanc, images, posted):
        orthanc.store(images[0])
        assert "REG-012" in rules(posted())
        assert stored().verification == "missing"

    def test_another_patient_is_refused(self, orthanc, images, posted):
        for image in images:
            image.PatientID = "PAT-2"
        orthanc.store(*images)
        for image in images:
            image.PatientID = "PAT-1"
        assert "SRC-001" in rules(posted())
        assert not OverlayVersion.objects.exists()

    def test_another_frame_of_reference_is_refused(self, orthanc, images, posted):
        own = images[0].FrameOfReferenceUID
        for image in images:
            image.FrameOfReferenceUID = "1.2.3.4"
        orthanc.store(*images)
        for image in images:
            image.FrameOfReferenceUID = own
        assert "SRC-005" in rules(posted())

    def test_images_of_another_study_are_found_where_they_lie(self, orthanc, images, posted):
        own, own_series = images[0].StudyInstanceUID, images[0].SeriesInstanceUID
        for image in images:
            image.StudyInstanceUID, image.SeriesInstanceUID = "1.2.3.5", "1.2.3.5.1"
        orthanc.store(*images)
        for image in images:
            image.StudyInstanceUID, image.SeriesInstanceUID = own, own_series
        found = posted()
        assert found.refusal is Refusal.RULES_BROKEN
        assert "SRC-003" in rules(found)

    def test_sources_that_arrive_later_verify(self, orthanc, images, posted):
        posted()
        orthanc.store(*images)
        assert background.run("recheck_sources", stored().sop_instance_uid)
        assert stored().verification == "verified"
        assert AuditEntry.objects.filter(event="version:verification").count() == 1

    def test_a_patient_who_was_changed_in_the_archive_is_a_conflict(self, orthanc, images, posted):
        orthanc.store(*images)
        posted()
        orthanc.clear()
        for image in images:
            image.PatientID = "PAT-2"
        orthanc.store(*images)
        out = StringIO()
        call_command("recheck_sources", "--all", stdout=out)
        assert stored().verification == "conflict"
        assert out.getvalue() == "1 looked at, 1 changed.\n"


def test_one_series_is_one_request_however_many_instances_it_has(double, images, posted):
    double.answers = holding(*images)
    posted()
    assert len(double.paths()) == 1
    assert stored().verification == "verified"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"oops", "500 Internal Server Error"),
        Answer(b"", "302 Found", {"Location": "/elsewhere"}),
        Answer(b"", "401 Unauthorized", {}),
        Answer(b"[{", headers={"Content-Type": "application/dicom+json"}),
        Answer(b"<html>", headers={"Content-Type": "text/html"}),
        Answer(b"[" * 100_000, headers={"Content-Type": "application/dicom+json"}),
        Answer(b"[1]"),
        Answer(b'[{"00080018": 7}] trailing'),
        Answer(b"\xff\xfe[]"),
        told([{"00080018": {"vr": "UI", "Value": ["1.2"]}, "0020000D": {"vr": "UI", "Value": ["9.9"]}}]),
    ],
    ids=["500", "redirect", "401", "cut", "html", "deep", "numbers", "trailing", "not UTF-8", "another study"],
)
def test_an_archive_that_does_not_tell_leaves_it_unverified_with_a_warning(double, posted, answer):
    double.answers = lambda asked: answer
    found = posted()
    assert found.refusal is None
    assert "REG-019" in rules(found)
    assert stored().verification == "unverified"


def test_an_archive_that_is_away_leaves_it_unverified(double, settings, posted):
    settings.OVERLAYS_ARCHIVE_URL = "http://127.0.0.1:9/dicom-web"
    assert "REG-019" in rules(posted())


def test_an_archive_with_endless_results_leaves_it_unverified(double, images, posted, monkeypatch):
    monkeypatch.setattr("overlays.archive.sources.MOST_INSTANCES", 3000)
    monkeypatch.setattr(
        "overlays.archive.sources.search.__kwdefaults__",
        {
            "expected": None,
            "key": "00080018",
            "bearer": None,
            "most": 3000,
        },
    )
    numbers = itertools.count()
    double.answers = lambda asked: told(
        [{"00080018": {"vr": "UI", "Value": [f"1.2.{next(numbers)}"]}} for _ in range(1000)]
    )
    assert "REG-019" in rules(posted())
    assert len(double.asked) < 8


def test_the_background_looks_again_when_the_archive_is_back(double, images, posted):
    double.answers = lambda asked: Answer(b"", "503 Service Unavailable")
    posted()
    assert not background.run("recheck_sources", stored().sop_instance_uid)
    double.answers = holding(*images)
    assert background.run("recheck_sources", stored().sop_instance_uid)
    assert stored().verification == "verified"


def test_frames_at_the_places_of_others_are_a_conflict_when_the_archive_is_back(double, images, post, registered):
    registered()
    double.answers = lambda asked: Answer(b"", "503 Service Unavailable")
    seg = segmentation(sources=images, segments=("Liver",))
    one, other = (frame.PlanePositionSequence[0] for frame in seg.PerFrameFunctionalGroupsSequence)
    one.ImagePositionPatient, other.ImagePositionPatient = other.ImagePositionPatient, one.ImagePositionPatient
    assert post(to_bytes(seg)).refusal is None
    double.answers = holding(*images)
    assert background.run("recheck_sources", stored().sop_instance_uid)
    assert stored().verification == "conflict"


def test_a_version_whose_bytes_are_lost_stops_no_look_at_the_others(double, images, posted):
    double.answers = lambda asked: Answer(b"", "503 Service Unavailable")
    posted()
    Path(storages["bytes"].path(key_of(stored().sha256))).unlink()
    posted(uid_seed="second")
    double.answers = holding(*images)
    out, errors = StringIO(), StringIO()
    call_command("recheck_sources", stdout=out, stderr=errors)
    assert out.getvalue() == "1 looked at, 1 changed.\n"
    assert "cannot be read" in errors.getvalue()


def test_what_the_second_look_changes_is_in_the_log(double, images, posted):
    double.answers = lambda asked: Answer(b"", "503 Service Unavailable")
    posted()
    double.answers = holding(*images)
    assert background.run("recheck_sources", stored().sop_instance_uid)
    entry = AuditEntry.objects.get(event="version:verification")
    assert (entry.data["before"], entry.data["verification"]) == ("unverified", "verified")


def test_a_post_without_known_sources_is_looked_up_again_after_the_commit(
    double, posted, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as waiting:
        posted()
    assert len(waiting) == 1


def test_an_archive_that_is_away_takes_no_verification_back(double, images, posted):
    double.answers = holding(*images)
    posted()
    double.answers = lambda asked: Answer(b"", "500 Oops")
    with pytest.raises(CommandError, match="0 looked at"):
        call_command("recheck_sources", "--all")
    assert stored().verification == "verified"


def test_no_request_is_made_inside_a_transaction(double, images, post, registered, monkeypatch):
    from overlays.services import store_instance

    order = []
    double.answers = lambda asked: order.append("asked") or holding(*images)(asked)
    kept = store_instance.store_version
    monkeypatch.setattr(store_instance, "store_version", lambda **given: order.append("transaction") or kept(**given))
    registered()
    post(to_bytes(segmentation(sources=images)))
    assert order == ["asked", "transaction"]
