"""Rules about what people and viewers would take amiss in a sound parametric map (PS3.3 C.8.32, C.7.6.16.2.11)."""

from collections.abc import Iterator
from itertools import combinations

from overlays.dicom.dataset import DataSet
from overlays.dicom.functional_groups import Numbers
from overlays.dicom.read_parametric_map import mapped_range, number
from overlays.dicom.rules.rule import PARAMETRIC_MAPS, Breach, Rule, error, rules, warning
from overlays.dicom.same_place import other_dimensions
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

SHARED, PER_FRAME = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
MAPPING, FRAME_TYPE = "RealWorldValueMappingSequence", "ParametricMapFrameTypeSequence"
CONTENT = ("ContentLabel", "ContentDate", "ContentTime")
OF_WHOLE_PIXELS = ("BitsStored", "HighBit", "PixelRepresentation")
MAX_COMPARED = 64
"""Mappings of one frame that are compared with each other."""


def _groups(subject: Subject) -> Iterator[DataSet]:
    for sequence in (SHARED, PER_FRAME):
        yield from subject.data_set.each(sequence)


def _slope(subject: Subject) -> Iterator[Breach]:
    for groups in _groups(subject):
        for item in groups.each(MAPPING):
            if number(item, "RealWorldValueSlope") == 0:
                yield item.place("RealWorldValueSlope"), "A slope of 0 makes all pixels one value."


def _some_pixels(subject: Subject) -> Iterator[Breach]:
    survey, root = subject.floats, subject.data_set
    words = [word for word in ("FloatPixelPaddingValue", "DoubleFloatPixelPaddingValue") if word in root]
    if survey is not None and words and survey.low is None and not survey.not_finite:
        yield path(words[0]), "Every pixel is padding: nothing of the map would be seen."


def _own_place(subject: Subject) -> Iterator[Breach]:
    """Asked where one mapping holds for all frames: else it may be the mapping that tells them apart."""
    groups, root = subject.groups, subject.data_set
    if subject.tiled_full or any(frame.count(MAPPING) for frame in root.each(PER_FRAME)):
        return
    others = other_dimensions(root)
    seen: dict[tuple[Numbers | tuple[int, ...] | None, ...], int] = {}
    for place, frame in enumerate(groups.per_frame, 1):
        position = groups.position(frame)
        if not position:
            continue
        values = frame.index_values or ()
        rest = tuple(values[at] for at in others if at < len(values))
        first = seen.setdefault((position, groups.orientation(frame), rest), place)
        if first != place:
            yield (
                path(PER_FRAME, place),
                f"Frames {first} and {place} lie at the same place, and nothing tells them apart.",
            )


def _one_mapping(subject: Subject) -> Iterator[Breach]:
    for groups in _groups(subject):
        items = groups.items(MAPPING)[:MAX_COMPARED]
        for first, second in combinations(items, 2):
            if _meaning(first) == _meaning(second) and _overlap(mapped_range(first), mapped_range(second)):
                yield second.place(), "Two mappings of one unit hold for the same stored values."
                break


def _meaning(item: DataSet) -> tuple[str, ...]:
    unit = item.code("MeasurementUnitsCodeSequence")
    quantities = [definition.code("ConceptCodeSequence") for definition in item.each("QuantityDefinitionSequence")]
    return tuple(f"{code.value} {code.scheme}" for code in (unit, *quantities) if code is not None)


def _overlap(first: tuple[float | None, float | None], second: tuple[float | None, float | None]) -> bool:
    (low, high), (least, most) = first, second
    return None not in (*first, *second) and max(low, least) < min(high, most)


def _explained(subject: Subject) -> Iterator[Breach]:
    for groups in _groups(subject):
        for item in groups.each(MAPPING):
            if item.is_empty("LUTExplanation"):
                yield item.place("LUTExplanation"), "Nothing tells people what is mapped (type 1)."


def _frame_type(subject: Subject) -> Iterator[Breach]:
    if any(groups.count(FRAME_TYPE) for groups in subject.data_set.each(SHARED)):
        return
    bare = [place for place, groups in enumerate(subject.data_set.each(PER_FRAME), 1) if not groups.count(FRAME_TYPE)]
    if bare:
        yield path(PER_FRAME, bare[0], FRAME_TYPE), f"{len(bare)} frames say nothing of their type."


def _identified(subject: Subject) -> Iterator[Breach]:
    for keyword in CONTENT:
        if subject.data_set.is_empty(keyword):
            yield path(keyword), "The content is told by its label, and the day and time of its making."
    if "ContentCreatorName" not in subject.data_set:
        yield path("ContentCreatorName"), "The attribute must be present, though it may be empty."
    if "AcquisitionContextSequence" not in subject.data_set:
        yield path("AcquisitionContextSequence"), "The attribute must be present, though it may be empty."


def _float_bits(subject: Subject) -> Iterator[Breach]:
    for keyword in OF_WHOLE_PIXELS if subject.layout is not None and subject.layout.floating else ():
        if keyword in subject.data_set:
            yield path(keyword), "The attribute is of whole pixels; those of this map are floating point numbers."


def _window(subject: Subject) -> Iterator[Breach]:
    for groups in _groups(subject):
        for item in groups.each("FrameVOILUTSequence"):
            linear = item.text("VOILUTFunction") in ("", "LINEAR")
            wrong = [width for width in item.numbers("WindowWidth") or () if width <= 0 or (linear and width < 1)]
            if wrong:
                yield item.place("WindowWidth"), f"A window that is {wrong[0]:g} wide shows nothing."


RULES: tuple[Rule, ...] = rules(
    (warning, "PM-012", "Slopes of mappings are not 0.", "PS3.3 C.7.6.16.2.11.1", _slope),
    (warning, "PM-013", "Some pixels are no padding.", "PS3.3 C.7.6.24, C.7.6.25", _some_pixels),
    (error, "PM-014", "No two frames of one mapping lie at the same place.", "PS3.3 C.7.6.17", _own_place),
    (warning, "PM-015", "A stored value has one real world value in a unit.", "PS3.3 C.7.6.16.2.11", _one_mapping),
    (warning, "PM-016", "Mappings are explained.", "PS3.3 C.7.6.16.2.11", _explained),
    (warning, "PM-017", "Frames say of which type they are.", "PS3.3 C.8.32.3.1", _frame_type),
    (
        warning,
        "PM-018",
        "Content has a label, a creator, a date and a time, and an acquisition context.",
        "PS3.3 C.8.32.2, 10.9, C.7.6.14",
        _identified,
    ),
    (warning, "PM-020", "Windows of frames have a width.", "PS3.3 C.7.6.16.2.10, C.11.2.1.2", _window),
    (warning, "PM-019", "Floating point pixels have no Bits Stored.", "PS3.3 C.7.6.24, C.7.6.25", _float_bits),
    applies=PARAMETRIC_MAPS,
)
