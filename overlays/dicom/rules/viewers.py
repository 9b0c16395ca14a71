"""Rules about what known viewers misread of a legal object: each names the viewer and the version it was seen in."""

from collections import Counter
from collections.abc import Iterator

from overlays.dicom.content_tree import ContentItem
from overlays.dicom.read_algorithms import is_background
from overlays.dicom.read_report import MEASUREMENT_GROUP
from overlays.dicom.rules.references import LISTS
from overlays.dicom.rules.rule import REPORTS, SEGMENTATIONS, Breach, Rule, rules, warning
from overlays.dicom.sop_classes import LABEL_MAP_SEGMENTATION, SEGMENTATION
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path
from overlays.dicom.transfer_syntaxes import DEFLATED_IMAGE_FRAME, JPEG_2000_LOSSLESS, JPEG_LS_LOSSLESS, RLE_LOSSLESS
from overlays.dicom.transfer_syntaxes import name_of as syntax_name

SYNTAX_PATH = "(0002,0010) TransferSyntaxUID"
MOST_FRAMES = 400
"""Frames from which Weasis 4.6.0 switched a segmentation off."""
MOST_PAIRS_TOLD = 5
LARGEST_SIGNED = 32_767
"""Of a signed word, in which dcmqi 1.5.7 keeps the values of a label map."""
REFERENCED_SEGMENT = ("121191", "DCM")
REFERENCED_SEGMENTATION_FRAME = ("121214", "DCM")


def _background(subject: Subject) -> Iterator[Breach]:
    if subject.segmentation_type == "LABELMAP" and 0 in subject.segment_numbers:
        yield (
            path("SegmentSequence", subject.segment_numbers.index(0) + 1, "SegmentNumber"),
            "OHIF 3.13.2 and 3.14.0-beta.6 give each segment the colour of the one before when segment 0 is described.",
        )


def _gaps(subject: Subject) -> Iterator[Breach]:
    """Of the numbers beside 0, which has a rule of its own."""
    numbers = [number for number in subject.segment_numbers if number]
    if subject.segmentation_type == "LABELMAP" and numbers != list(range(1, len(numbers) + 1)):
        yield (
            path("SegmentSequence"),
            f"OHIF up to 3.14.0-beta.6 tells segments of a label map by their position: numbers other than 1 to {len(numbers)} in order "
            "get the colours of others.",
        )


def _large_numbers(subject: Subject) -> Iterator[Breach]:
    large = [place for place, number in enumerate(subject.segment_numbers) if (number or 0) > LARGEST_SIGNED]
    if subject.segmentation_type == "LABELMAP" and large:
        yield (
            path("SegmentSequence", large[0] + 1, "SegmentNumber"),
            f"dcmqi 1.5.7, and 3D Slicer with it, reads numbers of a label map beyond {LARGEST_SIGNED} as negative ones; found "
            f"{subject.segment_numbers[large[0]]}.",
        )


def _one_bit_rle(subject: Subject) -> Iterator[Breach]:
    if subject.transfer_syntax == RLE_LOSSLESS and subject.segmentation_type == "BINARY":
        yield (
            SYNTAX_PATH,
            "pydicom 3.0.2, highdicom 0.28.2 and older OHIF do not decode pixels of 1 bit in RLE Lossless.",
        )


def _refused_by_dcmqi(subject: Subject) -> Iterator[Breach]:
    if subject.transfer_syntax in (JPEG_LS_LOSSLESS, JPEG_2000_LOSSLESS):
        yield (
            SYNTAX_PATH,
            f"dcmqi 1.5.7, and 3D Slicer with it, refuses segmentations in {syntax_name(subject.transfer_syntax)}.",
        )


def _fractional(subject: Subject) -> Iterator[Breach]:
    if subject.segmentation_type == "FRACTIONAL":
        yield path("SegmentationType"), "OHIF up to 3.14.0-beta.6 does not draw fractional segmentations."


def _many_frames(subject: Subject) -> Iterator[Breach]:
    frames = len(subject.groups.per_frame) or (subject.data_set.integer("NumberOfFrames") or 0)
    if frames > MOST_FRAMES:
        yield (
            path("NumberOfFrames"),
            f"Weasis 4.6.0 switches segmentations of more than {MOST_FRAMES} frames off; found {frames}.",
        )


def _deflated_frames(subject: Subject) -> Iterator[Breach]:
    if subject.transfer_syntax == DEFLATED_IMAGE_FRAME:
        yield (
            SYNTAX_PATH,
            "pydicom 3.0.2, highdicom 0.28.2 and most viewers do not know Deflated Image Frame Compression.",
        )


def _not_listed(subject: Subject) -> Iterator[Breach]:
    """Where frames name sources the list is owed, and where nothing names any the object is refused: other rules tell those."""
    data_set = subject.data_set
    listed = any(data_set.count(keyword) for keyword in LISTS)
    if not listed and not subject.groups.any_sources() and data_set.count("SourceImageSequence"):
        yield path("ReferencedSeriesSequence"), "OHIF does not load a segmentation that refers to no series."


def _other_study(subject: Subject) -> Iterator[Breach]:
    others = "StudiesContainingOtherReferencedInstancesSequence"
    if subject.data_set.count(others) and not subject.data_set.count("ReferencedSeriesSequence"):
        yield path(others), "OHIF loads no segmentation whose sources all lie in another study."


def _no_description(subject: Subject) -> Iterator[Breach]:
    segments = (item for item in subject.data_set.each("SegmentSequence") if not is_background(item))
    bare = [item for item in segments if item.is_empty("SegmentDescription")]
    if bare:
        yield (
            bare[0].place("SegmentDescription"),
            f"MONAI before September 2023 reads no segment without a description; {len(bare)} have none.",
        )


def _no_spacing_between(subject: Subject) -> Iterator[Breach]:
    """Asked where slices lie at several places; that they have no thickness either is told by another rule."""
    groups = subject.groups
    if subject.data_set.is_empty("FrameOfReferenceUID") or "TotalPixelMatrixColumns" in subject.data_set:
        return
    if len({groups.position(frame) for frame in groups.per_frame}) < 2:
        return
    measures = groups.shared.measures or groups.per_frame[0].measures
    if measures is not None and measures.thickness and not measures.between:
        where = "SharedFunctionalGroupsSequence" if groups.shared.measures else "PerFrameFunctionalGroupsSequence"
        yield (
            path(where, 1, "PixelMeasuresSequence", 1, "SpacingBetweenSlices"),
            "OHIF 3.3 does not draw a segmentation that does not state the spacing between its slices.",
        )


def _tiled(subject: Subject) -> Iterator[Breach]:
    if subject.tiled_full and subject.segmentation_type == "FRACTIONAL" and len(subject.segment_numbers) > 1:
        yield (
            path("DimensionOrganizationType"),
            "Slim shows fractional segmentations of several segments as empty when they are TILED_FULL.",
        )


def _not_placed(subject: Subject) -> Iterator[Breach]:
    groups = subject.groups
    placed = groups.shared.has_position or any(frame.has_position for frame in groups.per_frame)
    if subject.data_set.is_empty("FrameOfReferenceUID") and groups.any_sources() and not placed:
        yield (
            path("FrameOfReferenceUID"),
            "dcmqi, and 3D Slicer with it, does not read a segmentation without a frame of reference.",
        )


def _palette(subject: Subject) -> Iterator[Breach]:
    data_set = subject.data_set
    if data_set.text("PhotometricInterpretation") == "PALETTE COLOR" and "RedPaletteColorLookupTableData" in data_set:
        yield (
            path("PhotometricInterpretation"),
            "With a palette segments have no Recommended Display CIELab Value; OHIF, which colours by that, chooses colours of its own.",
        )


def _overlapping(subject: Subject) -> Iterator[Breach]:
    """Of native binary segmentations whose frames have positions; others are not decoded for it."""
    if not subject.overlaps:
        return
    groups = subject.groups
    pairs: Counter[tuple[int, int]] = Counter()
    for place in subject.overlaps:
        for one, other in place:
            numbers = (groups.segment(groups.per_frame[one]), groups.segment(groups.per_frame[other]))
            pairs[tuple(sorted(number or 0 for number in numbers))] += 1
    said = ", ".join(f"{one} and {other}" for (one, other), _ in pairs.most_common(MOST_PAIRS_TOLD))
    more = " and others" if len(pairs) > MOST_PAIRS_TOLD else ""
    yield (
        path("PixelData"),
        f"Segments overlap in {len(subject.overlaps)} place(s) (segments {said}{more}): OHIF 3.12.10, 3.13.2 and 3.14.0-beta.6 then leave "
        "segments out on whole slices.",
    )


def _based_on_segmentation(subject: Subject) -> Iterator[Breach]:
    found = [item for item in subject.content if _names(item, MEASUREMENT_GROUP) and _refers_to_segment(item)]
    if found:
        yield (
            found[0].data_set.place("ContentSequence"),
            f"OHIF does not show measurements made on a segmentation; {len(found)} groups are.",
        )


def _names(item: ContentItem, code: tuple[str, str]) -> bool:
    return item.name is not None and (item.name.value, item.name.scheme) == code


def _refers_to_segment(group: ContentItem) -> bool:
    if group.named(REFERENCED_SEGMENT, REFERENCED_SEGMENTATION_FRAME):
        return True
    classes = {
        reference.text("ReferencedSOPClassUID")
        for child in group.children
        if child.value_type == "IMAGE"
        for reference in child.data_set.each("ReferencedSOPSequence")
    }
    return bool(classes & {SEGMENTATION, LABEL_MAP_SEGMENTATION})


RULES: tuple[Rule, ...] = (
    *rules(
        (warning, "VIE-001", "A label map describes no segment 0.", "cornerstone3D #2882", _background),
        (warning, "VIE-002", "Pixels of 1 bit are not in RLE Lossless.", "pydicom #2266; PS3.5 G.2", _one_bit_rle),
        (warning, "VIE-003", "The compression is one that dcmqi reads.", "dcmqi 1.5.7", _refused_by_dcmqi),
        (warning, "VIE-004", "The segmentation is not fractional.", "cornerstone3D, Segmentation_4X", _fractional),
        (warning, "VIE-005", "There are at most 400 frames.", "Weasis #680", _many_frames),
        (warning, "VIE-006", "Frames are not deflated one by one.", "PS3.5 A.4.13", _deflated_frames),
        (warning, "VIE-007", "The series of the sources is referred to.", "OHIF #4030, #2361", _not_listed),
        (warning, "VIE-008", "Sources lie in the study of the segmentation.", "OHIF #1711, #2737", _other_study),
        (warning, "VIE-009", "Every segment has a description.", "MONAI #6928", _no_description),
        (warning, "VIE-010", "Segments of a label map are numbered from 1.", "cornerstone3D #2882", _gaps),
        (warning, "VIE-011", "The spacing between slices is stated.", "OHIF #3335", _no_spacing_between),
        (warning, "VIE-012", "Fractional segments are not TILED_FULL together.", "Slim #223", _tiled),
        (warning, "VIE-013", "There is a frame of reference.", "dcmqi #157", _not_placed),
        (warning, "VIE-014", "A label map brings no palette.", "cornerstone3D", _palette),
        (warning, "VIE-015", "Segments do not overlap.", "OHIF #3496; cornerstone3D #1815", _overlapping),
        (warning, "VIE-017", "Segments of a label map are numbered up to 32767.", "dcmqi 1.5.7", _large_numbers),
        applies=SEGMENTATIONS,
    ),
    *rules(
        (
            warning,
            "VIE-016",
            "Measurements are made on regions that OHIF shows.",
            "OHIF #4404",
            _based_on_segmentation,
        ),
        applies=REPORTS,
    ),
)
