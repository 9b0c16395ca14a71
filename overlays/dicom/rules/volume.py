"""Rules about the volume that frames in space make together."""

from collections.abc import Iterator

from overlays.dicom.rules.rule import FRAMED, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

PER_FRAME = "PerFrameFunctionalGroupsSequence"


def _along_normal(subject: Subject) -> Iterator[Breach]:
    stack = subject.stack
    if stack is not None and stack.astray is not None:
        yield (
            path(PER_FRAME, stack.astray + 1, "PlanePositionSequence", 1, "ImagePositionPatient"),
            f"The frame lies {stack.aside:.2f} mm beside the line on which the first frame stands: the slices make no straight stack.",
        )


def _regular(subject: Subject) -> Iterator[Breach]:
    stack = subject.stack
    if stack is not None and stack.astray is None and stack.planes is None:
        yield (
            path(PER_FRAME),
            f"The {stack.distances} slices are not evenly spaced: the smallest distance of two is {stack.spacing:.3f} mm, and others are "
            "no multiple of it.",
        )


def _extent(subject: Subject) -> Iterator[Breach]:
    """As the child process that reads the object whole bounds it; for an uneven stack no viewer builds a volume."""
    stack, layout, limit = subject.stack, subject.layout, subject.bounds.max_volume_voxels
    if stack is None or stack.planes is None or layout is None:
        return
    voxels = stack.planes * layout.rows * layout.columns
    if voxels > limit:
        yield (
            path(PER_FRAME),
            f"The frames span {stack.planes} planes of {layout.rows} by {layout.columns}, {voxels} voxels; at most {limit} are taken.",
        )


RULES: tuple[Rule, ...] = rules(
    (warning, "GEO-009", "Slices stand behind each other along their normal.", "PS3.3 C.7.6.16.2.3", _along_normal),
    (warning, "GEO-010", "Slices are evenly spaced.", "PS3.3 C.7.6.16.2.3", _regular),
    (error, "LIM-010", "The volume through all frames is within the limit.", "local limit", _extent),
    applies=FRAMED,
)
