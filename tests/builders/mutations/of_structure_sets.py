"""Breaks what the rules say of structure sets."""

from collections.abc import Callable
from copy import deepcopy

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
    set_.ReviewerName = "Lee^R"


def _approved_by_nobody(set_: Dataset) -> None:
    set_.ApprovalStatus, set_.ReviewDate = "APPROVED", "20260104"


def _space_of_its_own(set_: Dataset) -> None:
    """The list and the regions agree with each other, but not with the object."""
    set_.ReferencedFrameOfReferenceSequence[0].FrameOfReferenceUID = FOREIGN
    for region in set_.StructureSetROISequence:
        region.ReferencedFrameOfReferenceUID = FOREIGN


def _images_of_other_space(set_: Dataset) -> None:
    """The last image is listed in another frame of reference than the regions lie in."""
    (first,) = set_.ReferencedFrameOfReferenceSequence
    second = deepcopy(first)
    second.FrameOfReferenceUID = FOREIGN
    set_.ReferencedFrameOfReferenceSequence.append(second)
    for space, part in ((first, slice(-1)), (second, slice(-1, None))):
        series = space.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
        series.ContourImageSequence = series.ContourImageSequence[part]


def _observation(index: int, keyword: str, value: object) -> Callable[[Dataset], None]:
    return lambda set_: setattr(set_.RTROIObservationsSequence[index], keyword, value)


def _code_without_meaning(set_: Dataset) -> None:
    del set_.RTROIObservationsSequence[0].RTROIIdentificationCodeSequence[0].CodeMeaning


def _contours_in_two_items(set_: Dataset) -> None:
    first = set_.ROIContourSequence[0]
    second = deepcopy(first)
    half = len(first.ContourSequence) // 2
    second.ContourSequence = second.ContourSequence[half:]
    first.ContourSequence = first.ContourSequence[:half]
    set_.ROIContourSequence.append(second)


def _contour_of(*points: float) -> Callable[[Dataset], None]:
    def change(set_: Dataset) -> None:
        contour = set_.ROIContourSequence[0].ContourSequence[0]
        contour.ContourData, contour.NumberOfContourPoints = list(points), len(points) // 3

    return change


def _on_two_images(set_: Dataset) -> None:
    first, second, *_ = set_.ROIContourSequence[0].ContourSequence
    first.ContourImageSequence = [*first.ContourImageSequence, *second.ContourImageSequence]


def _contour_twice(set_: Dataset) -> None:
    contours = set_.ROIContourSequence[0].ContourSequence
    contours.append(deepcopy(contours[0]))


def _colour(*parts: int) -> Callable[[Dataset], None]:
    return lambda set_: setattr(set_.ROIContourSequence[0], "ROIDisplayColor", list(parts))


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
    Mutation(name="a structure set of a space of its own", rules=("RTS-014",), base=_SET, change=_space_of_its_own),
    Mutation(name="contours on images of another space", rules=("RTS-014",), base=_SET, change=_images_of_other_space),
    Mutation(
        name="regions without observations",
        rules=("RTS-015",),
        base=_SET,
        change=without("RTROIObservationsSequence"),
    ),
    Mutation(
        name="two observations of one number",
        rules=("RTS-015",),
        base=_SET,
        change=_observation(1, "ObservationNumber", 1),
    ),
    Mutation(name="contours of a region in two items", rules=("RTS-016",), base=_SET, change=_contours_in_two_items),
    Mutation(
        name="a closed contour of two points", rules=("RTS-017",), base=_SET, change=_contour_of(0, 0, 0, 1, 1, 0)
    ),
    Mutation(name="a contour around nothing", rules=("RTS-017",), base=_SET, change=_contour_of(*(8, 8, 0) * 4)),
    Mutation(name="a contour on two images", rules=("RTS-018",), base=_SET, change=_on_two_images),
    Mutation(name="a contour twice", rules=("RTS-019",), base=_SET, change=_contour_twice),
    Mutation(name="a colour brighter than bright", rules=("RTS-020",), base=_SET, change=_colour(300, 0, 0)),
    Mutation(name="a colour of two parts", rules=("RTS-020",), base=_SET, change=_colour(30, 0)),
    Mutation(
        name="a region that is a cloud",
        rules=("RTS-021",),
        base=_SET,
        change=_observation(0, "RTROIInterpretedType", "CLOUD"),
    ),
    Mutation(name="a region's code without meaning", rules=("RTS-022",), base=_SET, change=_code_without_meaning),
    Mutation(name="two regions of one name", rules=("RTS-023",), base=_SET, change=_region(1, "ROIName", "Liver")),
    Mutation(
        name="contours that are filled in two ways",
        rules=("RTS-024",),
        base=_SET,
        change=_contour("ContourGeometricType", "CLOSEDPLANAR_XOR"),
    ),
    Mutation(name="approved by nobody", rules=("RTS-025",), base=_SET, change=_approved_by_nobody),
    Mutation(name="a structure set of no day", rules=("RTS-026",), base=_SET, change=without("StructureSetDate")),
    Mutation(
        name="a structure set of the 99th", rules=("RTS-026",), base=_SET, change=set_to("StructureSetDate", "20261399")
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
