"""Rules about an object and the source instances that the registry knows."""

from collections.abc import Iterator
from dataclasses import dataclass

from overlays.dicom.instance import Grid, Instance, KnownSource, Reference
from overlays.dicom.rules.rule import (
    KEY_OBJECTS,
    PRESENTATION_STATES,
    REPORTS,
    RESULTS,
    SECONDARY_CAPTURES,
    Breach,
    Rule,
    Stage,
    error,
    rules,
    warning,
)
from overlays.dicom.tags import path

GRID_TOLERANCE = 1e-3


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What the object says, and each reference to a source that is known, with that source. A source may be known that no reference
    names (``reference`` None): another instance of a series that is referred to.
    """

    instance: Instance
    pairs: tuple[tuple[Reference | None, KnownSource], ...]


def _about(source: KnownSource) -> str:
    return f"the source {source.sop_instance_uid}"


def _patient_id(comparison: Comparison) -> Iterator[Breach]:
    own = comparison.instance.patient.patient_id
    for _, source in comparison.pairs:
        if own != source.patient_id:
            yield path("PatientID"), f"The patient's identifier differs from that of {_about(source)}."


def _patient_name(comparison: Comparison) -> Iterator[Breach]:
    own = _name_key(comparison.instance.patient.name)
    for _, source in comparison.pairs:
        other = _name_key(source.patient_name)
        if own and other and own != other:
            yield path("PatientName"), f"The patient's name differs from that of {_about(source)}."


def _name_key(name: str) -> str:
    """Trailing empty components and letter case make no other person (PS3.5 6.2.1)."""
    return "=".join(group.rstrip("^ ").casefold() for group in name.split("=")).rstrip("=")


def _study(comparison: Comparison) -> Iterator[Breach]:
    """A selection and a blending may be of images from several studies, when they say so (PS3.3 A.35.4, C.11.14).

    So may a report that compares with earlier studies (C.17.2), if it is of its own study too.
    """
    own = comparison.instance.study_instance_uid
    several = comparison.instance.family in KEY_OBJECTS | PRESENTATION_STATES or (
        comparison.instance.family in REPORTS
        and any(source.study_instance_uid == own for _, source in comparison.pairs)
    )
    for reference, source in comparison.pairs:
        if several and reference is not None and reference.study_instance_uid == source.study_instance_uid:
            continue
        if own != source.study_instance_uid:
            yield (
                path("StudyInstanceUID"),
                f"The object lies in study {own}, but {_about(source)} in study {source.study_instance_uid}.",
            )
        elif reference is not None and reference.study_instance_uid not in ("", source.study_instance_uid):
            yield (
                path("StudyInstanceUID"),
                f"The object refers to {_about(source)} in study {reference.study_instance_uid}, where it does not lie.",
            )


def _series(comparison: Comparison) -> Iterator[Breach]:
    for reference, source in comparison.pairs:
        if reference is not None and reference.series_instance_uid not in ("", source.series_instance_uid):
            yield (
                path("ReferencedSeriesSequence"),
                f"The object refers to {_about(source)} in series {reference.series_instance_uid}, where it does not lie.",
            )


def _frame_of_reference(comparison: Comparison) -> Iterator[Breach]:
    own = comparison.instance.frame_of_reference_uid
    for _, source in comparison.pairs:
        if own and source.frame_of_reference_uid and own != source.frame_of_reference_uid:
            yield path("FrameOfReferenceUID"), f"The frame of reference {own} is not that of {_about(source)}."


def _class(comparison: Comparison) -> Iterator[Breach]:
    for reference, source in comparison.pairs:
        if reference is not None and reference.sop_class_uid not in ("", source.sop_class_uid):
            yield (
                path("ReferencedSOPClassUID"),
                f"The object says that {_about(source)} is of class {reference.sop_class_uid}.",
            )


def _frame_numbers(comparison: Comparison) -> Iterator[Breach]:
    for reference, source in comparison.pairs:
        frames = source.number_of_frames or 1
        wrong = [number for number in reference.frame_numbers if not 1 <= number <= frames] if reference else []
        if wrong:
            yield (
                path("ReferencedFrameNumber"),
                f"The object refers to frame {wrong[0]} of {_about(source)}, which has {frames}.",
            )


def _grid(comparison: Comparison) -> Iterator[Breach]:
    own = comparison.instance.grid
    for _, source in comparison.pairs:
        differing = _differences(own, source.grid) if own and source.grid else []
        if differing:
            yield (
                path("Rows"),
                f"Its {' and '.join(differing)} differ from those of {_about(source)}; OHIF does not draw a segmentation on another grid.",
            )
            return


def _differences(own: Grid, other: Grid) -> list[str]:
    found = []
    if (own.rows, own.columns) != (other.rows, other.columns):
        found.append("rows and columns")
    if own.pixel_spacing and other.pixel_spacing and _apart(own.pixel_spacing, other.pixel_spacing):
        found.append("pixel spacing")
    if own.orientation and other.orientation and _crossed(own.orientation, other.orientation):
        found.append("orientation")
    return found


def _apart(own: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return any(abs(a - b) > GRID_TOLERANCE for a, b in zip(own, other, strict=True))


def _crossed(own: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether rows or columns do not lie along those of the other; that they run against them has a rule of its own."""
    sides = ((own[:3], other[:3]), (own[3:], other[3:]))
    return any(_apart(a, b) and _apart(a, tuple(-number for number in b)) for a, b in sides)


RULES: tuple[Rule, ...] = (
    *rules(
        (error, "SRC-001", "Patient ID is that of the known sources.", "PS3.3 C.7.1.1", _patient_id),
        (error, "SRC-002", "Patient Name is that of the known sources.", "PS3.3 C.7.1.1", _patient_name),
        (error, "SRC-003", "The study is that of the known sources.", "PS3.3 A.51.1, C.7.2.1", _study),
        (error, "SRC-004", "Sources are referred to in the series in which they lie.", "PS3.3 C.12.2", _series),
        (warning, "SRC-006", "Sources are referred to by their class.", "PS3.3 10.3", _class),
        (error, "SRC-007", "Frames of sources that are referred to exist.", "PS3.3 10.3", _frame_numbers),
        applies=RESULTS,
        stage=Stage.SOURCES,
    ),
    # The inputs of advanced blending may be registered from other frames of reference (C.11.33).
    error(
        "SRC-005",
        "The frame of reference is that of the known sources.",
        "PS3.3 A.51.1, C.7.4.1",
        _frame_of_reference,
        applies=RESULTS - PRESENTATION_STATES,
        stage=Stage.SOURCES,
    ),
    # A capture is a picture of its own, and no viewer lays it over its sources.
    warning(
        "SRC-008",
        "Rows, columns, spacing and orientation are those of the known sources.",
        "PS3.3 A.51.5.1",
        _grid,
        applies=RESULTS - SECONDARY_CAPTURES,
        stage=Stage.SOURCES,
    ),
)
