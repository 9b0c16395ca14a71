"""Names the legal forms of object that highdicom 0.28 cannot read, so that its refusal says nothing about the object."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownLimit:
    """One such form, as a sentence."""

    reason: str


DEFLATED_FRAMES = KnownLimit("highdicom does not know the transfer syntax Deflated Image Frame Compression.")
ONE_BIT_RLE = KnownLimit("highdicom does not decode frames of one bit a pixel in RLE Lossless.")
NO_FRAME_CONTENT = KnownLimit("highdicom does not read objects whose frames have no Frame Content (0020,9111).")
"""Not a legal form: a rule tells it (FRM-012), which keeps no correction of a reader out."""
EMPTY_MEASUREMENT = KnownLimit(
    "highdicom does not read NUM content items with an empty Measured Value Sequence (0040,A300)."
)
BY_REFERENCE = KnownLimit(
    "highdicom does not read content items that stand for another one of the tree by Referenced Content Item Identifier (0040,DB73)."
)
NO_TEMPLATE = KnownLimit(
    "highdicom does not read key object selections that state no template, or another than 2010 (0040,A504)."
)
NO_DECODER = KnownLimit("No decoder for this transfer syntax is installed beside highdicom.")
WRONG_POINTER = KnownLimit(
    "highdicom does not read maps whose Dimension Index Pointer (0020,9165) lies in another functional group than they say."
)
MANY_ANNOTATIONS = KnownLimit(
    "More than 1,000,000 annotations are not read with highdicom, which makes an array of each."
)
NO_READER = KnownLimit("highdicom has no reader for this SOP class.")


def unreadable(limit: KnownLimit) -> dict:
    """The answer about an object of such a form."""
    return {"readable": False, "reason": limit.reason, "known_limit": True}
