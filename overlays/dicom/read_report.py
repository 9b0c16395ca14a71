"""Summarises the content of a structured report: measurement groups, for people to read (PS3.16 TID 1500)."""

from overlays.dicom.content_tree import ContentItem, told
from overlays.dicom.dataset import MAX_LONG_TEXT_BYTES
from overlays.dicom.instance import ContentLine, Measurement, MeasurementGroup

MEASUREMENT_GROUP = ("125007", "DCM")
TRACKING_IDENTIFIER = ("112039", "DCM")
TRACKING_UNIQUE_IDENTIFIER = ("112040", "DCM")
FINDINGS = (("121071", "DCM"), ("276214006", "SCT"))
"""Finding, and Finding category as a fall-back."""
KEY_OBJECT_DESCRIPTION = ("113012", "DCM")
PERSON_OBSERVER_NAME = ("121008", "DCM")
DEVICE_OBSERVER_NAME = ("121013", "DCM")
MAX_GROUPS = 1000
MAX_LINES = 1000
MAX_LINE_TEXT = 1 << 16
"""Characters of one item."""
MAX_TREE_TEXT = 1 << 18
"""Characters of all items together."""


def measurement_groups(items: list[ContentItem]) -> tuple[MeasurementGroup, ...]:
    """The measurement groups in the order written, at most 1,000."""
    groups = []
    for item in items:
        if item.name and (item.name.value, item.name.scheme) == MEASUREMENT_GROUP:
            groups.append(_group(item))
            if len(groups) == MAX_GROUPS:
                break
    return tuple(groups)


def content_lines(items: list[ContentItem]) -> tuple[ContentLine, ...]:
    """The content tree as people read it, each item before its children, at most 1,000; what text is cut is marked."""
    lines: list[ContentLine] = []
    waiting = [(items[0], 0)] if items else []
    left = MAX_TREE_TEXT
    while waiting and len(lines) < MAX_LINES:
        item, depth = waiting.pop()
        whole = _line_text(item)
        value = whole[: min(MAX_LINE_TEXT, left)]
        left -= len(value)
        lines.append(
            ContentLine(
                depth=depth,
                relationship=item.relationship,
                value_type=item.value_type,
                name=item.name.meaning if item.name else "",
                code=f"{item.name.value}, {item.name.scheme}" if item.name else "",
                value=value,
                cut=len(value) < len(whole) or _is_longer(item),
            )
        )
        waiting.extend((child, depth + 1) for child in reversed(item.children))
    return tuple(lines)


def _line_text(item: ContentItem) -> str:
    """The value; of a code, the code too."""
    code = item.data_set.code("ConceptCodeSequence") if item.value_type == "CODE" else None
    return told(code) or item.value_text()


def _is_longer(item: ContentItem) -> bool:
    """Whether a text has more bytes than are ever read of one."""
    row = item.data_set.row_of("TextValue") if item.value_type == "TEXT" else None
    return row is not None and item.data_set.scan.lengths[row] > MAX_LONG_TEXT_BYTES


def _group(item: ContentItem) -> MeasurementGroup:
    finding, code = _finding(item)
    return MeasurementGroup(
        tracking_id=value_of_child(item, TRACKING_IDENTIFIER),
        tracking_uid=value_of_child(item, TRACKING_UNIQUE_IDENTIFIER),
        finding=finding,
        finding_code=code,
        measurements=tuple(_measurement(child) for child in item.children if child.value_type == "NUM"),
    )


def _finding(item: ContentItem) -> tuple[str, str]:
    """The finding, and its code where it is one."""
    for child in (child for code in FINDINGS for child in item.named(code)):
        if child.value_text():
            code = child.data_set.code("ConceptCodeSequence") if child.value_type == "CODE" else None
            return child.value_text(), f"{code.value}, {code.scheme}" if code else ""
    return "", ""


def value_of_child(item: ContentItem, *codes: tuple[str, str]) -> str:
    """The value for people of the first child that has one of these concept names; the codes are in order of preference."""
    values = (child.value_text() for code in codes for child in item.named(code))
    return next((value for value in values if value), "")


def _measurement(item: ContentItem) -> Measurement:
    measured = item.data_set.first("MeasuredValueSequence")
    unit = measured.code("MeasurementUnitsCodeSequence") if measured else None
    return Measurement(
        name=item.name.meaning if item.name else "",
        value=measured.text("NumericValue") if measured and not item.qualifier() else item.value_text(),
        unit=unit.value if unit else "",
        code=f"{item.name.value}, {item.name.scheme}" if item.name else "",
    )
