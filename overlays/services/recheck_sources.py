"""Looks a stored version's sources up again, after an archive was away or changed."""

from datetime import datetime

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.errors import ArchiveFailed, NotFound
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import Verification
from overlays.models import OverlayVersion
from overlays.queries.as_instance import whole_instance
from overlays.queries.known_sources import known_sources
from overlays.services.locking import locked_version
from overlays.services.look_up_sources import look_up_sources
from overlays.services.supersede import settle_accepted
from overlays.services.verify_sources import contradicts_study, note_verification, stands


def recheck_sources(*, actor: Actor, at: datetime, sop_instance_uid: str) -> str:
    """Look up every source of the version, and say afresh how it stands to them.

    Returns the verification afterwards; a change gets an audit entry. Raises NotPermitted, NotFound; ArchiveFailed when the archive
    could not tell, and Unavailable when the stored bytes cannot be read, which changes nothing.
    """
    actor.require(Action.STORE_INSTANCES)
    version = OverlayVersion.objects.filter(sop_instance_uid=sop_instance_uid)
    version = version.first()
    if version is None:
        raise NotFound(f"There is no version {sop_instance_uid}.")
    instance = whole_instance(version)
    looked = look_up_sources(instance)
    if not looked.answered:
        raise ArchiveFailed("The archive could not tell of the version's sources.")
    with transaction.atomic():
        version = locked_version(actor, sop_instance_uid)
        names = [reference.sop_instance_uid for reference in instance.references]
        known = [*known_sources(names), *looked.sources]
        found = Verification.CONFLICT if contradicts_study(version) else stands(instance, known)
        if note_verification(actor=actor, at=at, version=version, found=found.value):
            settle_accepted(actor, at, OverlayVersion.objects.filter(pk=version.pk))
    return version.verification
