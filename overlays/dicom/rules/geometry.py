"""Rules about where frames lie in space (PS3.3 C.7.6.16.2, C.7.4.1)."""

from collections.abc import Iterator
from math import isfinite

from overlays.dicom.functional_groups import Groups, Measures, Numbers
from overlays.dicom.rules.rule import FRAMED, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

UNIT_TOLERANCE = 1e-3
SHARED = "SharedFunctionalGroupsSequence"
PER_FRAME = "PerFrameFunctionalGroupsSequence"


def _in_space(subject: Subject) -> bool:
    return not subject.data_set.is_empty("FrameOfReferenceUID")


def _on_slide(subject: Subject) -> bool:
    return "ImageOrientationSlide" in subject.data_set or "TotalPixelMatrixColumns" in subject.data_set


def _places(subject: Subject) -> Iterator[tuple[Groups, tuple[str | int, ...]]]:
    """The shared group and then each frame's own, with the beginning of its path."""
    if subject.groups.shared_items:
        yield subject.groups.shared, (SHARED, 1)
    for number, frame in enumerate(subject.groups.per_frame, 1):
        yield frame, (PER_FRAME, number)


def _measures(subject: Subject) -> Iterator[tuple[Measures, tuple[str | int, ...]]]:
    for groups, start in _places(subject):
        if groups.measures is not None:
            yield groups.measures, (*start, "PixelMeasuresSequence", 1)


def _measures_present(subject: Subject) -> Iterator[Breach]:
    if not _in_space(subject) or subject.groups.shared.measures is not None:
        return
    if not subject.groups.per_frame:
        yield (
            path(SHARED, 1, "PixelMeasuresSequence"),
            "An object with a frame of reference states its pixel spacing.",
        )
    for number, frame in enumerate(subject.groups.per_frame, 1):
        if frame.measures is None:
            yield (
                path(PER_FRAME, number, "PixelMeasuresSequence"),
                "An object with a frame of reference states its pixel spacing.",
            )


def _spacing(subject: Subject) -> Iterator[Breach]:
    for measures, start in _measures(subject):
        spacing = measures.spacing
        if spacing is None or len(spacing) != 2 or not all(isfinite(number) and number > 0 for number in spacing):
            yield path(*start, "PixelSpacing"), f"Pixel Spacing has two values above 0; found {_said(spacing)}."


def _thickness(subject: Subject) -> Iterator[Breach]:
    if _on_slide(subject):
        return
    for measures, start in _measures(subject):
        numbers = (measures.thickness or ()) + (measures.between or ())
        if not any(isfinite(number) and number > 0 for number in numbers):
            yield path(*start, "SliceThickness"), "Neither slice thickness nor spacing between slices is given."


def _position_present(subject: Subject) -> Iterator[Breach]:
    if (
        subject.tiled_full
        or not (_in_space(subject) or _orientation_claimed(subject))
        or subject.groups.shared.has_position
    ):
        return
    for number, frame in enumerate(subject.groups.per_frame, 1):
        if not frame.has_position:
            yield path(PER_FRAME, number, "PlanePositionSequence"), "Nothing places the frame in space."


def _orientation_claimed(subject: Subject) -> bool:
    return subject.groups.shared.has_orientation


def _position_values(subject: Subject) -> Iterator[Breach]:
    wanted = 5 if _on_slide(subject) else 3
    for groups, start in _places(subject):
        position = groups.position
        if not groups.has_position:
            continue
        if position is None or len(position) not in (3, wanted) or not all(isfinite(number) for number in position):
            where = path(*start, "PlanePositionSequence", 1, "ImagePositionPatient")
            yield where, f"A position has three finite numbers; found {_said(position)}."


def _orientation_present(subject: Subject) -> Iterator[Breach]:
    if not _in_space(subject) or _on_slide(subject) or subject.groups.shared.has_orientation:
        return
    for number, frame in enumerate(subject.groups.per_frame, 1):
        if not frame.has_orientation:
            yield path(PER_FRAME, number, "PlaneOrientationSequence"), "Nothing states the orientation of the frame."


def _orientation_values(subject: Subject) -> Iterator[Breach]:
    for groups, start in _places(subject):
        if groups.has_orientation and not is_orientation(groups.orientation):
            where = path(*start, "PlaneOrientationSequence", 1, "ImageOrientationPatient")
            yield where, f"An orientation has two unit vectors at right angles; found {_said(groups.orientation)}."


def is_orientation(cosines: Numbers | None) -> bool:
    """Whether these are two unit vectors at right angles (PS3.3 C.7.6.2.1.1)."""
    if cosines is None or len(cosines) != 6 or not all(isfinite(number) for number in cosines):
        return False
    row, column = cosines[:3], cosines[3:]
    lengths = (sum(a * a for a in row) ** 0.5, sum(a * a for a in column) ** 0.5)
    across = sum(a * b for a, b in zip(row, column, strict=True))
    return all(abs(length - 1) <= UNIT_TOLERANCE for length in lengths) and abs(across) <= UNIT_TOLERANCE


def _frame_of_reference(subject: Subject) -> Iterator[Breach]:
    if _in_space(subject):
        return
    groups = subject.groups
    if groups.shared.has_position or any(frame.has_position for frame in groups.per_frame):
        yield path("FrameOfReferenceUID"), "The frames have positions, but no frame of reference says in which space."
    elif not groups.any_sources():
        yield (
            path("FrameOfReferenceUID"),
            "Neither a frame of reference nor source images tell where the frames belong.",
        )


def _said(numbers: Numbers | None) -> str:
    if numbers is None:
        return "no numbers"
    return "\\".join(f"{number:g}" for number in numbers[:6]) or "nothing"


RULES: tuple[Rule, ...] = rules(
    (
        error,
        "GEO-001",
        "Pixel Measures are given where there is a frame of reference.",
        "PS3.3 C.7.6.16.2.1, A.51.5.1, A.75.4",
        _measures_present,
    ),
    (error, "GEO-002", "Pixel Spacing has two numbers above 0.", "PS3.3 C.7.6.16.2.1", _spacing),
    (warning, "GEO-003", "Slice thickness or spacing between slices is given.", "PS3.3 C.7.6.16.2.1", _thickness),
    (error, "GEO-004", "Every frame in space has a position.", "PS3.3 C.7.6.16.2.3", _position_present),
    (error, "GEO-005", "Positions are finite numbers.", "PS3.3 C.7.6.16.2.3", _position_values),
    (error, "GEO-006", "Every frame in space has an orientation.", "PS3.3 C.7.6.16.2.4", _orientation_present),
    (
        error,
        "GEO-007",
        "Orientations are two unit vectors at right angles.",
        "PS3.3 C.7.6.16.2.4",
        _orientation_values,
    ),
    (
        error,
        "GEO-008",
        "A frame of reference, or source images where no place in space is claimed.",
        "PS3.3 A.51.3, A.75.3, C.7.4.1",
        _frame_of_reference,
    ),
    applies=FRAMED,
)
