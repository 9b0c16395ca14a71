"""Posting: what is stored, as what, and what is refused."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.storage import storages

from overlays.dicom.rules.policy import rule_policy
from overlays.governance.actor import ActorKind
from overlays.governance.errors import Invalid, NotPermitted
from overlays.governance.permissions import Scope
from overlays.models import AuditEntry, Overlay, OverlayVersion, SourceInstance, SourceReference, StoredBytes, Study
from overlays.queries.stored_bytes import open_bytes
from overlays.services.outcomes import Refusal
from overlays.services.spool import Spool
from tests.builders import ct_series, report, segmentation, to_bytes

pytestmark = pytest.mark.django_db


def rules(outcome) -> set[str]:
    return {finding.rule for finding in outcome.findings}


def nothing_stored(folder: Path) -> bool:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return not (
        files or OverlayVersion.objects.exists() or SourceInstance.objects.exists() or StoredBytes.objects.exists()
    )


def test_a_segmentation_of_an_approved_model_waits_for_review(posted):
    version = posted()
    assert (version.number, version.review_state, version.verification) == (1, "pending", "verified")


def test_the_received_bytes_are_the_version(post, sources, registered):
    data = to_bytes(segmentation(sources=sources))
    post(data)
    with open_bytes(OverlayVersion.objects.get().sha256) as file:
        assert file.read() == data


def test_the_model_version_is_read_from_the_object(posted):
    assert str(posted().model_version) == "LiverSeg 2.1.0"


def test_every_source_instance_is_an_edge_of_lineage(posted, sources):
    version = posted()
    named = set(SourceReference.objects.filter(version=version).values_list("sop_instance_uid", flat=True))
    assert named == {str(image.SOPInstanceUID) for image in sources}


def test_a_report_is_stored_as_a_version_of_its_own_line(post, posted, sources):
    seg = segmentation(sources=sources, uid_seed="first")
    posted()
    found = post(to_bytes(report(sources=sources, about=seg)))
    assert found.refusal is None, found.findings
    assert Overlay.objects.filter(kind="SR").count() == 1


def test_a_report_of_a_known_segmentation_and_its_images_is_verified(post, posted, sources):
    seg = segmentation(sources=sources, uid_seed="first")
    posted()
    post(to_bytes(report(sources=sources, about=seg)))
    assert OverlayVersion.objects.get(modality="SR").verification == "verified"


def test_an_unregistered_model_version_is_quarantined(posted):
    version = posted(model_version="9.9.9")
    assert (version.review_state, version.model_version) == ("quarantined", None)


def test_an_object_that_names_no_model_is_quarantined(post, sources, registered):
    found = post(to_bytes(segmentation(sources=sources, with_algorithm_identification=False, model_name="Nameless")))
    assert found.refusal is None
    assert OverlayVersion.objects.get().review_state == "quarantined"


def test_the_same_bytes_again_change_nothing(post, posted, sources):
    version = posted()
    again = post(to_bytes(segmentation(sources=sources, uid_seed="first")))
    assert again.already_stored
    assert list(OverlayVersion.objects.all()) == [version]


def test_other_bytes_under_a_known_uid_are_refused_and_the_stored_ones_stay(post, posted, sources):
    version = posted()
    other = segmentation(sources=sources, uid_seed="first")
    other.SeriesDescription = "Changed"
    found = post(to_bytes(other))
    assert (found.refusal, rules(found)) == (Refusal.DUPLICATE, {"REG-002"})
    with open_bytes(version.sha256) as file:
        assert file.read() == to_bytes(segmentation(sources=sources, uid_seed="first"))


def test_a_study_other_than_the_addresss_is_refused(post, sources, registered):
    found = post(to_bytes(segmentation(sources=sources)), study="1.2.3")
    assert rules(found) == {"REG-001"}
    assert not OverlayVersion.objects.exists()


def test_another_patient_than_the_known_sources_is_refused(post, sources, registered):
    found = post(to_bytes(segmentation(sources=sources, patient_id="SOMEBODY-ELSE")))
    assert found.refusal is Refusal.RULES_BROKEN
    assert not OverlayVersion.objects.exists()


def test_no_finding_tells_a_patients_values(post, sources, registered):
    found = post(to_bytes(segmentation(sources=sources, patient_id="SOMEBODY-ELSE", patient_name="Roe^Rita")))
    said = " ".join(finding.sentence for finding in found.findings)
    assert not [value for value in ("SOMEBODY-ELSE", "Roe", "PAT-1", "Doe") if value in said]


def test_a_report_on_a_segment_that_is_not_there_is_refused(post, sources, registered):
    registered()
    about = segmentation(sources=sources, segments=("Liver",))
    post(to_bytes(about))
    made = report(sources=sources, about=about)
    for item in made.iterall():
        if item.keyword == "ReferencedSegmentNumber":
            item.value = 5
    assert "SRC-013" in rules(post(to_bytes(made)))


def test_a_rule_that_the_deployment_made_graver_refuses(post, sources, registered, settings):
    registered()
    settings.OVERLAYS_RULES = rule_policy({"SEG-025": "error"})
    made = segmentation(sources=sources)
    del made.SegmentsOverlap
    assert post(to_bytes(made)).refusal is not None


def test_a_contradiction_that_the_deployment_switched_off_is_not_told(post, sources, registered, settings):
    registered()
    settings.OVERLAYS_RULES = rule_policy({"SRC-006": "off"})
    seg = segmentation(sources=sources)
    for frame in seg.PerFrameFunctionalGroupsSequence:
        frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    found = post(to_bytes(seg))
    assert found.refusal is None
    assert "SRC-006" not in {finding.rule for finding in found.findings}


def test_another_frame_of_reference_than_the_known_sources_is_refused(post, sources, registered):
    seg = segmentation(sources=sources)
    seg.FrameOfReferenceUID = "1.2.826.0.1.3680043.8.498.1"
    assert post(to_bytes(seg)).refusal is Refusal.RULES_BROKEN


def test_a_pipeline_may_not_post_for_a_model_of_others(post, sources, registered, pipeline):
    registered()
    stranger = replace(pipeline, key="client:other", client_id="other")
    found = post(to_bytes(segmentation(sources=sources)), actor=stranger)
    assert (found.refusal, rules(found)) == (Refusal.NOT_PERMITTED, {"REG-003"})
    assert not OverlayVersion.objects.exists()


def test_a_pipeline_may_not_post_for_a_model_of_others_by_naming_an_unknown_version(
    post, sources, registered, pipeline
):
    registered()
    stranger = replace(pipeline, key="client:other", client_id="other")
    found = post(to_bytes(segmentation(sources=sources, model_version="9.9.9")), actor=stranger)
    assert (found.refusal, rules(found)) == (Refusal.NOT_PERMITTED, {"REG-003"})


def test_a_machine_stores_no_correction(post, radiologist):
    bot = replace(radiologist, kind=ActorKind.CLIENT, key="client:bot")
    with pytest.raises(NotPermitted):
        post(to_bytes(segmentation()), actor=bot)


def test_an_image_and_a_segmentation_cannot_share_a_uid(post, sources, registered):
    registered()
    seg = segmentation(sources=sources)
    image = ct_series(uid_seed="other")[0]
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = seg.SOPInstanceUID
    assert post(to_bytes(seg)).refusal is None
    assert rules(post(to_bytes(image))) == {"REG-002"}


def test_the_digest_of_an_unreachable_study_is_not_told(post, posted, sources, pipeline):
    version = posted()
    stranger = ct_series(uid_seed="other")[0]
    stranger.SOPInstanceUID = stranger.file_meta.MediaStorageSOPInstanceUID = version.sop_instance_uid
    narrowed = replace(pipeline, studies=frozenset({str(stranger.StudyInstanceUID)}))
    found = post(to_bytes(stranger), actor=narrowed)
    assert rules(found) == {"REG-002"}
    assert version.sha256 not in found.findings[0].sentence


def test_another_patient_than_the_studys_is_refused_even_when_no_named_source_is_known(post, sources, registered):
    registered()
    unknown = ct_series(uid_seed="unknown", study_uid=str(sources[0].StudyInstanceUID), patient_id="SOMEBODY-ELSE")
    assert rules(post(to_bytes(segmentation(sources=unknown)))) >= {"REG-016"}
    assert not OverlayVersion.objects.exists()


def test_what_is_refused_leaves_no_bytes(post, sources, registered, own_store):
    before = {path for path in own_store.rglob("*") if path.is_file()}
    post(to_bytes(segmentation(sources=sources, patient_id="SOMEBODY-ELSE")))
    assert {path for path in own_store.rglob("*") if path.is_file()} == before


def test_a_withdrawn_instance_posted_again_is_told_to_be_so(post, posted, sources):
    version = posted()
    version.review_state = "withdrawn"
    version.save(update_fields=["review_state"])
    again = post(to_bytes(segmentation(sources=sources, uid_seed="first")))
    assert (again.already_stored, rules(again) >= {"REG-015"}) == (True, True)


def test_a_viewer_may_not_post_at_all(post, clinician, own_store):
    with pytest.raises(NotPermitted):
        post(to_bytes(segmentation()), actor=clinician)
    assert nothing_stored(own_store)


def test_a_narrowed_pipeline_posts_to_its_studies_alone(post, pipeline, own_store):
    narrowed = replace(pipeline, studies=frozenset({"1.2.3"}))
    assert rules(post(to_bytes(segmentation()), actor=narrowed)) == {"REG-004"}
    assert nothing_stored(own_store)


def test_whether_a_uid_is_known_is_told_only_to_those_it_concerns(post, posted, sources, pipeline):
    posted()
    other = segmentation(sources=sources, uid_seed="first")
    other.SeriesDescription = "Changed"
    found = post(to_bytes(other), actor=replace(pipeline, studies=frozenset({"1.2.3"})))
    assert rules(found) == {"REG-004"}


def test_a_text_file_is_refused_and_nothing_is_stored(post, own_store):
    assert post(b"This is not DICOM." * 20).refusal is Refusal.NOT_UNDERSTOOD
    assert nothing_stored(own_store)


def test_a_refusal_is_remembered_with_its_rules(post, own_store):
    post(b"This is not DICOM." * 20)
    entry = AuditEntry.objects.get(event="instance:refused")
    assert entry.data["refusal"] == "not understood"
    assert entry.data["rules"]


def test_an_instance_over_the_limit_is_cut_off_and_gone(own_store):
    with Spool(100) as spool, pytest.raises(Invalid, match="100 bytes"):
        spool.write(b"x" * 101)
    assert nothing_stored(own_store)


def test_images_are_refused_where_the_registry_keeps_none(post, settings, own_store):
    settings.OVERLAYS_SOURCE_STORE = "none"
    found = post(to_bytes(ct_series()[0]))
    assert (found.refusal, rules(found)) == (Refusal.CLASS_NOT_SUPPORTED, {"REG-005"})
    assert nothing_stored(own_store)


def test_an_image_of_another_patient_does_not_enter_a_known_study(post, sources):
    stranger = ct_series(uid_seed="other", study_uid=str(sources[0].StudyInstanceUID), patient_id="SOMEBODY-ELSE")[0]
    found = post(to_bytes(stranger))
    assert rules(found) == {"REG-011"}


def test_a_series_belongs_to_one_study(post, sources, registered):
    seg = segmentation(sources=sources, series_uid=str(sources[0].SeriesInstanceUID))
    other = ct_series(uid_seed="elsewhere", series_uid=str(sources[0].SeriesInstanceUID))[0]
    assert rules(post(to_bytes(other))) == {"REG-006"}
    assert post(to_bytes(seg)).refusal is not None


def test_every_stored_instance_leaves_one_entry(posted):
    version = posted()
    entries = AuditEntry.objects.filter(subject=version.sop_instance_uid)
    assert [entry.event for entry in entries] == ["version:stored"]


def test_when_the_log_cannot_be_written_nothing_is_stored(post, sources, registered, monkeypatch):
    registered()
    before = AuditEntry.objects.count()

    def broken(**_):
        raise RuntimeError("the log is full")

    monkeypatch.setattr("overlays.services.store_version.record", broken)
    with pytest.raises(RuntimeError):
        post(to_bytes(segmentation(sources=sources)))
    assert (OverlayVersion.objects.count(), AuditEntry.objects.count()) == (0, before)


def test_bytes_are_kept_once(post, sources):
    assert StoredBytes.objects.count() == len(sources)
    post(to_bytes(sources[0]))
    assert StoredBytes.objects.count() == len(sources)


def test_no_spooled_file_is_left_behind(posted):
    posted()
    assert not list(storages["bytes"].spool().iterdir())


def test_the_first_image_of_a_study_says_whose_it_is(post, registered):
    registered()
    sources = ct_series()
    post(to_bytes(segmentation(sources=sources, patient_id="SOMEBODY-ELSE")))
    post(to_bytes(sources[0]))
    assert Study.objects.get().patient_id == "PAT-1"


class TestLines:
    """Versions and their lines."""

    def test_another_instance_of_the_same_line_is_the_next_version(self, posted):
        first, second = posted("first"), posted("second")
        assert second.overlay_id == first.overlay_id
        assert second.number == 2

    def test_another_version_of_the_model_stays_on_the_line(self, posted, registered):
        registered(version="2.2.0")
        assert posted("first").overlay_id == posted("second", model_version="2.2.0").overlay_id

    def test_a_registered_model_has_one_line_however_objects_spell_its_maker(self, post, sources, registered):
        registered(manufacturer="")
        for seed, maker in (("first", "ACME"), ("second", "ACME Inc.")):
            assert post(to_bytes(segmentation(sources=sources, uid_seed=seed, manufacturer=maker))).refusal is None
        assert [version.number for version in OverlayVersion.objects.order_by("pk")] == [1, 2]

    @pytest.mark.parametrize(
        "change", [{"content_label": "OTHER"}, {"segments": ("Liver",)}, {"model_name": "OtherSeg"}], ids=str
    )
    def test_another_content_or_model_is_another_line(self, posted, change):
        assert posted("first").overlay_id != posted("second", **change).overlay_id

    def test_the_order_of_segments_does_not_make_a_line(self, posted):
        assert posted("first").overlay_id == posted("second", segments=("Spleen", "Liver")).overlay_id

    def test_versions_of_one_post_are_told_apart_by_their_post(self, posted):
        request = uuid4()
        assert posted("first", request=request).post == posted("second", request=request).post


class TestCorrections:
    """What a reviewer stores."""

    def test_a_named_predecessor_is_the_parent(self, post, posted, sources, radiologist):
        parent = posted()
        before = segmentation(sources=sources, uid_seed="first")
        mine = segmentation(sources=sources, uid_seed="mine", predecessor=before, shift=2)
        assert post(to_bytes(mine), actor=radiologist).refusal is None
        child = OverlayVersion.objects.get(sop_instance_uid=mine.SOPInstanceUID)
        assert (child.parent, child.overlay, child.number, child.author) == (parent, parent.overlay, 2, "R. Lee")

    def test_no_model_is_asked_of_a_person(self, post, posted, sources, radiologist):
        posted()
        before = segmentation(sources=sources, uid_seed="first")
        mine = segmentation(sources=sources, uid_seed="mine", predecessor=before, model_version="0.0")
        post(to_bytes(mine), actor=radiologist)
        child = OverlayVersion.objects.get(sop_instance_uid=mine.SOPInstanceUID)
        assert (child.review_state, child.model_version) == ("pending", None)

    def test_without_a_predecessor_it_follows_what_its_author_was_shown(self, post, posted, sources, radiologist, now):
        from overlays.governance.vocabulary import Purpose
        from overlays.services.decide import decide_for_study

        parent = posted()
        study = parent.study.study_instance_uid
        decide_for_study(actor=radiologist, at=now, decision_id=uuid4(), study=study, purpose=Purpose.REVIEW)
        mine = segmentation(sources=sources, uid_seed="mine", shift=2)
        post(to_bytes(mine), actor=radiologist)
        assert OverlayVersion.objects.get(sop_instance_uid=mine.SOPInstanceUID).parent == parent

    def test_what_its_author_was_never_shown_is_not_taken_for_the_parent(self, post, posted, sources, radiologist):
        posted()
        found = post(to_bytes(segmentation(sources=sources, uid_seed="mine")), actor=radiologist)
        assert rules(found) == {"REG-007"}
        assert OverlayVersion.objects.count() == 1

    def test_a_report_does_not_correct_a_segmentation(self, post, posted, sources, radiologist):
        posted()
        before = segmentation(sources=sources, uid_seed="first")
        found = post(to_bytes(report(sources=sources, about=before, predecessor=before)), actor=radiologist)
        assert rules(found) >= {"REG-007"}

    def test_one_with_nothing_in_common_is_not_taken_for_the_parent(self, post, posted, sources, radiologist, now):
        from overlays.services.take_into_review import record_opening

        record_opening(actor=radiologist, at=now, version=posted(segments=("Liver",)))
        found = post(to_bytes(segmentation(sources=sources, uid_seed="mine", segments=("Spleen",))), actor=radiologist)
        assert rules(found) >= {"REG-007"}

    def test_one_offered_by_a_decision_on_named_instances_is(self, post, posted, sources, radiologist, now):
        from overlays.governance.vocabulary import Purpose
        from overlays.services.decide import decide_for_instances

        parent = posted()
        decide_for_instances(
            actor=radiologist,
            at=now,
            decision_id=uuid4(),
            wanted=[(parent.sop_instance_uid, None)],
            purpose=Purpose.REVIEW,
        )
        mine = segmentation(sources=sources, uid_seed="mine")
        post(to_bytes(mine), actor=radiologist)
        assert OverlayVersion.objects.get(sop_instance_uid=mine.SOPInstanceUID).parent == parent

    def test_a_person_of_both_roles_corrects(self, post, posted, sources, radiologist):
        both = replace(radiologist, scopes=frozenset({Scope.STORE, Scope.REVIEW}))
        posted()
        before = segmentation(sources=sources, uid_seed="first")
        post(to_bytes(segmentation(sources=sources, uid_seed="mine", predecessor=before)), actor=both)
        assert OverlayVersion.objects.exclude(author="").count() == 1

    def test_a_person_may_not_store_source_images(self, post, radiologist, own_store):
        assert rules(post(to_bytes(ct_series()[0]), actor=radiologist)) == {"REG-009"}
        assert nothing_stored(own_store)


class TestSources:
    """Looking the source images up."""

    def test_sources_that_are_not_there_are_missing(self, post, registered):
        registered()
        post(to_bytes(segmentation()))
        version = OverlayVersion.objects.get()
        assert version.verification == "missing"
        assert "REG-012" in {finding["rule"] for finding in version.findings}

    def test_without_an_archive_they_are_unverified(self, post, registered, settings):
        settings.OVERLAYS_SOURCE_STORE = "none"
        registered()
        post(to_bytes(segmentation()))
        assert OverlayVersion.objects.get().verification == "unverified"

    def test_the_last_one_to_arrive_makes_the_version_verified(self, post, registered):
        registered()
        sources = ct_series()
        post(to_bytes(segmentation(sources=sources)))
        seen = []
        for image in sources:
            post(to_bytes(image))
            seen.append(OverlayVersion.objects.get().verification)
        assert seen == ["missing"] * (len(sources) - 1) + ["verified"]

    def test_one_that_contradicts_later_makes_a_conflict(self, post, registered):
        registered()
        sources = ct_series()
        post(to_bytes(segmentation(sources=sources, patient_id="SOMEBODY-ELSE")))
        post(to_bytes(sources[0]))
        assert OverlayVersion.objects.get().verification == "conflict"

    def test_another_name_that_arrives_late_is_a_conflict_too(self, post, registered):
        registered()
        sources = ct_series()
        post(to_bytes(segmentation(sources=sources)))
        for image in ct_series(patient_name="Other^Name"):
            post(to_bytes(image))
        assert OverlayVersion.objects.get().verification == "conflict"

    def test_a_report_that_comes_before_its_segmentation_is_verified_when_that_arrives(self, post, registered, sources):
        registered()
        about = segmentation(sources=sources, uid_seed="first")
        post(to_bytes(report(sources=sources, about=about)))
        assert OverlayVersion.objects.get().verification == "missing"
        post(to_bytes(about))
        assert OverlayVersion.objects.get(modality="SR").verification == "verified"

    def test_a_contradiction_stays_whatever_arrives_after_it(self, post, registered):
        registered()
        sources = ct_series()
        post(to_bytes(segmentation(sources=sources, patient_id="SOMEBODY-ELSE")))
        for image in sources:
            post(to_bytes(image))
        assert OverlayVersion.objects.get().verification == "conflict"

    def test_what_changed_is_in_the_log(self, post, registered):
        registered()
        sources = ct_series()
        post(to_bytes(segmentation(sources=sources)))
        for image in sources:
            post(to_bytes(image))
        entry = AuditEntry.objects.get(event="version:verification")
        assert (entry.data["before"], entry.data["verification"]) == ("missing", "verified")


def test_a_grant_of_both_kinds_posts_as_a_pipeline(post, posted, sources, pipeline):
    both = replace(pipeline, scopes=frozenset({Scope.STORE, Scope.REVIEW}))
    posted()
    post(to_bytes(segmentation(sources=sources, uid_seed="second")), actor=both)
    assert not OverlayVersion.objects.exclude(author="").exists()
