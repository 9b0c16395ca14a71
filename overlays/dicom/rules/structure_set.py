"""Rules about structure sets (PS3.3 C.8.8.5, C.8.8.6, C.8.8.8)."""

from collections.abc import Iterator

from overlays.dicom.contours import GEOMETRIC_TYPES, Plane
from overlays.dicom.dataset import DataSet
from overlays.dicom.rules.geometry import is_orientation
from overlays.dicom.rules.rule import STRUCTURE_SETS, Breach, Rule, Stage, error, rules, warning
from overlays.dicom.rules.sources import Comparison
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

REGIONS = "StructureSetROISequence"
ALGORITHMS = ("", "AUTOMATIC", "SEMIAUTOMATIC", "MANUAL")
APPROVALS = ("APPROVED", "UNAPPROVED", "REJECTED")
FLATNESS = 0.1
"""Millimetres that a point may lie beside the plane of its contour."""
BESIDE_IMAGE = 0.5
"""Millimetres that a contour may lie beside the plane of its image, or of other contours on it."""


def _regions(subject: Subject) -> Iterator[DataSet]:
    return subject.data_set.each(REGIONS)


def _numbers(subject: Subject) -> set[int]:
    return {number for item in _regions(subject) if (number := item.integer("ROINumber")) is not None}


def _numbered(subject: Subject) -> Iterator[Breach]:
    if not subject.data_set.count(REGIONS):
        yield path(REGIONS), "The object describes no region of interest."
    seen: set[int] = set()
    for item in _regions(subject):
        number = item.integer("ROINumber")
        if number is None:
            yield item.place("ROINumber"), "A region of interest needs a number."
        elif number in seen:
            yield item.place("ROINumber"), f"ROI Number {number} is used twice."
        else:
            seen.add(number)


def _referred(subject: Subject) -> Iterator[Breach]:
    numbers = _numbers(subject)
    for sequence in ("ROIContourSequence", "RTROIObservationsSequence"):
        for item in subject.data_set.each(sequence):
            number = item.integer("ReferencedROINumber")
            if number not in numbers:
                yield item.place("ReferencedROINumber"), f"No region of interest has the number {number}."


def _named(subject: Subject) -> Iterator[Breach]:
    for item in _regions(subject):
        if item.is_empty("ROIName"):
            yield item.place("ROIName"), "Nothing tells people what the region is."


def _drawn(subject: Subject) -> Iterator[Breach]:
    drawn = {region.number for region in subject.structure.drawn if region.contours}
    for item in _regions(subject):
        number = item.integer("ROINumber")
        if number is not None and number not in drawn:
            yield item.place("ROINumber"), f"Region {number} has no contour."


def _point_count(subject: Subject) -> Iterator[Breach]:
    for contour in subject.structure.contours():
        if contour.points is None or contour.points < 1:
            yield contour.place("NumberOfContourPoints"), f"A contour has at least one point; found {contour.points}."
        elif contour.values != 3 * contour.points:
            yield (
                contour.place("ContourData"),
                f"{contour.points} points have {3 * contour.points} coordinates; found {contour.values}.",
            )
        elif contour.geometric_type == "POINT" and contour.points != 1:
            yield contour.place("NumberOfContourPoints"), f"A contour that is a POINT has one; found {contour.points}."


def _types(subject: Subject) -> Iterator[Breach]:
    for contour in subject.structure.contours():
        if contour.geometric_type not in GEOMETRIC_TYPES:
            yield (
                contour.place("ContourGeometricType"),
                f"{contour.geometric_type[:20]!r} is no geometric type; there are {', '.join(sorted(GEOMETRIC_TYPES))}.",
            )


def _flat(subject: Subject) -> Iterator[Breach]:
    planes = subject.structure.planes
    for contour in subject.structure.contours():
        plane = planes.get(contour.row)
        if plane is not None and plane.apart > FLATNESS:
            yield contour.place("ContourData"), f"A point lies {plane.apart:.2f} mm beside the plane of its contour."


def _one_plane(subject: Subject) -> Iterator[Breach]:
    first: dict[str, Plane] = {}
    for contour in subject.structure.contours():
        plane = subject.structure.planes.get(contour.row)
        if plane is None or plane.apart > FLATNESS or len(contour.images) != 1:
            continue
        beside = first.setdefault(contour.images[0], plane).distance(plane.centre)
        if beside > BESIDE_IMAGE:
            yield (
                contour.place("ContourImageSequence"),
                f"The contour lies {beside:.2f} mm beside the plane of the first one on the same image.",
            )


def _listed(subject: Subject) -> Iterator[Breach]:
    listed = {entry.sop_instance_uid for entry in subject.listed}
    for contour in subject.structure.contours():
        for uid in contour.images:
            if uid not in listed:
                yield (
                    contour.place("ContourImageSequence"),
                    f"The image {uid[:64]!r} is none of those that the object refers to.",
                )


def _spaces(subject: Subject) -> Iterator[Breach]:
    spaces = subject.data_set.each("ReferencedFrameOfReferenceSequence")
    declared = {item.text("FrameOfReferenceUID") for item in spaces} | {subject.data_set.text("FrameOfReferenceUID")}
    declared.discard("")
    for item in _regions(subject):
        uid = item.text("ReferencedFrameOfReferenceUID")
        if not uid:
            yield item.place("ReferencedFrameOfReferenceUID"), "Nothing says in which space the region lies."
        elif declared and uid not in declared:
            yield (
                item.place("ReferencedFrameOfReferenceUID"),
                f"The frame of reference {uid[:64]!r} is none of those that the object refers to.",
            )


def _label(subject: Subject) -> Iterator[Breach]:
    if subject.data_set.is_empty("StructureSetLabel"):
        yield path("StructureSetLabel"), "A structure set has a label."


def _approval(subject: Subject) -> Iterator[Breach]:
    found = subject.data_set.text("ApprovalStatus")
    if "ApprovalStatus" in subject.data_set and found not in APPROVALS:
        yield path("ApprovalStatus"), f"The value must be {', '.join(APPROVALS)}; found {found[:16]!r}."
    elif found in ("APPROVED", "REJECTED") and subject.data_set.is_empty("ReviewDate"):
        yield path("ReviewDate"), f"A structure set that is {found} says when it was reviewed."


def _algorithm(subject: Subject) -> Iterator[Breach]:
    for item in _regions(subject):
        found = item.text("ROIGenerationAlgorithm")
        if found not in ALGORITHMS:
            yield (
                item.place("ROIGenerationAlgorithm"),
                f"{found[:16]!r} is none of AUTOMATIC, SEMIAUTOMATIC and MANUAL.",
            )


def _on_image(comparison: Comparison) -> Iterator[Breach]:
    grids = {source.sop_instance_uid: source.grid for _, source in comparison.pairs}
    for placed in comparison.instance.contour_planes:
        grid = grids.get(placed.sop_instance_uid)
        if grid is None or grid.position is None or not is_orientation(grid.orientation):
            continue
        (a, b, c), (d, e, f) = grid.orientation[:3], grid.orientation[3:]
        image = Plane(grid.position, (b * f - c * e, c * d - a * f, a * e - b * d), 0.0)
        beside = image.distance(placed.centre)
        if beside > BESIDE_IMAGE:
            yield (
                path("ROIContourSequence"),
                f"A contour lies {beside:.2f} mm beside the plane of its image {placed.sop_instance_uid}.",
            )


RULES: tuple[Rule, ...] = (
    *rules(
        (error, "RTS-001", "There is a region, and regions have numbers of their own.", "PS3.3 C.8.8.5", _numbered),
        (error, "RTS-002", "Contours and observations refer to a region.", "PS3.3 C.8.8.6, C.8.8.8", _referred),
        (warning, "RTS-003", "Regions have a name.", "PS3.3 C.8.8.5", _named),
        (warning, "RTS-004", "Regions have contours.", "PS3.3 C.8.8.6", _drawn),
        (error, "RTS-005", "Contours have three coordinates for each point.", "PS3.3 C.8.8.6", _point_count),
        (error, "RTS-006", "Geometric types are defined ones.", "PS3.3 C.8.8.6.1", _types),
        (
            warning,
            "RTS-007",
            "The points of a planar contour lie in one plane, within 0.1 mm. Asked of the first 5,000,000 coordinates.",
            "PS3.3 C.8.8.6.1",
            _flat,
        ),
        (
            warning,
            "RTS-008",
            "Planar contours on one image lie in one plane, within 0.5 mm. Asked of the first 5,000,000 coordinates.",
            "PS3.3 C.8.8.6",
            _one_plane,
        ),
        (warning, "RTS-009", "Images of contours are among those referred to.", "PS3.3 C.8.8.5, C.8.8.6", _listed),
        (error, "RTS-010", "Regions lie in a frame of reference that is referred to.", "PS3.3 C.8.8.5", _spaces),
        (error, "RTS-011", "The structure set has a label.", "PS3.3 C.8.8.5", _label),
        (
            error,
            "RTS-012",
            "Approval Status is a defined one, and a review has its date.",
            "PS3.3 C.8.8.16",
            _approval,
        ),
        (warning, "RTS-013", "ROI Generation Algorithm is a defined one.", "PS3.3 C.8.8.5", _algorithm),
        applies=STRUCTURE_SETS,
    ),
    warning(
        "SRC-009",
        "Planar contours lie in the plane of the known image that they name, within 0.5 mm.",
        "PS3.3 C.8.8.6",
        _on_image,
        applies=STRUCTURE_SETS,
        stage=Stage.SOURCES,
    ),
)
