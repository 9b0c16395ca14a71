"""Rules about the places that name sources, which must be in step with each other."""

from collections.abc import Iterator

from overlays.dicom.content_tree import ContentItem
from overlays.dicom.dataset import DataSet
from overlays.dicom.read_references import content_references
from overlays.dicom.rules.rule import FRAMED, REPORTS, RESULTS, Breach, Rule, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

SOURCE_SERIES_FOR_SEGMENTATION = ("121232", "DCM")


def _unused_series(subject: Subject) -> Iterator[Breach]:
    """Of objects whose frames name sources at all. Instances beyond those that frames name are usual: slices without a segment."""
    used = subject.groups.sources
    if not used:
        return
    series: dict[str, bool] = {}
    rows: dict[str, int] = {}
    for entry in subject.listed:
        rows.setdefault(entry.series_instance_uid, entry.row)
        series[entry.series_instance_uid] = (
            series.get(entry.series_instance_uid, False) or entry.sop_instance_uid in used
        )
    for uid, is_used in series.items():
        if not is_used:
            yield (
                subject.data_set.scan.place(rows[uid]),
                f"The series {uid[:64]} is referred to, but no frame was derived from any instance of it.",
            )


def _general_sources(subject: Subject) -> Iterator[Breach]:
    """Source Image Sequence of the General Reference module, where series are listed too."""
    listed = {entry.sop_instance_uid for entry in subject.listed}
    if not listed:
        return
    for item in subject.data_set.each("SourceImageSequence"):
        uid = item.text("ReferencedSOPInstanceUID")
        if uid not in listed:
            yield (
                item.place("ReferencedSOPInstanceUID"),
                f"The source {uid[:64]!r} is in no series that the object refers to.",
            )


def _one_class(subject: Subject) -> Iterator[Breach]:
    listed = {entry.sop_instance_uid: entry.sop_class_uid for entry in subject.listed}
    for uid, source in subject.groups.sources.items():
        yield from _other_class(listed.get(uid), source.sop_class_uid, uid, DataSet(subject.data_set.scan, source.row))
    for _, reference in content_references(subject.content):
        uid = reference.text("ReferencedSOPInstanceUID")
        yield from _other_class(listed.get(uid), reference.text("ReferencedSOPClassUID"), uid, reference)


def _other_class(listed: str | None, own: str, uid: str, item: DataSet) -> Iterator[Breach]:
    if listed and own and listed != own:
        yield (
            item.place("ReferencedSOPClassUID"),
            f"The instance {uid[:64]} is said to be of class {own[:64]} here, and of class {listed[:64]} where it is listed.",
        )


def _source_series(subject: Subject) -> Iterator[Breach]:
    listed = {entry.series_instance_uid for entry in subject.listed}
    for item in subject.content:
        if listed and _is_source_series(item) and item.value_text() not in listed:
            yield (
                item.data_set.place("UID"),
                f"The series {item.value_text()[:64]!r}, said to be the source of a segmentation, is in no evidence.",
            )


def _is_source_series(item: ContentItem) -> bool:
    return item.name is not None and (item.name.value, item.name.scheme) == SOURCE_SERIES_FOR_SEGMENTATION


def _predecessors(subject: Subject) -> Iterator[tuple[DataSet, str]]:
    """Each reference of Predecessor Documents Sequence with the study that it is listed under."""
    for study in subject.data_set.each("PredecessorDocumentsSequence"):
        for series in study.each("ReferencedSeriesSequence"):
            for item in series.each("ReferencedSOPSequence"):
                yield item, study.text("StudyInstanceUID")


def _predecessor_in_study(subject: Subject) -> Iterator[Breach]:
    own = subject.data_set.text("StudyInstanceUID")
    for item, study in _predecessors(subject):
        if own and study and study != own:
            yield item.place(), f"The predecessor lies in the study {study[:64]}, the object in {own[:64]}."


def _predecessor_of_class(subject: Subject) -> Iterator[Breach]:
    own = subject.data_set.text("SOPClassUID")
    for item, _ in _predecessors(subject):
        found = item.text("ReferencedSOPClassUID")
        if found and found != own:
            yield (
                item.place("ReferencedSOPClassUID"),
                f"The predecessor is of class {found[:64]}, the object of {own[:64]}.",
            )


def _predecessors_agree(subject: Subject) -> Iterator[Breach]:
    sources = {item.text("ReferencedSOPInstanceUID") for item in subject.data_set.each("SourceInstanceSequence")}
    documents = {item.text("ReferencedSOPInstanceUID") for item, _ in _predecessors(subject)}
    if sources and documents and not sources & documents:
        yield (
            path("SourceInstanceSequence"),
            "Source Instance Sequence and Predecessor Documents Sequence name no instance in common.",
        )


RULES: tuple[Rule, ...] = (
    *rules(
        (warning, "LIN-001", "Frames use every series that is referred to.", "PS3.3 C.12.2", _unused_series),
        (
            warning,
            "LIN-002",
            "Source images of the whole object are in a series that is referred to.",
            "PS3.3 C.12.2, C.12.4",
            _general_sources,
        ),
        applies=FRAMED,
    ),
    *rules(
        (
            warning,
            "LIN-003",
            "An instance is named with one class wherever it is named.",
            "PS3.3 10.8, C.12.2, C.17.2",
            _one_class,
        ),
        applies=FRAMED | REPORTS,
    ),
    *rules(
        (
            warning,
            "LIN-004",
            "The source series of a segmentation is in evidence.",
            "PS3.16 TID 1410, TID 1411",
            _source_series,
        ),
        applies=REPORTS,
    ),
    *rules(
        (warning, "LIN-005", "A predecessor lies in the same study.", "PS3.3 C.17.2", _predecessor_in_study),
        (warning, "LIN-006", "A predecessor is of the same class.", "PS3.3 C.17.2", _predecessor_of_class),
        (
            warning,
            "LIN-007",
            "The two places that name what an object was made from agree.",
            "PS3.3 C.12.4, C.17.2",
            _predecessors_agree,
        ),
        applies=RESULTS,
    ),
)
