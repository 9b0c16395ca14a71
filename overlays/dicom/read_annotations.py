"""Reads the groups of a bulk annotations object (PS3.3 C.37.1.2)."""

from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import AnnotationGroup


def read_annotation_groups(root: DataSet) -> tuple[AnnotationGroup, ...]:
    """The groups in the order written; one without a number is left out (a rule tells it)."""
    groups = []
    for item in root.each("AnnotationGroupSequence"):
        number = item.integer("AnnotationGroupNumber")
        if number is not None:
            groups.append(AnnotationGroup(number=number, label=item.text("AnnotationGroupLabel")))
    return tuple(groups)
