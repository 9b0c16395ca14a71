"""Masks and numbers are encoded and stored as if they had been posted."""

import gzip
import json
from dataclasses import replace
from io import BytesIO
from uuid import uuid4

import highdicom as hd
import nibabel
import numpy as np
import pydicom
import pytest

from overlays.dicom.findings import Severity
from overlays.dicom.sandbox import SandboxBusy
from overlays.governance.actor import Actor
from overlays.governance.permissions import Scope
from overlays.models import AuditEntry, OverlayVersion
from overlays.queries.stored_bytes import open_bytes
from overlays.services.store_instance import store_instance
from tests.api.helpers import Caller
from tests.builders import ct_series, to_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BOUNDARY = "form-boundary"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
MODEL = {"name": "LiverSeg", "version": "2.1.0", "manufacturer": "ACME AI"}
LIVER = {"value": "10200004", "scheme": "SCT", "meaning": "Liver"}
ORGAN = {"value": "113343008", "scheme": "SCT", "meaning": "Organ"}
VOLUME = {"value": "118565006", "scheme": "SCT", "meaning": "Volume"}
SEGMENTATION = {"segments": [{"number": 1, "label": "Liver", "category": ORGAN, "type": LIVER}]}


def part(name: str, content: bytes, filename: str = "") -> bytes:
    named = f'; filename="{filename}"' if filename else ""
    head = f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"\r\n--{BOUNDARY}--\r\n".encode()


def described(images, kind: str, section: dict, **more) -> dict:
    sources = [str(image.SOPInstanceUID) for image in images]
    return {"kind": kind, "model": MODEL, "sources": sources, kind: section} | more


def voxels(images) -> np.ndarray:
    """Planes by rows by columns; a box in all but the last plane."""
    mask = np.zeros((len(images), images[0].Rows, images[0].Columns), np.uint8)
    mask[:-1, 10:20, 12:30] = 1
    return mask


def nifti(array: np.ndarray, shift: float = 0.0) -> bytes:
    """The array on the grid of ``ct_series``, in NIfTI's axes and directions."""
    affine = np.diag((-0.75, -0.75, 2.5, 1.0))
    affine[:3, 3] = 32.0 + shift, 32.0, 0.0
    return gzip.compress(nibabel.Nifti1Image(array.transpose(2, 1, 0), affine).to_bytes(), mtime=0)


def npy(array: np.ndarray) -> bytes:
    found = BytesIO()
    np.save(found, array)
    return found.getvalue()


@pytest.fixture
def encode(pipeline):
    """Posts a description and masks, by file name; as the pipeline, unless told otherwise."""

    def send(description: dict | bytes, masks: dict[str, bytes] | None = None, actor: Actor = pipeline, key: str = ""):
        document = description if isinstance(description, bytes) else json.dumps(description).encode()
        parts = [part("description", document)] + [part("mask", data, name) for name, data in (masks or {}).items()]
        headers = {"Idempotency-Key": key} if key else {}
        return Caller(actor).send("encodings", form(*parts), FORM, **headers)

    return send


@pytest.fixture
def encode_liver(encode, sources):
    """Encodes a sound mask of the held series."""

    def send(**options):
        more = options.pop("more", {})
        asked = described(sources, "segmentation", SEGMENTATION, **more)
        return encode(asked, {"liver.nii.gz": nifti(voxels(sources))}, **options)

    return send


def stored_of(answer) -> OverlayVersion:
    assert answer.status_code == 201, answer.json()
    return OverlayVersion.objects.get(sop_instance_uid=answer.json()["sop_instance_uid"])


def bytes_of(version: OverlayVersion) -> BytesIO:
    with open_bytes(version.sha256) as file:
        return BytesIO(file.read())


def problem(answer) -> tuple[int, set[str], str]:
    """Status, rules, and all the sentences."""
    body = answer.json()
    findings = body.get("findings", [])
    return answer.status_code, {found["rule"] for found in findings}, " ".join(found["sentence"] for found in findings)


class TestSegmentations:
    """Masks."""

    def test_a_mask_is_stored_as_a_version_that_waits_for_review(self, encode_liver, registered):
        registered()
        answer = encode_liver()
        version = stored_of(answer)
        body = answer.json()
        assert (body["review_state"], body["already_stored"]) == ("pending", False)
        assert (version.modality, version.verification, str(version.model_version)) == (
            "SEG",
            "verified",
            "LiverSeg 2.1.0",
        )

    def test_its_voxels_are_those_of_the_mask(self, encode_liver, sources):
        seg = hd.seg.segread(bytes_of(stored_of(encode_liver())))
        uids = [image.SOPInstanceUID for image in sources]
        found = seg.get_pixels_by_source_instance(uids, segment_numbers=[1], assert_missing_frames_are_empty=True)
        assert np.array_equal(found[..., 0], voxels(sources))

    def test_it_is_fetched_by_wado_once_it_may_be_seen(self, encode_liver, registered, radiologist):
        registered()
        answer = encode_liver()
        version = stored_of(answer)
        address = answer.json()["links"]["instance"].replace("/dicom-web", "/review/dicom-web")
        found = Caller(radiologist).fetch(address, "application/dicom; transfer-syntax=*")
        assert (found.status_code, b"".join(found.streaming_content)) == (200, bytes_of(version).getvalue())

    def test_its_pipeline_reads_of_it_where_the_answer_says(self, encode_liver, pipeline):
        answer = encode_liver()
        found = Caller(pipeline).fetch(answer.json()["links"]["version"], "application/json")
        assert found.json()["sop_instance_uid"] == answer.json()["sop_instance_uid"]

    def test_a_whole_series_is_named_by_its_uid(self, encode, sources):
        asked = described(sources, "segmentation", SEGMENTATION, sources={"series": str(sources[0].SeriesInstanceUID)})
        assert stored_of(encode(asked, {"liver.nii.gz": nifti(voxels(sources))})).source_count == len(sources)

    def test_a_model_version_that_is_not_registered_is_quarantined(self, encode_liver):
        assert stored_of(encode_liver()).review_state == "quarantined"

    def test_remarks_are_told(self, encode, sources):
        segments = SEGMENTATION["segments"] + [SEGMENTATION["segments"][0] | {"number": 2, "label": "Rest"}]
        answer = encode(
            described(sources, "segmentation", {"segments": segments}), {"a.nii.gz": nifti(voxels(sources))}
        )
        assert [remark["code"] for remark in answer.json()["remarks"]] == ["empty-segment"]

    def test_a_file_a_segment_is_told_from_others_by_its_name(self, encode, sources):
        liver, kidney = voxels(sources), np.zeros_like(voxels(sources))
        kidney[-1, 30:40, 12:30] = 1
        section = {"class_names": "totalsegmentator", "segments": {"1": "liver", "2": "kidney_left"}}
        masks = {"out/kidney_left.nii.gz": nifti(kidney), "out\\liver.nii.gz": nifti(liver)}
        version = stored_of(encode(described(sources, "segmentation", section), masks))
        found = hd.seg.segread(bytes_of(version))
        assert [item.SegmentLabel for item in found.SegmentSequence] == ["liver", "kidney_left"]
        assert [int(found.get_volume(segment_numbers=[n]).array.sum()) for n in (1, 2)] == [liver.sum(), kidney.sum()]

    def test_a_file_a_segment_that_none_is_named_after_is_refused(self, encode, sources):
        section = {"class_names": "totalsegmentator", "segments": {"1": "liver", "2": "spleen"}}
        masks = {"liver.nii.gz": nifti(voxels(sources)), "DOE_JANE.nii.gz": nifti(voxels(sources))}
        status, rules, said = problem(encode(described(sources, "segmentation", section), masks))
        assert (status, rules) == (422, {"ENC-004"})
        assert "DOE" not in said

    def test_no_finding_is_an_error(self, encode_liver):
        assert not [found for found in stored_of(encode_liver()).findings if found["severity"] == Severity.ERROR]

    def test_it_leaves_the_entry_of_a_posted_one(self, encode_liver):
        version = stored_of(encode_liver())
        entries = AuditEntry.objects.filter(subject=version.sop_instance_uid)
        assert [entry.event for entry in entries] == ["version:stored"]


def test_measurements_become_a_report_on_the_segmentation(encode, encode_liver, sources):
    seg = stored_of(encode_liver())
    group = {
        "tracking_id": "Liver",
        "finding": LIVER,
        "segment": {"instance": seg.sop_instance_uid, "number": 1},
        "measurements": [
            {"name": VOLUME, "value": 1234.5, "unit": {"value": "mm3", "scheme": "UCUM", "meaning": "mm3"}}
        ],
    }
    version = stored_of(encode(described(sources, "report", {"groups": [group]})))
    (found,) = hd.sr.srread(bytes_of(version)).content.get_volumetric_roi_measurement_groups()
    assert (version.modality, version.verification) == ("SR", "verified")
    assert [each.value for each in found.get_measurements()] == [1234.5]


@pytest.fixture
def heat_map(encode, sources):
    """The answer to a map of values over the held series."""
    values = np.linspace(0, 1, voxels(sources).size, dtype=np.float32).reshape(voxels(sources).shape)
    section = {
        "maps": [
            {
                "label": "LIVER",
                "unit": {"value": "1", "scheme": "UCUM", "meaning": "no units"},
                "quantity": {"value": "110849", "scheme": "DCM", "meaning": "Class activation"},
            }
        ]
    }
    planes = [str(image.SOPInstanceUID) for image in sources]
    return encode(described(sources, "parametric_map", section, planes=planes), {"map.npy": npy(values)})


def test_values_become_a_parametric_map(heat_map, sources):
    version = stored_of(heat_map)
    assert (version.overlay.kind, version.verification, version.number_of_frames) == ("PM", "verified", len(sources))


def test_display_advice_becomes_a_presentation_state(encode, sources):
    version = stored_of(encode(described(sources, "presentation_state", {"window": {"center": 40, "width": 400}})))
    assert (version.overlay.kind, version.verification) == ("PR", "verified")


def test_a_map_is_given_colours_by_a_presentation_state_of_it(encode, heat_map):
    shown = {
        "form": "PSEUDO_COLOR",
        "palette": [{"at": 0, "colour": "#000000"}, {"at": 1, "colour": "#ff0000"}],
        "window": {"center": 0.5, "width": 1},
    }
    sources = [heat_map.json()["sop_instance_uid"]]
    asked = described([], "presentation_state", shown) | {"sources": sources}
    version = stored_of(encode(asked))
    assert [each.sop_instance_uid for each in version.source_references.all()] == sources


class TestCorrections:
    """What a reader has encoded."""

    def test_it_is_a_correction_of_the_version_it_names(self, encode_liver, registered, radiologist):
        registered()
        parent = stored_of(encode_liver())
        child = stored_of(encode_liver(actor=radiologist, more={"predecessor": parent.sop_instance_uid}))
        assert (child.parent, child.number, child.author, child.review_state) == (parent, 2, "R. Lee", "pending")

    def test_its_creator_is_the_person(self, encode_liver, registered, radiologist):
        registered()
        parent = stored_of(encode_liver())
        child = stored_of(encode_liver(actor=radiologist, more={"predecessor": parent.sop_instance_uid}))
        assert child.content["creator"] == "R. Lee"

    def test_it_names_no_model_and_needs_none(self, encode, encode_liver, sources, registered, radiologist):
        registered()
        parent = stored_of(encode_liver())
        asked = described(sources, "segmentation", SEGMENTATION, predecessor=parent.sop_instance_uid)
        del asked["model"]
        child = stored_of(encode(asked, {"liver.nii.gz": nifti(voxels(sources))}, actor=radiologist))
        assert (child.parent, child.claims) == (parent, [])
        assert [segment["algorithm_type"] for segment in child.content["segments"]] == ["MANUAL"]
        assert "LiverSeg" not in str(pydicom.dcmread(bytes_of(child)))

    def test_its_segments_are_followed_from_those_it_corrects(self, encode_liver, registered, radiologist):
        registered()
        parent = stored_of(encode_liver())
        child = stored_of(encode_liver(actor=radiologist, more={"predecessor": parent.sop_instance_uid}))
        (before,), (after,) = parent.content["segments"], child.content["segments"]
        assert before["tracking_uid"] == after["tracking_uid"] != ""

    def test_a_predecessor_that_there_is_not_is_refused(self, encode_liver, radiologist):
        status, rules, said = problem(encode_liver(actor=radiologist, more={"predecessor": "1.2.3"}))
        assert (status, rules) == (422, {"ENC-012"})
        assert "1.2.3" in said

    def test_a_correction_of_nothing_is_refused(self, encode_liver, radiologist):
        assert problem(encode_liver(actor=radiologist))[:2] == (422, {"REG-007"})


class TestRefusals:
    """What is wrong is told, and nothing is stored."""

    @pytest.fixture(autouse=True)
    def _nothing_is_stored(self, own_store, sources):
        before = {path for path in own_store.rglob("*")}
        yield
        assert not OverlayVersion.objects.exists()
        assert {path for path in own_store.rglob("*")} == before

    def test_a_mask_beside_the_sources_is_refused_with_both_geometries(self, encode, sources):
        asked = described(sources, "segmentation", SEGMENTATION)
        status, rules, said = problem(encode(asked, {"liver.nii.gz": nifti(voxels(sources), shift=5)}))
        assert (status, rules) == (422, {"ENC-007"})
        assert "Mask: " in said
        assert "Source images: " in said

    def test_sources_that_are_not_held_are_counted_and_the_first_is_named(self, encode):
        unknown = ct_series(uid_seed="unknown")
        asked = described(unknown, "segmentation", SEGMENTATION)
        status, rules, said = problem(encode(asked, {"liver.nii.gz": nifti(voxels(unknown))}))
        assert (status, rules) == (422, {"ENC-011"})
        assert f"4 of the 4 source images are not held here; the first is {unknown[0].SOPInstanceUID}." in said

    def test_a_series_that_is_not_held_is_named(self, encode, sources):
        asked = described(sources, "segmentation", SEGMENTATION, sources={"series": "1.2.3"})
        assert problem(encode(asked, {"a.nii.gz": nifti(voxels(sources))}))[1] == {"ENC-011"}

    def test_sources_beyond_the_grant_are_as_if_they_were_not_held(self, encode_liver, pipeline):
        narrowed = replace(pipeline, studies=frozenset({"1.2.3"}))
        assert problem(encode_liver(actor=narrowed))[:2] == (422, {"ENC-011"})

    def test_a_gzip_bomb_is_refused(self, encode, sources):
        bomb = gzip.compress(nifti(voxels(sources)) + bytes(1 << 28))
        asked = described(sources, "segmentation", SEGMENTATION)
        assert problem(encode(asked, {"liver.nii.gz": bomb}))[0] == 422

    def test_every_fault_of_the_description_is_told(self, encode, sources):
        asked = described(sources, "segmentation", {"segments": []}) | {"model": {"name": "LiverSeg"}, "colour": "red"}
        answer = encode(asked)
        paths = {found["path"] for found in answer.json()["findings"]}
        assert (answer.status_code, paths) == (422, {"$", "$.model", "$.segmentation.segments"})

    def test_faults_of_a_section_are_told_with_their_paths(self, encode, sources):
        answer = encode(described(sources, "report", {"groups": [{"tracking_id": "Liver"}]}))
        assert [found["path"] for found in answer.json()["findings"]] == ["$.report.groups[0]"]

    def test_a_client_that_may_not_post_for_the_model_is_refused(self, encode_liver, registered, pipeline):
        registered()
        stranger = replace(pipeline, key="client:other", client_id="other")
        assert problem(encode_liver(actor=stranger))[:2] == (403, {"REG-003"})

    def test_an_empty_mask_is_refused(self, encode, sources):
        asked = described(sources, "segmentation", SEGMENTATION)
        assert problem(encode(asked, {"a.nii.gz": nifti(voxels(sources) * 0)}))[1] == {"ENC-005"}

    def test_a_description_without_a_mask_is_refused(self, encode, sources):
        assert problem(encode(described(sources, "segmentation", SEGMENTATION)))[1] == {"ENC-002"}

    def test_a_segmentation_of_others_is_not_there_for_a_report(self, encode, sources):
        group = {"tracking_id": "Liver", "finding": LIVER, "segment": {"instance": "1.2.3", "number": 1}}
        assert "no segmentation 1.2.3" in problem(encode(described(sources, "report", {"groups": [group]})))[2]

    def test_that_it_was_refused_is_in_the_log(self, encode, sources):
        encode(described(sources, "segmentation", SEGMENTATION), {"a.nii.gz": nifti(voxels(sources), shift=5)})
        entry = AuditEntry.objects.get(event="instance:refused")
        assert (entry.data["rules"], entry.study_instance_uid) == ("ENC-007", sources[0].StudyInstanceUID)

    def test_a_viewer_may_not_encode(self, encode_liver, clinician):
        assert encode_liver(actor=clinician).status_code == 403

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            (form(part("mask", b"x", "a.npy")), "no part named description"),
            (form(part("description", b"{}"), part("description", b"{}")), "two parts"),
            (form(part("description", b"{}"), part("other", b"{}")), "description or mask"),
            (form(part("description", b"{}"), part("mask", b"x")), "no filename"),
            (form(part("description", b"x" * ((4 << 20) + 1))), "4194304 bytes"),
            (part("description", b"{}"), "closing delimiter"),
        ],
        ids=["none", "two", "other", "nameless", "large", "cut short"],
    )
    def test_a_body_of_other_parts_is_refused(self, pipeline, body, said):
        answer = Caller(pipeline).send("encodings", body, FORM)
        assert answer.status_code == 400
        assert said in answer.json()["detail"]

    def test_another_media_type_is_refused(self, pipeline):
        assert Caller(pipeline).send("encodings", b"{}", "application/json").status_code == 415

    def test_a_body_over_the_limit_is_refused(self, encode_liver, settings):
        settings.OVERLAYS_MAX_INSTANCE_BYTES = 100
        assert encode_liver().status_code == 413

    def test_a_key_that_is_none_is_refused(self, encode_liver):
        assert encode_liver(key="x" * 129).status_code == 400


class TestRetries:
    """The same parts come again."""

    def test_the_same_parts_under_one_key_are_stored_once(self, encode_liver):
        key = str(uuid4())
        first, again = encode_liver(key=key).json(), encode_liver(key=key).json()
        assert (again["sop_instance_uid"], again["already_stored"]) == (first["sop_instance_uid"], True)
        assert OverlayVersion.objects.count() == 1

    def test_other_parts_under_one_key_are_another_object(self, encode_liver):
        key = str(uuid4())
        encode_liver(key=key)
        encode_liver(key=key, more={"content_label": "OTHER"})
        assert OverlayVersion.objects.count() == 2

    def test_of_two_that_come_at_once_the_later_is_told_of_the_first(self, encode_liver, monkeypatch):
        key, answers = str(uuid4()), []

        def overtaken(**options):
            monkeypatch.setattr("overlays.services.encode.store_instance", store_instance)
            answers.append(encode_liver(key=key))
            return store_instance(**options)

        monkeypatch.setattr("overlays.services.encode.store_instance", overtaken)
        answers.insert(0, encode_liver(key=key))
        later, first = (answer.json() for answer in answers)
        assert (later.get("already_stored"), first["already_stored"]) == (True, False)
        assert not AuditEntry.objects.filter(event="instance:refused").exists()

    def test_one_that_waits_too_long_for_its_like_is_told_of_it(self, encode_liver, monkeypatch):
        key = str(uuid4())

        class Busy:
            def run(self, *_, **__):
                monkeypatch.undo()
                encode_liver(key=key)
                raise SandboxBusy("Every decoder is at work.")

        monkeypatch.setattr("overlays.services.encode.encoder", Busy)
        assert encode_liver(key=key).json().get("already_stored") is True

    def test_a_narrowed_grant_is_told_of_no_study_beyond_it(self, encode_liver, pipeline):
        key = str(uuid4())
        encode_liver(key=key)
        narrowed = replace(pipeline, studies=frozenset({"1.2.3"}))
        assert problem(encode_liver(key=key, actor=narrowed))[:2] == (422, {"ENC-011"})

    def test_without_a_key_each_is_an_object_of_its_own(self, encode_liver):
        encode_liver()
        encode_liver()
        assert OverlayVersion.objects.count() == 2


def test_a_grant_of_both_kinds_encodes_as_a_pipeline(encode_liver, pipeline):
    both = replace(pipeline, scopes=frozenset({Scope.STORE, Scope.REVIEW}))
    assert stored_of(encode_liver(actor=both)).author == ""


def test_the_file_of_a_process_that_died_is_swept(own_store):
    from overlays.services.spool import Scratch, incoming_folder, sweep

    scratch = Scratch()
    (scratch.__enter__() / "left").write_bytes(b"x")
    assert sweep() == 0  # it lives
    scratch._lock.close()
    assert sweep() == 1
    assert not list(incoming_folder().iterdir())


def test_images_that_are_no_series_are_refused_by_the_child(encode, post, sources):
    other = ct_series(uid_seed="other", study_uid=str(sources[0].StudyInstanceUID), slices=1)
    post(to_bytes(other[0]))
    asked = described([*sources, *other], "segmentation", SEGMENTATION)
    assert problem(encode(asked, {"a.nii.gz": nifti(voxels([*sources, *other]))}))[1] == {"ENC-006"}
