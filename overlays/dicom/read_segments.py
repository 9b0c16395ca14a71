"""Reads Segment Sequence (PS3.3 C.8.20.2)."""

from overlays.dicom.colours import srgb_of_cielab
from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import Segment


def read_segments(root: DataSet) -> tuple[Segment, ...]:
    """The segments in the order written; one without a number is left out (a rule tells it)."""
    segments = []
    for item in root.each("SegmentSequence"):
        number = item.integer("SegmentNumber")
        if number is None:
            continue
        segments.append(
            Segment(
                number=number,
                label=item.text("SegmentLabel"),
                description=item.text("SegmentDescription"),
                category=item.code("SegmentedPropertyCategoryCodeSequence"),
                property_type=item.code("SegmentedPropertyTypeCodeSequence"),
                algorithm_type=item.text("SegmentAlgorithmType"),
                algorithm_name=item.text("SegmentAlgorithmName"),
                tracking_id=item.text("TrackingID"),
                tracking_uid=item.text("TrackingUID"),
                rgb=_rgb(item),
            )
        )
    return tuple(segments)


def _rgb(item: DataSet) -> tuple[int, int, int] | None:
    values = item.numbers("RecommendedDisplayCIELabValue")
    if not values or len(values) != 3:
        return None
    return srgb_of_cielab((int(values[0]), int(values[1]), int(values[2])))
