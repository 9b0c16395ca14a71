"""Takes one received instance through every check that comes before the database is written to."""

from collections.abc import Callable

from django.conf import settings
from django.db import IntegrityError

from overlays.dicom.bounds import Bounds
from overlays.dicom.faults import Unreadable
from overlays.dicom.findings import Finding, Severity
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import Family, Instance
from overlays.dicom.part10 import read_file_meta
from overlays.dicom.rules.corrections import for_corrections
from overlays.dicom.sop_classes import SOP_CLASSES
from overlays.governance.actor import Actor
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import ReviewState
from overlays.models import OverlayVersion, StoredInstance
from overlays.queries.uids import is_uid
from overlays.services.highdicom_reading import REFUSED_BY_LIBRARY, NotRead, read_with_highdicom, reads_later
from overlays.services.outcomes import Outcome, Refusal, Refused, outcome, refuse_on_errors
from overlays.services.registry_findings import finding
from overlays.services.spool import Received

SUBMIT = (Action.STORE_INSTANCES, Action.STORE_CORRECTION)
"""Either of these lets an actor post; which objects, the family decides."""

_REFUSAL_OF_RULE = {
    "IDN-001": Refusal.CLASS_NOT_SUPPORTED,
    "FIL-006": Refusal.SYNTAX_NOT_SUPPORTED,
    "FIL-007": Refusal.SYNTAX_NOT_SUPPORTED,
}
"""Rules whose breach has a refusal of its own."""
_AT_WRONG_PLACES = {"FRM-018", "SRC-014"}
"""What a viewer breaks that writes frames at the places of others."""
_META_BYTES = 1 << 16

Findings = tuple[Finding, ...]
Keep = Callable[[Instance, Findings], Findings]
"""What is done with an instance that passed: given what was found so far, all that was found. Raises Refused."""


def examine(*, actor: Actor, received: Received, posted_to: str | None, keep: Keep) -> Outcome:
    """Everything that is wrong with the bytes; what is not refused, nor stored already, goes to ``keep``.

    ``posted_to`` is the study of the address, where it names one. The actor's permission to post was asked before.
    """
    instance = None
    try:
        instance, findings = _read(actor, received)
        _require_reach(actor, instance, posted_to)  # first: whether a UID is known is told only to those it concerns
        if _is_stored(actor, instance, received):
            return _as_stored(instance, findings)
        findings += _decode(instance, received)
        try:
            findings = keep(instance, findings)
        except IntegrityError:
            # Another post of the same UID was committed in the meantime; what it stored decides.
            if not _is_stored(actor, instance, received):
                raise
            return _as_stored(instance, findings)
    except Refused as refused:
        claimed = ("", "") if instance else _claimed(received)
        findings = _advice(actor, refused.findings) + refused.findings
        return outcome(instance, findings, refusal=refused.refusal, claimed=claimed)
    return outcome(instance, findings, is_version=instance.family is not Family.IMAGE)


def _read(actor: Actor, received: Received) -> tuple[Instance, Findings]:
    bounds = Bounds(max_bytes=settings.OVERLAYS_MAX_INSTANCE_BYTES)
    policy = settings.OVERLAYS_RULES
    if actor.may(Action.STORE_CORRECTION):
        policy = for_corrections(policy)
    inspection = inspect(received.path, bounds=bounds, scratch=received.path.parent, policy=policy)
    told = {found.rule for found in inspection.findings}
    special = next((refusal for rule, refusal in _REFUSAL_OF_RULE.items() if rule in told), None)
    if inspection.instance is None:
        raise Refused(special or Refusal.NOT_UNDERSTOOD, inspection.findings)
    refuse_on_errors(inspection.findings, special or Refusal.RULES_BROKEN)
    return inspection.instance, inspection.findings


def _advice(actor: Actor, findings: Findings) -> Findings:
    """What a reader can do whose viewer wrote frames at wrong places."""
    broken = {found.rule for found in findings if found.severity is Severity.ERROR}
    return (finding("REG-020"),) if broken & _AT_WRONG_PLACES and actor.may(Action.STORE_CORRECTION) else ()


def _claimed(received: Received) -> tuple[str, str]:
    """SOP class and instance that the file meta information names; empty where it cannot be read or they are no UIDs."""
    with received.path.open("rb") as file:
        head = file.read(_META_BYTES)
    try:
        meta = read_file_meta(head)
    except Unreadable:
        return "", ""
    uids = meta.sop_class_uid, meta.sop_instance_uid
    return uids if all(is_uid(uid) for uid in uids) else ("", "")


def _is_stored(actor: Actor, instance: Instance, received: Received) -> bool:
    """Whether just these bytes are stored under this UID. Raises Refused when others are."""
    uid = instance.sop_instance_uid
    stored = StoredInstance.objects.filter(sop_instance_uid=uid).first()
    if stored is None:
        return False
    if stored.sha256 != received.sha256:
        own = f"stored sha256 {stored.sha256}, " if actor.may_reach(stored.study_instance_uid) else ""
        raise Refused(Refusal.DUPLICATE, (finding("REG-002", uid=uid, stored=own, posted=received.sha256),))
    return True


def _as_stored(instance: Instance, findings: Findings) -> Outcome:
    """The outcome for bytes that are there already; a pipeline is told when they were withdrawn."""
    is_version = instance.family is not Family.IMAGE
    withdrawn = OverlayVersion.objects.filter(
        sop_instance_uid=instance.sop_instance_uid, review_state=ReviewState.WITHDRAWN.value
    )
    if is_version and withdrawn.exists():
        findings += (finding("REG-015", Severity.WARNING),)
    return outcome(instance, findings, already_stored=True, is_version=is_version)


def _require_reach(actor: Actor, instance: Instance, posted_to: str | None) -> None:
    study = instance.study_instance_uid
    if posted_to is not None and posted_to != study:
        raise Refused(Refusal.RULES_BROKEN, (finding("REG-001", found=study, posted_to=posted_to),))
    if not actor.may_reach(study):
        raise Refused(Refusal.NOT_PERMITTED, (finding("REG-004", study=study),))
    if instance.family is Family.IMAGE:
        if not actor.may(Action.STORE_SOURCES):
            refused = finding("REG-009", actor=actor.name, action=Action.STORE_SOURCES)
            raise Refused(Refusal.NOT_PERMITTED, (refused,))
        if settings.OVERLAYS_SOURCE_STORE != "embedded":
            refused = finding("REG-005", name=SOP_CLASSES[instance.sop_class_uid].name)
            raise Refused(Refusal.CLASS_NOT_SUPPORTED, (refused,))


def _decode(instance: Instance, received: Received) -> Findings:
    """What the library that everybody uses makes of it; of large objects it says so later, of images when they are drawn."""
    if instance.family is Family.IMAGE:
        return ()
    if reads_later(received.size):
        return (finding("REG-014", Severity.WARNING),)
    try:
        return read_with_highdicom(received.path)
    except NotRead as not_read:
        refusal = Refusal.RULES_BROKEN if not_read.finding.rule == REFUSED_BY_LIBRARY else Refusal.RESOURCES
        raise Refused(refusal, (not_read.finding,)) from not_read
