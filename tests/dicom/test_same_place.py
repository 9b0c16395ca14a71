"""Tests which frames are said to lie at one place."""

from overlays.dicom.bounds import Bounds
from overlays.dicom.dataset import DataSet
from overlays.dicom.functional_groups import FunctionalGroups
from overlays.dicom.part10 import read_file_meta
from overlays.dicom.same_place import frames_at_one_place
from overlays.dicom.scan import scan
from tests.builders import segmentation, to_bytes


def places(made) -> list[list[int]]:
    content = to_bytes(made)
    body = read_file_meta(content).body
    root = DataSet(scan(content, body, len(content), implicit=False, bounds=Bounds()))
    return frames_at_one_place(root, FunctionalGroups(root))


def test_frames_of_two_segments_lie_at_one_place() -> None:
    assert places(segmentation()) == [[0, 4], [1, 5], [2, 6], [3, 7]]


def test_frames_of_one_segment_lie_at_places_of_their_own() -> None:
    assert places(segmentation(segments=("Liver",))) == []


def test_another_dimension_tells_frames_apart() -> None:
    made = segmentation()
    made.DimensionIndexSequence[0].DimensionIndexPointer = 0x00209128  # Temporal Position Index
    assert places(made) == []


def test_a_second_frame_of_the_same_segment_is_left_to_another_rule() -> None:
    made = segmentation()
    for frame in made.PerFrameFunctionalGroupsSequence:
        frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber = 1
    assert places(made) == []
