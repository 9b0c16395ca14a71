"""Reads the content tree of a structured report (PS3.3 C.17.3) as a flat list, parents before children."""

from dataclasses import dataclass, field

from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import Code
from overlays.dicom.sop_classes import name_of

OBJECTS = ("IMAGE", "COMPOSITE", "WAVEFORM")
"""Value types of references to objects."""
MOMENTS = {"DATE": "Date", "TIME": "Time", "DATETIME": "DateTime"}
"""Value types of points in time, and the attribute that holds them."""
FLOAT = 4
"""Bytes of a number of Graphic Data (VR FL)."""


@dataclass(slots=True)
class ContentItem:
    """One content item: where it stands, what it is called, and its parent (None for the root)."""

    data_set: DataSet
    parent: "ContentItem | None"
    value_type: str
    relationship: str
    name: Code | None
    children: list["ContentItem"] = field(default_factory=list)

    def named(self, *codes: tuple[str, str]) -> list["ContentItem"]:
        """The children whose concept name is one of these (value, scheme) pairs."""
        return [child for child in self.children if child.name and (child.name.value, child.name.scheme) in codes]

    def value_text(self) -> str:
        """The value for people: of a code its meaning, of a number its unit too, of a graphic its kind, of an object its class and UID."""
        if self.value_type == "CODE":
            code = self.data_set.code("ConceptCodeSequence")
            return code.meaning if code else ""
        if self.value_type == "UIDREF":
            return self.data_set.text("UID")
        if self.value_type == "PNAME":
            return self.data_set.text("PersonName")
        if self.value_type == "NUM":
            return self._number_text()
        if self.value_type in MOMENTS:
            return self.data_set.text(MOMENTS[self.value_type])
        if self.value_type in ("SCOORD", "SCOORD3D"):
            return self._graphic_text()
        if self.value_type in OBJECTS:
            reference = self.data_set.first("ReferencedSOPSequence")
            return _object_text(reference) if reference else ""
        return self.data_set.text("TextValue")

    def _number_text(self) -> str:
        measured = self.data_set.first("MeasuredValueSequence")
        unit = measured.code("MeasurementUnitsCodeSequence") if measured else None
        said = f"{measured.text('NumericValue')} {unit.value if unit else ''}".strip() if measured else "no value"
        qualifier = self.qualifier()
        return f"{said}: {qualifier}" if qualifier else said

    def qualifier(self) -> str:
        """Of a number, why it has no value, or that it is no number (PS3.3 C.18.1); empty where nothing is said."""
        return told(self.data_set.code("NumericValueQualifierCodeSequence"))

    def _graphic_text(self) -> str:
        row = self.data_set.row_of("GraphicData")
        size = FLOAT * (3 if self.value_type == "SCOORD3D" else 2)
        points = 0 if row is None else self.data_set.scan.lengths[row] // size
        return f"{self.data_set.text('GraphicType')} of {points} point{'' if points == 1 else 's'}".strip()


def told(code: Code | None) -> str:
    """A code for people: its meaning, which may contradict it, and the code."""
    return f"{code.meaning} ({code.value}, {code.scheme})" if code else ""


def _object_text(reference: DataSet) -> str:
    uid, frames = reference.text("ReferencedSOPInstanceUID"), reference.texts("ReferencedFrameNumber")
    which = f", frame {', '.join(frames)}" if frames else ""
    return f"{name_of(reference.text('ReferencedSOPClassUID'))} {uid}{which}".strip()


def content_items(root: DataSet) -> list[ContentItem]:
    """Every item of the tree, the root first."""
    top = _item(root, None)
    items = [top]
    for item in items:
        for child_set in item.data_set.each("ContentSequence"):
            child = _item(child_set, item)
            item.children.append(child)
            items.append(child)
    return items


def _item(data_set: DataSet, parent: ContentItem | None) -> ContentItem:
    return ContentItem(
        data_set=data_set,
        parent=parent,
        value_type=data_set.text("ValueType"),
        relationship=data_set.text("RelationshipType"),
        name=data_set.code("ConceptNameCodeSequence"),
    )
