"""Mutations of secondary captures: what the rules SC must tell."""

from collections.abc import Callable

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from tests.builders.mutations.mutation import Mutation, set_to, without


def _all_of(**values: object) -> Callable[[Dataset], None]:
    def change(data_set: Dataset) -> None:
        for keyword, value in values.items():
            setattr(data_set, keyword, value)

    return change


def _three_pictures(data_set: Dataset) -> None:
    data_set.NumberOfFrames = 3
    data_set.PixelData = data_set.PixelData * 3


def _of_a_palette(data_set: Dataset) -> None:
    data_set.PhotometricInterpretation, data_set.SamplesPerPixel = "PALETTE COLOR", 1
    data_set.PixelData = data_set.PixelData[: len(data_set.PixelData) // 3]
    del data_set.PlanarConfiguration


def _overlay_plane(data_set: Dataset) -> None:
    data_set.add_new(0x60003000, "OW", bytes(2))


def _own_series(data_set: Dataset) -> None:
    data_set.SeriesInstanceUID = data_set.ReferencedSeriesSequence[0].SeriesInstanceUID


ANGLES = tag_for_keyword("FramePrimaryAngleVector")

MUTATIONS: tuple[Mutation, ...] = tuple(
    Mutation(name=name, rules=rules, base=base, change=change)
    for name, rules, base, change in (
        ("no conversion type", ("SC-001",), "capture", set_to("ConversionType", "")),
        ("an original capture", ("SC-002",), "capture", set_to("ImageType", ["ORIGINAL", "PRIMARY"])),
        ("a capture of no type", ("SC-002",), "capture", without("ImageType")),
        ("a derivation of no kind", ("SC-003",), "capture", without("DerivationDescription", "DerivationCodeSequence")),
        ("series without a source image", ("SC-004",), "capture", without("SourceImageSequence")),
        (
            "a capture of nothing",
            ("REF-001",),
            "capture",
            without("SourceImageSequence", "ReferencedSeriesSequence"),
        ),
        ("a capture in the series of its source", ("IDN-005",), "capture", _own_series),
        ("burned-in annotation unknown", ("SC-005",), "capture", without("BurnedInAnnotation")),
        ("burned-in annotation PERHAPS", ("SC-005",), "capture of frames", set_to("BurnedInAnnotation", "PERHAPS")),
        ("text burned into a capture", ("PRI-002",), "capture", set_to("BurnedInAnnotation", "YES")),
        ("a capture in CMYK", ("SC-006",), "capture", set_to("PhotometricInterpretation", "CMYK")),
        ("more bits stored than allocated", ("SC-006",), "capture", _all_of(BitsStored=12, HighBit=11)),
        ("frames of bytes that are signed", ("SC-006",), "capture of frames", set_to("PixelRepresentation", 1)),
        (
            "frames of white on black",
            ("SC-006",),
            "capture of frames",
            set_to("PhotometricInterpretation", "MONOCHROME1"),
        ),
        ("three pictures in one", ("SC-007",), "capture", _three_pictures),
        ("a palette of no colours", ("SC-008",), "capture", _of_a_palette),
        ("samples that stand anyhow", ("SC-009",), "capture", without("PlanarConfiguration")),
        ("samples that stand in 7 ways", ("SC-009",), "capture", set_to("PlanarConfiguration", 7)),
        ("a capture by magic", ("SC-010",), "capture", set_to("ConversionType", "MAGIC")),
        ("pixels of no shape in a capture", ("SC-011",), "capture", set_to("PixelAspectRatio", [0, 0])),
        ("a capture askew", ("SC-011",), "capture", set_to("ImageOrientationPatient", [1, 0, 0, 1, 0, 0])),
        ("colours below black", ("SC-012",), "capture", set_to("PixelRepresentation", 1)),
        ("a capture's window of no width", ("SC-013",), "capture", _all_of(WindowCenter=0, WindowWidth=0)),
        ("a capture of one value", ("SC-014",), "capture of frames", set_to("RescaleSlope", 0)),
        ("an overlay plane in a capture", ("PRI-003",), "capture", _overlay_plane),
        ("nothing that tells frames apart", ("SC-007",), "capture of frames", without("FrameIncrementPointer")),
        ("frames told apart by nothing", ("SC-007",), "capture of frames", set_to("FrameIncrementPointer", ANGLES)),
    )
)
