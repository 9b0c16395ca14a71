"""Rules about the source instances that an object names (PS3.3 C.7.6.16.2.6, C.12.2)."""

from collections.abc import Iterator

from overlays.dicom.instance import Family
from overlays.dicom.read_references import content_references, mentioned_by_presentation_state
from overlays.dicom.rules.rule import FRAMED, RESULTS, Breach, Rule, error, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

LISTS = ("ReferencedSeriesSequence", "StudiesContainingOtherReferencedInstancesSequence")
PER_FRAME = "PerFrameFunctionalGroupsSequence"


NAMED_IN = {
    Family.STRUCTURED_REPORT: ("report", "CurrentRequestedProcedureEvidenceSequence"),
    Family.KEY_OBJECTS: ("selection", "CurrentRequestedProcedureEvidenceSequence"),
    Family.PRESENTATION_STATE: ("presentation state", "ReferencedSeriesSequence"),
    Family.SECONDARY_CAPTURE: ("capture", "SourceImageSequence"),
    Family.STRUCTURE_SET: ("structure set", "ReferencedFrameOfReferenceSequence"),
}
"""What people call an object of the family, and where it names its sources."""


def _any(subject: Subject) -> Iterator[Breach]:
    if any(entry.sop_instance_uid for entry in subject.listed) or _named_where_used(subject):
        return
    what, where = NAMED_IN.get(subject.family, ("object", "ReferencedSeriesSequence"))
    yield path(where), f"The {what} names no source instance at all: its lineage cannot be known."


def _named_where_used(subject: Subject) -> bool:
    root = subject.data_set
    if subject.family in (Family.STRUCTURED_REPORT, Family.KEY_OBJECTS):
        return any(True for _ in content_references(subject.content))
    if subject.family is Family.PRESENTATION_STATE:
        return any(True for _ in mentioned_by_presentation_state(root))
    if subject.family is Family.STRUCTURE_SET:
        return any(uid for contour in subject.structure.contours() for uid in contour.images)
    if subject.family is Family.ANNOTATIONS:
        return any(item.text("ReferencedSOPInstanceUID") for item in root.each("ReferencedImageSequence"))
    sequences = ("SourceImageSequence", "SourceInstanceSequence")
    captured = subject.family is Family.SECONDARY_CAPTURE
    return subject.groups.any_sources() or any(root.count(keyword) for keyword in sequences[: 2 if captured else 1])


def _derivation(subject: Subject) -> Iterator[Breach]:
    if subject.groups.shared.sources:
        return
    bare = [number for number, frame in enumerate(subject.groups.per_frame, 1) if not frame.sources]
    if (bare and any(entry.sop_instance_uid for entry in subject.listed)) or (bare and subject.groups.any_sources()):
        yield (
            path(PER_FRAME, bare[0], "DerivationImageSequence"),
            f"{len(bare)} frames do not name the images that they were derived from; some versions of OHIF drop such frames.",
        )


def _purpose(subject: Subject) -> Iterator[Breach]:
    for number, frame in enumerate((subject.groups.shared, *subject.groups.per_frame)):
        if frame.bare_derivations:
            where = (
                path(PER_FRAME, number, "DerivationImageSequence")
                if number
                else path("SharedFunctionalGroupsSequence", 1, "DerivationImageSequence")
            )
            yield (
                where,
                "A derivation has a derivation code (for a segmentation 113076), and its sources a purpose of reference (121322).",
            )


def _has_list(subject: Subject) -> bool:
    return any(subject.data_set.count(keyword) for keyword in LISTS)


def _listed(subject: Subject) -> Iterator[Breach]:
    if not _has_list(subject):
        return
    listed = {entry.sop_instance_uid for entry in subject.listed}
    for uid, source in subject.groups.sources.items():
        if uid not in listed:
            yield (
                subject.data_set.scan.place(source.row),
                f"The source {uid[:64]!r} is in no series that the object refers to.",
            )


def _list_present(subject: Subject) -> Iterator[Breach]:
    if subject.groups.any_sources() and not _has_list(subject):
        yield path("ReferencedSeriesSequence"), "Frames name source images, so the series of these must be referred to."


def _one_place(subject: Subject) -> Iterator[Breach]:
    seen: dict[str, tuple[str, str]] = {}
    for entry in subject.listed:
        place = (entry.study_instance_uid, entry.series_instance_uid)
        if seen.setdefault(entry.sop_instance_uid, place) != place:
            yield (
                subject.data_set.scan.place(entry.row),
                f"The instance {entry.sop_instance_uid[:64]} is listed under two series or studies.",
            )


def _listed_once(subject: Subject) -> Iterator[Breach]:
    seen: set[tuple[str, str, str]] = set()
    for entry in subject.listed:
        key = (entry.sop_instance_uid, entry.study_instance_uid, entry.series_instance_uid)
        if key in seen:
            yield subject.data_set.scan.place(entry.row), f"The instance {entry.sop_instance_uid[:64]} is listed twice."
        seen.add(key)


def _complete(subject: Subject) -> Iterator[Breach]:
    own_study_missing = subject.data_set.is_empty("StudyInstanceUID")
    for entry in subject.listed:
        missing = [
            word
            for word, value in (
                ("SOP Instance UID", entry.sop_instance_uid),
                ("SOP Class UID", entry.sop_class_uid),
                ("Series Instance UID", entry.series_instance_uid),
                ("Study Instance UID", entry.study_instance_uid or own_study_missing),
            )
            if not value
        ]
        if missing:
            yield subject.data_set.scan.place(entry.row), f"The reference lacks its {' and '.join(missing)}."


RULES: tuple[Rule, ...] = (
    error(
        "REF-001",
        "The object names at least one source instance.",
        "registry policy; PS3.3 C.7.6.16.2.6, C.17.2",
        _any,
        applies=RESULTS,
    ),
    warning(
        "REF-002",
        "Every frame names the images that it was derived from.",
        "PS3.3 C.7.6.16.2.6, A.51.5",
        _derivation,
        applies=FRAMED,
    ),
    error(
        "REF-003",
        "Every source of a frame is in a series that the object refers to.",
        "PS3.3 C.12.2",
        _listed,
        applies=FRAMED,
    ),
    error(
        "REF-004",
        "Series are referred to where frames name sources.",
        "PS3.3 A.51.3, C.12.2",
        _list_present,
        applies=FRAMED,
    ),
    error("REF-005", "No instance is listed under two series or studies.", "PS3.3 C.12.2", _one_place, applies=RESULTS),
    warning("REF-006", "No instance is listed twice.", "PS3.3 C.12.2", _listed_once, applies=RESULTS),
    warning("REF-007", "Derivations and their sources are coded.", "PS3.3 A.51.5.1", _purpose, applies=FRAMED),
    error(
        "REF-008",
        "Listed references name instance, class, series and study.",
        "PS3.3 C.12.2, C.17.2, 10.8",
        _complete,
        applies=RESULTS,
    ),
)
