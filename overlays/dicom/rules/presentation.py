"""Rules about presentation states as a whole: what they are, which images they are for, and the area shown (PS3.3 C.10.4, C.11)."""

import re
from collections.abc import Iterator

from overlays.dicom.read_references import mentioned_by_presentation_state
from overlays.dicom.rules import blending, graphics, presentation_display, transformations
from overlays.dicom.rules.rule import PRESENTATION_STATES, Breach, Rule, error, rules, warning
from overlays.dicom.sop_classes import (
    ADVANCED_BLENDING_PRESENTATION_STATE,
    BLENDING_PRESENTATION_STATE,
    COLOR_PRESENTATION_STATE,
    GRAYSCALE_PRESENTATION_STATE,
    PSEUDO_COLOR_PRESENTATION_STATE,
)
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

CONTENT_LABEL = re.compile(r"[A-Z0-9_ ]{1,16}")
CREATION = ("PresentationCreationDate", "PresentationCreationTime")
COLORED = (
    COLOR_PRESENTATION_STATE,
    PSEUDO_COLOR_PRESENTATION_STATE,
    BLENDING_PRESENTATION_STATE,
    ADVANCED_BLENDING_PRESENTATION_STATE,
)
RELATED = (GRAYSCALE_PRESENTATION_STATE, COLOR_PRESENTATION_STATE, PSEUDO_COLOR_PRESENTATION_STATE)
"""Classes with the Presentation State Relationship module (C.11.11)."""
CORNERS = ("DisplayedAreaTopLeftHandCorner", "DisplayedAreaBottomRightHandCorner")
SIZE_MODES = {
    "SCALE TO FIT": "",
    "TRUE SIZE": "PresentationPixelSpacing",
    "MAGNIFY": "PresentationPixelMagnificationRatio",
}
"""Presentation Size Mode, and what it demands beside itself."""
SHAPES = ("IDENTITY", "INVERSE")


def _class(subject: Subject) -> str:
    return subject.data_set.text("SOPClassUID")


def _created(subject: Subject) -> Iterator[Breach]:
    for keyword in CREATION:
        if subject.data_set.is_empty(keyword):
            yield path(keyword), "The attribute must have a value (type 1)."


def _content_label(subject: Subject) -> Iterator[Breach]:
    found = subject.data_set.text("ContentLabel")
    if not CONTENT_LABEL.fullmatch(found):
        yield (
            path("ContentLabel"),
            f"Content Label has 1 to 16 capitals, digits, spaces or underscores; found {found[:32]!r}.",
        )


def _series(subject: Subject) -> Iterator[Breach]:
    if _class(subject) not in RELATED:
        return
    empty = True
    for series in subject.data_set.each("ReferencedSeriesSequence"):
        empty = False
        if not series.count("ReferencedImageSequence"):
            yield series.place("ReferencedImageSequence"), "A series is referred to without any of its images."
        if "StudyInstanceUID" in series and series.text("StudyInstanceUID") != subject.data_set.text(
            "StudyInstanceUID"
        ):
            yield (
                series.place("StudyInstanceUID"),
                "The images of a presentation state lie in its own study; this series names another one.",
            )
    if empty:
        yield path("ReferencedSeriesSequence"), "The state refers to no series: it is not known which images it is for."


def _mentioned(subject: Subject) -> Iterator[Breach]:
    listed = {entry.sop_instance_uid for entry in subject.listed}
    for entry in mentioned_by_presentation_state(subject.data_set):
        if entry.sop_instance_uid not in listed:
            yield (
                subject.data_set.scan.place(entry.row),
                f"The image {entry.sop_instance_uid[:64]!r} is in no series that the state refers to.",
            )


def _displayed_area(subject: Subject) -> Iterator[Breach]:
    if not subject.data_set.count("DisplayedAreaSelectionSequence"):
        if _class(subject) != ADVANCED_BLENDING_PRESENTATION_STATE:
            yield path("DisplayedAreaSelectionSequence"), "The state does not say which area of its images is shown."
        return
    for area in subject.data_set.each("DisplayedAreaSelectionSequence"):
        for keyword in CORNERS:
            if len(area.numbers(keyword) or ()) != 2:
                yield area.place(keyword), "A corner of the displayed area has a column and a row."
        mode = area.text("PresentationSizeMode")
        if mode not in SIZE_MODES:
            yield (
                area.place("PresentationSizeMode"),
                f"Presentation Size Mode is {', '.join(SIZE_MODES)}; found {mode[:16]!r}.",
            )
        elif SIZE_MODES[mode] and area.is_empty(SIZE_MODES[mode]):
            yield area.place(SIZE_MODES[mode]), f"{mode} demands a value."


def _pixel_shape(subject: Subject) -> Iterator[Breach]:
    for area in subject.data_set.each("DisplayedAreaSelectionSequence"):
        if area.is_empty("PresentationPixelSpacing") and area.is_empty("PresentationPixelAspectRatio"):
            yield (
                area.place("PresentationPixelAspectRatio"),
                "Neither a spacing nor an aspect ratio of pixels is stated: viewers may show the image stretched.",
            )


def _icc_profile(subject: Subject) -> Iterator[Breach]:
    if _class(subject) in COLORED and subject.data_set.is_empty("ICCProfile"):
        yield path("ICCProfile"), "A state in colour says with an ICC profile which colours its values are."


def _presentation_lut(subject: Subject) -> Iterator[Breach]:
    if _class(subject) != GRAYSCALE_PRESENTATION_STATE or subject.data_set.count("PresentationLUTSequence"):
        return
    shape = subject.data_set.text("PresentationLUTShape")
    if shape not in SHAPES:
        yield (
            path("PresentationLUTShape"),
            f"A grayscale state has a presentation lookup table or a shape, {' or '.join(SHAPES)}; found {shape[:16]!r}.",
        )


RULES: tuple[Rule, ...] = (
    *rules(
        (error, "PR-001", "The state says when it was made.", "PS3.3 C.11.10", _created),
        (error, "PR-002", "Content Label is a code string.", "PS3.3 10.9", _content_label),
        (
            error,
            "PR-003",
            "The state refers to series of its own study, with their images.",
            "PS3.3 C.11.11",
            _series,
        ),
        (
            error,
            "PR-004",
            "Images that graphics, windows, areas and blending are for are among those referred to.",
            "PS3.3 C.10.4, C.10.5, C.11.8, C.11.33",
            _mentioned,
        ),
        (error, "PR-005", "The displayed area is stated.", "PS3.3 C.10.4", _displayed_area),
        (error, "PR-006", "A state in colour has an ICC profile.", "PS3.3 C.11.15", _icc_profile),
        (error, "PR-007", "A grayscale state says how values become gray.", "PS3.3 C.11.6", _presentation_lut),
        (
            warning,
            "PR-019",
            "The displayed area has a spacing or an aspect ratio of pixels.",
            "PS3.3 C.10.4",
            _pixel_shape,
        ),
        applies=PRESENTATION_STATES,
    ),
    *graphics.RULES,
    *transformations.RULES,
    *presentation_display.RULES,
    *blending.RULES,
)
