"""Tests that what a reader saves in a viewer becomes a version of what that reader was shown."""

from dataclasses import replace
from uuid import uuid4

import pytest
from pydicom.dataset import Dataset

from overlays.governance.vocabulary import Decision, ModelStatus, Purpose, Verdict
from overlays.models import OverlayVersion
from overlays.queries.comparisons import comparison_of
from overlays.queries.drawings import drawing_of
from overlays.queries.gate import rulings_for_instances
from overlays.queries.lineage import Relation, lineage
from overlays.services.change_status import set_status
from overlays.services.decide import decide_for_study
from overlays.services.outcomes import Outcome
from overlays.services.record_retrieval import record_retrieval
from overlays.services.review import accept
from tests.builders import ct_series, report, saved_report, saved_segmentation, segmentation, to_bytes
from tests.dicom.recoded import as_one_bit_rle


def told(found: Outcome, severity: str = "error") -> set[str]:
    return {each.rule for each in found.findings if each.severity.value == severity}


def stored(data: Dataset) -> OverlayVersion:
    return OverlayVersion.objects.get(sop_instance_uid=data.SOPInstanceUID)


@pytest.fixture
def fetch(radiologist, now):
    """The radiologist, or another, fetches versions over DICOMweb, all in one answer."""

    def fetched(*versions: OverlayVersion, form: str = "instance", actor=radiologist) -> None:
        record_retrieval(
            actor=actor,
            at=now,
            purpose=Purpose.REVIEW,
            study=versions[0].study.study_instance_uid,
            sop_instance_uids=[each.sop_instance_uid for each in versions],
            form=form,
        )

    return fetched


@pytest.fixture
def save(post, radiologist, sources):
    """The radiologist saves; the version."""

    def saved(data: Dataset | None = None, **options) -> OverlayVersion:
        data = data or saved_segmentation(sources=sources, **options)
        found = post(to_bytes(data), actor=radiologist)
        assert found.refusal is None, found.findings
        return stored(data)

    return saved


class TestTheChild:
    """What is stored."""

    def test_it_is_the_next_version_of_the_line_and_its_author_is_the_person(self, posted, fetch, save):
        parent = posted()
        fetch(parent)
        child = save()
        assert (child.parent, child.overlay, child.number, child.author) == (parent, parent.overlay, 2, "R. Lee")

    def test_it_waits_for_review_and_is_withheld_from_clinicians(self, posted, fetch, save, clinician):
        fetch(posted())
        child = save()
        (ruling,) = rulings_for_instances(
            actor=clinician, wanted=[(child.sop_instance_uid, None)], purpose=Purpose.CLINICAL
        )
        assert (child.review_state, ruling.verdict) == ("pending", Verdict.WITHHOLD)

    def test_its_label_names_the_person(self, posted, fetch, save, radiologist):
        fetch(posted())
        child = save()
        wanted = [(child.sop_instance_uid, None)]
        (ruling,) = rulings_for_instances(actor=radiologist, wanted=wanted, purpose=Purpose.REVIEW)
        assert ruling.label == "Corrected by R. Lee · not reviewed"

    def test_lineage_leads_over_the_parent_to_the_model(self, posted, fetch, save, auditor):
        parent = posted()
        fetch(parent)
        child = save()
        graph = lineage(actor=auditor, overlay=child.overlay_id)
        edges = {(edge.subject, edge.relation, edge.object) for edge in graph.edges}
        model = f"model-version:{parent.model_version_id}"
        assert edges >= {
            (child.sop_instance_uid, Relation.REVISION_OF, parent.sop_instance_uid),
            (parent.sop_instance_uid, Relation.GENERATED_BY, model),
        }

    def test_its_author_may_accept_it_and_it_supersedes_what_it_corrects(self, posted, fetch, save, radiologist, now):
        parent = posted()
        fetch(parent)
        child = save()
        accept(actor=radiologist, at=now, sop_instance_uid=child.sop_instance_uid, seen_sha256=child.sha256)
        parent.refresh_from_db()
        assert child.reviews.get().decision == Decision.ACCEPT
        assert parent.review_state == "superseded"

    def test_it_is_compared_with_its_parent_segment_by_segment(self, posted, fetch, save):
        parent = posted()
        fetch(parent)
        pairs = comparison_of(parent, save(shift=4)).pairs
        assert [(pair.matched_by, pair.before.label, pair.after.label) for pair in pairs] == [
            ("label", "Liver", "Liver"),
            ("label", "Spleen", "Spleen"),
        ]
        assert all(0 < pair.dice < 1 for pair in pairs)

    def test_segments_that_are_lost_are_told(self, posted, fetch, save):
        fetch(posted())
        child = save(segments=("Spleen",))
        (lost,) = [found for found in child.findings if found["rule"] == "REG-021"]
        assert lost["sentence"].startswith("1 of the 2 segments")


class TestFaults:
    """What viewers write wrongly."""

    def test_findings_are_kept_as_warnings(self, posted, fetch, save):
        fetch(posted())
        child = save(kind="LABELMAP")
        severities = {found["rule"]: found["severity"] for found in child.findings}
        assert severities["FRM-012"] == severities["REG-008"] == "warning"

    def test_the_same_of_a_pipeline_is_refused(self, post, posted, sources):
        posted()
        assert told(post(to_bytes(saved_segmentation(sources=sources, kind="LABELMAP")))) == {"FRM-012"}

    def test_the_ground_of_its_label_map_is_not_drawn(self, posted, fetch, save):
        fetch(posted())
        child = save(kind="LABELMAP")
        assert [named.number for named in drawing_of(child).legend] == [1, 2]

    def test_one_bit_in_run_lengths_is_stored_for_the_registry_decodes_it(self, posted, fetch, save, sources):
        fetch(posted())
        data = saved_segmentation(sources=sources)
        as_one_bit_rle(data, packed=False)
        assert {found["rule"] for found in save(data).findings} >= {"VIE-002", "REG-008"}

    def test_frames_at_the_places_of_others_are_refused_and_it_is_said_what_to_do(
        self, post, posted, fetch, sources, radiologist
    ):
        fetch(posted())
        found = post(to_bytes(saved_segmentation(sources=sources, misplaced=True)), actor=radiologist)
        assert found.findings[0].rule == "REG-020"
        assert told(found) == {"REG-020", "FRM-018"}

    def test_frames_that_contradict_the_images_they_name_are_refused(self, post, posted, fetch, sources, radiologist):
        fetch(posted())
        data = saved_segmentation(sources=sources)
        frames = data.PerFrameFunctionalGroupsSequence
        places = [frame.PlanePositionSequence[0].ImagePositionPatient for frame in frames[: len(sources)]]
        for frame, place in zip(frames, [*places[::-1], *places[::-1]], strict=True):
            frame.PlanePositionSequence[0].ImagePositionPatient = place
        found = post(to_bytes(data), actor=radiologist)
        assert told(found) == {"REG-020", "SRC-014"}

    def test_another_patient_is_refused(self, post, posted, fetch, sources, radiologist):
        fetch(posted())
        data = saved_segmentation(sources=sources)
        data.PatientID = "SOMEBODY-ELSE"
        assert "SRC-001" in told(post(to_bytes(data), actor=radiologist))

    def test_another_patient_than_the_parents_is_refused_where_no_source_can_be_looked_up(
        self, post, registered, fetch, radiologist, settings
    ):
        settings.OVERLAYS_SOURCE_STORE = "none"
        registered()
        before = segmentation()
        assert post(to_bytes(before)).refusal is None
        fetch(stored(before))
        data = saved_segmentation(sources=ct_series())
        data.PatientID = "SOMEBODY-ELSE"
        assert told(post(to_bytes(data), actor=radiologist)) == {"REG-022"}


class TestTheParent:
    """Which version is taken for the corrected one where the object names none."""

    @pytest.mark.parametrize("form", ["instance", "frames", "rendered"])
    def test_what_was_fetched_to_be_drawn_is(self, posted, fetch, save, form):
        parent = posted()
        fetch(parent, form=form)
        assert save().parent == parent

    def test_what_was_fetched_with_others_is(self, posted, fetch, save):
        parent = posted()
        fetch(parent, posted("other", segments=("Kidney",)))
        assert save().parent == parent

    def test_metadata_alone_shows_no_mask(self, post, posted, fetch, sources, radiologist):
        fetch(posted(), form="metadata")
        assert told(post(to_bytes(saved_segmentation(sources=sources)), actor=radiologist)) == {"REG-007"}

    def test_metadata_alone_shows_a_report(self, post, registered, sources, fetch, save):
        registered()
        before = report(sources=sources, with_volume=False)
        assert post(to_bytes(before)).refusal is None
        fetch(stored(before), form="metadata")
        assert save(saved_report(sources=sources)).parent == stored(before)

    def test_what_another_person_fetched_is_not(self, post, posted, fetch, sources, radiologist):
        fetch(posted(), actor=replace(radiologist, key="user:9", name="N. Other"))
        assert told(post(to_bytes(saved_segmentation(sources=sources)), actor=radiologist)) == {"REG-007"}

    def test_what_was_fetched_goes_before_what_was_only_offered(self, posted, fetch, save, radiologist, now):
        older = posted()
        posted("newer")
        study = older.study.study_instance_uid
        decide_for_study(actor=radiologist, at=now, decision_id=uuid4(), study=study, purpose=Purpose.REVIEW)
        fetch(older)
        assert save().parent == older

    def test_just_the_same_labels_go_before_some_in_common(self, posted, fetch, save):
        same = posted("same", segments=("Liver",))
        fetch(same, posted("more", segments=("Liver", "Spleen")))
        assert save(segments=("Liver",)).parent == same

    def test_what_a_person_saved_before_is_corrected_by_what_that_person_saves_next(self, posted, fetch, save):
        fetch(posted())
        first = save(uid_seed="first save")
        assert save(uid_seed="second save").parent == first

    def test_what_was_saved_under_another_label_is_corrected_by_what_bears_that_one(self, posted, fetch, save):
        fetch(posted(segments=("Liver",)))
        first = save(uid_seed="first save", segments=("Liver", "Lesion"))
        assert save(uid_seed="second save", segments=("Lesion",)).parent == first

    def test_of_two_in_one_request_neither_corrects_the_other(self, post, posted, fetch, sources, radiologist):
        parent, request = posted(), uuid4()
        fetch(parent)
        for seed in ("one", "other"):
            data = saved_segmentation(sources=sources, uid_seed=seed)
            assert post(to_bytes(data), actor=radiologist, request=request).refusal is None
            assert stored(data).parent == parent

    def test_a_named_one_on_other_images_is_not(self, post, posted, sources, radiologist):
        posted()
        before = segmentation(sources=sources, uid_seed="first")
        others = ct_series(uid_seed="others", study_uid=before.StudyInstanceUID)
        data = segmentation(sources=others, uid_seed="mine", predecessor=before)
        assert told(post(to_bytes(data), actor=radiologist)) == {"REG-007"}

    @pytest.mark.parametrize("named", [True, False])
    def test_what_a_recalled_model_made_is_not(self, post, posted, fetch, sources, radiologist, steward, now, named):
        parent = posted()
        fetch(parent)
        recalled = ModelStatus.RECALLED
        set_status(
            actor=steward, at=now, model_version_id=parent.model_version_id, status=recalled, reason="for the test"
        )
        before = segmentation(sources=sources, uid_seed="first") if named else None
        data = segmentation(sources=sources, uid_seed="mine", predecessor=before)
        assert told(post(to_bytes(data), actor=radiologist)) == {"REG-007"}

    def test_a_new_drawing_under_another_label_corrects_nothing(self, post, posted, fetch, sources, radiologist):
        fetch(posted())
        drawn = saved_segmentation(sources=sources, segments=("Segment 1",))
        assert told(post(to_bytes(drawn), actor=radiologist)) == {"REG-007"}

    def test_tissue_is_nothing_in_common(self, post, registered, sources, fetch, radiologist):
        registered()
        before = segmentation(sources=sources, segments=("Kidney",))
        tissue = saved_segmentation(sources=sources).SegmentSequence[0].SegmentedPropertyTypeCodeSequence
        before.SegmentSequence[0].SegmentedPropertyTypeCodeSequence = tissue
        assert post(to_bytes(before)).refusal is None
        fetch(stored(before))
        assert told(post(to_bytes(saved_segmentation(sources=sources)), actor=radiologist)) == {"REG-007"}
