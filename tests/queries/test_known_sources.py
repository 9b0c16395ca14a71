"""What the registry knows of the instances that an object names, as rules about sources ask for it."""

from overlays.queries.known_sources import known_sources
from tests.builders import ct_series, report, segmentation, slide_image, to_bytes


def test_an_image_that_was_compressed_with_loss_is_known_as_such(post):
    first, second = ct_series()[:2]
    first.LossyImageCompression = "01"
    first.LossyImageCompressionRatio, first.LossyImageCompressionMethod = 8, "ISO_10918_1"
    for image in (first, second):
        assert post(to_bytes(image)).refusal is None
    lossy = {
        source.sop_instance_uid: source.lossy for source in known_sources([first.SOPInstanceUID, second.SOPInstanceUID])
    }
    assert lossy == {first.SOPInstanceUID: True, second.SOPInstanceUID: False}


def test_the_segments_of_a_segmentation_are_known_and_those_of_a_report_are_none(post, registered):
    registered()
    made = segmentation()
    about = report(about=made)
    for each in (made, about):
        assert post(to_bytes(each)).refusal is None
    found = {
        source.sop_instance_uid: source.segment_numbers
        for source in known_sources([made.SOPInstanceUID, about.SOPInstanceUID])
    }
    assert found == {made.SOPInstanceUID: {1, 2}, about.SOPInstanceUID: None}


def test_the_total_pixel_matrix_of_a_slide_is_known(post):
    slide = slide_image()
    assert post(to_bytes(slide)).refusal is None
    assert [source.matrix for source in known_sources([slide.SOPInstanceUID])] == [(256, 256)]
