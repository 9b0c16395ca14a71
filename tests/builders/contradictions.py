"""Holds an object against sources that contradict it, or names its model in two ways: what the rules SRC and MOD must tell."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom.dataset import Dataset

from overlays.dicom.against_sources import compare
from overlays.dicom.bounds import Bounds
from overlays.dicom.findings import Finding
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import KnownSource
from overlays.dicom.model_identity import claimed_model
from tests.builders.files import to_bytes
from tests.builders.images import ct_series, sources_of
from tests.builders.presentations import presentation
from tests.builders.reports import report
from tests.builders.segmentations import segmentation
from tests.builders.structure_sets import structure_set
from tests.builders.uids import uid

OTHER = uid("other")
Known = tuple[KnownSource, ...]


@dataclass(frozen=True, kw_only=True)
class Contradiction:
    """``rule`` is the only one that tells of the object, changed, beside the sources, changed; by itself the object is sound."""

    name: str
    rule: str
    of: Callable[[], Dataset] = segmentation
    change: Callable[[Dataset], None] = lambda data_set: None
    known: Callable[[Known], Known] = lambda known: known

    def findings(self, folder: Path) -> tuple[Finding, ...]:
        """What is said of the object against the sources, and of its model."""
        made = self.of()
        self.change(made)
        path = folder / "object.dcm"
        path.write_bytes(to_bytes(made))
        instance = inspect(path, bounds=Bounds(), scratch=folder).instance
        return (*compare(instance, self.known(sources_of(ct_series()))), *claimed_model(instance, None)[1])


def _each(**changes: object) -> Callable[[Known], Known]:
    return lambda known: tuple(replace(source, **changes) for source in known)


def _grids(**changes: object) -> Callable[[Known], Known]:
    return lambda known: tuple(replace(source, grid=replace(source.grid, **changes)) for source in known)


def _first_flipped(known: Known) -> Known:
    return _grids(orientation=(-1.0, 0.0, 0.0, 0.0, 1.0, 0.0))(known[:1])


def _aside(known: Known) -> Known:
    """All sources 100 mm to the left."""
    places = ((source, source.grid.position) for source in known)
    return tuple(replace(source, grid=replace(source.grid, position=(x - 100, y, z))) for source, (x, y, z) in places)


def _one_higher(known: Known) -> Known:
    x, y, z = known[0].grid.position
    return (replace(known[0], grid=replace(known[0].grid, position=(x, y, z + 1))),)


def _with_segments(*numbers: int) -> Callable[[Known], Known]:
    """The segmentation too, which describes segments of these numbers."""

    def change(known: Known) -> Known:
        made, described = segmentation(), frozenset(numbers)
        uids = {"sop_instance_uid": made.SOPInstanceUID, "series_instance_uid": made.SeriesInstanceUID}
        return (*known, replace(known[0], sop_class_uid=made.SOPClassUID, segment_numbers=described, grid=None, **uids))

    return change


def _derivations_reversed(data_set: Dataset) -> None:
    """Every frame names the source of the one that lies opposite."""
    frames = data_set.PerFrameFunctionalGroupsSequence
    named = [frame.DerivationImageSequence for frame in frames]
    for frame, derivation in zip(frames, reversed(named), strict=True):
        frame.DerivationImageSequence = derivation


def _contours_aside(data_set: Dataset) -> None:
    """All contours half a metre to the left."""
    for region in data_set.ROIContourSequence:
        for contour in region.ContourSequence:
            contour.ContourData = [v + 500 * (at % 3 == 0) for at, v in enumerate(contour.ContourData)]


def _two_spaces(data_set: Dataset) -> None:
    """A second frame of reference lists the last image."""
    (first,) = data_set.ReferencedFrameOfReferenceSequence
    second = deepcopy(first)
    second.FrameOfReferenceUID = OTHER
    data_set.ReferencedFrameOfReferenceSequence.append(second)
    for space, part in ((first, slice(-1)), (second, slice(-1, None))):
        series = space.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
        series.ContourImageSequence = series.ContourImageSequence[part]
    for item in data_set.ROIContourSequence:
        item.ContourSequence = item.ContourSequence[:-1]
    del data_set.FrameOfReferenceUID


def _coordinates_elsewhere(data_set: Dataset) -> None:
    waiting = [data_set]
    for item in waiting:
        waiting.extend(item.get("ContentSequence", []))
        if item.get("ValueType") == "SCOORD3D":
            item.ReferencedFrameOfReferenceUID = OTHER


def _pixels_far_out(data_set: Dataset) -> None:
    graphic = data_set.GraphicAnnotationSequence[0].GraphicObjectSequence[0]
    graphic.GraphicData = [1000.0 + value for value in graphic.GraphicData]


def _other_series(data_set: Dataset) -> None:
    data_set.ReferencedSeriesSequence[0].SeriesInstanceUID = OTHER


def _frame_500(data_set: Dataset) -> None:
    for frame in data_set.PerFrameFunctionalGroupsSequence:
        frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber = 500


def _other_version(data_set: Dataset) -> None:
    data_set.SoftwareVersions = "9.9"


def _nameless(data_set: Dataset) -> None:
    for item in data_set.SegmentSequence:
        del item.SegmentAlgorithmName


def _long_name(data_set: Dataset) -> None:
    """Text of content items may be longer than a long string."""
    for group in data_set.ContentSequence[-1].ContentSequence:
        for item in group.ContentSequence:
            if item.ConceptNameCodeSequence[0].CodeValue == "111001":
                item.TextValue = "LiverSeg" * 9
    data_set.ManufacturerModelName = ""


CONTRADICTIONS: tuple[Contradiction, ...] = (
    Contradiction(name="another patient", rule="SRC-001", known=_each(patient_id="PAT-2")),
    Contradiction(name="a patient of another name", rule="SRC-002", known=_each(patient_name="Roe^Richard")),
    Contradiction(name="another study", rule="SRC-003", known=_each(study_instance_uid=OTHER)),
    Contradiction(name="a series in which the sources do not lie", rule="SRC-004", change=_other_series),
    Contradiction(name="another frame of reference", rule="SRC-005", known=_each(frame_of_reference_uid=OTHER)),
    Contradiction(name="sources of another class", rule="SRC-006", known=_each(sop_class_uid=OTHER)),
    Contradiction(name="frame 500 of a single image", rule="SRC-007", change=_frame_500),
    Contradiction(name="sources of 512 rows", rule="SRC-008", known=lambda known: _grids(rows=512)(known[:1])),
    Contradiction(name="contours beside their image", rule="SRC-009", of=structure_set, known=_one_higher),
    Contradiction(name="rows the other way round", rule="SRC-010", known=_first_flipped),
    Contradiction(name="frames outside the sources", rule="SRC-011", known=_aside),
    Contradiction(name="sources compressed with loss", rule="SRC-012", known=_each(lossy=True)),
    Contradiction(name="a segment that is not there", rule="SRC-013", of=report, known=_with_segments(2, 3)),
    Contradiction(name="frames that name the sources opposite", rule="SRC-014", change=_derivations_reversed),
    Contradiction(name="an image listed in another space", rule="SRC-015", of=structure_set, change=_two_spaces),
    Contradiction(
        name="coordinates in a space of nobody",
        rule="SRC-016",
        of=report,
        change=_coordinates_elsewhere,
        known=_with_segments(1, 2),
    ),
    Contradiction(name="contours half a metre aside", rule="SRC-017", of=structure_set, change=_contours_aside),
    Contradiction(name="graphics beside their image", rule="SRC-018", of=presentation, change=_pixels_far_out),
    Contradiction(name="two versions of the model", rule="MOD-001", change=_other_version),
    Contradiction(
        name="no model", rule="MOD-002", of=lambda: segmentation(with_algorithm_identification=False), change=_nameless
    ),
    Contradiction(name="a model name of 72 characters", rule="MOD-003", of=report, change=_long_name),
)
