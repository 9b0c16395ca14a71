"""Compares an object with the source instances that the registry knows."""

from collections.abc import Sequence

from overlays.dicom.findings import Finding
from overlays.dicom.instance import Instance, KnownSource
from overlays.dicom.rules.policy import AS_WRITTEN, RulePolicy, ask
from overlays.dicom.rules.rule import Stage
from overlays.dicom.rules.sources import Comparison

MAX_FINDINGS_PER_RULE = 20


def compare(
    instance: Instance, known: Sequence[KnownSource], *, policy: RulePolicy = AS_WRITTEN
) -> tuple[Finding, ...]:
    """The contradictions between an object and known sources. Values that identify a patient never stand in a finding.

    Each known source is matched to the reference that names its SOP Instance UID.
    """
    references = {reference.sop_instance_uid: reference for reference in instance.references}
    comparison = Comparison(
        instance=instance, pairs=tuple((references.get(source.sop_instance_uid), source) for source in known)
    )
    return tuple(ask(Stage.SOURCES, instance.family, comparison, limit=MAX_FINDINGS_PER_RULE, policy=policy))
