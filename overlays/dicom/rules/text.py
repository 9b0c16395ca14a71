"""Rules about text: character sets, lengths and alphabets."""

import re
from collections.abc import Iterator
from itertools import islice

from overlays.dicom import value_representations as vr
from overlays.dicom.character_sets import decode, decode_leniently, encodings_of, unknown_terms
from overlays.dicom.instance import Family
from overlays.dicom.rules.rule import RESULTS, Breach, Rule, error, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

MAX_CHARACTERS = {"LO": 64, "SH": 16, "CS": 16, "AE": 16, "DS": 16, "IS": 12, "ST": 1024, "LT": 10240}
MAX_VALUES = 1000
"""Of one element, looked at one by one."""
MAX_REMEMBERED = 1024
"""Bytes of a value that is kept to be known again: long ones together are as large as the file."""
MAX_CHARACTER_SETS = 16
"""Of items, in one object."""
IDENTIFIERS = ("PatientID", "AccessionNumber", "StudyID", "IssuerOfPatientID")
CODE_STRING = re.compile(rb"[A-Z0-9_ ]*")
_LONGER = {limit: re.compile(rb"[^\\]{%d}" % (limit + 1)) for limit in set(MAX_CHARACTERS.values())}
"""Finds a run of bytes that may be a value longer than that."""
_TEXT_CODES = [vr.code(name) for name in sorted(vr.TEXT)]
_NAME = vr.code("PN")
_CODE_STRING = vr.code("CS")
CONTROL = re.compile(rb"[\x00-\x1a\x1c-\x1f\x7f]")
CONTROL_BUT_LAYOUT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
"""ESC is no control character of text but part of its encoding; long text has tabs, lines and pages besides (PS3.5 6.1.3)."""
_NUL = re.compile(rb"\x00")
_LONG_TEXT = frozenset(map(vr.code, ("LT", "ST", "UT")))
_WRITTEN = frozenset(map(vr.code, (*vr.TEXT, "AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UR")))


def _known(subject: Subject) -> Iterator[Breach]:
    for term in unknown_terms(subject.data_set.texts("SpecificCharacterSet")):
        yield path("SpecificCharacterSet"), f"{term[:32]!r} is no defined term, or not one that may stand here."


def _decodes(subject: Subject) -> Iterator[Breach]:
    """Once for each distinct value; items with a character set of their own (rare) are taken at the word of the top level's or theirs."""
    scan, declared = subject.data_set.scan, subject.data_set.texts("SpecificCharacterSet")
    if unknown_terms(declared):
        return
    own = {row for row in scan.rows_of(_CODE_STRING) if scan.tags[row] == 0x00080005}
    stated = (encodings_of(_terms(scan.value(row)[:256])) for row in sorted(own))
    tried = list(dict.fromkeys((encodings_of(declared), *islice(stated, MAX_CHARACTER_SETS))))
    sound: set[bytes] = set()
    for row in scan.rows_of(*_TEXT_CODES):
        if scan.lengths[row] > subject.bounds.max_value_bytes:
            continue
        value = scan.value(row)
        if value in sound:
            continue
        if any(_fits(value, encodings, scan.vrs[row] == _NAME) for encodings in tried):
            sound.add(value)
        else:
            said = "\\".join(declared) or "the default repertoire (no Specific Character Set)"
            yield scan.place(row), f"The bytes of the value do not belong to {said[:80]}."


def _terms(value: bytes) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.decode("ascii", "replace").split("\\"))


def _fits(value: bytes, encodings: tuple[str, ...], name: bool) -> bool:
    if value.isascii() and b"\x1b" not in value:
        return True
    try:
        decode(value, encodings, name=name)
    except UnicodeError:
        return False
    return True


def _identifiers(subject: Subject) -> Iterator[Breach]:
    for keyword in IDENTIFIERS:
        row = subject.data_set.row_of(keyword)
        if row is None:
            continue
        name = vr.NAMES.get(subject.data_set.scan.vrs[row], "UN")
        found = len(subject.data_set.text(keyword))
        if found > MAX_CHARACTERS.get(name, found):
            yield path(keyword), f"{name} has at most {MAX_CHARACTERS[name]} characters; the value has {found}."


def _lengths(subject: Subject) -> Iterator[Breach]:
    scan, encodings = subject.data_set.scan, subject.data_set.encodings
    identifiers = {subject.data_set.row_of(keyword) for keyword in IDENTIFIERS}
    limits = {vr.code(name): limit for name, limit in MAX_CHARACTERS.items()}
    for row in scan.rows_of(*limits):
        if (
            scan.lengths[row] <= limits[scan.vrs[row]]
            or row in identifiers
            or scan.lengths[row] > subject.bounds.max_value_bytes
        ):
            continue
        code, value = scan.vrs[row], scan.value(row)
        if code not in _LONG_TEXT and not _LONGER[limits[code]].search(value):
            continue
        parts = [value] if code in (vr.code("ST"), vr.code("LT")) else value.split(b"\\", MAX_VALUES)[:MAX_VALUES]
        longest = max(len(decode_leniently(part, encodings).strip(" \x00")) for part in parts)
        if longest > limits[code]:
            yield scan.place(row), f"{vr.NAMES[code]} has at most {limits[code]} characters; the value has {longest}."


def _code_strings(subject: Subject) -> Iterator[Breach]:
    scan = subject.data_set.scan
    sound: set[bytes] = set()
    for row in scan.rows_of(_CODE_STRING):
        value = scan.value(row) if scan.lengths[row] < 1 << 16 else b"?"
        if value in sound:
            continue
        if all(CODE_STRING.fullmatch(part.rstrip(b"\x00")) for part in value.split(b"\\")):
            sound.add(value)
        elif scan.tags[row] != 0x00700080:  # Content Label has a rule of its own.
            yield scan.place(row), "A code string has capital letters, digits, spaces and underscores alone."


def _control_characters(subject: Subject) -> Iterator[Breach]:
    """Of an image, NUL in attributes of the top level alone: what else scanners write is not the registry's to judge."""
    scan, known = subject.data_set.scan, vr.dictionary()
    image = subject.family is Family.IMAGE
    sound: set[bytes] = set()
    own = (row for row in scan.children(0) if scan.tags[row] in known)
    for row in own if image else scan.rows_of(*_WRITTEN, vr.UN):
        code = known.get(scan.tags[row], vr.UN) if scan.vrs[row] == vr.UN else scan.vrs[row]
        if code not in _WRITTEN or scan.lengths[row] > subject.bounds.max_value_bytes:
            continue
        value = scan.value(row)
        if value in sound:
            continue
        bare = value.strip(b" \x00")
        found = _NUL.search(bare) if image else (CONTROL_BUT_LAYOUT if code in _LONG_TEXT else CONTROL).search(bare)
        if found:
            yield scan.place(row), f"The value holds the control character {ord(found.group()):02X}H."
        elif code not in _LONG_TEXT and len(value) <= MAX_REMEMBERED:
            sound.add(value)


RULES: tuple[Rule, ...] = (
    error("TXT-001", "Specific Character Set holds defined terms.", "PS3.3 C.12.1.1.2", _known, applies=RESULTS),
    error("TXT-002", "Text is encoded in the declared character set.", "PS3.5 6.1.2.3", _decodes, applies=RESULTS),
    error(
        "TXT-003",
        "Identifiers are no longer than their value representation allows.",
        "PS3.5 6.2",
        _identifiers,
        applies=RESULTS,
    ),
    warning(
        "TXT-004",
        "Values are no longer than their value representation allows.",
        "PS3.5 6.2",
        _lengths,
        applies=RESULTS,
    ),
    warning("TXT-005", "Code strings use their own alphabet.", "PS3.5 6.2", _code_strings, applies=RESULTS),
    error(
        "TXT-006",
        "Text holds no control characters but those its value representation allows; of an image: no NUL.",
        "PS3.5 6.1.3, 6.2",
        _control_characters,
    ),
)
