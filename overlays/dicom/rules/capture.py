"""Rules about secondary captures (PS3.3 A.8, C.8.6)."""

from collections.abc import Iterator
from dataclasses import dataclass

from overlays.dicom.dataset import DataSet
from overlays.dicom.rules.rule import SECONDARY_CAPTURES, Breach, Rule, error, rules, warning
from overlays.dicom.sop_classes import SECONDARY_CAPTURE
from overlays.dicom.subject import Subject
from overlays.dicom.tags import named, path

SINGLE_BIT, GRAYSCALE_BYTE, GRAYSCALE_WORD, TRUE_COLOR = (f"{SECONDARY_CAPTURE}.{number}" for number in range(1, 5))
GRAY = ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR")
COLOR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT", "XYB")


@dataclass(frozen=True)
class Pixels:
    """What a class demands of a pixel: samples, photometric interpretations, bits allocated and the bits stored that are allowed."""

    samples: int
    photometric: tuple[str, ...]
    allocated: int
    stored: range


DEMANDED = {
    SINGLE_BIT: Pixels(1, ("MONOCHROME2",), 1, range(1, 2)),
    GRAYSCALE_BYTE: Pixels(1, ("MONOCHROME2",), 8, range(8, 9)),
    GRAYSCALE_WORD: Pixels(1, ("MONOCHROME2",), 16, range(9, 17)),
    TRUE_COLOR: Pixels(3, COLOR, 8, range(8, 9)),
}


def _conversion(subject: Subject) -> Iterator[Breach]:
    if subject.data_set.is_empty("ConversionType"):
        yield path("ConversionType"), "The attribute must have a value (type 1)."


def _derived(subject: Subject) -> Iterator[Breach]:
    kinds = subject.data_set.texts("ImageType")
    if not kinds or kinds[0] != "DERIVED":
        found = kinds[0][:16] if kinds else ""
        yield path("ImageType"), f"What a model drew is a DERIVED image; found {found!r}."


def _described(subject: Subject) -> Iterator[Breach]:
    if subject.data_set.is_empty("DerivationDescription") and not subject.data_set.count("DerivationCodeSequence"):
        yield path("DerivationDescription"), "Neither a description nor a code says how the picture was derived."


def _sources(subject: Subject) -> Iterator[Breach]:
    """Lists say what belongs together; only this sequence says what the picture was drawn from."""
    root = subject.data_set
    if (
        any(entry.sop_instance_uid for entry in subject.listed)
        and not any(root.count(keyword) for keyword in ("SourceImageSequence", "SourceInstanceSequence"))
        and not subject.groups.any_sources()
    ):
        yield path("SourceImageSequence"), "Series are referred to, but no image is named as the source of the picture."


def _burned_in_stated(subject: Subject) -> Iterator[Breach]:
    found = subject.data_set.text("BurnedInAnnotation")
    if found not in ("YES", "NO"):
        yield path("BurnedInAnnotation"), f"It must say YES or NO whether text is in the pixels; found {found[:16]!r}."


def _bits(root: DataSet) -> Iterator[Breach]:
    allocated, stored, high = (root.integer(keyword) for keyword in ("BitsAllocated", "BitsStored", "HighBit"))
    if allocated is not None and (stored is None or not 1 <= stored <= allocated or high != stored - 1):
        yield path("BitsStored"), f"Of {allocated} bits allocated, {stored} are stored up to bit {high}."
    if root.integer("PixelRepresentation") not in (0, 1):
        yield path("PixelRepresentation"), "Pixel Representation is 0 or 1."


def _pixels(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    samples, photometric = root.integer("SamplesPerPixel"), root.text("PhotometricInterpretation")
    demanded = DEMANDED.get(root.text("SOPClassUID"))
    if demanded is None:
        fitting = {1: GRAY, 3: COLOR}.get(samples or 0, ())
        if photometric not in fitting:
            yield (
                path("PhotometricInterpretation"),
                f"{photometric[:16]!r} does not fit {samples} samples of a pixel.",
            )
        yield from _bits(root)
        return
    if samples != demanded.samples or photometric not in demanded.photometric:
        yield (
            path("PhotometricInterpretation"),
            f"The class demands {demanded.samples} samples of {' or '.join(demanded.photometric)}; found {samples} of "
            f"{photometric[:16]!r}.",
        )
    stored = root.integer("BitsStored")
    if (
        root.integer("BitsAllocated") != demanded.allocated
        or stored not in demanded.stored
        or root.integer("HighBit") != stored - 1
        or root.integer("PixelRepresentation") != 0
    ):
        yield path("BitsAllocated"), f"The bits of a pixel are not those that {_class_name(subject)} demands."


def _class_name(subject: Subject) -> str:
    return subject.sop_class.name if subject.sop_class else "the class"


def _frames(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    frames = root.integer("NumberOfFrames")
    if root.text("SOPClassUID") == SECONDARY_CAPTURE:
        if frames is not None and frames > 1:
            yield path("NumberOfFrames"), f"{_class_name(subject)} is one picture; found {frames} frames."
        return
    if frames is None or frames < 1:
        yield path("NumberOfFrames"), f"A multi-frame capture has at least one frame; found {frames}."
    elif frames > 1:
        yield from _increment(root)


def _increment(root: DataSet) -> Iterator[Breach]:
    value = root.raw("FrameIncrementPointer")[: 4 * 16]
    pointers = [
        int.from_bytes(value[at : at + 2], "little") << 16 | int.from_bytes(value[at + 2 : at + 4], "little")
        for at in range(0, len(value) - 3, 4)
    ]
    if not pointers:
        yield path("FrameIncrementPointer"), "Of several frames it must be said what tells them apart."
    for pointer in pointers:
        if pointer not in root.rows():
            yield path("FrameIncrementPointer"), f"It points at {named(pointer)}, which the object does not have."


RULES: tuple[Rule, ...] = rules(
    (error, "SC-001", "Conversion Type is stated.", "PS3.3 C.8.6.1", _conversion),
    (warning, "SC-002", "A capture is a derived image.", "PS3.3 C.7.6.1.1.2", _derived),
    (warning, "SC-003", "It is said how the picture was derived.", "PS3.3 C.12.4", _described),
    (warning, "SC-004", "The images that the picture was drawn from are named as such.", "PS3.3 C.12.4", _sources),
    (
        warning,
        "SC-005",
        "It is said whether annotation is burned in.",
        "PS3.3 C.7.6.1, C.8.6.3; PS3.15 Annex E",
        _burned_in_stated,
    ),
    (error, "SC-006", "Pixels are those that the class demands.", "PS3.3 A.8.2 to A.8.5, C.7.6.3", _pixels),
    (error, "SC-007", "The frames are counted and told apart.", "PS3.3 C.7.6.6, C.8.6.3", _frames),
    applies=SECONDARY_CAPTURES,
)
