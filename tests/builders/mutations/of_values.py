"""Mutations of single values: what the rules TXT-006 and NUM must tell."""

from collections.abc import Callable

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from tests.builders.mutations.mutation import Mutation, segment, set_to


def _algorithm_name(data_set: Dataset) -> None:
    data_set.SegmentSequence[0].SegmentationAlgorithmIdentificationSequence[0].AlgorithmName = "Liver\0Seg"


def _as(keyword: str, representation: str, value: bytes) -> Callable[[Dataset], None]:
    """A change that writes an attribute under another value representation than its own."""

    def change(data_set: Dataset) -> None:
        data_set[keyword] = DataElement(Tag(keyword), representation, value)

    return change


def _instead(before: bytes, after: bytes) -> Callable[[bytes], bytes]:
    """A change of bytes that keeps their number."""
    if len(before) != len(after):
        raise ValueError("the lengths differ")

    def change(content: bytes) -> bytes:
        if before not in content:
            raise ValueError(f"the object does not hold {before!r}")
        return content.replace(before, after, 1)

    return change


def _number(keyword: str) -> Callable[[Dataset], None]:
    """A change of a number to a value that ``_instead`` finds again; pydicom writes none that is out of range."""
    return set_to(keyword, 123456789)


def _measurement(data_set: Dataset) -> None:
    _measured(data_set).NumericValue = "12345"


def _measured(item: Dataset) -> Dataset:
    """The first measured value at any depth."""
    found = next((each for each in item.iterall() if each.keyword == "MeasuredValueSequence"), None)
    if found is None:
        raise ValueError("the report has no measurement")
    return found.value[0]


def _text_as_long_text(data_set: Dataset) -> None:
    data_set["ContentDescription"].VR = "LT"


MUTATIONS: tuple[Mutation, ...] = (
    Mutation(name="a description of another representation", rules=("FIL-018",), change=_text_as_long_text),
    Mutation(name="NUL in a segment label", rules=("TXT-006",), change=segment(0, "SegmentLabel", "Li\0ver")),
    Mutation(name="NUL in a series description", rules=("TXT-006",), change=set_to("SeriesDescription", "Li\0ver")),
    Mutation(
        name="a line's end in a series description", rules=("TXT-006",), change=set_to("SeriesDescription", "a\nb")
    ),
    Mutation(name="a bell in the study ID", rules=("TXT-006",), change=set_to("StudyID", "S\x071")),
    Mutation(name="NUL in an algorithm name", rules=("TXT-006",), change=_algorithm_name),
    Mutation(name="NUL in a long text", rules=("TXT-006",), change=segment(0, "SegmentDescription", "a\0b")),
    Mutation(name="NUL in text of unknown form", rules=("TXT-006",), change=_as("SeriesDescription", "UN", b"a\0bc")),
    Mutation(name="NUL in an image's study ID", rules=("TXT-006",), base="ct", change=set_to("StudyID", "S\0001")),
    Mutation(
        name="an instance number of ten nines",
        rules=("NUM-001",),
        change=_number("InstanceNumber"),
        raw=_instead(b"123456789 ", b"9999999999"),
    ),
    Mutation(
        name="a series number beyond 31 bits",
        rules=("NUM-001",),
        change=_number("SeriesNumber"),
        raw=_instead(b"123456789 ", b"2147483648"),
    ),
    Mutation(
        name="an image's series number beyond 31 bits",
        rules=("NUM-001",),
        base="ct",
        change=_number("SeriesNumber"),
        raw=_instead(b"123456789 ", b"2147483648"),
    ),
    Mutation(
        name="an instance number that is a word",
        rules=("NUM-001",),
        change=_number("InstanceNumber"),
        raw=_instead(b"123456789 ", b"the first "),
    ),
    Mutation(
        name="an instance number with decimals",
        rules=("NUM-001",),
        change=_number("InstanceNumber"),
        raw=_instead(b"123456789 ", b"1234567.5 "),
    ),
    Mutation(
        name="a measurement without end",
        rules=("NUM-002",),
        base="report",
        change=_measurement,
        raw=_instead(b"12345 ", b"1e400 "),
    ),
    Mutation(
        name="a place of an image that is not a number",
        rules=("NUM-002",),
        base="ct",
        change=set_to("ImagePositionPatient", ["0", "0", "nan"]),
    ),
    Mutation(
        name="a place of an image without end",
        rules=("NUM-002",),
        base="ct",
        change=set_to("ImagePositionPatient", ["0", "0", "-inf"]),
    ),
)
