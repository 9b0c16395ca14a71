"""Rules about the numbers of bulk annotations: where they lie, which shape they make, and what is measured (PS3.3 C.37.1.2)."""

from collections.abc import Iterator

import numpy as np

from overlays.dicom.dataset import DataSet
from overlays.dicom.graphics_of_group import COORDINATES, FIXED_POINTS, Graphics, graphics_of
from overlays.dicom.long_values import binary_pieces
from overlays.dicom.read_places import marks_of_annotations
from overlays.dicom.rules.rule import ANNOTATIONS, Breach, Rule, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

SKEW = 0.1
"""Cosine by which sides or axes may miss the right angle, and part of a length by which they may miss each other."""
PIECE = 1 << 16
"""Annotations looked at together."""
AREAS_AND_VOLUMES = frozenset(("nm2", "um2", "mm2", "cm2", "m2", "um3", "mm3", "cm3", "ml", "mL", "l", "L"))
"""Units of UCUM for what is never below 0."""
CONTENT = ("ContentLabel", "ContentDate", "ContentTime")


def _on_image(subject: Subject) -> Iterator[Breach]:
    """That they end on the image, only a known source can tell."""
    for marks in marks_of_annotations(subject.data_set):
        if min(marks.low) < -1:
            yield (
                marks.path,
                f"Coordinates on an image count from its corner; found {min(marks.low):g}, left of it or above it.",
            )


def _shaped(subject: Subject) -> Iterator[Breach]:
    for graphics in graphics_of(subject.data_set):
        kind = graphics.graphic_type
        if kind not in ("RECTANGLE", "ELLIPSE") or not graphics.coordinates():
            continue
        number = 0
        for points in _points(graphics):
            wrong = _wrong_rectangles(points) if kind == "RECTANGLE" else _wrong_ellipses(points)
            if wrong.any():
                first = number + int(np.argmax(wrong)) + 1
                what = "corners make no rectangle" if kind == "RECTANGLE" else "axes make no ellipse"
                yield graphics.item.place(graphics.elements[0]), f"Annotation {first} of the group: its {what}."
                break
            number += len(points)


def _points(graphics: Graphics) -> Iterator[np.ndarray]:
    """Points of the annotations, of shape (annotations, points, dimensions)."""
    (keyword,) = graphics.elements
    kind, row = np.dtype(COORDINATES[keyword]), graphics.item.row_of(keyword) or 0
    shape = (FIXED_POINTS[graphics.graphic_type], graphics.dimensions)
    scan, size = graphics.item.scan, shape[0] * shape[1] * kind.itemsize
    start, count = scan.offsets[row], scan.lengths[row] // size
    for at in range(0, count, PIECE):
        many = min(PIECE, count - at)
        values = np.frombuffer(scan.data[start + at * size : start + (at + many) * size], kind)
        yield np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0).clip(-1e12, 1e12).reshape(many, *shape)


def _lengths(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt((vectors * vectors).sum(axis=-1))


def _wrong_rectangles(points: np.ndarray) -> np.ndarray:
    first, second = points[:, 1] - points[:, 0], points[:, 2] - points[:, 1]
    opposite = points[:, 2] - points[:, 3]
    a, b = _lengths(first), _lengths(second)
    skewed = np.abs((first * second).sum(axis=-1)) > SKEW * a * b
    return skewed | (_lengths(first - opposite) > SKEW * a) | (a == 0) | (b == 0)


def _wrong_ellipses(points: np.ndarray) -> np.ndarray:
    first, second = points[:, 1] - points[:, 0], points[:, 3] - points[:, 2]
    apart = (points[:, 0] + points[:, 1] - points[:, 2] - points[:, 3]) / 2
    a, b = _lengths(first), _lengths(second)
    skewed = np.abs((first * second).sum(axis=-1)) > SKEW * a * b
    return skewed | (_lengths(apart) > SKEW * np.maximum(a, b)) | (a == 0) | (b == 0)


def _measured(subject: Subject) -> Iterator[Breach]:
    for group in subject.data_set.each("AnnotationGroupSequence"):
        for measurement in group.each("MeasurementsSequence"):
            unit = measurement.code("MeasurementUnitsCodeSequence")
            least = 0.0 if unit is not None and unit.value in AREAS_AND_VOLUMES else -np.inf
            for item in measurement.each("MeasurementValuesSequence"):
                yield from _values(item, least)


def _values(item: DataSet, least: float) -> Iterator[Breach]:
    row = item.row_of("FloatingPointValues")
    for piece in binary_pieces(item.scan, row, "<f4") if row is not None else ():
        if not np.isfinite(piece).all():
            yield item.place("FloatingPointValues"), "A measured value is no finite number."
            return
        if len(piece) and float(piece.min()) < least:
            yield (
                item.place("FloatingPointValues"),
                f"An area or volume is never below 0; found {float(piece.min()):g}.",
            )
            return


def _plane(subject: Subject) -> Iterator[Breach]:
    if subject.data_set.text("AnnotationCoordinateType") == "2D":
        for group in subject.data_set.each("AnnotationGroupSequence"):
            if "CommonZCoordinateValue" in group:
                yield group.place("CommonZCoordinateValue"), "Coordinates on an image have no third one in common."


def _paths(subject: Subject) -> Iterator[Breach]:
    for group in subject.data_set.each("AnnotationGroupSequence"):
        found = group.text("AnnotationAppliesToAllOpticalPaths")
        if found not in ("YES", "NO"):
            yield (
                group.place("AnnotationAppliesToAllOpticalPaths"),
                f"It must say YES or NO whether the group is of all optical paths; found {found[:16]!r}.",
            )
        elif found == "NO" and group.is_empty("ReferencedOpticalPathIdentifier"):
            yield group.place("ReferencedOpticalPathIdentifier"), "The group is of some optical paths, but names none."


def _identified(subject: Subject) -> Iterator[Breach]:
    for keyword in CONTENT:
        if subject.data_set.is_empty(keyword):
            yield path(keyword), "The content is told by its label, and the day and time of its making."
    if "ContentCreatorName" not in subject.data_set:
        yield path("ContentCreatorName"), "The attribute must be present, though it may be empty."


RULES: tuple[Rule, ...] = rules(
    (warning, "ANN-015", "Coordinates begin on their image.", "PS3.3 C.37.1.1", _on_image),
    (warning, "ANN-016", "Rectangles and ellipses have right angles and a size.", "PS3.3 C.37.1.2", _shaped),
    (warning, "ANN-017", "Measured values are finite, and areas not below 0.", "PS3.3 C.37.1.2", _measured),
    (warning, "ANN-018", "Coordinates on an image have no third one in common.", "PS3.3 C.37.1.2", _plane),
    (warning, "ANN-019", "It is said which optical paths a group is of.", "PS3.3 C.37.1.2", _paths),
    (warning, "ANN-020", "Content has a label, a creator, a date and a time.", "PS3.3 C.37.1.1, 10.9", _identified),
    applies=ANNOTATIONS,
)
