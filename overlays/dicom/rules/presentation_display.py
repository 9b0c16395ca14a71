"""Rules about how a presentation state turns, cuts, hides and scales its images (PS3.3 C.7.6.11, C.10.4, C.10.6, C.11.1, C.11.8)."""

from collections.abc import Iterator

from overlays.dicom.dataset import DataSet
from overlays.dicom.read_presentation import transformed
from overlays.dicom.rules.rule import PRESENTATION_STATES, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

ROTATIONS = (0, 90, 180, 270)
CORNERS = ("DisplayedAreaTopLeftHandCorner", "DisplayedAreaBottomRightHandCorner")
AREAS, WINDOWS = "DisplayedAreaSelectionSequence", "SoftcopyVOILUTSequence"
RESCALE = ("RescaleIntercept", "RescaleSlope", "RescaleType")
FUNCTIONS = ("", "LINEAR", "LINEAR_EXACT", "SIGMOID")
EDGES = (
    "ShutterLeftVerticalEdge",
    "ShutterRightVerticalEdge",
    "ShutterUpperHorizontalEdge",
    "ShutterLowerHorizontalEdge",
)
SHUTTERS: dict[str, tuple[str, ...]] = {
    "RECTANGULAR": EDGES,
    "CIRCULAR": ("CenterOfCircularShutter", "RadiusOfCircularShutter"),
    "POLYGONAL": ("VerticesOfThePolygonalShutter",),
    "BITMAP": ("ShutterOverlayGroup",),
}
"""Shutter Shape, and what it demands."""


def _turned(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    if "ImageRotation" not in root and "ImageHorizontalFlip" not in root:
        return
    rotation, flip = root.integer("ImageRotation"), root.text("ImageHorizontalFlip")
    if rotation not in ROTATIONS:
        yield path("ImageRotation"), f"Images are turned by 0, 90, 180 or 270 degrees; found {rotation}."
    if flip not in ("Y", "N"):
        yield path("ImageHorizontalFlip"), f"Images are flipped, Y, or not, N; found {flip[:16]!r}."


def _turns(root: DataSet) -> bool:
    return root.integer("ImageRotation") not in (None, 0) or root.text("ImageHorizontalFlip") == "Y"


def _area_is_one(subject: Subject) -> Iterator[Breach]:
    """Corners are those on the screen: of turned images the first may lie right of or below the second (C.10.4)."""
    turned = _turns(subject.data_set)
    for area in subject.data_set.each(AREAS):
        first, second = (area.numbers(keyword) or () for keyword in CORNERS)
        if len(first) != 2 or len(second) != 2:
            continue
        sides = [b - a for a, b in zip(first, second, strict=True)]
        if 0 in sides or (not turned and min(sides) < 0):
            yield area.place(CORNERS[1]), "The displayed area has no extent: nothing of the image would be seen."


def _uses(subject: Subject, sequence: str) -> Iterator[tuple[DataSet, list[tuple[str, bytes]]]]:
    """The items of a sequence, and the images that each is for, with their frames; none where it is for all."""
    for part in transformed(subject.data_set):
        for item in part.each(sequence):
            references = item.each("ReferencedImageSequence")
            yield (
                item,
                [(each.text("ReferencedSOPInstanceUID"), each.raw("ReferencedFrameNumber")) for each in references],
            )


def _area_for_all(subject: Subject) -> Iterator[Breach]:
    uses = list(_uses(subject, AREAS))
    if not uses or not all(images for _, images in uses):
        return
    shown = {uid for _, images in uses for uid, _ in images}
    for entry in subject.listed:
        if entry.sop_instance_uid and entry.sop_instance_uid not in shown:
            yield (
                subject.data_set.scan.place(entry.row),
                f"Of the image {entry.sop_instance_uid[:64]} no displayed area is stated.",
            )


def _once(subject: Subject) -> Iterator[Breach]:
    for sequence, what in ((AREAS, "displayed area"), (WINDOWS, "window")):
        if sequence == WINDOWS and "SoftcopyVOILUTSequence" not in subject.data_set:
            continue  # each input of a blending has windows of its own
        seen: set[tuple[str, bytes]] = set()
        for item, images in _uses(subject, sequence):
            twice = [uid for uid, frames in images if (uid, frames) in seen]
            if twice or (not images and ("", b"") in seen):
                yield item.place(), f"There is a {what} already for {twice[0][:64] if twice else 'all images'}."
            seen.update(images or [("", b"")])


def _rescaled(subject: Subject) -> Iterator[Breach]:
    for part in transformed(subject.data_set):
        missing = [keyword for keyword in RESCALE if part.is_empty(keyword)]
        if len(missing) not in (0, len(RESCALE)):
            yield part.place(missing[0]), "Rescale Intercept, Slope and Type are given together."


def _meaningful(subject: Subject) -> Iterator[Breach]:
    for part in transformed(subject.data_set):
        if part.numbers("RescaleSlope") and part.numbers("RescaleSlope") == (0,):
            yield part.place("RescaleSlope"), "A slope of 0 makes all pixels one value."
        for item in part.each(WINDOWS):
            found = item.text("VOILUTFunction")
            if found not in FUNCTIONS:
                yield (
                    item.place("VOILUTFunction"),
                    f"VOI LUT Function is {', '.join(FUNCTIONS[1:])}; found {found[:16]!r}.",
                )


def _shutter(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    for shape in root.texts("ShutterShape"):
        if shape not in SHUTTERS:
            yield path("ShutterShape"), f"Shutter Shape is {', '.join(SHUTTERS)}; found {shape[:16]!r}."
        for keyword in SHUTTERS.get(shape, ()):
            if not root.numbers(keyword):
                yield path(keyword), f"A {shape} shutter demands a value."


def _shutter_open(subject: Subject) -> Iterator[Breach]:
    root, shapes = subject.data_set, subject.data_set.texts("ShutterShape")
    left, right, upper, lower = (root.integer(keyword) for keyword in EDGES)
    if "RECTANGULAR" in shapes and None not in (left, right, upper, lower) and (left >= right or upper >= lower):
        yield path(EDGES[0]), f"The shutter from {left} to {right} and from {upper} to {lower} hides the whole image."
    if "CIRCULAR" in shapes and root.integer("RadiusOfCircularShutter") == 0:
        yield path("RadiusOfCircularShutter"), "A shutter of radius 0 hides the whole image."
    vertices = root.numbers("VerticesOfThePolygonalShutter") or ()
    if "POLYGONAL" in shapes and 0 < len(vertices) < 6:
        yield path("VerticesOfThePolygonalShutter"), "A shutter of less than three vertices hides the whole image."


RULES: tuple[Rule, ...] = rules(
    (error, "PR-020", "Images are turned by right angles, and flipped or not.", "PS3.3 C.10.6", _turned),
    (warning, "PR-021", "The displayed area has an extent.", "PS3.3 C.10.4", _area_is_one),
    (warning, "PR-022", "Every image that is referred to has a displayed area.", "PS3.3 C.10.4", _area_for_all),
    (warning, "PR-023", "No image has two displayed areas or two windows.", "PS3.3 C.10.4, C.11.8", _once),
    (error, "PR-024", "Rescaling has slope, intercept and type.", "PS3.3 C.11.1", _rescaled),
    (
        warning,
        "PR-025",
        "Slopes are not 0, and VOI LUT functions are defined ones.",
        "PS3.3 C.11.1, C.11.2.1.3",
        _meaningful,
    ),
    (error, "PR-026", "A shutter has what its shape demands.", "PS3.3 C.7.6.11, C.7.6.15", _shutter),
    (warning, "PR-027", "A shutter does not hide the whole image.", "PS3.3 C.7.6.11", _shutter_open),
    applies=PRESENTATION_STATES,
)
