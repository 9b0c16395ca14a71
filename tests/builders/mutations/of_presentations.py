"""Mutations of presentation states: what the rules PR must tell."""

from collections.abc import Callable
from copy import deepcopy

from pydicom.dataset import Dataset

from tests.builders.mutations.mutation import FOREIGN, Mutation, set_to, without

Change = Callable[[Dataset], None]


def _item(*steps: str | int, **values: object) -> Change:
    """Set attributes of the item at ``steps`` (keywords and indices from 0); None takes them away."""

    def change(data_set: Dataset) -> None:
        item = data_set
        for step in steps:
            item = item[step] if isinstance(step, int) else getattr(item, step)
        for keyword, value in values.items():
            if value is None:
                del item[keyword]
            else:
                setattr(item, keyword, value)

    return change


def _graphic(index: int = 0, **values: object) -> Change:
    return _item("GraphicAnnotationSequence", 0, "GraphicObjectSequence", index, **values)


def _text(index: int = 0, **values: object) -> Change:
    return _item("GraphicAnnotationSequence", 0, "TextObjectSequence", index, **values)


def _window(**values: object) -> Change:
    return _item("SoftcopyVOILUTSequence", 0, **values)


def _area(**values: object) -> Change:
    return _item("DisplayedAreaSelectionSequence", 0, **values)


def _voi_table(length: int, bits: int = 16) -> Change:
    """A VOI lookup table of 256 entries with data of another length, or entries of other bits."""

    def change(data_set: Dataset) -> None:
        table = Dataset()
        table.add_new("LUTDescriptor", "US", [256, 0, bits])
        table.add_new("LUTData", "OW", bytes(length))
        data_set.SoftcopyVOILUTSequence[0].VOILUTSequence = [table]

    return change


def _stranger(*steps: str | int) -> Change:
    return _item(*steps, ReferencedSOPInstanceUID=FOREIGN)


def _foreign_study(data_set: Dataset) -> None:
    data_set.ReferencedSeriesSequence[0].StudyInstanceUID = FOREIGN


def _nothing_at_all(data_set: Dataset) -> None:
    del data_set.ReferencedSeriesSequence
    for keyword in ("GraphicAnnotationSequence", "SoftcopyVOILUTSequence"):
        for item in data_set[keyword].value:
            del item.ReferencedImageSequence


def _fewer_areas(data_set: Dataset) -> None:
    images = data_set.ReferencedSeriesSequence[0].ReferencedImageSequence
    data_set.DisplayedAreaSelectionSequence[0].ReferencedImageSequence = images[:1]


def _twice(keyword: str) -> Change:
    return lambda data_set: data_set[keyword].value.append(deepcopy(data_set[keyword].value[0]))


def _all(**values: object) -> Change:
    return _item(**values)


def _own_series(data_set: Dataset) -> None:
    data_set.SeriesInstanceUID = data_set.ReferencedSeriesSequence[0].SeriesInstanceUID


def _mutations(base: str, *rows: tuple[str, str | tuple[str, ...], Change]) -> tuple[Mutation, ...]:
    return tuple(
        Mutation(name=name, rules=(rules,) if isinstance(rules, str) else rules, base=base, change=change)
        for name, rules, change in rows
    )


SECOND_STEP = ("BlendingDisplaySequence", 0, "BlendingDisplayInputSequence", 1)

MUTATIONS: tuple[Mutation, ...] = (
    *_mutations(
        "grayscale state",
        ("a state made at no time", "PR-001", without("PresentationCreationTime")),
        ("a state with a label in small letters", "PR-002", set_to("ContentLabel", "label")),
        ("a state without its series", ("PR-003", "PR-004"), without("ReferencedSeriesSequence")),
        ("a state that names no image", ("PR-003", "REF-001"), _nothing_at_all),
        ("a series of a state in another study", "PR-003", _foreign_study),
        ("a state in the series of its images", "IDN-005", _own_series),
        (
            "graphics on an image that is not referred to",
            "PR-004",
            _stranger("GraphicAnnotationSequence", 0, "ReferencedImageSequence", 0),
        ),
        (
            "a window for an image that is not referred to",
            "PR-004",
            _stranger("SoftcopyVOILUTSequence", 0, "ReferencedImageSequence", 0),
        ),
        ("no displayed area", "PR-005", without("DisplayedAreaSelectionSequence")),
        ("a displayed area of three corners", "PR-005", _area(DisplayedAreaTopLeftHandCorner=[1, 1, 1])),
        ("a displayed area of size HUGE", "PR-005", _area(PresentationSizeMode="HUGE")),
        ("a true size without spacing", "PR-005", _area(PresentationSizeMode="TRUE SIZE")),
        ("pixels of no shape", "PR-019", _area(PresentationPixelAspectRatio=None)),
        ("no presentation lookup table", "PR-007", without("PresentationLUTShape")),
        ("an undeclared layer", "PR-008", _item("GraphicAnnotationSequence", 0, GraphicLayer="OTHER")),
        (
            "an annotation of nothing",
            "PR-009",
            _item("GraphicAnnotationSequence", 0, GraphicObjectSequence=None, TextObjectSequence=None),
        ),
        ("a graphic of type BLOB", "PR-010", _graphic(GraphicType="BLOB")),
        ("an ellipse of two points", "PR-010", _graphic(1, GraphicType="ELLIPSE")),
        ("a polyline of one point", "PR-010", _graphic(NumberOfGraphicPoints=1, GraphicData=[1.0, 1.0])),
        ("a graphic with too few coordinates", "PR-010", _graphic(GraphicData=[1.0, 1.0, 2.0])),
        ("a graphic in units of FEET", "PR-011", _graphic(GraphicAnnotationUnits="FEET")),
        ("a graphic beyond the display", "PR-011", _graphic(GraphicAnnotationUnits="DISPLAY")),
        ("a graphic at infinity", "PR-011", _graphic(1, GraphicData=[0.5, 0.5, float("inf"), 0.5])),
        ("a text left of the display", "PR-011", _text(1, AnchorPoint=[-0.5, 0.5])),
        ("a box without units", "PR-011", _text(BoundingBoxAnnotationUnits=None)),
        ("a text object without text", "PR-012", _text(UnformattedTextValue="")),
        ("a text without a place", "PR-012", _text(1, AnchorPoint=None)),
        ("a box of one corner", "PR-012", _text(BoundingBoxTopLeftHandCorner=None)),
        ("a window of no width", "PR-013", _window(WindowWidth=0)),
        ("an exact window of negative width", "PR-013", _window(WindowWidth=-1, VOILUTFunction="LINEAR_EXACT")),
        ("two centers for one width", "PR-013", _window(WindowCenter=[40, 50])),
        ("neither window nor table", "PR-014", _window(WindowCenter=None, WindowWidth=None)),
        ("a lookup table that is too short", "PR-015", _voi_table(500)),
        ("a lookup table of 8 bits packed once too often", "PR-015", _voi_table(128, bits=8)),
        ("a lookup table of 24 bits", "PR-015", _voi_table(512, bits=24)),
        ("images turned by half a right angle", "PR-020", _all(ImageRotation=45, ImageHorizontalFlip="N")),
        ("images flipped perhaps", "PR-020", _all(ImageRotation=0, ImageHorizontalFlip="X")),
        ("images turned and nobody knows if flipped", "PR-020", set_to("ImageRotation", 90)),
        ("a displayed area of nothing", "PR-021", _area(DisplayedAreaBottomRightHandCorner=[1, 1])),
        ("a displayed area for one image", "PR-022", _fewer_areas),
        ("two windows for one image", "PR-023", _twice("SoftcopyVOILUTSequence")),
        ("two displayed areas for all images", "PR-023", _twice("DisplayedAreaSelectionSequence")),
        ("a slope without intercept", "PR-024", _all(RescaleIntercept=None)),
        ("a slope of 0", "PR-025", set_to("RescaleSlope", 0)),
        ("a cubic window", "PR-025", _window(VOILUTFunction="CUBIC")),
        ("a round shutter of no size", "PR-026", set_to("ShutterShape", "CIRCULAR")),
        ("a shutter like a star", "PR-026", set_to("ShutterShape", "STAR")),
        (
            "a shutter that is shut",
            "PR-027",
            _all(
                ShutterShape="RECTANGULAR",
                ShutterLeftVerticalEdge=1,
                ShutterRightVerticalEdge=1,
                ShutterUpperHorizontalEdge=1,
                ShutterLowerHorizontalEdge=1,
                ShutterPresentationValue=0,
            ),
        ),
        ("a graphic of three dimensions", "PR-028", _graphic(GraphicDimensions=3)),
        ("a graphic that is filled perhaps", "PR-028", _graphic(1, GraphicFilled="P")),
        ("a graphic left of its image", "PR-029", _graphic(GraphicData=[-90.0, 1.0, 2.0, 2.0, 3.0, 1.0, -90.0, 1.0])),
        ("a layer declared twice", "PR-030", _twice("GraphicLayerSequence")),
        ("a text that names the patient", "PRI-004", _text(UnformattedTextValue="Liver of PAT-1")),
    ),
    *_mutations("color state", ("a state in colour without profile", "PR-006", without("ICCProfile"))),
    *_mutations(
        "pseudo-color state",
        ("a palette that is too short", "PR-015", set_to("GreenPaletteColorLookupTableData", bytes(100))),
        ("a palette without its blue", "PR-015", without("BluePaletteColorLookupTableDescriptor")),
        (
            "no palette",
            "PR-016",
            without(*(f"{color}PaletteColorLookupTableDescriptor" for color in ("Red", "Green", "Blue"))),
        ),
    ),
    *_mutations(
        "blending state",
        ("two underlying sets", "PR-017", _item("BlendingSequence", 1, BlendingPosition="UNDERLYING")),
        ("one set of images to blend", "PR-017", lambda state: state.BlendingSequence.pop()),
        ("an opacity of 2", "PR-017", set_to("RelativeOpacity", 2.0)),
        ("a blended set without its study", "REF-008", _item("BlendingSequence", 0, StudyInstanceUID=None)),
    ),
    *_mutations(
        "advanced blending state",
        (
            "a blended image that is not referred to",
            "PR-004",
            _stranger("AdvancedBlendingSequence", 0, "ReferencedImageSequence", 0),
        ),
        ("advanced blending without serial number", "PRV-001", without("DeviceSerialNumber")),
        ("blending of nothing", "PR-018", without("AdvancedBlendingSequence")),
        ("blending without steps", "PR-018", without("BlendingDisplaySequence")),
        ("two inputs with one number", "PR-018", _item("AdvancedBlendingSequence", 1, BlendingInputNumber=1)),
        ("a step that takes an input of nobody", "PR-018", _item(*SECOND_STEP, BlendingInputNumber=9)),
        ("a step that nothing shows", "PR-018", _item("BlendingDisplaySequence", 0, BlendingInputNumber=3)),
        ("a blending mode of PSYCHEDELIC", "PR-018", _item("BlendingDisplaySequence", 0, BlendingMode="PSYCHEDELIC")),
        ("a foreground of no opacity", "PR-018", _item("BlendingDisplaySequence", 0, RelativeOpacity=None)),
        (
            "a foreground over nothing",
            "PR-018",
            lambda state: state.BlendingDisplaySequence[0].BlendingDisplayInputSequence.pop(),
        ),
    ),
)
