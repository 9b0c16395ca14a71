"""Keeps the reasons why we accept what another reader refuses, and refuse what nobody else minds; each was seen in the objects."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """``sentence`` answers every complaint that the pattern ``of`` is found in."""

    of: str
    sentence: str

    def covers(self, complaint: str) -> bool:
        """Whether the complaint is of this kind."""
        return re.search(self.of, complaint) is not None


OF_HIGHDICOM: tuple[Reason, ...] = (
    Reason(
        "ContentTemplateSequence",
        "it demands Content Template Sequence (0040,A504), which is type 1C (PS3.3 C.18.8): a tree made without a template has none.",
    ),
)
"""Of its complaints about objects that we accept, where the decoding child does not name a known limit of it already."""

OF_DCIODVFY: tuple[Reason, ...] = (
    Reason(
        "FrameOfReferenceUID.*Module=<FrameOfReference>|PositionReferenceIndicator",
        "it takes the Frame of Reference Module for mandatory, which is optional in a structure set (PS3.3 A.19.3, since 2014):"
        " each region names its frame of reference itself, in (3006,0024).",
    ),
    Reason(
        "Laterality.*Missing attribute for Type 2C",
        "it is wanted of paired body parts alone (PS3.3 C.7.3.1), and the object names no body part.",
    ),
    Reason(
        "PatientOrientation.*Type 2C",
        "it is wanted of an image without orientation; the segmentation of a projection claims no place in space,"
        " and lies on its source image pixel by pixel.",
    ),
    Reason(
        "Missing attribute for Type 2 Required",
        "a type 2 attribute may be empty, and an absent one says no less; what the registry cannot do without has rules of its own.",
    ),
    Reason(
        "ContentDate|ContentTime",
        "what was made when is told by the registry's own record of its arrival; an absent date misleads nobody.",
    ),
    Reason("InstanceNumber", "it orders objects for people; the UID identifies."),
    Reason(
        "Invalid Value Representation",
        "the writer chose another representation than PS3.6; explicit VR says which, so that every reader gets the value.",
    ),
    Reason(
        r"\[DS\].*Length invalid for this VR",
        "decimal strings of more than 16 characters are numbers all the same; they are told as a warning (TXT-004).",
    ),
    Reason(
        "ImplementationClassUID",
        "a UID of the meta information that names the writing program; nothing refers to it.",
    ),
    Reason(
        "SOPInstanceUID has same value as SeriesInstanceUID",
        "instances and series are looked up apart from each other, so that neither is taken for the other.",
    ),
    Reason(
        "PresentationPixelSpacing|PresentationPixelAspectRatio",
        "without either, pixels are taken for square; what a viewer draws is the same for an image of square pixels.",
    ),
    Reason(
        "SegmentAlgorithmName",
        "it is empty, of a MANUAL segment that needs none (type 1C): no algorithm is named by it.",
    ),
    Reason(
        "AnnotationAppliesToAllZPlanes",
        "it belongs to annotations in three dimensions (type 1C); these are in two, and it says NO.",
    ),
    Reason(
        "^Undefined value length|^Dicom dataset read failed|PixelData.*Missing attribute for Type 1C",
        "it does not know Deflated Image Frame Compression (1.2.840.10008.1.2.8.1), and takes its fragments for a broken native value.",
    ),
)
"""Of its errors in objects that we accept; the first that fits counts."""

OF_IMAGES = "of a source image the registry judges what it uses: identity, grid and pixels; the rest is the scanner's."

RIGHT: dict[str, str] = {
    "IDN-001": "A sound object nobody minds; but the registry governs what is drawn, and refuses what it would keep without governing.",
    "REF-001": "The standard lets a report name no image; a registry of provenance cannot: nothing could be verified, or be held back"
    " with its source.",
}
"""Why a rule refuses rightly what both others take."""
