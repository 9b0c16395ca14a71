"""Lists the value representations of PS3.5 6.2 in the form in which they stand in the bytes."""

from functools import cache

from pydicom.datadict import DicomDictionary, RepeatersDictionary, dictionary_VR


def code(name: str) -> int:
    """The two letters read as one little endian number, as they stand behind the tag."""
    return int.from_bytes(name.encode("ascii"), "little")


SHORT_NAMES = (
    "AE",
    "AS",
    "AT",
    "CS",
    "DA",
    "DS",
    "DT",
    "FL",
    "FD",
    "IS",
    "LO",
    "LT",
    "PN",
    "SH",
    "SL",
    "SS",
    "ST",
    "TM",
    "UI",
    "UL",
    "US",
)
LONG_NAMES = ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")

SHORT = frozenset(map(code, SHORT_NAMES))
"""With a length of 16 bits (PS3.5 Table 7.1-2)."""
LONG = frozenset(map(code, LONG_NAMES))
"""With two reserved bytes and a length of 32 bits (PS3.5 Table 7.1-1)."""
NAMES = {code(name): name for name in SHORT_NAMES + LONG_NAMES}

SQ, UN, UI, OB, OW = map(code, ("SQ", "UN", "UI", "OB", "OW"))

TEXT = frozenset(("LO", "LT", "PN", "SH", "ST", "UC", "UT"))
"""Whose bytes follow Specific Character Set (PS3.5 6.1.2.2)."""
MULTI_VALUED_TEXT = frozenset(("LO", "PN", "SH", "UC"))
BINARY_FORMATS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "SV": "q", "UV": "Q"}


@cache
def dictionary() -> dict[int, int]:
    """Tag to representation code for implicit VR; of several representations that PS3.6 allows, the first."""
    known = {tag: code(entry[0][:2]) for tag, entry in DicomDictionary.items() if entry[0][:2].isalpha()}
    known[0x7FE00010] = OW
    return known


def repeating(tag: int) -> int:
    """The representation code of a tag in a repeating group such as overlays (60xx), UN when unknown or private."""
    if (tag >> 16) & 1 or not RepeatersDictionary or (tag >> 24) not in (0x50, 0x60, 0x70):
        return UN
    try:
        return code(dictionary_VR(tag)[:2])
    except KeyError:
        return UN
