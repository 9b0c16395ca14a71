"""Rules about value representations that explicit elements bear (PS3.6)."""

from collections.abc import Iterator
from functools import cache
from itertools import islice

import numpy as np
from pydicom.datadict import DicomDictionary

from overlays.dicom import value_representations as vr
from overlays.dicom.element_table import PIECE
from overlays.dicom.rules.rule import RESULTS, Breach, Rule, warning
from overlays.dicom.subject import Subject
from overlays.dicom.transfer_syntaxes import IMPLICIT_LE

MAX_TOLD = 1000


@cache
def _known() -> np.ndarray:
    """Every pair of tag and representation that PS3.6 allows, as one number each, ascending; UN is allowed of all (PS3.5 6.2.2)."""
    pairs = {
        tag << 16 | vr.code(name)
        for tag, entry in DicomDictionary.items()
        for name in (*(word for word in entry[0].split() if len(word) == 2 and word.isupper()), "UN")
    }
    return np.array(sorted(pairs), np.uint64)


@cache
def _tags() -> np.ndarray:
    return np.unique(_known() >> np.uint64(16))


def _among(values: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    """Which of the values the other array holds; numpy's own ``isin`` would sort that one, the whole dictionary, for every object."""
    return ascending[np.searchsorted(ascending[:-1], values)] == values


def _of_dictionary(subject: Subject) -> Iterator[Breach]:
    """Once for each tag: the table is looked at a piece at a time."""
    scan, told = subject.data_set.scan, set()
    if subject.transfer_syntax == IMPLICIT_LE:
        return
    for row in islice(_differing(subject), MAX_TOLD):
        tag = scan.tags[row]
        if tag not in told:
            told.add(tag)
            found, wanted = vr.NAMES.get(scan.vrs[row], "UN"), DicomDictionary[tag][0]
            yield (
                scan.place(row),
                f"The element bears {found}; PS3.6 gives it {wanted}. Readers may take its bytes for something else.",
            )


def _differing(subject: Subject) -> Iterator[int]:
    scan = subject.data_set.scan
    for start in range(0, len(scan.tags), PIECE):
        tags = np.array(scan.tags[start : start + PIECE], np.uint64)
        pairs = tags << np.uint64(16) | np.array(scan.vrs[start : start + PIECE], np.uint64)
        wrong = _among(tags, _tags()) & ~_among(pairs, _known()) & (pairs & np.uint64(0xFFFF) != 0)
        for at in np.flatnonzero(wrong).tolist():
            yield start + at


RULES: tuple[Rule, ...] = (
    warning(
        "FIL-018",
        "Elements bear the value representation that PS3.6 gives them.",
        "PS3.5 6.2; PS3.6",
        _of_dictionary,
        applies=RESULTS,
    ),
)
