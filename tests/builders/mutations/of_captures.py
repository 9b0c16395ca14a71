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
        ("nothing that tells frames apart", ("SC-007",), "capture of frames", without("FrameIncrementPointer")),
        ("frames told apart by nothing", ("SC-007",), "capture of frames", set_to("FrameIncrementPointer", ANGLES)),
    )
)
