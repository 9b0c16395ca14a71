"""Reads the regions of interest of a structure set (PS3.3 C.8.8.5, C.8.8.6, C.8.8.8)."""

from collections import Counter

from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import ContourPlane, RegionOfInterest
from overlays.dicom.structure import DrawnRegion, Structure


def read_regions(root: DataSet, structure: Structure) -> tuple[RegionOfInterest, ...]:
    """The regions in the order written, each with what its contours and its observation say; one without a number is left out (a rule
    tells it). Points are those that are written, three coordinates each.
    """
    drawn: dict[int | None, list[DrawnRegion]] = {}
    for region in structure.drawn:
        drawn.setdefault(region.number, []).append(region)
    observed: dict[int | None, DataSet] = {}
    for item in root.each("RTROIObservationsSequence"):
        observed.setdefault(item.integer("ReferencedROINumber"), item)
    regions = []
    for item in root.each("StructureSetROISequence"):
        number = item.integer("ROINumber")
        if number is not None:
            regions.append(_region(number, item, drawn.get(number, []), observed.get(number)))
    return tuple(regions)


def _region(number: int, item: DataSet, drawn: list[DrawnRegion], observation: DataSet | None) -> RegionOfInterest:
    contours = [contour for region in drawn for contour in region.contours]
    types = Counter(contour.geometric_type for contour in contours if contour.geometric_type)
    return RegionOfInterest(
        number=number,
        name=item.text("ROIName"),
        description=item.text("ROIDescription"),
        frame_of_reference_uid=item.text("ReferencedFrameOfReferenceUID"),
        generation_algorithm=item.text("ROIGenerationAlgorithm"),
        interpreted_type=observation.text("RTROIInterpretedType") if observation else "",
        property_type=observation.code("RTROIIdentificationCodeSequence") if observation else None,
        rgb=next((region.rgb for region in drawn if region.rgb), None),
        contours=len(contours),
        points=sum(contour.values // 3 for contour in contours),
        geometric_types=tuple(name for name, _ in types.most_common()),
    )


def read_contour_planes(structure: Structure) -> tuple[ContourPlane, ...]:
    """One for each image on which planar contours lie: where the first of them does."""
    found: dict[str, ContourPlane] = {}
    for contour in structure.contours():
        plane = structure.planes.get(contour.row)
        if plane is not None and len(contour.images) == 1 and contour.images[0] not in found:
            uid = contour.images[0]
            found[uid] = ContourPlane(sop_instance_uid=uid, centre=plane.centre)
    return tuple(found.values())


def frame_of_reference(root: DataSet) -> str:
    """The one in which the contours lie: of the object, or the only one that it refers to; empty where there are several."""
    own = root.text("FrameOfReferenceUID")
    uids = {item.text("FrameOfReferenceUID") for item in root.each("ReferencedFrameOfReferenceSequence")} - {""}
    return own or (uids.pop() if len(uids) == 1 else "")
