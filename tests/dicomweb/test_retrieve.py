"""WADO-RS: whole studies, series and instances, bit for bit as they came."""

import hashlib

import pytest

from overlays.models import AuditEntry
from tests.builders import ct_series, segmentation, to_bytes
from tests.dicomweb.conftest import parts_of

pytestmark = pytest.mark.django_db

PART_10 = 'multipart/related; type="application/dicom"'


@pytest.fixture
def fetch(called, clinician):
    """Retrieves, as the clinician unless told otherwise."""

    def get(path: str, accept: str = PART_10, actor=clinician, method: str = "get", **headers):
        return getattr(called(actor), method)(path, HTTP_ACCEPT=accept, **headers)

    return get


def retrievals() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(event="instances:retrieved"))


def test_an_instance_is_the_bytes_that_came(fetch, scene):
    scene.accept()
    answer = fetch(scene.path())
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith('multipart/related; type="application/dicom"; boundary=')
    assert parts_of(answer) == [scene.bytes_of_overlay]


def test_an_instance_can_be_had_as_a_single_part(fetch, scene):
    scene.accept()
    answer = fetch(scene.path(), "application/dicom")
    assert answer["Content-Type"] == "application/dicom"
    assert b"".join(answer.streaming_content) == scene.bytes_of_overlay


def test_the_length_is_told_and_true(fetch, scene):
    scene.accept()
    for path, accept in ((scene.path(), "application/dicom"), (f"/dicom-web/studies/{scene.study}", PART_10)):
        answer = fetch(path, accept)
        assert int(answer["Content-Length"]) == len(b"".join(answer.streaming_content))


def test_a_series_is_all_its_instances_in_order(fetch, scene):
    path = f"/dicom-web/studies/{scene.study}/series/{scene.images[0].SeriesInstanceUID}"
    assert parts_of(fetch(path)) == [to_bytes(image) for image in scene.images]


def test_a_study_is_its_images_and_what_is_permitted(fetch, scene):
    path = f"/dicom-web/studies/{scene.study}"
    images = {to_bytes(image) for image in scene.images}
    assert set(parts_of(fetch(path))) == images
    scene.accept()
    assert set(parts_of(fetch(path))) == images | {scene.bytes_of_overlay}


def test_a_large_instance_streams_in_small_pieces(fetch, post, own_store):
    (image,) = ct_series(slices=1, rows=1024, columns=1024)
    post(to_bytes(image))
    from tests.dicomweb.conftest import Scene

    answer = fetch(Scene([image], image).path(), "application/dicom")
    sizes = [len(chunk) for chunk in answer.streaming_content]
    assert sum(sizes) == len(to_bytes(image))
    assert max(sizes) <= 1 << 20
    assert len(sizes) > 4


@pytest.mark.parametrize(
    "accept",
    [
        PART_10,
        f"{PART_10}; transfer-syntax=*",
        "multipart/related; type=application/dicom",
        "multipart/related",
        "*/*",
        "",
        f"{PART_10}; transfer-syntax=1.2.840.10008.1.2.1",
        f"image/png, {PART_10};q=0.2",
        "application/dicom; transfer-syntax=*",
    ],
)
def test_a_form_that_the_client_accepts_is_found(fetch, scene, accept):
    assert fetch(scene.path(scene.images[0]), accept).status_code == 200


@pytest.mark.parametrize(
    ("accept", "status", "said"),
    [
        ("image/jpeg", 406, "served as it is"),
        ("application/dicom+json", 406, "served as it is"),
        (f"{PART_10}; transfer-syntax=1.2.840.10008.1.2.4.90", 406, "transfer-syntax=1.2.840.10008.1.2.1"),
        ('multipart/related; type="image/jpeg"', 406, "served as it is"),
        ('multipart/related; type="not a type"', 406, "served as it is"),
        ("application/dicom;q=0", 406, "served as it is"),
        ("complete nonsense", 400, "Accept"),
        ('a/b; c="', 400, "Accept"),
        ("a/b, " * 60 + "a/b", 400, "Accept"),
        ("a/b;" + "x" * 5000, 400, "Accept"),
    ],
)
def test_another_form_is_refused_with_a_sentence(fetch, scene, accept, status, said):
    answer = fetch(scene.path(scene.images[0]), accept)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]


def test_a_whole_series_is_no_single_part(fetch, scene):
    path = f"/dicom-web/studies/{scene.study}/series/{scene.images[0].SeriesInstanceUID}"
    assert fetch(path, "application/dicom").status_code == 406


def test_derived_content_that_leaves_is_recorded_once(fetch, scene, clinician):
    scene.accept()
    fetch(f"/dicom-web/studies/{scene.study}")
    (entry,) = retrievals()
    assert (entry.actor_key, entry.study_instance_uid) == (clinician.key, scene.study)
    assert entry.data == {
        "count": 1,
        "purpose": "clinical",
        "form": "instance",
        "instances": [scene.overlay.SOPInstanceUID],
    }


def test_images_that_leave_are_not_recorded(fetch, scene):
    fetch(scene.path(scene.images[0]))
    assert not retrievals()


def test_a_review_is_recorded_as_such(fetch, scene, radiologist):
    assert fetch(scene.path(mount="/review/dicom-web"), actor=radiologist).status_code == 200
    assert retrievals()[0].data["purpose"] == "review"


def test_the_entity_tag_is_that_of_the_bytes(fetch, scene):
    one, two = (fetch(scene.path(image)) for image in scene.images)
    assert one["ETag"] == fetch(scene.path(scene.images[0]))["ETag"]
    assert one["ETag"] != two["ETag"]
    assert not one["ETag"].startswith("W/")


def test_equal_entity_tags_mean_equal_bytes(fetch, scene):
    first, second = (fetch(scene.path(scene.images[0])) for _ in range(2))
    assert b"".join(first.streaming_content) == b"".join(second.streaming_content)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_an_unchanged_instance_is_not_sent_again(fetch, scene, form):
    scene.accept()
    tag = fetch(scene.path())["ETag"]
    answer = fetch(scene.path(), HTTP_IF_NONE_MATCH=form.format(tag))
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)


def test_who_asks_whether_a_copy_still_holds_is_recorded_as_well(fetch, scene):
    scene.accept()
    tag = fetch(scene.path())["ETag"]
    fetch(scene.path(), HTTP_IF_NONE_MATCH=tag)
    assert len(retrievals()) == 2


def test_a_recalled_instance_is_not_confirmed_to_be_unchanged(fetch, scene):
    scene.accept()
    tag = fetch(scene.path())["ETag"]
    scene.set(status="recalled")
    assert fetch(scene.path(), HTTP_IF_NONE_MATCH=tag).status_code == 404


def test_head_tells_the_headers_alone_and_nothing_leaves(fetch, scene):
    scene.accept()
    full, head = fetch(scene.path()), fetch(scene.path(), method="head")
    assert (head.status_code, b"".join(head.streaming_content)) == (200, b"")
    assert {name: head[name] for name in ("Content-Type", "Content-Length", "ETag")} == {
        name: full[name] for name in ("Content-Type", "Content-Length", "ETag")
    }
    assert len(retrievals()) == 1


def test_answers_are_private_and_asked_for_again(fetch, scene):
    answer = fetch(scene.path(scene.images[0]))
    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Accept", "Authorization"} <= {name.strip() for name in answer["Vary"].split(",")}


@pytest.mark.parametrize("path", ["studies/abc", "studies/1.2/series/x", "studies/1.2/series/1.3/instances/1.2.z"])
def test_what_is_no_uid_is_refused(fetch, path):
    answer = fetch(f"/dicom-web/{path}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_an_instance_under_another_series_is_not_found(fetch, scene):
    series = scene.overlay.SeriesInstanceUID
    path = f"/dicom-web/studies/{scene.study}/series/{series}/instances/{scene.images[0].SOPInstanceUID}"
    assert fetch(path).status_code == 404


def test_a_narrowed_grant_reaches_its_study_alone(fetch, scene, narrowed, clinician):
    path = scene.path(scene.images[0])
    assert fetch(path, actor=narrowed(clinician, scene.study)).status_code == 200
    assert fetch(path, actor=narrowed(clinician, "1.2.3")).status_code == 404


def test_a_compressed_instance_is_served_as_it_is_stored(fetch, post, scene):
    packed = segmentation(sources=scene.images, uid_seed="rle", kind="LABELMAP", transfer_syntax="1.2.840.10008.1.2.5")
    assert post(to_bytes(packed)).refusal is None
    from overlays.models import OverlayVersion

    OverlayVersion.objects.filter(sop_instance_uid=packed.SOPInstanceUID).update(
        review_state="accepted", reviewed_by="R. Lee"
    )
    (part,) = parts_of(fetch(scene.path(packed), f"{PART_10}; transfer-syntax=*"))
    assert hashlib.sha256(part).digest() == hashlib.sha256(to_bytes(packed)).digest()
    answer = fetch(scene.path(packed), f"{PART_10}; transfer-syntax=1.2.840.10008.1.2.4.90")
    assert answer.status_code == 406
    assert "transfer-syntax=1.2.840.10008.1.2.5" in answer.json()["detail"]


@pytest.mark.parametrize("level", ["studies/{study}", "studies/{study}/series/{series}", "instance"])
@pytest.mark.parametrize("more", [0, 5])
def test_the_number_of_queries_does_not_depend_on_the_number_of_instances(
    fetch, scene, post, django_assert_num_queries, level, more
):
    for image in ct_series(slices=2 + more, rows=16, columns=16)[2:]:
        post(to_bytes(image))
    series = scene.images[0].SeriesInstanceUID
    path = (
        scene.path(scene.images[0])
        if level == "instance"
        else "/dicom-web/" + level.format(study=scene.study, series=series)
    )
    with django_assert_num_queries(1):
        assert len(parts_of(fetch(path))) >= 1
