"""Regions of a report are drawn in the frame, the matrix and the frame of reference that they belong to, and in no other."""

import copy

import pytest

from overlays.models import OverlayVersion, SourceInstance
from overlays.queries.drawings import drawing_of
from tests.admin.test_families import page_of
from tests.builders import ct_series, report, slide_image, to_bytes
from tests.builders.structure_sets import reference
from tests.builders.uids import uid

SQUARE = [190.0, 190, 210, 190, 210, 210, 190, 190]


@pytest.fixture
def drawn(registered, post):
    """Stores a report, and then the images, for rules refuse some of these where the images are known; its drawing."""

    def store(built, *images):
        registered()
        for each in (built, *images):
            found = post(to_bytes(each))
            assert found.refusal is None, found.findings
        return drawing_of(OverlayVersion.objects.get(sop_instance_uid=built.SOPInstanceUID))

    return store


def items(data_set, value_type):
    for item in data_set.get("ContentSequence", ()):
        if item.get("ValueType") == value_type:
            yield item
        yield from items(item, value_type)


def on_another(image, *, origin=None, frame=None, points=SQUARE):
    """A report whose region is drawn in ``image``."""
    built = report(kind="COMPREHENSIVE")
    (region,) = items(built, "SCOORD")
    (ground,) = items(region, "IMAGE")
    region.GraphicData = points
    ground.ReferencedSOPSequence = [reference(image)]
    if origin:
        region.PixelOriginInterpretation = origin
    if frame:
        ground.ReferencedSOPSequence[0].ReferencedFrameNumber = frame
    series = copy.deepcopy(built.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0])
    series.SeriesInstanceUID, series.ReferencedSOPSequence = image.SeriesInstanceUID, [reference(image)]
    built.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence.append(series)
    return built


def marked(drawing) -> list:
    """Of each page with something on it: the frame below it, or None for a whole slide, and its rows."""
    return [
        (None if plane.picture.slide else plane.picture.number, round(plane.marks.rows / plane.marks.scale))
        for plane in drawing.planes
        if plane.marks.amount and plane.picture
    ]


def test_points_of_the_matrix_of_tiles_are_drawn_on_the_whole_slide(drawn):
    slide = slide_image()
    assert marked(drawn(on_another(slide, origin="VOLUME"), slide)) == [(None, 256)]


@pytest.mark.parametrize("origin", ["FRAME", None])
def test_points_of_a_tile_are_drawn_on_that_tile(origin, drawn):
    slide = slide_image()
    built = on_another(slide, origin=origin, frame=16, points=[5.0, 5, 9, 5, 9, 9, 5, 5])
    assert marked(drawn(built, slide)) == [(16, 64)]


@pytest.mark.parametrize("frame", [None, 17])
def test_points_of_no_tile_are_drawn_on_none_and_that_is_said(frame, drawn):
    slide = slide_image()
    drawing = drawn(on_another(slide, frame=frame), slide)
    assert marked(drawing) == []
    assert "1 regions are not drawn" in drawing.note


def of_frames(image, frames):
    made = copy.deepcopy(image)
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.3.1"
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = uid("frames")
    made.SeriesInstanceUID, made.Modality = uid("frames", "series"), "US"
    made.NumberOfFrames, made.PixelData = frames, image.PixelData * frames
    return made


def test_a_region_without_a_frame_is_drawn_on_every_frame(drawn):
    images = of_frames(ct_series()[0], 3)
    assert marked(drawn(on_another(images, points=[5.0, 5, 9, 5, 9, 9, 5, 5]), images)) == [(1, 64), (2, 64), (3, 64)]


def test_an_image_that_is_selected_by_reference_is_found(drawn):
    images = ct_series()
    built = report(sources=images, kind="COMPREHENSIVE")
    (region,) = items(built, "SCOORD")
    (ground,) = items(region, "IMAGE")
    by_reference = copy.deepcopy(ground)
    for keyword in [each.keyword for each in by_reference if each.keyword != "RelationshipType"]:
        del by_reference[keyword]
    ground.RelationshipType = "CONTAINS"
    built.ContentSequence.append(ground)
    by_reference.ReferencedContentItemIdentifier = [1, len(built.ContentSequence)]
    region.ContentSequence = [by_reference]
    assert marked(drawn(built, *images)) == [(1, 64)]


def test_a_region_in_space_is_drawn_on_images_of_its_frame_of_reference_alone(drawn):
    images = ct_series()
    others = [copy.deepcopy(image) for image in images]
    for number, other in enumerate(others):
        other.FrameOfReferenceUID, other.SeriesInstanceUID = uid("other space"), uid("other series")
        other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = uid("other", number)
    built = report(sources=images)
    (region,) = items(built, "SCOORD3D")
    region.ReferencedFrameOfReferenceUID = uid("other space")
    evidence = built.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    series = copy.deepcopy(evidence[0])
    series.SeriesInstanceUID, series.ReferencedSOPSequence = uid("other series"), [reference(each) for each in others]
    evidence.append(series)

    drawing = drawn(built, *images, *others)

    below = [plane.image_sha256 for plane in drawing.planes if plane.marks.amount]
    found = SourceInstance.objects.filter(bytes__sha256__in=below).values_list("frame_of_reference_uid", flat=True)
    assert set(found) == {uid("other space")}


def test_a_region_in_the_space_of_no_image_is_drawn_on_none_and_that_is_said(drawn):
    images = ct_series()
    built = report(sources=images)
    (region,) = items(built, "SCOORD3D")
    region.ReferencedFrameOfReferenceUID = uid("other space")

    drawing = drawn(built, *images)

    assert marked(drawing) == []
    assert "frame of reference of no image" in drawing.note


def test_the_page_of_a_report_none_of_whose_regions_is_drawn_says_so(reader, drawn):
    drawn(on_another(slide_image()))
    version = OverlayVersion.objects.get(overlay__kind="SR")

    assert "1 regions are not drawn" in reader.get(page_of(version)).content.decode()
