"""Breaks what the rules say of structure sets."""

from collections.abc import Callable

from pydicom.dataset import Dataset

from tests.builders.mutations.mutation import FOREIGN, Mutation, set_to, without


def _region(index: int, keyword: str, value: object) -> Callable[[Dataset], None]:
    return lambda set_: setattr(set_.StructureSetROISequence[index], keyword, value)


def _region_without(keyword: str) -> Callable[[Dataset], None]:
    def change(set_: Dataset) -> None:
        del set_.StructureSetROISequence[0][keyword]

    return change


def _contour(keyword: str, value: object) -> Callable[[Dataset], None]:
    return lambda set_: setattr(set_.ROIContourSequence[0].ContourSequence[0], keyword, value)


def _coordinate(at: int, value: float) -> Callable[[Dataset], None]:
    def change(set_: Dataset) -> None:
        contour = set_.ROIContourSequence[0].ContourSequence[0]
        values = list(contour.ContourData)
        values[at] = value
        contour.ContourData = values

    return change


def _contour_without(keyword: str) -> Callable[[Dataset], None]:
    def change(set_: Dataset) -> None:
        del set_.ROIContourSequence[0].ContourSequence[0][keyword]

    return change


def _contour_of_99(set_: Dataset) -> None:
    set_.ROIContourSequence[1].ReferencedROINumber = 99


def _observation_of_99(set_: Dataset) -> None:
    set_.RTROIObservationsSequence[1].ReferencedROINumber = 99


def _no_contours(set_: Dataset) -> None:
    del set_.ROIContourSequence[0].ContourSequence


def _no_data(set_: Dataset) -> None:
    contour = set_.ROIContourSequence[0].ContourSequence[0]
    contour.ContourData = None


def _lifted(set_: Dataset) -> None:
    """A contour three millimetres above the image that it names."""
    contour = set_.ROIContourSequence[1].ContourSequence[0]
    contour.ContourData = [value + 3 * (at % 3 == 2) for at, value in enumerate(contour.ContourData)]


def _foreign_image(set_: Dataset) -> None:
    set_.ROIContourSequence[0].ContourSequence[0].ContourImageSequence[0].ReferencedSOPInstanceUID = FOREIGN


def _no_images(set_: Dataset) -> None:
    del set_.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence
    for region in set_.ROIContourSequence:
        for contour in region.ContourSequence:
            del contour.ContourImageSequence


def _no_list(set_: Dataset) -> None:
    del set_.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence


def _two_points_of_one(set_: Dataset) -> None:
    contour = set_.ROIContourSequence[0].ContourSequence[0]
    contour.ContourGeometricType = "POINT"


def _word(set_: Dataset) -> None:
    element = set_.ROIContourSequence[0].ContourSequence[0]["ContourData"]
    element.VR = "LO"
    element.value = ["1", "2", "here", *["1"] * 9]
    element.VR = "DS"


def _approved(set_: Dataset) -> None:
    set_.ApprovalStatus = "APPROVED"


_SET = "structure set"
MUTATIONS: tuple[Mutation, ...] = (
    Mutation(
        name="no region",
        rules=("RTS-001", "RTS-002"),
        base=_SET,
        change=without("StructureSetROISequence"),
    ),
    Mutation(
        name="a region without number",
        rules=("RTS-001", "RTS-002"),
        base=_SET,
        change=_region_without("ROINumber"),
    ),
    Mutation(
        name="a region's number twice",
        rules=("RTS-001", "RTS-002"),
        base=_SET,
        change=_region(1, "ROINumber", 1),
    ),
    Mutation(name="a contour of region 99", rules=("RTS-002", "RTS-004"), base=_SET, change=_contour_of_99),
    Mutation(name="an observation of region 99", rules=("RTS-002",), base=_SET, change=_observation_of_99),
    Mutation(name="a region without name", rules=("RTS-003",), base=_SET, change=_region(0, "ROIName", "")),
    Mutation(name="a region without contours", rules=("RTS-004",), base=_SET, change=_no_contours),
    Mutation(name="a point too many", rules=("RTS-005",), base=_SET, change=_contour("NumberOfContourPoints", 5)),
    Mutation(
        name="a contour of unknown points",
        rules=("RTS-005",),
        base=_SET,
        change=_contour_without("NumberOfContourPoints"),
    ),
    Mutation(
        name="coordinates in pairs", rules=("RTS-005",), base=_SET, change=_contour("ContourData", [1.0, 2.0] * 4)
    ),
    Mutation(name="a contour without coordinates", rules=("RTS-005",), base=_SET, change=_no_data),
    Mutation(name="a point of four", rules=("RTS-005",), base=_SET, change=_two_points_of_one),
    Mutation(
        name="a contour like a cloud", rules=("RTS-006",), base=_SET, change=_contour("ContourGeometricType", "CLOUD")
    ),
    Mutation(name="a contour that is bent", rules=("RTS-007",), base=_SET, change=_coordinate(2, 1.5)),
    Mutation(name="a contour above its image", rules=("RTS-008",), base=_SET, change=_lifted),
    Mutation(name="a contour on a foreign image", rules=("RTS-009",), base=_SET, change=_foreign_image),
    Mutation(name="contours on images of no series", rules=("RTS-009",), base=_SET, change=_no_list),
    Mutation(name="a structure set of no image", rules=("REF-001",), base=_SET, change=_no_images),
    Mutation(
        name="a region in another space",
        rules=("RTS-010",),
        base=_SET,
        change=_region(0, "ReferencedFrameOfReferenceUID", FOREIGN),
    ),
    Mutation(
        name="a region in no space",
        rules=("RTS-010",),
        base=_SET,
        change=_region_without("ReferencedFrameOfReferenceUID"),
    ),
    Mutation(
        name="a structure set without label", rules=("RTS-011",), base=_SET, change=set_to("StructureSetLabel", "")
    ),
    Mutation(
        name="a structure set half approved", rules=("RTS-012",), base=_SET, change=set_to("ApprovalStatus", "PARTLY")
    ),
    Mutation(name="approved nobody knows when", rules=("RTS-012",), base=_SET, change=_approved),
    Mutation(
        name="a region made by a robot",
        rules=("RTS-013",),
        base=_SET,
        change=_region(0, "ROIGenerationAlgorithm", "ROBOT"),
    ),
    Mutation(name="a coordinate that is a word", rules=("NUM-002",), base=_SET, change=_word),
    Mutation(
        name="a structure set in its sources' series",
        rules=("IDN-005",),
        base=_SET,
        change=lambda set_: setattr(
            set_,
            "SeriesInstanceUID",
            set_.ReferencedFrameOfReferenceSequence[0]
            .RTReferencedStudySequence[0]
            .RTReferencedSeriesSequence[0]
            .SeriesInstanceUID,
        ),
    ),
)
