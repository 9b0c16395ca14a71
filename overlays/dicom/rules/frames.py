"""Rules about frames: their number, functional groups, dimensions and segments (PS3.3 C.7.6.16, C.7.6.17)."""

from collections.abc import Iterator
from itertools import islice

from overlays.dicom.functional_groups import Groups
from overlays.dicom.rules.rule import FRAMED, SEGMENTATIONS, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path, plain, tag_of

SHARED = "SharedFunctionalGroupsSequence"
PER_FRAME = "PerFrameFunctionalGroupsSequence"


MAX_DIMENSIONS = 64


def pointer_of(raw: bytes) -> int:
    """A value of VR AT: group and element, two bytes each."""
    return int.from_bytes(raw[:2], "little") << 16 | int.from_bytes(raw[2:4], "little") if len(raw) == 4 else 0


def _pointers(subject: Subject) -> list[int]:
    items = islice(subject.data_set.each("DimensionIndexSequence"), MAX_DIMENSIONS)
    return [pointer_of(item.raw("DimensionIndexPointer")) for item in items]


def _frames(subject: Subject) -> Iterator[tuple[int, Groups]]:
    return enumerate(subject.groups.per_frame, 1)


def _number_of_frames(subject: Subject) -> Iterator[Breach]:
    found = subject.data_set.integer("NumberOfFrames")
    if found is None or found < 1:
        yield path("NumberOfFrames"), f"Number of Frames must be at least 1; found {found}."


def _count(subject: Subject) -> Iterator[Breach]:
    frames, items = subject.data_set.integer("NumberOfFrames"), len(subject.groups.per_frame)
    if subject.tiled_full and not items:
        return
    if frames is not None and 1 <= frames <= subject.bounds.max_frames and frames != items:
        yield (
            path("NumberOfFrames"),
            f"Number of Frames is {frames}, but {items} items of per-frame functional groups were found.",
        )


def _shared(subject: Subject) -> Iterator[Breach]:
    if subject.groups.shared_items != 1:
        yield path(SHARED), f"The sequence must have exactly one item; found {subject.groups.shared_items}."


def _organization(subject: Subject) -> Iterator[Breach]:
    if not subject.data_set.count("DimensionOrganizationSequence"):
        yield path("DimensionOrganizationSequence"), "The object declares no dimension organization."


def _indices(subject: Subject) -> Iterator[Breach]:
    if not subject.tiled_full and not subject.data_set.count("DimensionIndexSequence"):
        yield path("DimensionIndexSequence"), "The object declares no dimension index."


def _declared(subject: Subject) -> Iterator[Breach]:
    declared = {
        item.text("DimensionOrganizationUID") for item in subject.data_set.each("DimensionOrganizationSequence")
    }
    if not declared:
        return
    for item in subject.data_set.each("DimensionIndexSequence"):
        uid = item.text("DimensionOrganizationUID")
        if uid not in declared:
            yield item.place("DimensionOrganizationUID"), f"The dimension organization {uid[:64]!r} is not declared."


def _value_count(subject: Subject) -> Iterator[Breach]:
    wanted = len(_pointers(subject))
    if not wanted:
        return
    for number, frame in _frames(subject):
        if frame.content and len(frame.index_values or ()) != wanted:
            where = path(PER_FRAME, number, "FrameContentSequence", 1, "DimensionIndexValues")
            yield where, f"The frame needs {wanted} dimension index values; found {len(frame.index_values or ())}."


def _values_positive(subject: Subject) -> Iterator[Breach]:
    for number, frame in _frames(subject):
        if frame.index_values and min(frame.index_values) < 1:
            yield (
                path(PER_FRAME, number, "FrameContentSequence", 1, "DimensionIndexValues"),
                "Dimension index values count from 1; found 0.",
            )


def _values_unique(subject: Subject) -> Iterator[Breach]:
    seen: dict[tuple, int] = {}
    whole = len(_pointers(subject))
    segment_indexed = tag_of("ReferencedSegmentNumber") in _pointers(subject)
    for number, frame in _frames(subject):
        values = frame.index_values
        if not values or len(values) != whole:
            continue
        # Objects that leave the segment out of their indices (met in practice) tell such frames apart by the segment alone.
        key = values if segment_indexed else (*values, subject.groups.segment(frame))
        first = seen.setdefault(key, number)
        if first != number:
            where = path(PER_FRAME, number, "FrameContentSequence", 1, "DimensionIndexValues")
            yield (
                where,
                f"Frames {first} and {number} have the same dimension index values {'/'.join(map(str, values))}.",
            )


def _values_agree(subject: Subject) -> Iterator[Breach]:
    """Whether index and segment number map to each other one to one: an index counts, it need not equal the number."""
    pointers = _pointers(subject)
    wanted = tag_of("ReferencedSegmentNumber")
    if wanted not in pointers:
        return
    at = pointers.index(wanted)
    segment_of: dict[int, int] = {}
    index_of: dict[int, int] = {}
    described = set(subject.segment_numbers)
    for number, frame in _frames(subject):
        segment = subject.groups.segment(frame)
        if (
            segment is None
            or segment not in described
            or not frame.index_values
            or len(frame.index_values) != len(pointers)
        ):
            continue
        index = frame.index_values[at]
        if index and (segment_of.setdefault(index, segment) != segment or index_of.setdefault(segment, index) != index):
            where = path(PER_FRAME, number, "FrameContentSequence", 1, "DimensionIndexValues")
            yield where, f"The index {index} of the segment dimension contradicts segment {segment} of frame {number}."


def _pointer_in_group(subject: Subject) -> Iterator[Breach]:
    scan = subject.data_set.scan
    rows = [frame.row for frame in subject.groups.per_frame[:1]]
    if subject.groups.shared_items:
        rows.append(subject.groups.shared.row)
    for item in islice(subject.data_set.each("DimensionIndexSequence"), MAX_DIMENSIONS):
        pointer, group = pointer_of(item.raw("DimensionIndexPointer")), pointer_of(item.raw("FunctionalGroupPointer"))
        if not group or not rows or (pointer >> 16) & 1:
            continue
        held = [
            leaf
            for row in rows
            for sequence in scan.children(row)
            if scan.tags[sequence] == group
            for member in scan.children(sequence)
            for leaf in scan.children(member)
        ]
        if held and pointer not in {scan.tags[leaf] for leaf in held}:
            yield (
                item.place("DimensionIndexPointer"),
                f"{plain(pointer)} does not lie in the functional group {plain(group)}.",
            )


def _content(subject: Subject) -> Iterator[Breach]:
    if subject.tiled_full:
        return
    for number, frame in _frames(subject):
        if not frame.content:
            yield path(PER_FRAME, number, "FrameContentSequence"), "The frame has no Frame Content."


def _segment_named(subject: Subject) -> Iterator[Breach]:
    if subject.segmentation_type not in ("BINARY", "FRACTIONAL") or subject.tiled_full:
        return
    for number, frame in _frames(subject):
        if not subject.groups.has_segment(frame):
            yield path(PER_FRAME, number, "SegmentIdentificationSequence"), "Nothing names the segment of the frame."


def _segment_of_label_map(subject: Subject) -> Iterator[Breach]:
    if subject.segmentation_type != "LABELMAP":
        return
    if subject.groups.shared.has_segment or any(frame.has_segment for frame in subject.groups.per_frame):
        yield path(SHARED, 1, "SegmentIdentificationSequence"), "Frames of a label map belong to no single segment."


def _segment_described(subject: Subject) -> Iterator[Breach]:
    described = set(subject.segment_numbers)
    if not described:
        return
    if subject.groups.shared.has_segment and subject.groups.shared.segment not in described:
        where = path(SHARED, 1, "SegmentIdentificationSequence", 1, "ReferencedSegmentNumber")
        yield where, f"Segment {subject.groups.shared.segment} is not described in Segment Sequence."
    for number, frame in _frames(subject):
        if frame.has_segment and frame.segment not in described:
            where = path(PER_FRAME, number, "SegmentIdentificationSequence", 1, "ReferencedSegmentNumber")
            yield where, f"Segment {frame.segment} of frame {number} is not described in Segment Sequence."


def _pixels_described(subject: Subject) -> Iterator[Breach]:
    if subject.segmentation_type != "LABELMAP" or not subject.segment_numbers or not subject.pixel_values:
        return
    allowed = set(subject.segment_numbers)
    padding = subject.data_set.integer("PixelPaddingValue")
    if padding is not None:
        allowed.add(padding)
    for value in sorted(subject.pixel_values - allowed):
        yield path("PixelData"), f"Pixels have the value {value}, which Segment Sequence does not describe."


def _unused(subject: Subject) -> Iterator[Breach]:
    if subject.segmentation_type == "LABELMAP":
        used = subject.pixel_values
    else:
        used = {subject.groups.segment(frame) for frame in subject.groups.per_frame}
    if not used or None in used or subject.tiled_full:
        return
    for number in subject.segment_numbers:
        if number not in used:
            yield path("SegmentSequence"), f"Segment {number} is described, but no frame or pixel belongs to it."


def _same_place(subject: Subject) -> Iterator[Breach]:
    """Frames are the same when segment, position and orientation are, and no dimension beside those tells them apart."""
    if subject.tiled_full:
        return
    groups = subject.groups
    spatial = {
        tag_of(word)
        for word in (
            "ReferencedSegmentNumber",
            "ImagePositionPatient",
            "StackID",
            "InStackPositionNumber",
            "ImageOrientationPatient",
        )
    }
    others = [at for at, pointer in enumerate(_pointers(subject)) if pointer not in spatial]
    seen: dict[tuple, int] = {}
    for number, frame in _frames(subject):
        position, segment = groups.position(frame), groups.segment(frame)
        if not position or (segment is None and subject.segmentation_type != "LABELMAP"):
            continue
        values = frame.index_values or ()
        rest = tuple(values[at] for at in others if at < len(values))
        key = (segment, position, groups.orientation(frame), rest)
        first = seen.setdefault(key, number)
        if first != number:
            yield path(PER_FRAME, number), f"Frames {first} and {number} show the same segment at the same place."


_OF_ALL: tuple[Rule, ...] = rules(
    (error, "FRM-001", "Number of Frames is present and at least 1.", "PS3.3 C.7.6.6", _number_of_frames),
    (error, "FRM-002", "Number of Frames is the number of per-frame items.", "PS3.3 C.7.6.16", _count),
    (error, "FRM-003", "Shared Functional Groups Sequence has one item.", "PS3.3 C.7.6.16", _shared),
    (error, "FRM-004", "A dimension organization is declared.", "PS3.3 C.7.6.17", _organization),
    (error, "FRM-005", "Dimension indices are declared.", "PS3.3 C.7.6.17", _indices),
    (error, "FRM-006", "Every dimension index belongs to a declared organization.", "PS3.3 C.7.6.17", _declared),
    (error, "FRM-007", "Every frame has one index value a dimension.", "PS3.3 C.7.6.16.2.2", _value_count),
    (error, "FRM-008", "Dimension index values count from 1.", "PS3.3 C.7.6.16.2.2", _values_positive),
    (error, "FRM-009", "No two frames have the same dimension index values.", "PS3.3 C.7.6.17", _values_unique),
    (
        error,
        "FRM-011",
        "Dimension indices point into the functional group that they name.",
        "PS3.3 C.7.6.17",
        _pointer_in_group,
    ),
    (error, "FRM-012", "Every frame has Frame Content.", "PS3.3 C.7.6.16.2.2", _content),
    applies=FRAMED,
)

_OF_SEGMENTS: tuple[Rule, ...] = rules(
    (
        error,
        "FRM-010",
        "The index of the segment dimension agrees with the frame's segment.",
        "PS3.3 C.7.6.17",
        _values_agree,
    ),
    (error, "FRM-013", "Every frame belongs to a segment, save in label maps.", "PS3.3 C.8.20.3", _segment_named),
    (warning, "FRM-014", "Frames of a label map name no segment.", "PS3.3 A.51.5", _segment_of_label_map),
    (error, "FRM-015", "Every segment of a frame is described.", "PS3.3 C.8.20.3", _segment_described),
    (error, "FRM-016", "Every pixel value of a label map is described.", "PS3.3 C.8.20.2.3.3", _pixels_described),
    (warning, "FRM-017", "Every described segment has frames or pixels.", "PS3.3 C.8.20.2.4", _unused),
    (
        error,
        "FRM-018",
        "No two frames show the same segment at the same place.",
        "PS3.3 C.8.20.2, C.7.6.17",
        _same_place,
    ),
    applies=SEGMENTATIONS,
)

RULES: tuple[Rule, ...] = (*_OF_ALL, *_OF_SEGMENTS)
