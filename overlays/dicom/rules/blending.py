"""Rules about the blending of images in presentation states (PS3.3 C.11.14, C.11.33, C.11.34)."""

from collections.abc import Iterator

from overlays.dicom.dataset import DataSet
from overlays.dicom.rules.rule import PRESENTATION_STATES, Breach, Rule, error, rules
from overlays.dicom.sop_classes import ADVANCED_BLENDING_PRESENTATION_STATE, BLENDING_PRESENTATION_STATE
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

POSITIONS = ["SUPERIMPOSED", "UNDERLYING"]
MODES = ("EQUAL", "FOREGROUND")


def _opacity(holder: DataSet) -> Iterator[Breach]:
    found = holder.numbers("RelativeOpacity") or ()
    if len(found) != 1 or not 0 <= found[0] <= 1:
        said = f"{found[0]:g}" if found else "none"
        yield holder.place("RelativeOpacity"), f"Relative Opacity lies from 0 to 1; found {said}."


def _two_sets(subject: Subject) -> Iterator[Breach]:
    root = subject.data_set
    if root.text("SOPClassUID") != BLENDING_PRESENTATION_STATE:
        return
    items = root.count("BlendingSequence")
    if items != 2:
        yield path("BlendingSequence"), f"Two sets of images are blended; found {items}."
    elif sorted(item.text("BlendingPosition") for item in root.each("BlendingSequence")) != POSITIONS:
        yield path("BlendingSequence"), "One set of images is UNDERLYING and the other SUPERIMPOSED."
    for item in root.each("BlendingSequence"):
        if not any(series.count("ReferencedImageSequence") for series in item.each("ReferencedSeriesSequence")):
            yield item.place("ReferencedSeriesSequence"), "A blended set has no images."
    yield from _opacity(root)


def _steps(subject: Subject) -> Iterator[Breach]:
    """Inputs are numbered once; each step takes inputs, or what other steps made; one step makes what is shown (C.11.34)."""
    root = subject.data_set
    if root.text("SOPClassUID") != ADVANCED_BLENDING_PRESENTATION_STATE:
        return
    for keyword in ("AdvancedBlendingSequence", "BlendingDisplaySequence"):
        if not root.count(keyword):
            yield path(keyword), "Blending has at least one input and one step."
    numbers: set[int] = set()
    shown = 0
    for keyword in ("AdvancedBlendingSequence", "BlendingDisplaySequence"):
        for item in root.each(keyword):
            number = item.integer("BlendingInputNumber")
            if number is None and keyword == "BlendingDisplaySequence":
                shown += 1
            elif number is None or number in numbers:
                yield item.place("BlendingInputNumber"), f"A blending input has a number of its own; found {number}."
            else:
                numbers.add(number)
    if shown != 1 and root.count("BlendingDisplaySequence"):
        yield path("BlendingDisplaySequence"), f"One step makes what is shown, without an input number; found {shown}."
    for step in root.each("BlendingDisplaySequence"):
        yield from _step(step, numbers)


def _step(step: DataSet, numbers: set[int]) -> Iterator[Breach]:
    mode, inputs = step.text("BlendingMode"), step.count("BlendingDisplayInputSequence")
    if mode not in MODES:
        yield step.place("BlendingMode"), f"Blending Mode is {' or '.join(MODES)}; found {mode[:16]!r}."
    if not inputs or (mode == "FOREGROUND" and inputs != 2):
        wanted = "two inputs" if mode == "FOREGROUND" else "at least one input"
        yield step.place("BlendingDisplayInputSequence"), f"The step takes {wanted}; found {inputs}."
    if mode == "FOREGROUND":
        yield from _opacity(step)
    own = step.integer("BlendingInputNumber")
    for item in step.each("BlendingDisplayInputSequence"):
        number = item.integer("BlendingInputNumber")
        if number not in numbers or (own is not None and number == own):
            yield item.place("BlendingInputNumber"), f"The step takes the input {number}, which nothing else makes."


RULES: tuple[Rule, ...] = rules(
    (error, "PR-017", "Two sets of images are blended, with an opacity from 0 to 1.", "PS3.3 C.11.14", _two_sets),
    (
        error,
        "PR-018",
        "Steps of advanced blending take inputs that exist, with an opacity from 0 to 1.",
        "PS3.3 C.11.33, C.11.34",
        _steps,
    ),
    applies=PRESENTATION_STATES,
)
