"""Opens what selects or presents other objects: key object selections with highdicom, presentation states with pydicom alone.

Runs in a child process only (:mod:`overlays.dicom.sandbox`): on a foreign object it may raise anything.
"""

from pathlib import Path

import highdicom as hd
import pydicom
from pydicom import Dataset

from overlays.dicom.child_limits import NO_READER, NO_TEMPLATE, unreadable

TEMPLATE = "2010"


def open_selection(path: Path) -> dict:
    """A key object selection with every reference resolved; ``targets`` is their number. Where the template is not stated, as DCMTK
    writes it, the rest is read as if it were.
    """
    document = pydicom.dcmread(path)
    stated = document.get("ContentTemplateSequence")
    limited = not stated or stated[0].get("TemplateIdentifier") != TEMPLATE
    if limited:
        template = Dataset()
        template.MappingResource, template.TemplateIdentifier = "DCMR", TEMPLATE
        document.ContentTemplateSequence = [template]
    selection = hd.ko.KeyObjectSelectionDocument.from_dataset(document)
    targets = [
        selection.resolve_reference(item.referenced_sop_instance_uid) for item in selection.content.get_references()
    ]
    found = {"frames": 0, "segments": [], "targets": len(targets)}
    return (unreadable(NO_TEMPLATE) if limited else {"readable": True}) | found


def open_state(path: Path) -> dict:
    """A presentation state, whose every value is parsed; ``elements`` is their number."""
    elements = sum(1 for _ in pydicom.dcmread(path).iterall())
    return unreadable(NO_READER) | {"frames": 0, "segments": [], "elements": elements}
