"""Rules about the file and its stream of elements, before its content is looked at."""

from collections.abc import Callable, Iterator

from overlays.dicom import value_representations as vr
from overlays.dicom.faults import FaultKind
from overlays.dicom.rules.rule import IMAGES, RESULTS, SEGMENTATIONS, Breach, Rule, Stage, error, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path
from overlays.dicom.transfer_syntaxes import ACCEPTED, EXPLICIT_BE, TRANSFER_SYNTAXES, name_of

SYNTAX_PATH = "(0002,0010) TransferSyntaxUID"


def of_kind(kind: FaultKind) -> Callable[[Subject], Iterator[Breach]]:
    """A check that reports what the reader of the bytes met."""

    def check(subject: Subject) -> Iterator[Breach]:
        return ((fault.path, fault.sentence) for fault in subject.faults if fault.kind is kind)

    return check


def _no_transfer_syntax(subject: Subject) -> Iterator[Breach]:
    if subject.meta is not None and not subject.transfer_syntax:
        yield SYNTAX_PATH, "The meta information names no transfer syntax."


def _big_endian(subject: Subject) -> Iterator[Breach]:
    if subject.transfer_syntax == EXPLICIT_BE:
        yield (
            SYNTAX_PATH,
            "Explicit VR Big Endian is retired and not taken in; convert the object to Explicit VR Little Endian.",
        )


def _transfer_syntax(subject: Subject) -> Iterator[Breach]:
    uid, family = subject.transfer_syntax, subject.family
    if not uid or uid == EXPLICIT_BE:
        return
    syntax = TRANSFER_SYNTAXES.get(uid)
    if syntax is None:
        yield SYNTAX_PATH, f"{uid[:80]!r} is no transfer syntax that is taken in."
    elif family is not None and uid not in ACCEPTED[family]:
        why = "loses information" if syntax.lossy else "is not used for it"
        yield SYNTAX_PATH, f"{name_of(uid)} is not taken in for a {family.value} object: it {why}."


def _form_of_pixel_data(subject: Subject) -> Iterator[Breach]:
    syntax = TRANSFER_SYNTAXES.get(subject.transfer_syntax)
    row = subject.data_set.row_of("PixelData")
    if syntax is None or row is None:
        return
    encapsulated = row in subject.data_set.scan.fragments
    if encapsulated != syntax.encapsulated:
        form = "encapsulated" if encapsulated else "native"
        yield path("PixelData"), f"The pixel data is {form}, which {syntax.name} does not allow."


def _meta_class(subject: Subject) -> Iterator[Breach]:
    stated, own = (subject.meta.sop_class_uid if subject.meta else ""), subject.data_set.text("SOPClassUID")
    if stated != own:
        yield (
            "(0002,0002) MediaStorageSOPClassUID",
            f"The meta information names class {stated[:80]!r}, the data set {own[:80]!r}.",
        )


def _meta_instance(subject: Subject) -> Iterator[Breach]:
    stated, own = (subject.meta.sop_instance_uid if subject.meta else ""), subject.data_set.text("SOPInstanceUID")
    if own and stated != own:
        yield (
            "(0002,0003) MediaStorageSOPInstanceUID",
            f"The meta information names instance {stated[:80]!r}, the data set {own[:80]!r}.",
        )


def _hidden_sequences(subject: Subject) -> Iterator[Breach]:
    """Other readers look the tag up and read the value as a sequence: what it holds would pass unchecked."""
    scan, known = subject.data_set.scan, vr.dictionary()
    for row in scan.rows_of(vr.UN):
        if known.get(scan.tags[row]) == vr.SQ:
            yield (
                scan.place(row),
                "A sequence of the standard is written with value representation UN, which hides its items.",
            )


def _frames_limit(subject: Subject) -> Iterator[Breach]:
    frames = subject.data_set.integer("NumberOfFrames")
    if frames is not None and frames > subject.bounds.max_frames:
        yield (
            path("NumberOfFrames"),
            f"The object claims {frames} frames; at most {subject.bounds.max_frames} are taken.",
        )


def _pixels_limit(subject: Subject) -> Iterator[Breach]:
    rows, columns = subject.data_set.integer("Rows") or 0, subject.data_set.integer("Columns") or 0
    if rows * columns > subject.bounds.max_pixels_per_frame:
        yield (
            path("Rows"),
            f"A frame of {rows} rows and {columns} columns exceeds {subject.bounds.max_pixels_per_frame} pixels.",
        )


def _segments_limit(subject: Subject) -> Iterator[Breach]:
    found = subject.data_set.count("SegmentSequence")
    if found > subject.bounds.max_segments:
        yield (
            path("SegmentSequence"),
            f"The object describes {found} segments; at most {subject.bounds.max_segments} are taken.",
        )


def _of_bytes(id: str, title: str, reference: str, kind: FaultKind) -> Rule:  # noqa: A002 - the rule's own word
    return error(id, title, reference, of_kind(kind), stage=Stage.BYTES)


RULES: tuple[Rule, ...] = (
    _of_bytes(
        "FIL-001",
        "The file begins with a preamble, DICM and File Meta Information.",
        "PS3.10 7.1",
        FaultKind.NOT_PART10,
    ),
    _of_bytes(
        "FIL-002",
        "The preamble does not make the file a program, a script, an archive or a document of another kind.",
        "PS3.10 7.1; CVE-2019-11687",
        FaultKind.PREAMBLE,
    ),
    _of_bytes("FIL-003", "Nothing follows the last element.", "PS3.10 7.1", FaultKind.TRAILING),
    _of_bytes(
        "FIL-004", "No length reaches beyond the end of its parent or of the file.", "PS3.5 7.1, 7.5", FaultKind.OVERRUN
    ),
    error(
        "FIL-005",
        "The meta information names the transfer syntax.",
        "PS3.10 7.1",
        _no_transfer_syntax,
        stage=Stage.BYTES,
    ),
    error(
        "FIL-006",
        "The transfer syntax is one that is taken in for this kind of object.",
        "PS3.5 Annex A",
        _transfer_syntax,
        stage=Stage.BYTES,
    ),
    error("FIL-007", "The object is not in Explicit VR Big Endian.", "PS3.5 Annex A", _big_endian, stage=Stage.BYTES),
    _of_bytes("FIL-008", "Elements are encoded as the transfer syntax says.", "PS3.5 7.1, Annex A", FaultKind.VR_FORM),
    error(
        "FIL-009",
        "Pixel data is native or encapsulated as the transfer syntax says.",
        "PS3.5 Annex A",
        _form_of_pixel_data,
        applies=IMAGES,
    ),
    error("FIL-010", "The meta information names the SOP class of the data set.", "PS3.10 7.1", _meta_class),
    error("FIL-011", "The meta information names the SOP instance of the data set.", "PS3.10 7.1", _meta_instance),
    _of_bytes("FIL-012", "No tag stands twice in one data set.", "PS3.5 7.1", FaultKind.DUPLICATE),
    warning("FIL-013", "The tags of a data set ascend.", "PS3.5 7.1", of_kind(FaultKind.ORDER), stage=Stage.BYTES),
    _of_bytes("FIL-014", "A deflated data set inflates to its end.", "PS3.5 A.5", FaultKind.DEFLATE),
    _of_bytes("FIL-015", "Sequences are made of items, and items of elements.", "PS3.5 7.5", FaultKind.STRUCTURE),
    error(
        "FIL-016",
        "Sequences of the standard are written as sequences.",
        "PS3.5 6.2.2",
        _hidden_sequences,
        applies=RESULTS,
    ),
    warning(
        "FIL-017",
        "The preamble is all zero or that of a TIFF file.",
        "PS3.10 7.1; CVE-2019-11687",
        of_kind(FaultKind.PREAMBLE_CONTENT),
    ),
    _of_bytes("LIM-001", "The file is within the limit of size.", "local limit", FaultKind.SIZE),
    _of_bytes(
        "LIM-002",
        "A deflated data set inflates to a size within the limit.",
        "local limit; PS3.5 A.5",
        FaultKind.INFLATED_SIZE,
    ),
    _of_bytes("LIM-003", "Sequences are nested within the limit of depth.", "local limit; PS3.5 7.5", FaultKind.DEPTH),
    _of_bytes("LIM-004", "The number of items is within the limit.", "local limit; PS3.5 7.5", FaultKind.ITEMS),
    _of_bytes("LIM-005", "The number of elements is within the limit.", "local limit", FaultKind.ELEMENTS),
    error(
        "LIM-006",
        "Number of Frames is within the limit.",
        "local limit; PS3.3 C.7.6.6",
        _frames_limit,
        stage=Stage.LIMITS,
        applies=IMAGES,
    ),
    error(
        "LIM-007",
        "Rows times Columns is within the limit.",
        "local limit; PS3.3 C.7.6.3",
        _pixels_limit,
        stage=Stage.LIMITS,
        applies=IMAGES,
    ),
    _of_bytes(
        "LIM-008",
        "No single value other than pixels, coordinates and what is measured along them is larger than the limit.",
        "local limit",
        FaultKind.VALUE_SIZE,
    ),
    error(
        "LIM-009",
        "The number of segments is within the limit.",
        "local limit",
        _segments_limit,
        applies=SEGMENTATIONS,
        stage=Stage.LIMITS,
    ),
)
