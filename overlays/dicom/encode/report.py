"""Encodes measurements as a Comprehensive 3D SR after TID 1500 (PS3.16)."""

import warnings
from collections.abc import Sequence

import numpy as np
from highdicom import sr
from pydicom import Dataset
from pydicom.sr.codedict import codes

from overlays.dicom.encode.describe_report import GroupWish, MeasurementWish, RegionWish, ReportWish, read_report
from overlays.dicom.encode.evidence import list_evidence
from overlays.dicom.encode.library import asked, complete_header
from overlays.dicom.encode.observers import algorithm, name_author, observation_context
from overlays.dicom.encode.provenance import common_arguments, library_code, stamp
from overlays.dicom.encode.refusal import DescriptionFault, EncodingRefused, Reason
from overlays.dicom.encode.work import Encoded, Work, named_sources
from overlays.dicom.instance import Code
from overlays.dicom.sop_classes import LABEL_MAP_SEGMENTATION, SEGMENTATION

MOST_LISTED = 30
"""Images of the Image Library, each of which takes highdicom 0.28 a twentieth of a second."""
IMAGING_PROCEDURE = Code(value="363679005", scheme="SCT", meaning="Imaging procedure")
"""CID 100, for sources that name no procedure."""

Group = (
    sr.VolumetricROIMeasurementsAndQualitativeEvaluations
    | sr.PlanarROIMeasurementsAndQualitativeEvaluations
    | sr.MeasurementsAndQualitativeEvaluations
)


def encode_report(work: Work) -> Encoded:
    """The report, complete and unverified: whether it holds is for a reader to say.

    Raises EncodingRefused: reason DESCRIPTION with every fault of the section, SOURCES where regions in space have no frame of reference.
    """
    wish = read_report(work.description.section)
    sources = named_sources(work)
    context = _Context(work, [complete_header(image) for image in sources])
    faults = [fault for number, group in enumerate(wish.groups) for fault in context.faults(group, number)]
    if faults:
        raise EncodingRefused(Reason.DESCRIPTION, "The section report does not fit what it refers to.", tuple(faults))
    built = asked(lambda: _built(wish, context), sources[0])
    stamp(built, work.description, work.identity, sources=sources, predecessor=work.predecessor)
    name_author(built, work.description)
    return Encoded(dataset=built)


class _Context:
    """What groups refer to: the images and segmentations by UID."""

    def __init__(self, work: Work, sources: Sequence[Dataset]) -> None:
        self.work = work
        self.sources = sources
        self.images = {str(image.SOPInstanceUID): image for image in sources}
        self.segmentations = {
            str(other.SOPInstanceUID): other
            for other in work.others
            if other.SOPClassUID in (SEGMENTATION, LABEL_MAP_SEGMENTATION)
        }

    def frame_of_reference(self) -> str:
        """The one of all sources. Raises EncodingRefused where they have none, or several."""
        found = {str(image.get("FrameOfReferenceUID", "")) for image in self.sources}
        if len(found) != 1 or "" in found:
            sentence = f"Regions in space need one frame of reference; the sources have {len(found - {''})}."
            raise EncodingRefused(Reason.SOURCES, sentence)
        return found.pop()

    def faults(self, group: GroupWish, number: int) -> list[DescriptionFault]:
        """Where a group does not fit the images and segmentations that it names."""
        path = f"$.report.groups[{number}]"
        found = []
        for index, uid in enumerate(group.images):
            if uid not in self.images:
                found.append(DescriptionFault(f"{path}.images[{index}]", f"The image {uid} is not among the sources."))
        for index, region in enumerate(group.regions):
            found += [DescriptionFault(f"{path}.regions[{index}]", said) for said in self._outside(region)]
        if group.segment:
            found += [DescriptionFault(f"{path}.segment", said) for said in self._no_segment(group)]
        return found

    def _outside(self, region: RegionWish) -> list[str]:
        image = self.images.get(region.image)
        if image is None:
            return [f"The image {region.image} is not among the sources."]
        frames, rows, columns = int(image.get("NumberOfFrames") or 1), int(image.Rows), int(image.Columns)
        if region.frame is None and frames > 1:
            return [f"The image {region.image} has {frames} frames; frame is missing."]
        if region.frame is not None and region.frame > frames:
            return [f"The image {region.image} has {frames} frames; frame {region.frame} is named."]
        beyond = [point for point in region.points if not (0 <= point[0] <= columns and 0 <= point[1] <= rows)]
        if beyond:
            column, row = beyond[0]
            return [f"The point ({column:g}, {row:g}) lies outside the image's {columns} columns and {rows} rows."]
        return []

    def _no_segment(self, group: GroupWish) -> list[str]:
        wish = group.segment
        found = self.segmentations.get(wish.instance)
        if found is None:
            return [f"There is no segmentation {wish.instance}."]
        series, given = _series_of(found), list(dict.fromkeys(str(image.SeriesInstanceUID) for image in self.sources))
        if series and wish.instance not in self.images and not set(series) & set(given):
            return [f"The segmentation {wish.instance} is of the series {series[0]}; the sources are of {given[0]}."]
        if not series and len(given) > 1:
            return [f"The segmentation {wish.instance} names no series; the sources are of {len(given)}."]
        numbers = {int(item.SegmentNumber) for item in found.SegmentSequence}
        if wish.number not in numbers:
            return [f"The segmentation {wish.instance} has no segment {wish.number}."]
        frames = int(found.get("NumberOfFrames") or 1)
        for number in wish.frames:
            if number > frames:
                return [f"The segmentation {wish.instance} has {frames} frames; frame {number} is named."]
            if _segment_of_frame(found, number) != wish.number:
                return [
                    f"Frame {number} of the segmentation {wish.instance} is not one of segment {wish.number} alone."
                ]
        return []


def _series_of(segmentation: Dataset) -> list[str]:
    """The series that a segmentation was made from (Referenced Series Sequence, PS3.3 C.12.2.1)."""
    return [str(item.SeriesInstanceUID) for item in segmentation.get("ReferencedSeriesSequence") or []]


def _segment_of_frame(segmentation: Dataset, number: int) -> int | None:
    """The segment that the frame is of, which may be said once for all frames; None of a label map, whose frames show every segment."""
    own = segmentation.PerFrameFunctionalGroupsSequence[number - 1]
    for groups in (own, *(segmentation.get("SharedFunctionalGroupsSequence") or [])):
        for item in groups.get("SegmentIdentificationSequence") or []:
            return int(item.ReferencedSegmentNumber)
    return None


def _built(wish: ReportWish, context: _Context) -> sr.Comprehensive3DSR:
    named = {group.segment.instance for group in wish.groups if group.segment}
    evidence = [*context.sources, *(context.segmentations[uid] for uid in sorted(named))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        built = sr.Comprehensive3DSR(
            evidence=evidence,
            content=_content(wish, context),
            is_complete=True,
            is_final=False,
            **common_arguments(context.work.description, context.work.identity),
        )
    list_evidence(built, evidence)
    return built


def _content(wish: ReportWish, context: _Context) -> sr.MeasurementReport:
    return sr.MeasurementReport(
        observation_context=observation_context(context.work.description),
        procedure_reported=_procedure(wish, context.sources[0]),
        imaging_measurements=[_group(group, number, context) for number, group in enumerate(wish.groups)],
        title=codes.DCM.ImagingMeasurementReport,
        referenced_images=_library(wish, context),
    )[0]


def _procedure(wish: ReportWish, source: Dataset) -> sr.CodedConcept:
    if wish.procedure is not None:
        return sr.CodedConcept.from_code(library_code(wish.procedure))
    named = source.get("ProcedureCodeSequence") or []
    item = next((item for item in named if all(item.get(key) for key in _CODE_PARTS)), None)
    if item is None:
        return sr.CodedConcept.from_code(library_code(IMAGING_PROCEDURE))
    return sr.CodedConcept(item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning)


_CODE_PARTS = ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")


def _library(wish: ReportWish, context: _Context) -> list[Dataset] | None:
    """The images for the Image Library (PS3.16 TID 1600), which is optional: all, or of many those that groups name.

    None where there is none to list, or where highdicom cannot describe images of their kind.
    """
    listed = list(context.sources)
    if len(listed) > MOST_LISTED:
        named = dict.fromkeys(uid for group in wish.groups for uid in (*group.images, *_drawn_on(group)))
        listed = [context.images[uid] for uid in named][:MOST_LISTED]
    try:
        for image in {image.SOPClassUID: image for image in listed}.values():
            sr.ImageLibraryEntryDescriptors(image)
    except (ValueError, KeyError, AttributeError, IndexError, TypeError):
        return None
    return listed or None


def _drawn_on(group: GroupWish) -> list[str]:
    return [region.image for region in group.regions]


def _group(group: GroupWish, number: int, context: _Context) -> Group:
    sites = [sr.FindingSite(library_code(group.site), laterality=_optional(group.laterality))] if group.site else None
    uid = group.tracking_uid or context.work.identity.uid("group", number)
    said = {
        "tracking_identifier": sr.TrackingIdentifier(uid=uid, identifier=group.tracking_id),
        "finding_category": _optional(group.finding_category),
        "finding_type": _optional(group.finding),
        "finding_sites": sites,
        "method": _optional(group.method),
        "algorithm_id": algorithm(context.work.description.model),
        "measurements": [_measurement(each) for each in group.measurements] or None,
        "qualitative_evaluations": [
            sr.QualitativeEvaluation(name=library_code(each.name), value=library_code(each.value))
            for each in group.evaluations
        ]
        or None,
    }
    if not (group.segment or group.regions or group.regions_3d):
        return sr.MeasurementsAndQualitativeEvaluations(**said, source_images=_images(group, context))
    said["geometric_purpose"] = _optional(group.geometric_purpose)
    if group.segment:
        return _of_segment(group, said, context)
    if group.regions:
        return _of_regions(group, said, context)
    return _in_space(group, said, context)


def _measurement(wish: MeasurementWish) -> sr.Measurement:
    return sr.Measurement(
        name=library_code(wish.name),
        value=wish.value,
        unit=library_code(wish.unit),
        derivation=_optional(wish.derivation),
        method=_optional(wish.method),
    )


def _optional(code: Code | None) -> object:
    return library_code(code) if code is not None else None


def _images(group: GroupWish, context: _Context) -> list[sr.SourceImageForMeasurementGroup] | None:
    named = [context.images[uid] for uid in group.images]
    return [sr.SourceImageForMeasurementGroup(image.SOPClassUID, image.SOPInstanceUID) for image in named] or None


def _of_segment(group: GroupWish, said: dict, context: _Context) -> Group:
    """A whole segment is a volume; named frames of it are planes. Not ``from_segmentation``, which fails for single segments."""
    wish = group.segment
    found = context.segmentations[wish.instance]
    class_uid, named = str(found.SOPClassUID), _series_of(found)
    among = [image for image in context.sources if image.SeriesInstanceUID in named]
    first = among[0] if among else context.sources[0]
    if not wish.frames:
        series = sr.SourceSeriesForSegmentation(named[0] if named and not among else first.SeriesInstanceUID)
        segment = sr.ReferencedSegment(class_uid, wish.instance, wish.number, source_series=series)
        return sr.VolumetricROIMeasurementsAndQualitativeEvaluations(referenced_segment=segment, **said)
    image = sr.SourceImageForSegmentation(*_source_of_frame(found, wish.frames[0], first))
    frames = sr.ReferencedSegmentationFrame(class_uid, wish.instance, list(wish.frames), wish.number, image)
    # The frames say which segment it is; a number beside them is not allowed (PS3.3 10.3).
    del frames[0].ReferencedSOPSequence[0].ReferencedSegmentNumber
    return sr.PlanarROIMeasurementsAndQualitativeEvaluations(referenced_segment=frames, **said)


def _source_of_frame(segmentation: Dataset, number: int, otherwise: Dataset) -> tuple[str, str]:
    """SOP class and instance of the image that the frame was derived from, as the segmentation says it."""
    frame = segmentation.PerFrameFunctionalGroupsSequence[number - 1]
    for derivation in frame.get("DerivationImageSequence") or []:
        for source in derivation.get("SourceImageSequence") or []:
            return str(source.ReferencedSOPClassUID), str(source.ReferencedSOPInstanceUID)
    return str(otherwise.SOPClassUID), str(otherwise.SOPInstanceUID)


def _of_regions(group: GroupWish, said: dict, context: _Context) -> Group:
    """One outline is a planar region, several make a volume."""
    regions = [
        sr.ImageRegion(
            graphic_type=region.graphic,
            graphic_data=np.array(region.points, float),
            source_image=sr.SourceImageForRegion(
                context.images[region.image].SOPClassUID,
                region.image,
                [region.frame] if region.frame and "NumberOfFrames" in context.images[region.image] else None,
            ),
        )
        for region in group.regions
    ]
    if len(regions) == 1:
        return sr.PlanarROIMeasurementsAndQualitativeEvaluations(referenced_region=regions[0], **said)
    return sr.VolumetricROIMeasurementsAndQualitativeEvaluations(referenced_regions=regions, **said)


def _in_space(group: GroupWish, said: dict, context: _Context) -> Group:
    """One flat outline is a planar region; an ellipsoid, or several outlines, are the surface of a volume."""
    frame_of_reference, kind = context.frame_of_reference(), group.regions_3d[0].graphic
    outlines = [np.array(region.points, float) for region in group.regions_3d]
    if len(outlines) == 1 and kind != "ELLIPSOID":
        region = sr.ImageRegion3D(
            graphic_type=kind, graphic_data=outlines[0], frame_of_reference_uid=frame_of_reference
        )
        return sr.PlanarROIMeasurementsAndQualitativeEvaluations(referenced_region=region, **said)
    surface = sr.VolumeSurface(
        graphic_type=kind,
        graphic_data=outlines,
        frame_of_reference_uid=frame_of_reference,
        source_series=sr.SourceSeriesForSegmentation(context.sources[0].SeriesInstanceUID),
    )
    return sr.VolumetricROIMeasurementsAndQualitativeEvaluations(referenced_volume_surface=surface, **said)
