"""Breaks what the rules say of Basic Text reports."""

from pydicom.dataset import Dataset

from tests.builders.mutations.mutation import FOREIGN, Mutation, without


def _number(report: Dataset) -> None:
    """A number needs an Enhanced report at least."""
    item = report.ContentSequence[3]
    item.ValueType = "NUM"
    item.MeasuredValueSequence = []
    del item.TextValue


def _foreign_image(report: Dataset) -> None:
    report.ContentSequence[3].ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID = FOREIGN


MUTATIONS: tuple[Mutation, ...] = (
    Mutation(name="a number in a Basic Text report", rules=("SR-002",), base="basic text", change=_number),
    Mutation(
        name="a Basic Text report on a foreign image", rules=("SR-006",), base="basic text", change=_foreign_image
    ),
    Mutation(
        name="a Basic Text report that nobody finished",
        rules=("SR-007",),
        base="basic text",
        change=without("CompletionFlag"),
    ),
)
