"""Every family of results is stored as a version of its line, gives way to what comes after it, and can be corrected."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pydicom.dataset import Dataset

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.models import Overlay, OverlayVersion
from overlays.services import line
from overlays.services.review import accept
from overlays.services.take_into_review import record_opening
from overlays.services.verify_sources import verification
from tests.builders import ct_series, report, segmentation, to_bytes
from tests.builders.captures import capture
from tests.builders.families import FAMILIES
from tests.builders.key_objects import key_objects
from tests.builders.presentations import presentation

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def stored(post, registered):
    """Stores an object with what it names; its version."""

    def store(made, **how) -> OverlayVersion:
        for data_set in (*made.sources, made.result):
            options = how if data_set is made.result else {}
            found = post(to_bytes(data_set), **options)
            assert found.refusal is None, found.findings
        return OverlayVersion.objects.get(sop_instance_uid=made.result.SOPInstanceUID)

    registered()
    return store


def _post(post, data_set: Dataset) -> OverlayVersion:
    found = post(to_bytes(data_set))
    assert found.refusal is None, found.findings
    return OverlayVersion.objects.get(sop_instance_uid=data_set.SOPInstanceUID)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_result_of_an_approved_model_waits_for_review_with_its_sources_verified(name, stored):
    made = FAMILIES[name]()
    version = stored(made)
    assert (version.overlay.kind, version.number) == (made.family, 1)
    assert (version.review_state, version.verification) == ("pending", "verified")
    assert str(version.model_version) == "LiverSeg 2.1.0"


@pytest.mark.parametrize("name", FAMILIES)
def test_the_next_one_stands_on_the_same_line_and_takes_the_place_of_the_first(name, stored, radiologist, now):
    versions = [stored(FAMILIES[name](uid_seed=seed)) for seed in ("one", "two")]
    for version in versions:
        accept(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)
    states = OverlayVersion.objects.filter(overlay=versions[0].overlay).order_by("number").values_list("review_state")
    assert list(states) == [("superseded",), ("accepted",)]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_newer_version_of_the_model_stays_on_the_line(name, stored, registered):
    first = stored(FAMILIES[name](uid_seed="one"))
    registered(version="2.2.0")
    second = stored(FAMILIES[name](uid_seed="two", model_version="2.2.0"))
    assert (second.overlay_id, second.number) == (first.overlay_id, 2)


@pytest.mark.parametrize("name", FAMILIES)
def test_what_a_reader_posts_corrects_the_one_that_was_opened(name, stored, radiologist, now):
    version = stored(FAMILIES[name](uid_seed="one"))
    record_opening(actor=radiologist, at=now, version=version)
    correction = stored(FAMILIES[name](uid_seed="two"), actor=radiologist)
    assert (correction.parent_id, correction.author, correction.number) == (version.pk, "R. Lee", 2)


def test_key_objects_of_different_results_are_different_lines(post, registered):
    registered()
    images = ct_series()
    for image in images:
        post(to_bytes(image))
    chosen = [segmentation(sources=images, uid_seed=seed, content_label=seed.upper()) for seed in ("one", "two")]
    versions = []
    for seed, segments in zip(("a", "b"), chosen, strict=True):
        _post(post, segments)
        versions.append(_post(post, key_objects(selected=[segments], uid_seed=seed)))
    assert versions[0].overlay_id != versions[1].overlay_id
    assert versions[0].overlay.source_series == [str(chosen[0].SeriesInstanceUID)]


def test_key_objects_with_another_title_are_another_line(post, registered):
    registered()
    images = ct_series()
    for image in images:
        post(to_bytes(image))
    versions = [
        _post(post, key_objects(selected=images[:1], title=title, uid_seed=title))
        for title in ("OF_INTEREST", "REJECTED")
    ]
    assert versions[0].overlay_id != versions[1].overlay_id


def test_a_line_that_was_known_without_a_series_goes_on_where_it_is_about_the_same_results(post, registered):
    registered()
    images = ct_series()
    segments = segmentation(sources=images)
    for image in images:
        post(to_bytes(image))
    _post(post, segments)
    first = _post(post, key_objects(selected=[segments], uid_seed="one"))
    made = first.overlay
    formerly = line._key(
        made.study.study_instance_uid, [f"model {made.model_id}"], [], made.kind, made.content_label, made.segments
    )
    Overlay.objects.filter(pk=made.pk).update(line=formerly, source_series=[], about="")
    second = _post(post, key_objects(selected=[segments], uid_seed="two"))
    other = segmentation(sources=images, uid_seed="other", content_label="OTHER")
    _post(post, other)
    third = _post(post, key_objects(selected=[other], uid_seed="three"))
    assert (second.overlay_id, second.number) == (made.pk, 2)
    assert third.overlay_id != made.pk


class TestWhatIsAboutOtherTargets:
    """A result gives way to the next one on the same images and results, and never to one on others."""

    @pytest.fixture
    def put(self, post, registered):
        registered()
        for image in ct_series():
            post(to_bytes(image))
        return lambda data_set: _post(post, data_set)

    @pytest.mark.parametrize("build", [presentation, capture])
    def test_two_on_different_images_are_different_lines(self, build, put):
        images = ct_series()
        first, second, third = (
            put(build(sources=chosen, uid_seed=seed))
            for seed, chosen in (("a", images[:1]), ("b", images[1:2]), ("c", images[:1]))
        )
        assert first.overlay_id != second.overlay_id
        assert (third.overlay_id, third.number) == (first.overlay_id, 2)

    def test_key_objects_of_different_images_are_different_lines(self, put):
        images = ct_series()
        first, second, third = (
            put(key_objects(selected=chosen, uid_seed=seed))
            for seed, chosen in (("a", images[:2]), ("b", images[2:3]), ("c", images[1::-1]))
        )
        assert first.overlay_id != second.overlay_id
        assert (third.overlay_id, third.number) == (first.overlay_id, 2)

    def test_states_of_different_frames_of_an_image_are_different_lines(self, put):
        versions = []
        for frame in (1, 2):
            built = presentation(sources=ct_series()[:1], uid_seed=f"frame {frame}")
            built.ReferencedSeriesSequence[0].ReferencedImageSequence[0].ReferencedFrameNumber = frame
            versions.append(line.targets(_read(built)))
        assert versions[0] != versions[1]

    def test_an_accepted_state_gives_way_to_none_of_another_image(self, put, radiologist, now):
        images = ct_series()
        versions = [put(presentation(sources=images[n : n + 1], uid_seed=f"image {n}")) for n in (0, 1)]
        for version in versions:
            accept(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)
        assert {OverlayVersion.objects.get(pk=version.pk).review_state for version in versions} == {"accepted"}

    def test_reports_about_different_segmentations_are_different_lines(self, put):
        images = ct_series()
        about = [segmentation(sources=images, uid_seed=seed, content_label=seed.upper()) for seed in ("one", "two")]
        for each in about:
            put(each)
        first, second = (put(report(sources=images, about=each, uid_seed=f"r{n}")) for n, each in enumerate(about))
        assert first.overlay_id != second.overlay_id

    def test_reports_about_versions_of_one_segmentation_stay_on_one_line(self, put):
        images = ct_series()
        about = [segmentation(sources=images, uid_seed=seed) for seed in ("one", "two")]
        assert put(about[0]).overlay_id == put(about[1]).overlay_id
        first, second = (put(report(sources=images, about=each, uid_seed=f"r{n}")) for n, each in enumerate(about))
        assert (second.overlay_id, second.number) == (first.overlay_id, 2)

    def test_reports_about_results_that_are_not_held_are_told_apart_by_their_names(self, put):
        images = ct_series()
        about = [segmentation(sources=images, uid_seed=seed) for seed in ("one", "two")]
        first, second = (put(report(sources=images, about=each, uid_seed=f"r{n}")) for n, each in enumerate(about))
        assert first.overlay_id != second.overlay_id

    def test_a_line_made_before_goes_on_where_all_its_versions_are_about_the_same(self, put, monkeypatch):
        images = ct_series()
        with monkeypatch.context() as formerly:
            formerly.setattr(line, "targets", lambda instance: "")
            first = put(presentation(sources=images[:1], uid_seed="a"))
        second = put(presentation(sources=images[:1], uid_seed="b"))
        assert (second.overlay_id, second.number) == (first.overlay_id, 2)

    def test_a_line_made_before_that_mixed_targets_takes_no_more_of_them(self, put, monkeypatch):
        images = ct_series()
        with monkeypatch.context() as formerly:
            formerly.setattr(line, "targets", lambda instance: "")
            mixed = [put(presentation(sources=images[n : n + 1], uid_seed=f"image {n}")) for n in (0, 1)]
        assert mixed[0].overlay_id == mixed[1].overlay_id
        assert put(presentation(sources=images[:1], uid_seed="b")).overlay_id != mixed[0].overlay_id

    def test_a_correction_of_one_image_corrects_none_of_another(self, put, post, radiologist, now):
        images = ct_series()
        version = put(presentation(sources=images[:1], uid_seed="a"))
        record_opening(actor=radiologist, at=now, version=version)
        found = post(to_bytes(presentation(sources=images[1:2], uid_seed="b")), actor=radiologist)
        assert "REG-007" in {each.rule for each in found.findings}


def _read(data_set):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "object.dcm"
        path.write_bytes(to_bytes(data_set))
        return inspect(path, bounds=Bounds()).instance


def test_maps_of_different_quantities_are_different_lines(stored):
    first, other = FAMILIES["float map"](uid_seed="one"), FAMILIES["float map"](uid_seed="two")
    shared = other.result.SharedFunctionalGroupsSequence[0]
    for each in (shared, *other.result.PerFrameFunctionalGroupsSequence):
        for mapping in each.get("RealWorldValueMappingSequence", []):
            for definition in mapping.get("QuantityDefinitionSequence", []):
                definition.ConceptCodeSequence[0].CodeValue = "110804"
                definition.ConceptCodeSequence[
                    0
                ].CodeMeaning = "T1 Weighted Dynamic Contrast Enhanced MR Signal Intensity"
    assert stored(first).overlay_id != stored(other).overlay_id


class TestSecondaryCaptures:
    """A picture that something drew is a result, whoever names it."""

    def test_it_is_governed_even_where_the_poster_may_store_sources(self, stored):
        made = FAMILIES["capture"]()
        assert stored(made).review_state == "pending"

    def test_one_of_an_unknown_model_is_quarantined(self, stored):
        assert stored(FAMILIES["capture"](model_version="9.9")).review_state == "quarantined"

    def test_it_verifies_no_source_of_what_is_computed_from_images(self, post, registered):
        registered()
        images = ct_series()
        for image in images:
            post(to_bytes(image))
        drawn = capture(sources=images)
        _post(post, drawn)
        segments = segmentation(sources=images)
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = drawn.SOPClassUID, drawn.SOPInstanceUID
        series = Dataset()
        series.SeriesInstanceUID, series.ReferencedInstanceSequence = drawn.SeriesInstanceUID, [item]
        segments.ReferencedSeriesSequence.append(series)
        found = post(to_bytes(segments))
        assert found.refusal is None, found.findings
        assert "REG-017" in {each.rule for each in found.findings}
        version = OverlayVersion.objects.get(sop_instance_uid=segments.SOPInstanceUID)
        assert version.verification == "unverified"

    def test_key_objects_may_be_about_it(self, post, registered):
        registered()
        drawn = capture()
        for image in ct_series():
            post(to_bytes(image))
        _post(post, drawn)
        assert _post(post, key_objects(selected=[drawn])).verification == "verified"

    def test_a_presentation_state_may_be_about_it(self, post, registered):
        registered()
        drawn = capture()
        for image in ct_series():
            post(to_bytes(image))
        _post(post, drawn)
        assert _post(post, presentation(kind="COLOR", sources=[drawn])).verification == "verified"

    def test_two_pictures_with_different_descriptions_are_different_lines(self, stored):
        first, other = FAMILIES["capture"](uid_seed="one"), FAMILIES["capture"](uid_seed="two")
        other.result.SeriesDescription = "Summary of findings"
        assert stored(first).overlay_id != stored(other).overlay_id


def test_what_names_no_source_is_not_verified(tmp_path):
    path = tmp_path / "capture.dcm"
    path.write_bytes(to_bytes(capture()))
    instance = inspect(path, bounds=Bounds()).instance
    assert verification(replace(instance, references=()), [])[0] == "unverified"
