"""Rules about what a structure set says of its regions as a whole: where they lie, what they are, and who approved them (PS3.3 C.8.8)."""

import re
from collections import Counter
from collections.abc import Iterator

from overlays.dicom.dataset import code_of
from overlays.dicom.read_references import images_by_space
from overlays.dicom.rules.rule import STRUCTURE_SETS, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

REGIONS, OBSERVATIONS = "StructureSetROISequence", "RTROIObservationsSequence"
SPACES = "ReferencedFrameOfReferenceSequence"
INTERPRETED_TYPES = frozenset(
    (
        *("EXTERNAL", "PTV", "CTV", "GTV", "TREATED_VOLUME", "IRRAD_VOLUME", "OAR", "BOLUS", "AVOIDANCE", "ORGAN"),
        *("MARKER", "REGISTRATION", "ISOCENTER", "CONTRAST_AGENT", "CAVITY", "BRACHY_CHANNEL", "BRACHY_ACCESSORY"),
        *("BRACHY_SRC_APP", "BRACHY_CHNL_SHLD", "SUPPORT", "FIXATION", "DOSE_REGION", "CONTROL", "DOSE_MEASUREMENT"),
        *("DEVICE",),
    )
)
"""Defined terms of RT ROI Interpreted Type (C.8.8.8)."""
DATE = re.compile(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")


def _in_step(subject: Subject) -> Iterator[Breach]:
    """Where the object refers to frames of reference, its own and those of its regions are among them, and contours lie on their images."""
    root = subject.data_set
    listed = {item.text("FrameOfReferenceUID") for item in root.each(SPACES)} - {""}
    own = root.text("FrameOfReferenceUID")
    if not listed:
        return
    if own and own not in listed:
        yield (
            path("FrameOfReferenceUID"),
            f"The frame of reference {own[:64]!r} is none of those that the object refers to.",
        )
    spaces: dict[int, str] = {}
    for item in root.each(REGIONS):
        number, uid = item.integer("ROINumber"), item.text("ReferencedFrameOfReferenceUID")
        if uid in listed:
            if number is not None:
                spaces[number] = uid
        elif uid and uid == own:
            yield (
                item.place("ReferencedFrameOfReferenceUID"),
                f"The region lies in {uid[:64]!r}, of which the object lists no image.",
            )
    images = images_by_space(root) if len(listed) > 1 else {}
    for region in subject.structure.drawn if images else ():
        space = spaces.get(region.number) if region.number is not None else None
        for contour in region.contours if space else ():
            other = [uid for uid in contour.images if images.get(uid, space) != space]
            if other:
                yield (
                    contour.place("ContourImageSequence"),
                    f"The image {other[0][:64]!r} is listed in another frame of reference than the region lies in.",
                )


def _observed(subject: Subject) -> Iterator[Breach]:
    if not subject.data_set.count(OBSERVATIONS):
        yield path(OBSERVATIONS), "Nothing says how the regions are to be understood (type 1)."
    seen: set[int | None] = set()
    for item in subject.data_set.each(OBSERVATIONS):
        number = item.integer("ObservationNumber")
        if number is None or number in seen:
            yield item.place("ObservationNumber"), f"An observation has a number of its own; found {number}."
        seen.add(number)


def _interpreted(subject: Subject) -> Iterator[Breach]:
    for item in subject.data_set.each(OBSERVATIONS):
        found = item.text("RTROIInterpretedType")
        if found and found not in INTERPRETED_TYPES:
            yield item.place("RTROIInterpretedType"), f"{found[:16]!r} is no defined interpreted type of a region."


def _coded(subject: Subject) -> Iterator[Breach]:
    for item in subject.data_set.each(OBSERVATIONS):
        for code in item.each("RTROIIdentificationCodeSequence"):
            found = code_of(code)
            if not (found.value and found.meaning and (found.scheme or not code.is_empty("URNCodeValue"))):
                yield code.place("CodeValue"), "The code of a region needs value, scheme and meaning."


def _names(subject: Subject) -> Iterator[Breach]:
    seen = Counter(item.text("ROIName") for item in subject.data_set.each(REGIONS))
    for item in subject.data_set.each(REGIONS):
        name = item.text("ROIName")
        if name and seen[name] > 1:
            yield item.place("ROIName"), f"{seen[name]} regions have the same name."
            seen[name] = 0


def _reviewed(subject: Subject) -> Iterator[Breach]:
    found = subject.data_set.text("ApprovalStatus")
    if found in ("APPROVED", "REJECTED") and subject.data_set.is_empty("ReviewerName"):
        yield path("ReviewerName"), f"A structure set that is {found} says who reviewed it."


def _dated(subject: Subject) -> Iterator[Breach]:
    for keyword in ("StructureSetDate", "ReviewDate"):
        if subject.data_set.is_empty(keyword):
            if keyword == "StructureSetDate":
                yield path(keyword), "Nothing says when the regions were last changed."
        elif not DATE.fullmatch(subject.data_set.text(keyword)):
            yield path(keyword), f"A date has year, month and day; found {subject.data_set.text(keyword)[:16]!r}."


RULES: tuple[Rule, ...] = rules(
    (
        error,
        "RTS-014",
        "The frames of reference of object, regions and contours are in step with those referred to.",
        "PS3.3 C.8.8.5, C.7.4.1",
        _in_step,
    ),
    (warning, "RTS-015", "There are observations, with numbers of their own.", "PS3.3 C.8.8.8", _observed),
    (warning, "RTS-021", "Interpreted types of regions are defined ones.", "PS3.3 C.8.8.8", _interpreted),
    (warning, "RTS-022", "Codes of regions are complete.", "PS3.3 C.8.8.8, 8.8", _coded),
    (warning, "RTS-023", "No two regions have the same name.", "PS3.3 C.8.8.5", _names),
    (warning, "RTS-025", "A review names its reviewer.", "PS3.3 C.8.8.16", _reviewed),
    (warning, "RTS-026", "The structure set has a date, and dates are dates.", "PS3.3 C.8.8.5, PS3.5 6.2", _dated),
    applies=STRUCTURE_SETS,
)
