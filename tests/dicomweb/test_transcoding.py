"""Explicit VR Little Endian for what is stored otherwise: asked for by name, or meant where none is named."""

from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from overlays.models import OverlayVersion
from tests.builders import ct_series, deflated, report, segmentation, to_bytes
from tests.builders.parametric_maps import parametric_map
from tests.dicomweb.conftest import parts_of

pytestmark = pytest.mark.django_db

EXPLICIT = "1.2.840.10008.1.2.1"
RLE, JPEG_LS, JPEG_2000 = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90"
OHIF = 'multipart/related; type="application/dicom"'
OCTETS = "multipart/related; type=application/octet-stream"


@pytest.fixture
def fetch(called, clinician):
    def get(path: str, accept: str = OHIF, method: str = "get", **headers: str):
        return getattr(called(clinician), method)(path, headers={"accept": accept} | headers)

    return get


@pytest.fixture
def add(post):
    def store(data: bytes) -> None:
        found = post(data)
        assert found.refusal is None, found.findings
        OverlayVersion.objects.filter(sop_instance_uid=found.sop_instance_uid).update(
            review_state="accepted", reviewed_by="R. Lee"
        )

    return store


def implicit(data_set) -> bytes:
    """The same object in Implicit VR Little Endian."""
    made = dcmread(BytesIO(to_bytes(data_set)))
    made.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    out = BytesIO()
    made.save_as(out, implicit_vr=True, little_endian=True, enforce_file_format=True)
    return out.getvalue()


def read(answer):
    (part,) = parts_of(answer)
    return dcmread(BytesIO(part))


def told(data_set) -> dict:
    """All but the pixels."""
    found = data_set.to_json_dict(bulk_data_element_handler=lambda element: "", bulk_data_threshold=1 << 20)
    return {tag: value for tag, value in found.items() if tag not in ("7FE00010",)}


@pytest.mark.parametrize("syntax", [RLE, JPEG_LS, JPEG_2000])
def test_a_compressed_label_map_is_decoded_for_who_names_no_transfer_syntax(fetch, scene, add, syntax):
    images = ct_series(uid_seed="large enough", slices=2, rows=40, columns=40)  # smaller ones cannot be encoded so
    for image in images:
        add(to_bytes(image))
    plain = segmentation(sources=images, uid_seed=syntax, kind="LABELMAP")
    packed = segmentation(sources=images, uid_seed=syntax, kind="LABELMAP", transfer_syntax=syntax)
    add(to_bytes(packed))
    answer = fetch(scene.path(packed))
    found = read(answer)
    assert found.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert np.array_equal(found.pixel_array, plain.pixel_array)
    assert told(found) == told(dcmread(BytesIO(to_bytes(packed))))


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL"])
def test_segments_in_jpeg_2000_are_decoded_bit_for_bit(fetch, scene, add, kind):
    images = ct_series(uid_seed="large enough", slices=2, rows=40, columns=40)  # smaller ones cannot be encoded so
    for image in images:
        add(to_bytes(image))
    plain = segmentation(sources=images, uid_seed=kind, kind=kind)
    packed = segmentation(sources=images, uid_seed=kind, kind=kind, transfer_syntax=JPEG_2000)
    add(to_bytes(packed))
    assert read(fetch(scene.path(packed))).PixelData == plain.PixelData


@pytest.mark.parametrize("encode", [implicit, lambda made: deflated(to_bytes(made))], ids=["implicit", "deflated"])
@pytest.mark.parametrize("family", ["segmentation", "report", "image", "map"])
def test_another_native_form_is_re_encoded_with_every_element_kept(fetch, scene, add, encode, family):
    made = {
        "segmentation": lambda: segmentation(sources=scene.images, uid_seed="native"),
        "report": lambda: report(sources=scene.images, about=scene.overlay),
        "image": lambda: ct_series(uid_seed="native", slices=1, rows=16, columns=16)[0],
        "map": lambda: parametric_map(sources=scene.images, kind="FLOAT"),
    }[family]()
    add(encode(made))
    assert read(fetch(scene.path(made))) == dcmread(BytesIO(to_bytes(made)))


def test_any_transfer_syntax_means_the_stored_bytes(fetch, scene, add):
    packed = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP", transfer_syntax=RLE)
    add(to_bytes(packed))
    for accept in (f"{OHIF}; transfer-syntax=*", f"{OHIF}; transfer-syntax={RLE}", "*/*", "multipart/related"):
        answer = fetch(scene.path(packed), accept)
        assert parts_of(answer) == [to_bytes(packed)]
        assert "Warning" not in answer


def test_what_is_not_the_stored_bytes_says_so(fetch, scene, add):
    packed = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP", transfer_syntax=RLE)
    add(to_bytes(packed))
    assert "not the stored bytes" in fetch(scene.path(packed))["Warning"]
    assert "Warning" not in fetch(scene.path(scene.images[0]))


def test_the_length_is_told_and_true_and_there_are_no_ranges(fetch, scene, add):
    packed = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP", transfer_syntax=RLE)
    add(to_bytes(packed))
    accept = f"application/dicom; transfer-syntax={EXPLICIT}"
    answer = fetch(scene.path(packed), accept, Range="bytes=0-9")
    content = b"".join(answer.streaming_content)
    assert (answer.status_code, int(answer["Content-Length"])) == (200, len(content))
    assert "Accept-Ranges" not in answer
    assert dcmread(BytesIO(content)).file_meta.TransferSyntaxUID == EXPLICIT


def test_the_entity_tag_is_another_one_than_that_of_the_stored_bytes(fetch, scene, add):
    packed = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP", transfer_syntax=RLE)
    add(to_bytes(packed))
    path = scene.path(packed)
    decoded, stored = fetch(path)["ETag"], fetch(path, f"{OHIF}; transfer-syntax=*")["ETag"]
    assert decoded != stored
    assert fetch(path)["ETag"] == decoded
    assert fetch(path, **{"If-None-Match": decoded}).status_code == 304


def test_a_series_is_re_encoded_where_it_must_be(fetch, scene, add):
    packed = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP", transfer_syntax=RLE)
    add(to_bytes(packed))
    found = [dcmread(BytesIO(part)) for part in parts_of(fetch(f"/dicom-web/studies/{scene.study}"))]
    assert len(found) == 3
    assert {each.file_meta.TransferSyntaxUID for each in found} == {EXPLICIT}
    images = [to_bytes(image) for image in scene.images]
    assert all(part in images for part in parts_of(fetch(f"/dicom-web/studies/{scene.study}"))[:2])


@pytest.mark.parametrize(
    "accept", [OCTETS, f"{OCTETS}; transfer-syntax={EXPLICIT}", "multipart/related; type=image/jpeg, " + OCTETS]
)
def test_compressed_frames_are_decoded_for_who_takes_octets(fetch, scene, add, accept):
    plain = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP")
    packed = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP", transfer_syntax=RLE)
    add(to_bytes(packed))
    size = plain.Rows * plain.Columns
    answer = fetch(f"{scene.path(packed)}/frames/2,1", accept)
    assert "Warning" in answer
    assert parts_of(answer) == [plain.PixelData[size : 2 * size], plain.PixelData[:size]]


def test_one_decoded_frame_can_be_had_as_a_single_part_and_by_range(fetch, scene, add):
    plain = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP")
    add(to_bytes(segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP", transfer_syntax=RLE)))
    answer = fetch(f"{scene.path(plain)}/frames/1", "application/octet-stream", Range="bytes=4-7")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, plain.PixelData[4:8])


def test_what_no_decoder_reads_goes_as_it_is_stored_or_not_at_all(fetch, scene, add, monkeypatch):
    from overlays.queries import dicomweb_explicit

    packed = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP", transfer_syntax=RLE)
    add(to_bytes(packed))
    monkeypatch.setattr(dicomweb_explicit, "NOT_DECODED", {RLE})
    assert parts_of(fetch(scene.path(packed))) == [to_bytes(packed)]
    assert fetch(scene.path(packed), f"{OHIF}; transfer-syntax={EXPLICIT}").status_code == 406
    assert fetch(f"{scene.path(packed)}/frames/1", OCTETS).status_code == 406


def test_what_cannot_be_decoded_is_refused_before_anything_leaves(fetch, scene, add, monkeypatch):
    from overlays.dicom.sandbox import SandboxBusy, SandboxRefused
    from overlays.queries import dicomweb_explicit

    packed = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP", transfer_syntax=RLE)
    add(to_bytes(packed))
    for failure, status in ((SandboxRefused("It is broken."), 406), (SandboxBusy("All were busy."), 503)):

        class Failing:
            def run(self, *_, failure=failure, **__):
                raise failure

        monkeypatch.setattr(dicomweb_explicit, "decoder", Failing)
        assert fetch(scene.path(packed)).status_code == status
        assert fetch(f"{scene.path(packed)}/frames/1", OCTETS).status_code == status
        assert fetch(scene.path(packed), f"{OHIF}; transfer-syntax=*").status_code == 200


def test_what_is_withheld_is_not_decoded_either(fetch, scene, post):
    packed = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP", transfer_syntax=RLE)
    assert post(to_bytes(packed)).refusal is None
    assert fetch(scene.path(packed)).status_code == 404
    assert fetch(f"{scene.path(packed)}/frames/1", OCTETS).status_code == 404
