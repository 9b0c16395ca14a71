"""Gives what can be searched inside an object's sequences in the DICOM JSON model (PS3.18 F.2), and nothing else of them."""

from collections.abc import Iterator
from itertools import islice

from overlays.dicom.dataset import DataSet
from overlays.dicom.tags import tag_of

MOST_ITEMS = 256
MAX_CHARACTERS = 256
Path = tuple[str, ...]

_CODE = ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
_VR = {
    "CodeValue": "SH",
    "CodingSchemeDesignator": "SH",
    "CodeMeaning": "LO",
    "MappingResource": "CS",
    "TemplateIdentifier": "CS",
    "StudyInstanceUID": "UI",
    "SeriesInstanceUID": "UI",
    "ReferencedSOPInstanceUID": "UI",
    "Manufacturer": "LO",
    "ManufacturerModelName": "LO",
    "SoftwareVersions": "LO",
}


def _codes(*sequences: str) -> tuple[Path, ...]:
    return tuple((*sequences, name) for name in _CODE)


PATHS: tuple[Path, ...] = (
    *_codes("ConceptNameCodeSequence"),
    ("ContentTemplateSequence", "MappingResource"),
    ("ContentTemplateSequence", "TemplateIdentifier"),
    *_codes("SeriesDescriptionCodeSequence"),
    *_codes("PrimaryAnatomicStructureSequence"),
    *_codes("SegmentSequence", "SegmentedPropertyCategoryCodeSequence"),
    *_codes("SegmentSequence", "SegmentedPropertyTypeCodeSequence"),
    *_codes("QuantityDefinitionSequence", "ConceptNameCodeSequence"),
    *_codes("QuantityDefinitionSequence", "ConceptCodeSequence"),
    ("PredecessorDocumentsSequence", "StudyInstanceUID"),
    ("PredecessorDocumentsSequence", "ReferencedSeriesSequence", "SeriesInstanceUID"),
    ("PredecessorDocumentsSequence", "ReferencedSeriesSequence", "ReferencedSOPSequence", "ReferencedSOPInstanceUID"),
    ("ContributingEquipmentSequence", "Manufacturer"),
    ("ContributingEquipmentSequence", "ManufacturerModelName"),
    ("ContributingEquipmentSequence", "SoftwareVersions"),
    *_codes("ContributingEquipmentSequence", "PurposeOfReferenceCodeSequence"),
)
"""What IHE AI Results lists as keys in sequences, down to the attributes that tell something: keywords from the top."""


def search_sequences(root: DataSet) -> dict[str, dict]:
    """Tag to ``{"vr": "SQ", "Value": [items]}`` for each of those sequences that the object has; at most 256 items of each."""
    return {tag: value for tag, value in _inside(root, PATHS) if value.get("Value")}


def _inside(data_set: DataSet, paths: tuple[Path, ...]) -> Iterator[tuple[str, dict]]:
    for keyword in dict.fromkeys(path[0] for path in paths):
        tag = f"{tag_of(keyword):08X}"
        if keyword in _VR:
            values = [value[:MAX_CHARACTERS] for value in data_set.texts(keyword)]
            if values:
                yield tag, {"vr": _VR[keyword], "Value": values}
            continue
        below = tuple(path[1:] for path in paths if path[0] == keyword)
        items = [dict(_inside(item, below)) for item in islice(data_set.each(keyword), MOST_ITEMS)]
        if any(items):
            yield tag, {"vr": "SQ", "Value": items}
