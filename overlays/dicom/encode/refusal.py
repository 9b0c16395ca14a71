"""Names the reasons why nothing is encoded."""

from dataclasses import dataclass
from enum import StrEnum

MOST_FAULTS = 100
"""That are told of one description; of the others, that there are more."""


class Reason(StrEnum):
    """What a client can act on without reading the sentence."""

    DESCRIPTION = "description"
    """The JSON description does not say what has to be known."""
    MASK_UNREADABLE = "mask-unreadable"
    """A file is not what its name says, or is broken."""
    TOO_LARGE = "too-large"
    """More bytes, voxels, planes or segments than are taken."""
    MASK_VALUES = "mask-values"
    """The values of the mask and the description do not go together."""
    EMPTY = "empty"
    """There is nothing in the mask."""
    SOURCES = "sources"
    """The source images are not there, do not belong together, or form no regular grid."""
    GEOMETRY = "geometry"
    """The mask does not lie on the grid of the sources."""
    NO_GEOMETRY = "no-geometry"
    """Nothing says where the planes of the mask lie."""
    COMPRESSION = "compression"
    """The transfer syntax cannot hold this kind of object."""
    LIBRARY = "library"
    """The encoding library refused what passed our own checks."""


@dataclass(frozen=True, slots=True)
class DescriptionFault:
    """One fault of the description: the JSON path (RFC 9535, ``$.model.name``) and a sentence about it."""

    path: str
    sentence: str


class EncodingRefused(Exception):
    """Nothing is encoded: ``reason`` for programs, ``sentence`` for people; ``faults`` where the description is at fault.

    Of more than 100 faults the last says how many more were found.
    """

    def __init__(self, reason: Reason, sentence: str, faults: tuple[DescriptionFault, ...] = ()) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        self.faults = faults[:MOST_FAULTS]
        if len(faults) > MOST_FAULTS:
            sentence = f"At least {len(faults) - MOST_FAULTS} more fault(s) were found, which are not listed."
            self.faults += (DescriptionFault("$", sentence),)


class MaskUnreadable(EncodingRefused):
    """A mask file cannot be read; its sentence names the file."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Reason.MASK_UNREADABLE, sentence)


class MaskTooLarge(EncodingRefused):
    """A mask file, or what it inflates to, is larger than the limits allow."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Reason.TOO_LARGE, sentence)
