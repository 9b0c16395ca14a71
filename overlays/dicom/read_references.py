"""Collects every instance that an object names as its source, and its predecessors."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from overlays.dicom.content_tree import ContentItem
from overlays.dicom.dataset import DataSet
from overlays.dicom.functional_groups import MAX_FRAME_NUMBERS, FunctionalGroups, frame_numbers
from overlays.dicom.instance import Family, Reference

EVIDENCE = ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")
MAX_SEGMENT_NUMBER = 65535
"""The largest that VR US holds."""
SPATIAL_REFERENCES = ("IMAGE", "COMPOSITE", "WAVEFORM")


@dataclass(frozen=True, slots=True)
class Listed:
    """One instance as a list of references names it: where, and under which series and study."""

    row: int
    sop_instance_uid: str
    sop_class_uid: str
    series_instance_uid: str
    study_instance_uid: str


def listed_sources(root: DataSet) -> Iterator[Listed]:
    """The instances of Referenced Series Sequence and of Studies Containing Other Referenced Instances Sequence (PS3.3 C.12.2)."""
    yield from _of_series(root, root.text("StudyInstanceUID"))
    for study in root.each("StudiesContainingOtherReferencedInstancesSequence"):
        yield from _of_series(study, study.text("StudyInstanceUID"))


def _of_series(parent: DataSet, study: str) -> Iterator[Listed]:
    for series in parent.each("ReferencedSeriesSequence"):
        series_uid = series.text("SeriesInstanceUID")
        for item in series.each("ReferencedInstanceSequence"):
            yield _listed(item, series_uid, study)


def listed_evidence(root: DataSet) -> Iterator[Listed]:
    """The instances of the two evidence sequences of a report (PS3.3 C.17.2)."""
    for keyword in EVIDENCE:
        for study in root.each(keyword):
            study_uid = study.text("StudyInstanceUID")
            for series in study.each("ReferencedSeriesSequence"):
                series_uid = series.text("SeriesInstanceUID")
                for item in series.each("ReferencedSOPSequence"):
                    yield _listed(item, series_uid, study_uid)


def listed_by_presentation_state(root: DataSet) -> Iterator[Listed]:
    """The images of Presentation State Relationship (PS3.3 C.11.11), of the two sets of Presentation State Blending, which name their own
    study (C.11.14), and of Common Instance Reference, which advanced blending has instead (A.33.8, C.12.2).
    """
    yield from _of_image_series(root, root.text("StudyInstanceUID"))
    for item in root.each("BlendingSequence"):
        yield from _of_image_series(item, item.text("StudyInstanceUID"))
    yield from listed_sources(root)


def _of_image_series(parent: DataSet, study: str) -> Iterator[Listed]:
    for series in parent.each("ReferencedSeriesSequence"):
        series_uid = series.text("SeriesInstanceUID")
        for item in series.each("ReferencedImageSequence"):
            yield _listed(item, series_uid, study)


def mentioned_by_presentation_state(root: DataSet) -> Iterator[Listed]:
    """The images that graphics, windows, displayed areas and inputs of advanced blending are for (C.10.4, C.10.5, C.11.8, C.11.33)."""
    for part in (root, *root.each("BlendingSequence"), *root.each("AdvancedBlendingSequence")):
        for keyword in ("GraphicAnnotationSequence", "SoftcopyVOILUTSequence", "DisplayedAreaSelectionSequence"):
            for use in part.each(keyword):
                for item in use.each("ReferencedImageSequence"):
                    yield _listed(item, "", "")
    for part in root.each("AdvancedBlendingSequence"):
        for item in part.each("ReferencedImageSequence"):
            yield _listed(item, part.text("SeriesInstanceUID"), part.text("StudyInstanceUID"))


def listed_by_structure_set(root: DataSet) -> Iterator[Listed]:
    """The contour images of Referenced Frame of Reference Sequence (PS3.3 C.8.8.5)."""
    for space in root.each("ReferencedFrameOfReferenceSequence"):
        for study in space.each("RTReferencedStudySequence"):
            for series in study.each("RTReferencedSeriesSequence"):
                for item in series.each("ContourImageSequence"):
                    yield _listed(item, series.text("SeriesInstanceUID"), study.text("ReferencedSOPInstanceUID"))


LISTS: dict[Family, Callable[[DataSet], Iterator[Listed]]] = {
    Family.SEGMENTATION: listed_sources,
    Family.PARAMETRIC_MAP: listed_sources,
    Family.ANNOTATIONS: listed_sources,
    Family.SECONDARY_CAPTURE: listed_sources,
    Family.IMAGE: listed_sources,
    Family.STRUCTURED_REPORT: listed_evidence,
    Family.KEY_OBJECTS: listed_evidence,
    Family.PRESENTATION_STATE: listed_by_presentation_state,
    Family.STRUCTURE_SET: listed_by_structure_set,
}
"""Where each family lists the instances that it was made from, with series and study."""


def _listed(item: DataSet, series: str, study: str) -> Listed:
    return Listed(item.row, item.text("ReferencedSOPInstanceUID"), item.text("ReferencedSOPClassUID"), series, study)


def content_references(items: list[ContentItem]) -> Iterator[tuple[ContentItem, DataSet]]:
    """The instances that IMAGE, COMPOSITE and WAVEFORM items of a content tree name."""
    for item in items:
        if item.value_type in SPATIAL_REFERENCES:
            for reference in item.data_set.each("ReferencedSOPSequence"):
                yield item, reference


def references_of_image(root: DataSet, groups: FunctionalGroups, listed: tuple[Listed, ...]) -> tuple[Reference, ...]:
    """Derivation Image first, then what only the lists, and then what only Source Image Sequence names."""
    places = {entry.sop_instance_uid: entry for entry in reversed(listed)}
    found: dict[str, Reference] = {}
    for uid, source in groups.sources.items():
        place = places.get(uid)
        found[uid] = Reference(
            sop_instance_uid=uid,
            sop_class_uid=source.sop_class_uid,
            series_instance_uid=place.series_instance_uid if place else "",
            study_instance_uid=place.study_instance_uid if place else "",
            frame_numbers=tuple(sorted(source.frame_numbers)),
        )
    for entry in listed:
        found.setdefault(entry.sop_instance_uid, _reference(entry))
    for item in root.each("SourceImageSequence"):
        uid = item.text("ReferencedSOPInstanceUID")
        found.setdefault(uid, Reference(sop_instance_uid=uid, sop_class_uid=item.text("ReferencedSOPClassUID")))
    found.pop("", None)
    return tuple(found.values())


def references_of_list(listed: tuple[Listed, ...]) -> tuple[Reference, ...]:
    """What the object lists, once each."""
    found: dict[str, Reference] = {}
    for entry in listed:
        found.setdefault(entry.sop_instance_uid, _reference(entry))
    found.pop("", None)
    return tuple(found.values())


def references_of_presentation_state(root: DataSet, listed: tuple[Listed, ...]) -> tuple[Reference, ...]:
    """What it lists, then what is only mentioned where it is used, with all frames that either names."""
    places: dict[str, Listed] = {}
    frames: dict[str, set[int]] = {}
    left = MAX_FRAME_NUMBERS
    for entry in (*listed, *mentioned_by_presentation_state(root)):
        known = places.setdefault(entry.sop_instance_uid, entry)
        if not known.series_instance_uid and entry.series_instance_uid:
            places[entry.sop_instance_uid] = entry
        numbers = frame_numbers(DataSet(root.scan, entry.row).raw("ReferencedFrameNumber"), left)
        frames.setdefault(entry.sop_instance_uid, set()).update(numbers)
        left -= len(numbers)
    places.pop("", None)
    return tuple(_reference(entry, frames[uid]) for uid, entry in places.items())


def references_of_capture(root: DataSet, groups: FunctionalGroups, listed: tuple[Listed, ...]) -> tuple[Reference, ...]:
    """As of an image; then the objects that are no images, and of Source Image Sequence the frames (PS3.3 C.12.4)."""
    found = {reference.sop_instance_uid: reference for reference in references_of_image(root, groups, listed)}
    frames: dict[str, set[int]] = {}
    left = MAX_FRAME_NUMBERS
    for keyword in ("SourceImageSequence", "SourceInstanceSequence"):
        for item in root.each(keyword):
            uid = item.text("ReferencedSOPInstanceUID")
            found.setdefault(uid, Reference(sop_instance_uid=uid, sop_class_uid=item.text("ReferencedSOPClassUID")))
            numbers = frame_numbers(item.raw("ReferencedFrameNumber"), left)
            frames.setdefault(uid, set()).update(numbers)
            left -= len(numbers)
    found.pop("", None)
    return tuple(
        replace(reference, frame_numbers=tuple(sorted(frames.get(uid, set()).union(reference.frame_numbers))))
        for uid, reference in found.items()
    )


def contour_images(root: DataSet) -> Iterator[DataSet]:
    """The images that single contours name (PS3.3 C.8.8.6)."""
    for region in root.each("ROIContourSequence"):
        for contour in region.each("ContourSequence"):
            yield from contour.each("ContourImageSequence")


def references_of_structure_set(root: DataSet, listed: tuple[Listed, ...]) -> tuple[Reference, ...]:
    """What the object lists, with the frames that contours lie on, and then what only contours name."""
    frames: dict[str, set[int]] = {}
    classes: dict[str, str] = {}
    left = MAX_FRAME_NUMBERS
    for item in contour_images(root):
        uid = item.text("ReferencedSOPInstanceUID")
        classes.setdefault(uid, item.text("ReferencedSOPClassUID"))
        numbers = frame_numbers(item.raw("ReferencedFrameNumber"), left)
        frames.setdefault(uid, set()).update(numbers)
        left -= len(numbers)
    found: dict[str, Reference] = {}
    spaces = images_by_space(root)
    for entry in listed:
        uid = entry.sop_instance_uid
        if uid not in found:
            reference = _reference(entry, frames.get(uid, ()))
            found[uid] = replace(reference, frame_of_reference_uid=spaces.get(uid, ""))
    for uid, sop_class in classes.items():
        found.setdefault(
            uid, Reference(sop_instance_uid=uid, sop_class_uid=sop_class, frame_numbers=tuple(sorted(frames[uid])))
        )
    found.pop("", None)
    return tuple(found.values())


def images_by_space(root: DataSet) -> dict[str, str]:
    """The images that Referenced Frame of Reference Sequence lists, and the frame of reference of each (PS3.3 C.8.8.5)."""
    found: dict[str, str] = {}
    for space in root.each("ReferencedFrameOfReferenceSequence"):
        uid = space.text("FrameOfReferenceUID")
        for study in space.each("RTReferencedStudySequence"):
            for series in study.each("RTReferencedSeriesSequence"):
                for item in series.each("ContourImageSequence"):
                    found.setdefault(item.text("ReferencedSOPInstanceUID"), uid)
    return found


def references_of_annotations(root: DataSet, listed: tuple[Listed, ...]) -> tuple[Reference, ...]:
    """What the object lists, and then the image that coordinates belong to, where no list has it (PS3.3 C.37.1.2)."""
    named = tuple(_listed(item, "", "") for item in root.each("ReferencedImageSequence"))
    return references_of_list((*listed, *named))


def references_of_report(items: list[ContentItem], listed: tuple[Listed, ...]) -> tuple[Reference, ...]:
    """Evidence first, then what only the content names."""
    frames: dict[str, set[int]] = {}
    segments: dict[str, set[int]] = {}
    classes: dict[str, str] = {}
    left = MAX_FRAME_NUMBERS
    for _, item in content_references(items):
        uid = item.text("ReferencedSOPInstanceUID")
        classes.setdefault(uid, item.text("ReferencedSOPClassUID"))
        numbers = frame_numbers(item.raw("ReferencedFrameNumber"), left)
        frames.setdefault(uid, set()).update(numbers)
        left -= len(numbers)
        named = item.numbers("ReferencedSegmentNumber") or ()
        segments.setdefault(uid, set()).update(int(number) for number in named if 0 <= number <= MAX_SEGMENT_NUMBER)
    found: dict[str, Reference] = {}
    for entry in listed:
        found.setdefault(entry.sop_instance_uid, _reference(entry, frames.get(entry.sop_instance_uid, ())))
    for uid, sop_class in classes.items():
        found.setdefault(
            uid, Reference(sop_instance_uid=uid, sop_class_uid=sop_class, frame_numbers=tuple(sorted(frames[uid])))
        )
        if segments[uid]:
            found[uid] = replace(found[uid], segment_numbers=tuple(sorted(segments[uid])))
    found.pop("", None)
    return tuple(found.values())


def _reference(entry: Listed, frames: Iterable[int] = ()) -> Reference:
    return Reference(
        sop_instance_uid=entry.sop_instance_uid,
        sop_class_uid=entry.sop_class_uid,
        series_instance_uid=entry.series_instance_uid,
        study_instance_uid=entry.study_instance_uid,
        frame_numbers=tuple(sorted(frames)),
    )


def predecessors(root: DataSet, family: Family) -> tuple[str, ...]:
    """SOP Instance UIDs of Predecessor Documents, Predecessor Structure Set and Source Instance Sequence, once each. What a capture names
    in the last is what it shows (PS3.3 C.12.4), and no earlier version of it.
    """
    found: dict[str, None] = {}
    for study in root.each("PredecessorDocumentsSequence"):
        for series in study.each("ReferencedSeriesSequence"):
            for item in series.each("ReferencedSOPSequence"):
                found[item.text("ReferencedSOPInstanceUID")] = None
    for item in () if family is Family.SECONDARY_CAPTURE else root.each("SourceInstanceSequence"):
        found[item.text("ReferencedSOPInstanceUID")] = None
    for item in root.each("PredecessorStructureSetSequence"):
        found[item.text("ReferencedSOPInstanceUID")] = None
    found.pop("", None)
    return tuple(found)
