"""Reads the regions of interest of a structure set (PS3.3 C.8.8.5, C.8.8.6, C.8.8.8)."""

from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import RegionOfInterest


def read_regions(root: DataSet) -> tuple[RegionOfInterest, ...]:
    """The regions in the order written; one without a number is left out (a rule tells it)."""
    regions = []
    for item in root.each("StructureSetROISequence"):
        number = item.integer("ROINumber")
        if number is not None:
            regions.append(RegionOfInterest(number=number, name=item.text("ROIName")))
    return tuple(regions)
