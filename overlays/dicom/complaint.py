"""Puts what a library complained of into words that can be kept: without anything that tells who the patient is."""

import re
from collections.abc import Iterator
from pathlib import Path

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.filereader import read_partial

LONGEST_SENTENCE = 300
"""Characters of a complaint that are passed on."""

ACCESSION_NUMBER = 0x00080050
PATIENT_GROUP = 0x0010
PIXEL_GROUP = 0x7FE0

_QUOTED = re.compile(r"""(?<!\w)b?(?:'[^']*'|"[^"]*")(?!\w)""")
_UID = re.compile(r"[0-2](\.\d+)+")
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def complaint(error: BaseException, path: Path) -> str:
    """The type of an exception that reading the object at ``path`` raised, and the start of its message.

    Left out are the names, numbers and dates that the object gives of its patient, wherever the message holds them, and whatever
    it quotes but keywords of the data dictionary and UIDs. When the object does not tell who its patient is, because its header cannot be
    read, the message is left out whole: nothing says what in it is a name.
    """
    try:
        header = _header(path)
    except Exception:  # noqa: BLE001 - reading is what failed before, and it may fail in any way again
        return type(error).__name__
    return complaint_about(error, header)


def complaint_about(error: BaseException, header: Dataset) -> str:
    """The same for an object whose header was read already."""
    kind = type(error).__name__
    try:
        identifying = _identifying(header)
    except Exception:  # noqa: BLE001 - a value that cannot be converted raises when it is looked at
        return kind
    text = " ".join(str(error).split())
    for value in sorted(identifying, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return f"{kind}: {_QUOTED.sub(_kept, text)}"[:LONGEST_SENTENCE]


def _kept(quoted: re.Match) -> str:
    word = quoted.group().lstrip("b").strip("'\"")
    return quoted.group() if tag_for_keyword(word) is not None or _UID.fullmatch(word) else "'…'"


def _header(path: Path) -> Dataset:
    with path.open("rb") as file:
        return read_partial(file, lambda tag, _vr, _length: tag >> 16 >= PIXEL_GROUP)


def _identifying(header: Dataset) -> set[str]:
    """The values about the patient, and every name of a person at any depth, whole and in their parts."""
    if not any(element.tag.group == PATIENT_GROUP for element in header):
        raise ValueError("the header ends before the patient")
    found: set[str] = set()
    for value in _values(header, False):
        found |= {value.strip(), *_BETWEEN_WORDS.split(value)}
    return found - {""}


def _values(data_set: Dataset, inside: bool) -> Iterator[str]:
    for element in data_set:
        patient = inside or element.tag.group == PATIENT_GROUP
        if element.VR == "SQ":
            for item in element.value:
                yield from _values(item, patient)
        elif element.value is not None and (patient or element.VR == "PN" or element.tag == ACCESSION_NUMBER):
            yield str(element.value)
