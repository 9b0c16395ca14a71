"""Gives the attributes of an object that are searched and told in the DICOM JSON model (PS3.18 F.2), for searches."""

from overlays.dicom import value_representations as vr
from overlays.dicom.dataset import DataSet, numbers_of
from overlays.dicom.search_sequences import search_sequences

MAX_VALUE_BYTES = 1024
_BULK = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN", "SQ"))
_DECIMAL = frozenset(("DS", "IS"))
_SINGLE = frozenset(("LT", "ST", "UT", "UR"))
_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def search_attributes(root: DataSet) -> dict[str, dict]:
    """Tag (eight hexadecimal digits) to ``{"vr": …, "Value": […]}``; with what can be searched of sequences, without
    all others, bulk data, private and unknown attributes,
    group lengths and values over 1,024 bytes.
    """
    known = vr.dictionary()
    found = {}
    for tag, row in root.rows().items():
        name = vr.NAMES[root.scan.vrs[row]]
        if name in _BULK or tag not in known or not tag & 0xFFFF or root.scan.lengths[row] > MAX_VALUE_BYTES:
            continue
        values = _values(root, row, name)
        if values is not None:
            found[f"{tag:08X}"] = {"vr": name, "Value": values} if values else {"vr": name}
    return found | search_sequences(root)


def _values(root: DataSet, row: int, name: str) -> list | None:
    if name == "AT":
        raw = root.scan.value(row)
        pairs = numbers_of(raw, vr.code("US")) or ()
        return [f"{int(group):04X}{int(element):04X}" for group, element in zip(pairs[::2], pairs[1::2], strict=False)]
    if name in vr.BINARY_FORMATS or name in _DECIMAL:
        numbers = numbers_of(root.scan.value(row), root.scan.vrs[row])
        finite = numbers is not None and all(number - number == 0 for number in numbers)
        return list(numbers or ()) if finite else None
    text = root.text_at(row)
    if not text:
        return []
    if name in _SINGLE:
        return [text]
    parts = [part.strip(" \x00") for part in text.split("\\")]
    if name == "PN":
        return [_person_name(part) for part in parts]
    return [part or None for part in parts]


def _person_name(text: str) -> dict[str, str] | None:
    groups = {key: part for key, part in zip(_NAME_GROUPS, text.split("="), strict=False) if part}
    return groups or None
