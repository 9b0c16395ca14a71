"""Gives a stored object in the DICOM JSON model (PS3.18 Annex F), with bulk data by reference."""

from base64 import b64encode
from itertools import islice
from pathlib import Path

from overlays.dicom import value_representations as vr
from overlays.dicom.bounds import Bounds
from overlays.dicom.dataset import DataSet, numbers_of
from overlays.dicom.stored import open_stored
from overlays.dicom.tags import ITEM

LARGEST_INLINE = 1024
"""Bytes of a binary value that are written into the JSON itself."""
LARGEST_INLINE_OF_ITEM = 1 << 16
"""The same in a sequence item, where readers are less used to follow an address."""

PIXEL_TAGS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))
"""Float, Double Float and plain Pixel Data: always by reference."""

MAX_DEPTH = 16
"""Of sequences in an address."""

CONTOUR = 0x30060050
"""Contour Data: UN in explicit VR where it has more than 64 KiB (PS3.5 6.2.2), and a list of numbers all the same."""

BINARY = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN"))
SINGLE_TEXT = frozenset(("LT", "ST", "UT", "UR"))
NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


class NoBulkValue(LookupError):
    """The object has no top-level binary value under that tag."""


def metadata(
    path: Path, *, bulk_data_uri: str, bounds: Bounds | None = None, scratch: Path | None = None
) -> dict[str, dict]:
    """Tag (eight hexadecimal digits) to ``{"vr", "Value" | "InlineBinary" | "BulkDataURI"}``, sequences inline, without group 0002.

    Pixel data, and any binary value of more than 1,024 bytes at the top level, is ``{bulk_data_uri}/{tag}``; in a sequence item one of
    more than 64 KiB is ``{bulk_data_uri}/{tag}.{item}.{tag}``, items counted from 1. Numbers are JSON numbers, also of DS and IS; text is
    decoded, so that the answer is UTF-8 throughout and (0008,0005) Specific Character Set is given as ISO_IR 192 (PS3.18 F.2).
    Raises Unreadable.
    """
    with open_stored(path, bounds=bounds, scratch=scratch) as stored:
        found = _data_set(stored.root, f"{bulk_data_uri}/")
    if "00080005" in found:
        found["00080005"] = {"vr": "CS", "Value": ["ISO_IR 192"]}
    return found


def bulk_value(path: Path, tag: str, *, bounds: Bounds | None = None, scratch: Path | None = None) -> tuple[int, int]:
    """Offset and length in the file of the value behind ``{bulk_data_uri}/{tag}``; of encapsulated pixel data the whole value.

    For a deflated object both count in its inflated data set: read it through ``open_stored``. Raises NoBulkValue, Unreadable.
    """
    steps = tag.split(".", 2 * MAX_DEPTH)
    with open_stored(path, bounds=bounds, scratch=scratch) as stored:
        holder: DataSet | None = stored.root
        for sequence, number in zip(steps[:-1:2], steps[1::2], strict=False):
            holder = _item(holder, _tag(sequence), number)
        row = holder.rows().get(_tag(steps[-1])) if holder is not None and len(steps) % 2 else None
        if row is None or vr.NAMES[stored.root.scan.vrs[row]] not in BINARY:
            raise NoBulkValue(f"The object has no bulk data under the tag {tag[:80]!r}.")
        return stored.root.scan.offsets[row], stored.root.scan.lengths[row]


def _item(holder: DataSet | None, tag: int, number: str) -> DataSet | None:
    """The item of a sequence by its number, None where there is none."""
    row = holder.rows().get(tag) if holder is not None else None
    if row is None or not number.isascii() or not number.isdigit() or len(number) > 9 or holder is None:
        return None
    scan = holder.scan
    wanted = next(islice(scan.children(row), max(0, int(number) - 1), None), None) if int(number) else None
    return DataSet(scan, wanted, holder.encodings) if wanted is not None and scan.tags[wanted] == ITEM else None


def _tag(text: str) -> int:
    if len(text) != 8 or not set(text) <= set("0123456789ABCDEFabcdef"):
        raise NoBulkValue(f"A tag has eight hexadecimal digits, unlike {text!r}.")
    return int(text, 16)


def _data_set(data_set: DataSet, address: str) -> dict[str, dict]:
    """``address`` is that of bulk data here, up to the tag."""
    found: dict[str, dict] = {}
    for tag, row in sorted(data_set.rows().items()):
        if tag & 0xFFFF and tag >> 16 != 2:
            found[f"{tag:08X}"] = _element(data_set, tag, row, address)
    return found


def _element(data_set: DataSet, tag: int, row: int, address: str) -> dict:
    scan = data_set.scan
    name = "DS" if tag == CONTOUR else vr.NAMES[scan.vrs[row]]
    if name == "SQ" or _is_unknown_sequence(data_set, row, name):
        items = [
            _data_set(DataSet(scan, child, data_set.encodings), f"{address}{tag:08X}.{number}.")
            for number, child in enumerate(scan.children(row), 1)
        ]
        return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
    if name in BINARY:
        top = data_set.row == 0
        if scan.lengths[row] > (LARGEST_INLINE if top else LARGEST_INLINE_OF_ITEM) or (top and tag in PIXEL_TAGS):
            return {"vr": name, "BulkDataURI": f"{address}{tag:08X}"}
        value = scan.value(row)
        return {"vr": name, "InlineBinary": b64encode(value).decode()} if value else {"vr": name}
    values = _values(data_set, row, name)
    return {"vr": name, "Value": values} if values else {"vr": name}


def _is_unknown_sequence(data_set: DataSet, row: int, name: str) -> bool:
    """Whether a value of unknown representation was walked into, as one of undefined length is (PS3.5 6.2.2)."""
    return name == "UN" and data_set.scan.ends[row] > row + 1


def _values(data_set: DataSet, row: int, name: str) -> list:
    value = data_set.scan.value(row)
    if name == "AT":
        words = numbers_of(value, vr.code("US")) or ()
        return [f"{int(group):04X}{int(element):04X}" for group, element in zip(words[::2], words[1::2], strict=False)]
    if name in vr.BINARY_FORMATS:
        return [_number(number) for number in numbers_of(value, data_set.scan.vrs[row]) or ()]
    # Coordinates of contours are lists far longer than any other text.
    text = value.decode("ascii", "replace").strip(" \x00") if name in ("DS", "IS") else data_set.text_at(row)
    if not text:
        return []
    if name in SINGLE_TEXT:
        return [text]
    parts = (part.strip(" \x00") for part in text.split("\\"))
    match name:
        case "DS" | "IS":
            return [_decimal(part) for part in parts]
        case "PN":
            return [_person_name(part) for part in parts]
        case _:
            return [part or None for part in parts]


def _number(number: float) -> float | str:
    """JSON has no infinity and no NaN; they are written as strings."""
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "inf" if number > 0 else "-inf"
    return number


def _decimal(text: str) -> float | str | None:
    """A number, which viewers need to place an image; the text itself where it is none."""
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return text
    return number if number - number == 0 else text


def _person_name(text: str) -> dict[str, str] | None:
    return {group: part for group, part in zip(NAME_GROUPS, text.split("="), strict=False) if part} or None
