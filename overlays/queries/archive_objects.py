"""Finds what of the archive may be seen: images, and derived objects that pass by setting; never what the registry governs itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Count, F

from overlays.archive.connection import archive
from overlays.archive.holdings import HOLDINGS, Held, passes
from overlays.governance.actor import Actor
from overlays.governance.vocabulary import Purpose
from overlays.models import StoredInstance
from overlays.queries.dicomweb_search import visible

_AT_ONCE = 500


@dataclass
class SeriesSeen:
    """How many instances of one series may be seen, and of which modalities."""

    instances: int = 0
    modalities: set[str] = field(default_factory=set)


Seen = dict[str, SeriesSeen]
"""What may be seen of a study, by Series Instance UID."""


def in_use() -> bool:
    """Whether an archive stands behind searches and retrieval."""
    return settings.OVERLAYS_SOURCE_STORE == "archive"


def free_to_pass(objects: Iterable[Held]) -> list[Held]:
    """Those that no verdict is needed for. What is registered is never taken from the archive, whatever its class: one query for 500."""
    kinds = settings.OVERLAYS_ARCHIVE_PASSES
    by_class = [each for each in objects if passes(each.sop_class, kinds)]
    governed = registered([each.instance for each in by_class])
    return [each for each in by_class if each.instance not in governed]


def registered(sop_instance_uids: Sequence[str]) -> set[str]:
    """Those of the UIDs under which the registry holds an instance: one query for 500."""
    found: set[str] = set()
    for start in range(0, len(sop_instance_uids), _AT_ONCE):
        stored = StoredInstance.objects.filter(sop_instance_uid__in=sop_instance_uids[start : start + _AT_ONCE])
        found.update(stored.values_list("sop_instance_uid", flat=True))
    return found


def of_archive(*, actor: Actor, study: str, bearer: str | None = None, instances: int | None = None) -> list[Held]:
    """What of the study the actor may have from the archive; nothing where the grant does not reach it.

    ``instances`` is how many the archive has just said that there are. Raises ArchiveFailed, ArchiveTooSlow.
    """
    if not actor.may_reach(study):
        return []
    return free_to_pass(HOLDINGS.of_study(archive(), study, bearer=bearer, instances=instances))


def one_of_archive(*, actor: Actor, study: str, series: str, instance: str, bearer: str | None = None) -> Held | None:
    """The instance, if the archive has it there and the actor may have it from the archive. Raises ArchiveFailed, ArchiveTooSlow."""
    if not actor.may_reach(study):
        return None
    found = HOLDINGS.of_study(archive(), study, bearer=bearer)
    named = [each for each in found if each.instance == instance and each.series == series]
    return next(iter(free_to_pass(named)), None)


def seen_of(objects: Iterable[Held]) -> Seen:
    """The objects counted by series."""
    found: Seen = defaultdict(SeriesSeen)
    for each in objects:
        found[each.series].instances += 1
        found[each.series].modalities.add(each.modality)
    return found


def seen_here(*, actor: Actor, purpose: Purpose, studies: Collection[str]) -> dict[str, Seen]:
    """What the registry itself shows of the studies. Two queries."""
    found: dict[str, Seen] = defaultdict(lambda: defaultdict(SeriesSeen))
    for rows, modality in zip(
        visible(actor=actor, purpose=purpose).both(), ("series__modality", "modality"), strict=True
    ):
        study, series = F("series__study__study_instance_uid"), F("series__series_instance_uid")
        wanted = rows.filter(series__study__study_instance_uid__in=studies)
        for of_study, of_series, named, count in (
            wanted.values_list(study, series, modality).annotate(count=Count("pk")).order_by()
        ):
            found[of_study][of_series].instances += count
            found[of_study][of_series].modalities.add(named)
    return found
