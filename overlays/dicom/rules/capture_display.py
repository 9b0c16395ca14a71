"""Rules about what viewers need to show a secondary capture as it was made (PS3.3 C.7.6.2, C.7.6.3, C.8.6.1, C.11.2)."""

from collections.abc import Iterator
from math import isfinite

from overlays.dicom.rules.geometry import is_orientation
from overlays.dicom.rules.rule import SECONDARY_CAPTURES, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

CONVERSIONS = ("DV", "DI", "DF", "WSD", "SD", "SI", "DRW", "SYN")
PALETTE = tuple(f"{color}PaletteColorLookupTableDescriptor" for color in ("Red", "Green", "Blue"))
SPACINGS = ("PixelSpacing", "NominalScannedPixelSpacing", "ImagerPixelSpacing")


def _palette(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    for keyword in PALETTE if root.text("PhotometricInterpretation") == "PALETTE COLOR" else ():
        if root.is_empty(keyword):
            yield path(keyword), "Pixels are numbers of colours in a palette, which the object does not have."
            return


def _planar(subject: Subject) -> Iterator[Breach]:
    found = subject.data_set.integer("PlanarConfiguration")
    if (subject.data_set.integer("SamplesPerPixel") or 1) > 1 and found not in (0, 1):
        yield path("PlanarConfiguration"), f"Samples stand pixel by pixel, 0, or plane by plane, 1; found {found}."


def _conversion(subject: Subject) -> Iterator[Breach]:
    found = subject.data_set.text("ConversionType")
    if found and found not in CONVERSIONS:
        yield path("ConversionType"), f"Conversion Type is {', '.join(CONVERSIONS)}; found {found[:16]!r}."


def _shape(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    for keyword in (*SPACINGS, "PixelAspectRatio"):
        found = root.numbers(keyword)
        if (
            keyword in root
            and found != ()
            and (found is None or len(found) != 2 or not all(0 < n < 1e6 for n in found))
        ):
            yield path(keyword), "It has two numbers above 0: one of rows and one of columns."
    if not root.is_empty("ImageOrientationPatient") and not is_orientation(root.numbers("ImageOrientationPatient")):
        yield path("ImageOrientationPatient"), "An orientation has two unit vectors at right angles."
    position = root.numbers("ImagePositionPatient")
    if not root.is_empty("ImagePositionPatient") and not (
        position and len(position) == 3 and all(map(isfinite, position))
    ):
        yield path("ImagePositionPatient"), "A position has three finite numbers."


def _unsigned(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    if (root.integer("SamplesPerPixel") or 1) > 1 and root.integer("PixelRepresentation") == 1:
        yield path("PixelRepresentation"), "Samples of a colour are no signed numbers."


def _window(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    linear = root.text("VOILUTFunction") in ("", "LINEAR")
    wrong = [width for width in root.numbers("WindowWidth") or () if width < 1 and (linear or width <= 0)]
    if wrong:
        yield path("WindowWidth"), f"A window is {'at least 1' if linear else 'more than 0'} wide; found {wrong[0]:g}."


def _slope(subject: Subject) -> Iterator[Breach]:
    if subject.data_set.numbers("RescaleSlope") == (0,):
        yield path("RescaleSlope"), "A slope of 0 makes all pixels one value."


RULES: tuple[Rule, ...] = rules(
    (error, "SC-008", "Colours of a palette have their palette.", "PS3.3 C.7.6.3.1.2, C.7.9", _palette),
    (error, "SC-009", "It is said how the samples of a pixel stand.", "PS3.3 C.7.6.3.1.3", _planar),
    (warning, "SC-010", "Conversion Type is a defined one.", "PS3.3 C.8.6.1", _conversion),
    (warning, "SC-011", "Spacing, aspect, orientation and position are sound.", "PS3.3 C.7.6.2, C.7.6.3", _shape),
    (warning, "SC-012", "Samples of a colour are unsigned.", "PS3.3 C.7.6.3.1.2", _unsigned),
    (error, "SC-013", "A window is at least 1 wide.", "PS3.3 C.11.2.1.2", _window),
    (warning, "SC-014", "Rescale Slope is not 0.", "PS3.3 C.11.1", _slope),
    applies=SECONDARY_CAPTURES,
)
