"""Opens objects that draw without pixels: bulk annotations with highdicom, structure sets and plain reports with pydicom alone.

Runs in a child process only (:mod:`overlays.dicom.sandbox`): on a foreign object it may raise anything.
"""

from pathlib import Path

import highdicom as hd
import pydicom

from overlays.dicom.child_limits import MANY_ANNOTATIONS, NO_READER, unreadable

MOST_ANNOTATIONS = 1_000_000
"""Of one object: highdicom makes an array of each, of some 200 bytes."""
MOST_COORDINATE_BYTES = 8 << 20
"""Of one object's decimal strings that are parsed: pydicom makes an object of each number, of some 200 bytes. The rules read them all."""


def open_annotations(path: Path) -> dict:
    """Bulk annotations, with the graphics and measurements of every group; ``annotations`` is their number."""
    document = hd.ann.annread(path)
    groups = document.get_annotation_groups()
    found = {"frames": 0, "segments": [], "groups": len(groups)}
    total = sum(int(group.NumberOfAnnotations) for group in groups)
    if total > MOST_ANNOTATIONS:
        return unreadable(MANY_ANNOTATIONS) | found
    read = 0
    for group in groups:
        read += len(group.get_graphic_data(coordinate_type=document.AnnotationCoordinateType))
        group.get_measurements()
    return {"readable": True, "annotations": read} | found


def open_structure_set(path: Path) -> dict:
    """A structure set, whose every value is parsed, of coordinates the first 8 MiB; ``regions`` is the number of its regions."""
    document = pydicom.dcmread(path)
    left = MOST_COORDINATE_BYTES
    for region in document.get("ROIContourSequence") or ():
        for contour in region.get("ContourSequence") or ():
            if "ContourData" not in contour:
                continue
            left -= len(contour.get_item("ContourData").value or b"")
            if left >= 0:
                _ = contour.ContourData
            del contour["ContourData"]
    return walked(document) | {"regions": len(document.get("StructureSetROISequence") or ())}


def open_text(path: Path) -> dict:
    """A report of a class that highdicom does not read, whose every value is parsed."""
    return walked(pydicom.dcmread(path))


def walked(document: pydicom.Dataset) -> dict:
    """The answer after every value of an object was parsed; ``elements`` is their number."""
    elements = sum(1 for _ in document.iterall())
    return unreadable(NO_READER) | {"frames": 0, "segments": [], "elements": elements}
