"""Encodes masks, values or measurements as a DICOM object, and stores it as a posted one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.timezone import localtime

from overlays.dicom.encode.describe_report import named_segmentations
from overlays.dicom.encode.description import MOST_SOURCES, Description, read_description
from overlays.dicom.encode.refusal import DescriptionFault, EncodingRefused, Reason
from overlays.dicom.findings import Finding, Severity
from overlays.dicom.sandbox import SandboxBusy, SandboxFailure, Task
from overlays.governance.actor import Actor
from overlays.governance.errors import Conflict, NotPermitted, RegistryError, Unavailable, Unprocessable
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.models import OverlayVersion, Series
from overlays.queries.decoder import encoder
from overlays.queries.encoding_archive import InArchive, archive_images, archive_series
from overlays.queries.encoding_sources import Held, held_content, held_images, held_series, held_versions
from overlays.services.audit import record
from overlays.services.encoding_folder import EncodingFolder
from overlays.services.examine import SUBMIT
from overlays.services.outcomes import Outcome, Refusal, rules_broken
from overlays.services.spool import Received, Spool
from overlays.services.store_instance import store_instance

ENCODER_VERSION = "1.0"
LARGEST_SERIES_NUMBER = 2**31 - 1
"""Of an integer string (IS, PS3.5 6.2)."""
CHUNK = 1 << 20

RULE_OF_REASON: dict[Reason, str] = {
    Reason.DESCRIPTION: "ENC-001",
    Reason.MASK_UNREADABLE: "ENC-002",
    Reason.TOO_LARGE: "ENC-003",
    Reason.MASK_VALUES: "ENC-004",
    Reason.EMPTY: "ENC-005",
    Reason.SOURCES: "ENC-006",
    Reason.GEOMETRY: "ENC-007",
    Reason.NO_GEOMETRY: "ENC-008",
    Reason.COMPRESSION: "ENC-009",
    Reason.LIBRARY: "ENC-010",
}
"""The rule that stands for each reason of the encoders."""
NOT_HELD, NO_PREDECESSOR, NO_ANSWER = "ENC-011", "ENC-012", "ENC-013"


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """What was stored, in which state, and what the client should know of it: (code, sentence) each."""

    outcome: Outcome
    review_state: str
    remarks: tuple[tuple[str, str], ...] = ()


class _NotEncoded(Exception):
    def __init__(self, findings: Sequence[Finding], study: str = "") -> None:
        super().__init__()
        self.findings = tuple(findings)
        self.study = study


def encode_result(
    *, actor: Actor, at: datetime, folder: EncodingFolder, description: bytes, seed: UUID, post: UUID
) -> Encoding:
    """Encode what lies in the folder after the description, and store the object exactly as if it had been posted.

    All UIDs follow from ``seed``: what was stored under it before is answered again. ``post`` is the id of the request.

    Raises Unprocessable with every finding, NotPermitted, Conflict, Unavailable or, where the archive cannot tell of the images,
    ArchiveFailed; then nothing is kept but an audit entry.
    """
    if not any(actor.may(action) for action in SUBMIT):
        raise NotPermitted(f"{actor.name} may not {Action.STORE_INSTANCES}.", action=str(Action.STORE_INSTANCES))
    before = _before(actor, seed)
    if before is not None:
        return before
    try:
        remarks = _encoded(actor, at, folder, description, seed)
    except Unavailable:
        before = _before(actor, seed)  # what it waited for may have been its like
        if before is not None:
            return before
        raise
    except _NotEncoded as fault:
        _record_refusal(actor, at, fault.findings, study=fault.study, refusal="not encoded")
        sentence = " ".join(found.sentence for found in fault.findings[:3])
        raise Unprocessable(sentence, findings=[found.as_json() for found in fault.findings]) from None
    with Spool(settings.OVERLAYS_MAX_INSTANCE_BYTES) as spool:
        received = _received(folder, spool)
        stored = store_instance(actor=actor, at=at, received=received, post=post, record_refusal=False)
    if stored.refusal is not None:
        # The time stands in the bytes: of two that came at once the later has others, and is told of the earlier.
        before = _before(actor, seed) if stored.refusal is Refusal.DUPLICATE else None
        if before is not None:
            return before
        said = {"subject": stored.sop_instance_uid, "study": stored.study_instance_uid, "refusal": str(stored.refusal)}
        _record_refusal(actor, at, stored.findings, **said)
        raise _refused(stored)
    state = OverlayVersion.objects.values_list("review_state", flat=True).get(sop_instance_uid=stored.sop_instance_uid)
    return Encoding(outcome=stored, review_state=state, remarks=remarks)


def _uid(seed: UUID, word: str) -> str:
    """A UID (PS3.5 B.2) that follows from the seed and the word."""
    return f"2.25.{uuid5(seed, word).int}"


def _before(actor: Actor, seed: UUID) -> Encoding | None:
    """What the actor stored under the same seed, in a study that the grant reaches."""
    stored = OverlayVersion.objects.select_related("study", "series")
    version = stored.filter(sop_instance_uid=_uid(seed, "instance"), stored_by_key=actor.key).first()
    if version is None or not actor.may_reach(version.study.study_instance_uid):
        return None
    found = Outcome(
        sop_class_uid=version.sop_class_uid,
        sop_instance_uid=version.sop_instance_uid,
        study_instance_uid=version.study.study_instance_uid,
        series_instance_uid=version.series.series_instance_uid,
        findings=(),
        refusal=None,
        already_stored=True,
        is_version=True,
    )
    return Encoding(outcome=found, review_state=version.review_state)


def _encoded(
    actor: Actor, at: datetime, folder: EncodingFolder, description: bytes, seed: UUID
) -> tuple[tuple[str, str], ...]:
    """Put everything into the folder and have a child encode it. Raises _NotEncoded, Unavailable, ArchiveFailed."""
    try:
        asked = read_description(description, reader=_person(actor))
    except EncodingRefused as refused:
        raise _NotEncoded(_findings(refused.reason, refused.sentence, refused.faults)) from None
    sources = _sources(actor, asked)
    study = sources[0].study_instance_uid
    others = _others(actor, asked, study)
    predecessor = _predecessor(actor, asked, study)
    try:
        folder.describe(description)
        for source in sources:
            if isinstance(source, Held):
                folder.add_source(source.sha256)
            else:
                folder.add_described(source.element)
        for held in others:
            folder.add_other(held.sha256)
    except FileNotFoundError:
        raise Unavailable("The store has lost the bytes of a source image; an operator must look.") from None
    identity = {
        "sop_instance_uid": _uid(seed, "instance"),
        "series_instance_uid": _uid(seed, "series"),
        "series_number": _series_number(study),
        "instance_number": 1,
        "created": localtime(at).replace(tzinfo=None).isoformat(),
        "encoder_version": ENCODER_VERSION,
    }
    try:
        before = held_content(actor, asked.predecessor) if predecessor else []
        said = {"identity": identity, "predecessor": predecessor, "reader": asked.reader, "before": before}
        result = encoder().run(Task.ENCODE, folder.path, **said).result
    except SandboxBusy as busy:
        raise Unavailable(f"{busy.sentence} Try again.") from None
    except SandboxFailure as failure:
        raise _NotEncoded(
            [_finding(NO_ANSWER, f"It could not be encoded within the limits: {failure.sentence}")], study
        ) from None
    if "refused" in result:
        said = result["refused"]
        faults = [DescriptionFault(**fault) for fault in said["faults"]]
        raise _NotEncoded(_findings(Reason(said["reason"]), said["sentence"], faults), study)
    return tuple((remark["code"], remark["sentence"]) for remark in result["remarks"])


def _findings(reason: Reason, sentence: str, faults: Sequence[DescriptionFault]) -> list[Finding]:
    rule = RULE_OF_REASON[reason]
    return [_finding(rule, fault.sentence, fault.path) for fault in faults] or [_finding(rule, sentence)]


def _finding(rule: str, sentence: str, path: str = "") -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, path=path, sentence=sentence)


def _sources(actor: Actor, asked: Description) -> list[Held | InArchive]:
    """The images, in the description's order, from the registry and from the archive that it has.

    Raises _NotEncoded where one is not there, or not reached: the two are not told apart; ArchiveFailed, ArchiveTooSlow.
    """
    if asked.source_series:
        found = held_series(actor, asked.source_series, MOST_SOURCES)
        found = found or archive_series(actor, asked.source_series, MOST_SOURCES)
        if not found:
            sentence = f"No source image of the series {asked.source_series} is held here."
            raise _NotEncoded([_finding(NOT_HELD, sentence, "$.sources")])
        if len(found) > MOST_SOURCES:
            sentence = f"The series {asked.source_series} has more than {MOST_SOURCES} images."
            raise _NotEncoded([_finding(RULE_OF_REASON[Reason.TOO_LARGE], sentence, "$.sources")])
        return found
    known = held_images(actor, asked.sources)
    missing = [uid for uid in asked.sources if uid not in known]
    if missing:
        known |= held_versions(actor, missing)
        known |= archive_images(actor, [uid for uid in missing if uid not in known])
        missing = [uid for uid in missing if uid not in known]
    if missing:
        sentence = (
            f"{len(missing)} of the {len(asked.sources)} source images are not held here; the first is {missing[0]}."
        )
        raise _NotEncoded([_finding(NOT_HELD, sentence, "$.sources")])
    return [known[uid] for uid in asked.sources]


def _others(actor: Actor, asked: Description, study: str) -> list[Held]:
    """The segmentations that a report measures. Those that are not held, the encoder names with their groups."""
    named = named_segmentations(asked.section)
    known = held_versions(actor, named) if named else {}
    return [known[uid] for uid in named if uid in known and known[uid].study_instance_uid == study]


def _predecessor(actor: Actor, asked: Description, study: str) -> dict[str, str] | None:
    if not asked.predecessor:
        return None
    found = held_versions(actor, [asked.predecessor]).get(asked.predecessor)
    if found is None or found.study_instance_uid != study:
        sentence = f"The predecessor {asked.predecessor} is no version of this study that {actor.name} may read."
        raise _NotEncoded([_finding(NO_PREDECESSOR, sentence, "$.predecessor")], study)
    return {key: value for key, value in asdict(found).items() if key != "sha256"}


def _person(actor: Actor) -> str:
    """The name of who stores a correction, as a value of a person's name (PN, PS3.5 6.2.1); empty for a pipeline."""
    if not actor.may(Action.STORE_CORRECTION):
        return ""
    return "".join(" " if letter in "\\^=" else letter for letter in actor.name)[:64].strip() or "Reader"


def _series_number(study: str) -> int:
    largest = Series.objects.filter(study__study_instance_uid=study).aggregate(largest=Max("series_number"))["largest"]
    return min(max(largest or 0, 0) + 1, LARGEST_SERIES_NUMBER)


def _received(folder: EncodingFolder, spool: Spool) -> Received:
    with folder.encoded.open("rb") as file:
        while chunk := file.read(CHUNK):
            spool.write(chunk)
    return spool.finish()


def _refused(stored: Outcome) -> RegistryError:
    """What the object was encoded for nothing by: the refusals of a posted one."""
    sentence = " ".join(found.sentence for found in stored.findings if found.severity is Severity.ERROR)
    said = {"findings": [found.as_json() for found in stored.findings]}
    match stored.refusal:
        case Refusal.NOT_PERMITTED:
            return NotPermitted(sentence, **said)
        case Refusal.DUPLICATE:
            return Conflict(sentence, **said)
        case _:
            return Unprocessable(sentence, **said)


def _record_refusal(actor: Actor, at: datetime, findings: Sequence[Finding], **said: str) -> None:
    with transaction.atomic():
        record(actor=actor, at=at, event=Event.INSTANCE_REFUSED, rules=rules_broken(tuple(findings)), **said)
