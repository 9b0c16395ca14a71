"""Tells on which side a segment says that it lies."""

import re
from collections.abc import Iterable

_ENDS: dict[str, dict[str, str]] = {
    "side": {
        "left": "left lt l sin sinister sinistra links linke linker linkes gauche izquierda izquierdo sinistro",
        "right": "right rt r dex dexter dextra rechts rechte rechter rechtes droit droite derecha derecho destra destro",
        "left right": "both bilateral bilaterally beide beidseits",
    },
    "height": {"upper": "upper superior cranial", "lower": "lower inferior caudal"},
    "depth": {"front": "anterior ventral", "back": "posterior dorsal"},
    "length": {"near": "proximal", "far": "distal"},
    "breadth": {"inner": "medial", "outer": "lateral"},
}
_AXES = {
    word: (axis, ends.split())
    for axis, named in _ENDS.items()
    for ends, words in named.items()
    for word in words.split()
}
_CODES = {
    ("7771000", "SCT"): ["left"],
    ("24028007", "SCT"): ["right"],
    ("51440002", "SCT"): ["left", "right"],
}
"""PS3.16 CID 244."""
_WORD = re.compile(r"[A-Z]?[a-zà-ÿ]+|[A-ZÀ-Ý]+(?![a-zà-ÿ])")


def sides_of_words(label: str) -> dict[str, frozenset[str]]:
    """What the words of a label name: ``kidney_left`` and ``LeftKidney`` the left, ``Kidney`` nothing."""
    return _together(_AXES[word.lower()] for word in _WORD.findall(label) if word.lower() in _AXES)


def sides_of_codes(codes: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """What codes of laterality name."""
    return _together(("side", _CODES[code]) for code in codes if code in _CODES)


def _together(found: Iterable[tuple[str, list[str]]]) -> dict[str, frozenset[str]]:
    sides: dict[str, frozenset[str]] = {}
    for axis, ends in found:
        sides[axis] = sides.get(axis, frozenset()) | frozenset(ends)
    return sides
