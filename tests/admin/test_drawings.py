"""Pictures show what the bytes hold, to readers alone, and only while the policy lets them."""

import copy
import io

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image
from pydicom.uid import RLELossless

from overlays.governance.vocabulary import ModelStatus
from overlays.models import AuditEntry, OverlayVersion, SourceInstance
from overlays.queries.drawings import drawing_of
from overlays.services.change_status import set_status
from tests.builders import ct_series, segmentation, to_bytes
from tests.builders.parametric_maps import parametric_map
from tests.builders.segmentations import mask_of
from tests.builders.uids import uid


def _image(version: OverlayVersion, index: int = 0, window: str = "own") -> str:
    return reverse("admin:overlays_overlayversion_image", args=[version.pk, drawing_of(version).key, index, window])


def _layer(version: OverlayVersion, index: int = 0, segment: int = 1, style: str = "fill") -> str:
    return reverse(
        "admin:overlays_overlayversion_layer", args=[version.pk, drawing_of(version).key, index, segment, style]
    )


def _picture(client, address: str) -> Image.Image:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png"), answer.content
    picture = Image.open(io.BytesIO(answer.content))
    picture.load()
    return picture


def _alpha(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGBA"))[:, :, 3]


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
@pytest.mark.parametrize("segment", [1, 2])
def test_a_layer_is_opaque_exactly_where_its_segment_is(kind, segment, reader, stored, images) -> None:
    version = stored(kind=kind)

    alpha = _alpha(_picture(reader, _layer(version, 2, segment)))

    assert alpha.tolist() == (mask_of(images, 2)[2, :, :, segment - 1] * 255).tolist()


def test_a_layer_has_the_colour_that_the_object_recommends(reader, stored) -> None:
    version = stored()

    pixels = np.asarray(_picture(reader, _layer(version, 0, 1)).convert("RGBA"))

    assert {tuple(colour) for colour in pixels[pixels[:, :, 3] > 0][:, :3].tolist()} == {
        tuple(version.content["segments"][0]["rgb"])
    }


def test_an_outline_is_the_edge_of_the_segment(reader, stored, images) -> None:
    version = stored(segments=("Liver",))
    mask = mask_of(images, 1)[0, :, :, 0].astype(bool)

    alpha = _alpha(_picture(reader, _layer(version, 0, 1, "outline"))) > 0

    assert not (alpha & ~mask).any()
    assert 0 < alpha.sum() < mask.sum()


def test_a_segment_that_is_not_on_the_page_gives_an_empty_layer(reader, stored) -> None:
    alpha = _alpha(_picture(reader, _layer(stored(), 0, 77)))

    assert (alpha.shape, alpha.any()) == ((64, 64), False)


def test_the_image_is_the_slice_in_grey(reader, stored) -> None:
    picture = _picture(reader, _image(stored()))

    assert (picture.mode, picture.size) == ("L", (64, 64))
    assert np.asarray(picture)[0, 0] < np.asarray(picture)[63, 63]


def test_pages_run_along_the_normal(stored, images) -> None:
    drawing = drawing_of(stored())

    assert [plane.distance for plane in drawing.planes] == [image.ImagePositionPatient[2] for image in images]


def test_a_window_preset_changes_the_image(reader, stored) -> None:
    version = stored()

    assert _picture(reader, _image(version, 0, "bone")).tobytes() != _picture(reader, _image(version)).tobytes()


@pytest.mark.parametrize(("index", "window"), [(4, "own"), (0, "fog"), (99999, "own")])
def test_a_page_or_window_that_is_not_there_is_not_found(index, window, reader, stored) -> None:
    assert reader.get(_image(stored(), index, window)).status_code == 404


def test_a_style_that_is_not_there_is_not_found(reader, stored) -> None:
    assert reader.get(_layer(stored(), style="glow")).status_code == 404


def test_the_overview_counts_the_pixels_of_each_segment_on_each_page(reader, stored, images) -> None:
    version = stored()
    address = reverse("admin:overlays_overlayversion_overview", args=[version.pk, drawing_of(version).key])

    counts = reader.get(address).json()["counts"]

    mask = mask_of(images, 2)
    expected = [[[number, int(mask[page, :, :, number - 1].sum())] for number in (1, 2)] for page in range(4)]
    assert counts == expected


def test_the_thumbnail_shows_image_and_overlay(reader, stored) -> None:
    version = stored()

    picture = _picture(
        reader, reverse("admin:overlays_overlayversion_thumbnail", args=[version.pk, version.sha256[:16]])
    )

    pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert picture.size == (64, 64)
    assert (pixels.max(axis=2) - pixels.min(axis=2)).max() > 40


def test_a_thumbnail_under_another_digest_is_not_found(reader, stored) -> None:
    version = stored()

    address = reverse("admin:overlays_overlayversion_thumbnail", args=[version.pk, "0" * 16])

    assert reader.get(address).status_code == 404


def test_a_browser_may_keep_a_picture_for_itself_but_asks_each_time(reader, stored) -> None:
    answer = reader.get(_layer(stored()))

    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer.headers["Vary"]


def test_a_picture_that_the_browser_has_is_not_sent_again(reader, stored) -> None:
    address = _layer(stored())
    etag = reader.get(address).headers["ETag"]

    answer = reader.get(address, headers={"If-None-Match": etag})

    assert (answer.status_code, answer.content) == (304, b"")


def _together(version: OverlayVersion, style: str = "fill") -> str:
    return reverse("admin:overlays_overlayversion_together", args=[version.pk, drawing_of(version).key, 0, style])


@pytest.mark.parametrize("style", ["fill", "outline"])
def test_all_segments_at_once_are_the_single_layers_together(style, reader, stored) -> None:
    version = stored()

    together = np.asarray(_picture(reader, _together(version, style)).convert("RGBA")).astype(int)

    single = [np.asarray(_picture(reader, _layer(version, 0, n, style)).convert("RGBA")).astype(int) for n in (1, 2)]
    drawn = sum(layer * (layer[:, :, 3:] > 0) for layer in single)
    assert together.tolist() == drawn.tolist()


@pytest.mark.parametrize("make", [_image, _layer, _together])
def test_a_recall_stops_the_drawing_at_once_even_for_who_has_the_picture(make, reader, stored, steward, now) -> None:
    version = stored()
    address = make(version)
    etag = reader.get(address).headers["ETag"]
    set_status(
        actor=steward, at=now, model_version_id=version.model_version_id, status=ModelStatus.RECALLED, reason="leaks"
    )

    assert reader.get(address, headers={"If-None-Match": etag}).status_code == 404


def test_a_drawing_whose_sources_have_changed_is_asked_for_again(reader, registered, post) -> None:
    registered()
    series = ct_series()
    for image in series[:3]:
        post(to_bytes(image))
    built = segmentation(sources=series)
    post(to_bytes(built))
    version = OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID)
    before = _layer(version)
    assert reader.get(before).status_code == 200

    post(to_bytes(series[3]))

    assert reader.get(before).status_code == 404
    assert reader.get(_layer(version)).status_code == 200


def test_without_its_images_the_overlay_is_drawn_on_a_dark_ground_and_the_page_says_so(
    reader, registered, post
) -> None:
    registered()
    built = segmentation()
    post(to_bytes(built))
    version = OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID)

    text = reader.get(reverse("admin:overlays_overlayversion_review", args=[version.pk])).content.decode()

    assert "does not hold the source images: the overlay is drawn on a dark ground" in text
    assert _alpha(_picture(reader, _layer(version, 3, 2))).any()
    assert reader.get(_image(version)).status_code == 404


def test_images_that_are_partly_missing_leave_no_frame_undrawn(registered, post) -> None:
    registered()
    series = ct_series()
    for image in series[1:]:
        post(to_bytes(image))
    built = segmentation(sources=series)
    post(to_bytes(built))

    drawing = drawing_of(OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID))

    assert [plane.image_sha256 is None for plane in drawing.planes] == [True, False, False, False]
    assert sum(plane.marks.amount for plane in drawing.planes) == built.NumberOfFrames
    assert "holds 3 of the 4 source instances" in drawing.note


def _heights(version: OverlayVersion, images) -> list[tuple[float | None, list[float]]]:
    """Of each page's image and of the frames on it, in millimetres."""
    of_image = {image.SOPInstanceUID: float(image.ImagePositionPatient[2]) for image in images}
    held = {
        each.bytes.sha256: of_image[each.sop_instance_uid] for each in SourceInstance.objects.select_related("bytes")
    }
    return [
        (held.get(plane.image_sha256), [frame.position[2] for frame in plane.marks.frames])
        for plane in drawing_of(version).planes
    ]


@pytest.mark.parametrize("make", [segmentation, parametric_map])
def test_a_frame_that_names_a_wrong_image_is_drawn_where_it_lies_and_the_page_says_so(make, registered, post) -> None:
    registered()
    images = ct_series()
    built = make(sources=images)
    groups = built.PerFrameFunctionalGroupsSequence
    named = [copy.deepcopy(each.DerivationImageSequence) for each in groups]
    for each, sequence in zip(groups, reversed(named), strict=True):
        each.DerivationImageSequence = sequence
    for each in (built, *images):
        assert post(to_bytes(each)).refusal is None
    version = OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID)

    assert all(set(frames) == {image} for image, frames in _heights(version, images))
    assert "frames name an image that does not lie where they do" in drawing_of(version).note


def test_nothing_is_drawn_on_an_image_of_another_frame_of_reference_and_the_page_says_so(registered, post) -> None:
    registered()
    images = ct_series()
    built = segmentation(sources=images)
    for each in images[:2]:
        each.FrameOfReferenceUID = uid("another frame of reference")
    for each in (built, *images):
        assert post(to_bytes(each)).refusal is None

    drawing = drawing_of(OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID))

    assert sorted(plane.picture is None for plane in drawing.planes) == [False, False, True, True]
    assert "2 of the images have another frame of reference" in drawing.note


@pytest.mark.parametrize("with_names", [True, False])
def test_frames_of_missing_slices_are_drawn_on_no_neighbour_and_the_page_says_so(with_names, registered, post) -> None:
    registered()
    images = ct_series(slices=8)
    built = segmentation(sources=images)
    for each in built.PerFrameFunctionalGroupsSequence:
        if not with_names:
            del each.DerivationImageSequence
    for each in (images[0], images[3], images[7], built):
        assert post(to_bytes(each)).refusal is None
    version = OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID)

    pages = _heights(version, images)

    assert all(image in (None, height) for image, frames in pages for height in frames)
    assert sum(image is not None and bool(frames) for image, frames in pages) == 3
    assert "on a dark ground" in drawing_of(version).note


def test_a_window_of_an_unknown_function_is_told(registered, post) -> None:
    registered()
    images = ct_series()
    images[0].VOILUTFunction = "CUBIC"
    built = segmentation(sources=images)
    for each in (*images, built):
        assert post(to_bytes(each)).refusal is None

    note = drawing_of(OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID)).note

    assert "The windows of 1 images have a function that is not known here" in note


def test_a_compressed_overlay_is_drawn_like_a_native_one(reader, stored, images) -> None:
    version = stored(kind="LABELMAP", transfer_syntax=RLELossless)

    alpha = _alpha(_picture(reader, _layer(version, 1, 2)))

    assert alpha.tolist() == (mask_of(images, 2)[1, :, :, 1] * 255).tolist()


def test_lost_bytes_are_told_and_what_cannot_be_drawn_cannot_be_accepted(reader, stored, own_store) -> None:
    version = stored()
    for path in own_store.rglob(version.sha256):
        path.unlink()

    address = reverse("admin:overlays_overlayversion_review", args=[version.pk])

    text = reader.get(address).content.decode()
    answer = reader.post(address, {"act": "accept", "seen_sha256": version.sha256, "seen_state": "pending"})

    assert "cannot be drawn here" in text
    assert 'id="accept-form"' not in text
    assert answer.status_code == 409
    assert not AuditEntry.objects.filter(event="version:seen").exists()
