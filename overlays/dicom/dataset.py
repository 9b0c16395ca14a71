"""Gives the values of a scanned data set, decoded when asked for and not before."""

import struct
from collections.abc import Iterator

from overlays.dicom import value_representations as vr
from overlays.dicom.character_sets import decode_leniently, encodings_of
from overlays.dicom.element_table import Place, Scan
from overlays.dicom.instance import Code
from overlays.dicom.tags import tag_of

PADDING = " \x00"
SPECIFIC_CHARACTER_SET = 0x00080005
LONG_TEXT = frozenset(("ST", "LT", "UT", "UC", "UR"))
NO_TEXT = frozenset((*vr.BINARY_FORMATS, "AT", "OB", "OD", "OF", "OL", "OV", "OW", "SQ"))
MAX_TEXT_BYTES = 4096
MAX_LONG_TEXT_BYTES = 1 << 16
MAX_NUMBERS = 1 << 16
"""Of one element: more is bulk data and never a header value."""
MAX_DIGITS = 18
"""Of what is read as a whole number; DS has 16 characters, IS 12."""


class DataSet:
    """A data set or a sequence item. Attributes are named by their keyword in PS3.6.

    Absent and undecodable values are empty or None; the rules tell them. Text is stripped of padding. Where a tag stands twice the
    last one counts, as for other readers; a rule refuses such an object.
    """

    __slots__ = ("_rows", "encodings", "row", "scan")

    def __init__(self, scan: Scan, row: int = 0, encodings: tuple[str, ...] = ("ascii",)) -> None:
        self.scan = scan
        self.row = row
        tags = scan.tags
        self._rows = {tags[child]: child for child in scan.children(row)}
        self.encodings = encodings
        if SPECIFIC_CHARACTER_SET in self._rows:
            self.encodings = encodings_of(self.texts("SpecificCharacterSet"))

    def __contains__(self, keyword: str) -> bool:
        return tag_of(keyword) in self._rows

    def rows(self) -> dict[int, int]:
        """Tag to row of the scan."""
        return self._rows

    def row_of(self, keyword: str) -> int | None:
        """The row of an attribute in the scan."""
        return self._rows.get(tag_of(keyword))

    def raw(self, keyword: str) -> bytes:
        """The bytes of a value, empty when absent."""
        row = self._rows.get(tag_of(keyword))
        return b"" if row is None else self.scan.value(row)

    def is_empty(self, keyword: str) -> bool:
        """Whether the attribute is absent or has no value."""
        row = self._rows.get(tag_of(keyword))
        return row is None or (self.scan.lengths[row] == 0 or not self.scan.value(row).strip(b" \x00"))

    def text_at(self, row: int) -> str:
        """The text of one element of this data set; of text far beyond the length allowed (PS3.5 6.2) only the beginning.

        Empty where the element bears a representation that is no text: no rule looks at such bytes as text.
        """
        name = vr.NAMES.get(self.scan.vrs[row], "UN")
        if name in NO_TEXT:
            return ""
        offset, limit = self.scan.offsets[row], MAX_LONG_TEXT_BYTES if name in LONG_TEXT else MAX_TEXT_BYTES
        value = self.scan.data[offset : offset + min(self.scan.lengths[row], limit)]
        if name not in vr.TEXT:
            return value.decode("ascii", "replace").strip(PADDING)
        return decode_leniently(value, self.encodings, name=name == "PN").strip(PADDING)

    def text(self, keyword: str) -> str:
        """The whole text; of several values, all with the backslashes between them."""
        row = self._rows.get(tag_of(keyword))
        return "" if row is None else self.text_at(row)

    def texts(self, keyword: str) -> tuple[str, ...]:
        """The values of an attribute of several values, each stripped; none when empty."""
        whole = self.text(keyword)
        return tuple(part.strip(PADDING) for part in whole.split("\\")) if whole else ()

    def numbers(self, keyword: str) -> tuple[float, ...] | None:
        """The numbers of a binary or a decimal attribute; empty when absent, None when they are no numbers."""
        row = self._rows.get(tag_of(keyword))
        return () if row is None else numbers_of(self.scan.value(row), self.scan.vrs[row])

    def integer(self, keyword: str) -> int | None:
        """The first number when it is whole, else None."""
        numbers = self.numbers(keyword)
        if not numbers or numbers[0] != numbers[0] or numbers[0] in (float("inf"), float("-inf")):
            return None
        return int(numbers[0]) if numbers[0] == int(numbers[0]) else None

    def items(self, keyword: str) -> list["DataSet"]:
        """The items of a sequence, none when it is absent."""
        return list(self.each(keyword))

    def each(self, keyword: str) -> Iterator["DataSet"]:
        """The items of a sequence, one at a time."""
        row = self._rows.get(tag_of(keyword))
        if row is not None:
            for child in self.scan.children(row):
                yield DataSet(self.scan, child, self.encodings)

    def count(self, keyword: str) -> int:
        """How many items a sequence has."""
        row = self._rows.get(tag_of(keyword))
        return 0 if row is None else sum(1 for _ in self.scan.children(row))

    def first(self, keyword: str) -> "DataSet | None":
        """The first item of a sequence."""
        return next(self.each(keyword), None)

    def code(self, keyword: str) -> Code | None:
        """The first code of a code sequence (PS3.3 8.8)."""
        item = self.first(keyword)
        return None if item is None else code_of(item)

    def place(self, keyword: str = "") -> Place:
        """Where this data set stands, or an attribute of it that may be absent."""
        row = self._rows.get(tag_of(keyword)) if keyword else self.row
        return Place(self.scan, self.row, keyword) if row is None else Place(self.scan, row)

    def path(self, keyword: str = "") -> str:
        """The path of the same."""
        return str(self.place(keyword))


def code_of(item: DataSet) -> Code:
    """The code that an item holds: Code Value, Long Code Value or URN Code Value."""
    value = item.text("CodeValue") or item.text("LongCodeValue") or item.text("URNCodeValue")
    return Code(value=value, scheme=item.text("CodingSchemeDesignator"), meaning=item.text("CodeMeaning"))


def numbers_of(value: bytes, representation: int) -> tuple[float, ...] | None:
    """The numbers in the bytes of a value, None when they are none."""
    name = vr.NAMES.get(representation, "UN")
    form = vr.BINARY_FORMATS.get(name)
    if form is not None:
        size = struct.calcsize(form)
        count = len(value) // size
        return None if len(value) % size or count > MAX_NUMBERS else struct.unpack(f"<{count}{form}", value)
    stripped = value.strip(b" \x00")
    if not stripped:
        return ()
    if len(stripped) > MAX_NUMBERS:
        return None
    parts = stripped.split(b"\\")
    try:
        return tuple(int(part) if len(part) <= MAX_DIGITS and part.isdigit() else float(part) for part in parts)
    except ValueError:
        return None
