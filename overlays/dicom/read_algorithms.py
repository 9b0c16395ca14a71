"""Collects the places of an object that name the algorithm which made it, best place first."""

from collections.abc import Iterator
from itertools import islice

from overlays.dicom.content_tree import ContentItem
from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import AlgorithmClaim

PROCESSING_EQUIPMENT = ("109102", "DCM")
ALGORITHM_NAME = ("111001", "DCM")
ALGORITHM_VERSION = ("111003", "DCM")
ALGORITHM_MANUFACTURER = ("122405", "DCM")
ENCODER_LIBRARIES = frozenset(
    (
        "highdicom",
        "pydicom",
        "pydicom-seg",
        "dcmqi",
        "dcmjs",
        "dcmtk",
        "offis dcmtk",
        "cornerstone",
        "cornerstonejs",
        "ohif",
        "itk",
        "dicom3tools",
        "overlay-registry",
    )
)
"""Software that writes objects and lists itself as equipment, lower case: it made the bytes, not the result."""


MAX_CLAIMS_OF_A_KIND = 200
IDENTIFICATIONS = {
    "SegmentSequence": "SegmentationAlgorithmIdentificationSequence",
    "StructureSetROISequence": "ROIDerivationAlgorithmIdentificationSequence",
    "AnnotationGroupSequence": "AnnotationGroupAlgorithmIdentificationSequence",
}
"""Parts of an object to the Algorithm Identification macro in them (PS3.3 10.16): segments, regions, groups of annotations."""


def is_encoder_library(model_name: str, manufacturer: str) -> bool:
    """Whether equipment names only the library that wrote the bytes."""
    return model_name.strip().lower() in ENCODER_LIBRARIES or manufacturer.strip().lower() in ENCODER_LIBRARIES


def read_algorithms(root: DataSet, items: list[ContentItem]) -> tuple[AlgorithmClaim, ...]:
    """Every claim, by rank and then in the order met, each (rank, name, version, manufacturer) once. ``items`` is the content tree of
    a report, empty for other objects.
    """
    found: dict[tuple[int, str, str, str], AlgorithmClaim] = {}
    for claims in (_of_parts(root), _of_content(items), _of_contributors(root), _of_equipment(root)):
        for claim in islice(claims, MAX_CLAIMS_OF_A_KIND):
            found.setdefault((claim.rank, claim.name, claim.version, claim.manufacturer), claim)
    return tuple(sorted(found.values(), key=lambda claim: claim.rank))


def is_background(segment: DataSet) -> bool:
    """Whether a segment is the background item of a label map (category 125040 DCM, PS3.16)."""
    code = segment.code("SegmentedPropertyCategoryCodeSequence")
    return code is not None and (code.value, code.scheme) == ("125040", "DCM")


def _of_parts(root: DataSet) -> Iterator[AlgorithmClaim]:
    for sequence, identification in IDENTIFICATIONS.items():
        for part in root.each(sequence):
            if identification not in part or is_background(part):
                continue
            for item in part.each(identification):
                if item.text("AlgorithmName"):
                    yield AlgorithmClaim(
                        rank=1,
                        place=part.path(identification),
                        name=item.text("AlgorithmName"),
                        version=item.text("AlgorithmVersion"),
                        manufacturer=item.text("AlgorithmSource"),
                    )


def _of_content(items: list[ContentItem]) -> Iterator[AlgorithmClaim]:
    """PS3.16 TID 4019: name, version and manufacturer are siblings below one parent."""
    for item in items:
        names = item.named(ALGORITHM_NAME)
        if names and names[0].value_text():
            versions, makers = item.named(ALGORITHM_VERSION), item.named(ALGORITHM_MANUFACTURER)
            yield AlgorithmClaim(
                rank=1,
                place=names[0].data_set.path(),
                name=names[0].value_text(),
                version=versions[0].value_text() if versions else "",
                manufacturer=makers[0].value_text() if makers else "",
            )


def _of_contributors(root: DataSet) -> Iterator[AlgorithmClaim]:
    for item in root.each("ContributingEquipmentSequence"):
        purpose = item.code("PurposeOfReferenceCodeSequence")
        name, manufacturer = item.text("ManufacturerModelName"), item.text("Manufacturer")
        if purpose is None or (purpose.value, purpose.scheme) != PROCESSING_EQUIPMENT:
            continue
        if name and not is_encoder_library(name, manufacturer):
            versions = item.texts("SoftwareVersions")
            yield AlgorithmClaim(
                rank=2, place=item.path(), name=name, version=versions[0] if versions else "", manufacturer=manufacturer
            )


def _of_equipment(root: DataSet) -> Iterator[AlgorithmClaim]:
    """Equipment with Segment Algorithm Name; a report has no such name, there the model name alone is given."""
    model, manufacturer = root.text("ManufacturerModelName"), root.text("Manufacturer")
    if is_encoder_library(model, manufacturer):
        return
    places: dict[str, str] = {}
    for segment in root.each("SegmentSequence"):
        name = segment.text("SegmentAlgorithmName")
        if name and name not in places and not is_background(segment):
            places[name] = segment.path("SegmentAlgorithmName")
    if model and "SegmentSequence" not in root:
        places[model] = root.path("ManufacturerModelName")
    versions = root.texts("SoftwareVersions")
    for name, place in places.items():
        yield AlgorithmClaim(
            rank=3, place=place, name=name, version=versions[0] if versions else "", manufacturer=manufacturer
        )
