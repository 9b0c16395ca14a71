"""What sources that arrive after an object say of it: all that they would have said at the post."""

from pathlib import Path

import pytest
from django.core.files.storage import storages
from pydicom.dataset import Dataset

from overlays.models import Change, OverlayVersion
from overlays.queries.stored_bytes import key_of
from overlays.services import background
from tests.builders import ct_series, key_objects, report, segmentation, to_bytes

pytestmark = pytest.mark.django_db


def stored(data: Dataset) -> OverlayVersion:
    return OverlayVersion.objects.get(sop_instance_uid=data.SOPInstanceUID)


def named(image: Dataset) -> Dataset:
    """The image as evidence."""
    study, series, instance = Dataset(), Dataset(), Dataset()
    instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    series.SeriesInstanceUID, series.ReferencedSOPSequence = image.SeriesInstanceUID, [instance]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = image.StudyInstanceUID, [series]
    return study


def turned_over(sources: list) -> Dataset:
    """A segmentation whose frames lie, in the opposite order, on other images than they name."""
    data = segmentation(sources=sources)
    frames = data.PerFrameFunctionalGroupsSequence
    places = [frame.PlanePositionSequence[0].ImagePositionPatient for frame in frames[: len(sources)]]
    for number, frame in enumerate(frames):
        frame.PlanePositionSequence[0].ImagePositionPatient = places[-1 - number % len(places)]
    return data


def test_frames_at_the_places_of_others_are_a_conflict(post, registered):
    registered()
    sources = ct_series()
    early = turned_over(sources)
    assert post(to_bytes(early)).refusal is None
    for image in sources:
        post(to_bytes(image))
    assert stored(early).verification == "conflict"


def test_a_segment_that_a_report_names_and_its_segmentation_lacks_is_a_conflict(post, registered, sources):
    registered()
    about = segmentation(sources=sources, segments=("Liver",))
    early = report(sources=sources, about=about)
    for item in early.iterall():
        if item.keyword == "ReferencedSegmentNumber":
            item.value = 5
    assert post(to_bytes(early)).refusal is None
    post(to_bytes(about))
    assert stored(early).verification == "conflict"


def test_what_cannot_be_read_any_more_is_not_verified_and_keeps_no_image_out(post, registered):
    registered()
    sources = ct_series()
    early = segmentation(sources=sources)
    post(to_bytes(early))
    Path(storages["bytes"].path(key_of(stored(early).sha256))).unlink()
    assert [post(to_bytes(image)).refusal for image in sources] == [None] * len(sources)
    assert stored(early).verification == "missing"


def test_what_is_about_results_alone_is_a_conflict_when_the_study_proves_to_be_anothers(post, registered):
    registered()
    sources = ct_series()
    about = segmentation(sources=sources)
    post(to_bytes(about))
    early = key_objects(selected=[about])
    assert post(to_bytes(early)).refusal is None
    assert stored(early).verification == "verified"
    post(to_bytes(ct_series(patient_id="SOMEBODY-ELSE")[0]))
    assert stored(early).verification == "conflict"
    assert Change.objects.filter(sop_instance_uid=early.SOPInstanceUID, event="version:verification").exists()


def test_another_look_does_not_take_the_patient_of_the_study_back(post, registered):
    registered()
    about = segmentation()
    post(to_bytes(about))
    early = key_objects(selected=[about])
    post(to_bytes(early))
    post(to_bytes(ct_series(patient_id="SOMEBODY-ELSE")[0]))
    assert background.run("recheck_sources", early.SOPInstanceUID)
    assert stored(early).verification == "conflict"


def test_a_report_of_its_own_study_may_compare_with_images_that_arrive_later_in_an_earlier_one(
    post, registered, sources
):
    registered()
    earlier = ct_series(uid_seed="earlier")[0]
    early = report(sources=sources, with_volume=False)
    early.PertinentOtherEvidenceSequence = [named(earlier)]
    post(to_bytes(early))
    post(to_bytes(earlier))
    assert stored(early).verification == "verified"
