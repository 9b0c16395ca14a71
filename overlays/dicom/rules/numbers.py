"""Rules about numbers that are written as text: integer strings (IS) and decimal strings (DS)."""

from collections.abc import Callable, Iterator
from math import isfinite

from overlays.dicom import value_representations as vr
from overlays.dicom.dataset import numbers_of
from overlays.dicom.instance import Family
from overlays.dicom.long_values import decimal_pieces
from overlays.dicom.rules.rule import Breach, Rule, error
from overlays.dicom.subject import Subject
from overlays.dicom.tags import tag_of

LEAST, MOST = -(2**31), 2**31 - 1
MAX_REMEMBERED = 128
"""Bytes of a value that is kept to be known again: what repeats is short, and long ones together are as large as the file."""
CONTOUR = tag_of("ContourData")
_INTEGER, _DECIMAL = vr.code("IS"), vr.code("DS")


def _rows(subject: Subject, representation: int) -> Iterator[int]:
    """Of an image, attributes of the top level alone: what else scanners write is not the registry's to judge."""
    scan, known = subject.data_set.scan, vr.dictionary()
    if subject.family is Family.STRUCTURE_SET and representation == _DECIMAL:
        # Coordinates of more than 64 KiB are UN in explicit VR (PS3.5 6.2.2), and DS all the same.
        return (
            row for row in scan.rows_of(representation, vr.UN) if scan.vrs[row] == _DECIMAL or scan.tags[row] == CONTOUR
        )
    if subject.family is not Family.IMAGE:
        return scan.rows_of(representation)
    return (row for row in scan.children(0) if scan.vrs[row] == representation and scan.tags[row] in known)


def _shown(value: bytes) -> str:
    return repr(value.strip(b" \x00")[:40].decode("ascii", "replace"))


def _integers(subject: Subject) -> Iterator[Breach]:
    """Scanners write decimals into integer strings of images; only their range is asked."""
    scan, image = subject.data_set.scan, subject.family is Family.IMAGE
    sound: set[bytes] = set()
    for row in _rows(subject, _INTEGER):
        value = scan.value(row)
        if value in sound:
            continue
        numbers = numbers_of(value, _INTEGER)
        if numbers is None:
            if image:
                continue
            yield scan.place(row), f"{_shown(value)} is no integer string."
        elif not all(LEAST <= number <= MOST and (image or number == int(number)) for number in numbers):
            yield scan.place(row), f"An integer string is a whole number from -2^31 to 2^31-1; found {_shown(value)}."
        else:
            sound.add(value)


def _decimals(subject: Subject) -> Iterator[Breach]:
    """Scanners write words into decimal strings of images; only what reads as a number is asked."""
    scan, image = subject.data_set.scan, subject.family is Family.IMAGE
    sound: set[bytes] = set()
    for row in _rows(subject, _DECIMAL):
        for value in decimal_pieces(scan, row):
            if value in sound or (len(value) > MAX_REMEMBERED and _all_finite(value)):
                continue
            numbers = numbers_of(value, _DECIMAL)
            if numbers is None:
                if image:
                    continue
                yield scan.place(row), f"{_unsound(value, float)} is no decimal string."
                break
            if not all(number - number == 0 for number in numbers):
                yield scan.place(row), f"A decimal string is a finite number; found {_unsound(value, _finite)}."
                break
            if len(value) <= MAX_REMEMBERED:
                sound.add(value)


def _all_finite(value: bytes) -> bool:
    """The same as is asked of each number, in a fraction of the time: structure sets have millions."""
    try:
        return all(map(isfinite, map(float, value.split(b"\\"))))
    except ValueError:
        return False


def _finite(text: bytes) -> None:
    if not isfinite(float(text)):
        raise ValueError


def _unsound(value: bytes, read: Callable[[bytes], object]) -> str:
    """The first number that is not sound: alone it tells more than the beginning of a long list."""
    for part in value.strip(b" \x00").split(b"\\"):
        try:
            read(part)
        except ValueError:
            return _shown(part)
    return _shown(value)


RULES: tuple[Rule, ...] = (
    error(
        "NUM-001",
        "Integer strings are whole numbers from -2^31 to 2^31-1; of an image: within that range.",
        "PS3.5 6.2",
        _integers,
    ),
    error("NUM-002", "Decimal strings are finite numbers.", "PS3.5 6.2", _decimals),
)
