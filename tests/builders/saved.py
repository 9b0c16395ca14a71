"""Builds what OHIF 3.13.2 saves: seen in what it posted, with and without the faults that depend on its settings."""

from collections.abc import Sequence
from copy import deepcopy

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from tests.builders.reports import report
from tests.builders.segmentations import segmentation

_NOT_WRITTEN = ("ContributingEquipmentSequence", "SegmentsOverlap", "SpecificCharacterSet", "PixelPaddingValue")
_NOT_WRITTEN_OF_SEGMENTS = (
    *("SegmentationAlgorithmIdentificationSequence", "TrackingID", "TrackingUID", "SegmentDescription"),
    *("SegmentAlgorithmName", "AnatomicRegionSequence"),
)
LABELS = ("Liver", "Spleen")


def saved_segmentation(
    *,
    sources: Sequence[Dataset],
    kind: str = "BINARY",
    uid_seed: str = "saved",
    segments: Sequence[str] = LABELS,
    shift: int = 2,
    misplaced: bool = False,
) -> pydicom.FileDataset:
    """A segmentation after a reader changed it: labels are kept; what the segments are, who made it, and what it corrects are lost.

    ``kind`` is BINARY, as the registry configures OHIF, or LABELMAP, its own choice, which is in RLE. ``misplaced``: the frames lie
    in pairs at the places of others, as where segments overlapped.
    """
    syntax = RLELossless if kind == "LABELMAP" else ExplicitVRLittleEndian
    found = segmentation(
        sources=sources, kind=kind, uid_seed=uid_seed, segments=segments, shift=shift, transfer_syntax=syntax
    )
    _anonymous(found)
    found.ContentLabel, found.ContentDescription, found.ContentCreatorName = "SEGMENTATION", "", ""
    for segment in found.SegmentSequence:
        for keyword in _NOT_WRITTEN_OF_SEGMENTS:
            segment.pop(keyword, None)
        segment.SegmentAlgorithmType = "MANUAL"
        segment.SegmentedPropertyCategoryCodeSequence = [_tissue()]
        segment.SegmentedPropertyTypeCodeSequence = [_tissue()]
        if kind == "LABELMAP":
            segment.SegmentAlgorithmName = "OHIF Brush"
    shared = found.SharedFunctionalGroupsSequence[0]
    shared.PixelMeasuresSequence[0].pop("SpacingBetweenSlices", None)
    for frame in found.PerFrameFunctionalGroupsSequence:
        for derivation in frame.DerivationImageSequence:
            derivation.pop("DerivationCodeSequence", None)
            for source in derivation.SourceImageSequence:
                for keyword in ("ReferencedSOPClassUID", "PurposeOfReferenceCodeSequence"):
                    source.pop(keyword, None)
                source.ReferencedFrameNumber = 1
        if kind == "LABELMAP":
            frame.PlaneOrientationSequence = deepcopy(shared.PlaneOrientationSequence)
            frame.pop("FrameContentSequence", None)
    if misplaced:
        _put_in_pairs(found)
    return found


def saved_report(*, sources: Sequence[Dataset], uid_seed: str = "saved report") -> pydicom.FileDataset:
    """A report of one measurement on an image, which names no predecessor: what is measured was drawn by the reader."""
    found = report(sources=sources, kind="ENHANCED", uid_seed=uid_seed, with_volume=False, value=65.8)
    _anonymous(found)
    found.SeriesDescription = "Create Report"
    return found


def _anonymous(found: Dataset) -> None:
    """Neither the program nor the model is named, and the numbers are always the same."""
    for keyword in _NOT_WRITTEN:
        found.pop(keyword, None)
    found.Manufacturer = found.ManufacturerModelName = "Unspecified"
    found.DeviceSerialNumber, found.SoftwareVersions = "1", "0"
    found.ContentQualification = "RESEARCH"
    found.SeriesNumber, found.InstanceNumber = 99, 1
    found.SeriesDescription = "Research Derived series"


def _tissue() -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "T-D0050", "SRT", "Tissue"
    return code


def _put_in_pairs(found: Dataset) -> None:
    frames = found.PerFrameFunctionalGroupsSequence
    positions = [frame.PlanePositionSequence[0].ImagePositionPatient for frame in frames]
    for index, frame in enumerate(frames):
        frame.PlanePositionSequence[0].ImagePositionPatient = positions[index // 2]
