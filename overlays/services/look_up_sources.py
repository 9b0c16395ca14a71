"""Asks the archive for the source instances that an object names, before any transaction begins."""

import logging
from dataclasses import dataclass

from django.conf import settings

from overlays.archive.connection import archive
from overlays.archive.sources import look_up
from overlays.dicom.instance import Family, Instance, KnownSource
from overlays.governance.errors import ArchiveFailed
from overlays.queries.known_sources import known_sources

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LookedUp:
    """What the archive has of an object's sources; ``answered`` is False where it could not tell."""

    sources: tuple[KnownSource, ...] = ()
    answered: bool = True


def looks_in_archive() -> bool:
    """Whether source images are looked up in an archive."""
    return settings.OVERLAYS_SOURCE_STORE == "archive"


def look_up_sources(instance: Instance) -> LookedUp:
    """The sources that the archive has, but for those that the registry holds itself; never raises for the archive's faults.

    Waits for the network: to be called outside of transactions, which hold locks.
    """
    if not looks_in_archive() or instance.family is Family.IMAGE:
        return LookedUp()
    held = {
        source.sop_instance_uid for source in known_sources([each.sop_instance_uid for each in instance.references])
    }
    wanted = [reference for reference in instance.references if reference.sop_instance_uid not in held]
    if not wanted:
        return LookedUp()
    try:
        return LookedUp(tuple(look_up(archive(), wanted, study=instance.study_instance_uid)))
    except ArchiveFailed as fault:
        log.warning("sources of %s are not verified: %s", instance.sop_instance_uid, fault.sentence)
        return LookedUp(answered=False)
