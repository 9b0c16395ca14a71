"""Searches the studies, series and instances that an actor may see for a purpose, and counts only those (PS3.18 10.6)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from overlays.governance.actor import Actor
from overlays.governance.vocabulary import Purpose
from overlays.models import OverlayVersion, Series, SourceInstance, Study
from overlays.queries.dicomweb_attributes import Level, Matching
from overlays.queries.dicomweb_matching import Key, condition, modalities
from overlays.queries.gate import permitted

_LAST = 2**31 - 1
"""Sorts series and instances without a number behind those with one, on every database."""


@dataclass(frozen=True)
class Visible:
    """What may be seen: source images, and the versions that the render policy does not withhold."""

    sources: QuerySet[SourceInstance]
    versions: QuerySet[OverlayVersion]

    def both(self) -> tuple[QuerySet, QuerySet]:
        """Either kind; both lead to ``series`` and from there to ``series__study``."""
        return self.sources, self.versions


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is searched for: matching keys, those of the address among them, and which part of the results."""

    keys: Sequence[Key] = ()
    limit: int
    offset: int = 0


@dataclass
class Counts:
    """What is visible of one study or series."""

    instances: int = 0
    series: set[int] = field(default_factory=set)
    modalities: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class Page:
    """The rows found, whether more match, and the counts that belong to them, by primary key."""

    rows: list
    more: bool
    of_studies: Mapping[int, Counts] = field(default_factory=dict)
    of_series: Mapping[int, Counts] = field(default_factory=dict)


def visible(*, actor: Actor, purpose: Purpose) -> Visible:
    """The source images and versions that the actor's grant reaches and the policy permits."""
    sources = SourceInstance.objects.order_by()
    if actor.studies is not None:
        sources = sources.filter(series__study__study_instance_uid__in=actor.studies)
    versions = permitted(actor=actor, purpose=purpose).select_related(None).order_by()
    return Visible(sources, versions)


def search_studies(*, actor: Actor, purpose: Purpose, asked: Asked) -> Page:
    """Studies of which anything is visible, the newest first, with what is visible counted. Three queries. Raises Invalid."""
    seen = visible(actor=actor, purpose=purpose)
    found = Study.objects.filter(_any(seen, "series__study"))
    for key in asked.keys:
        if key[0].matching is Matching.MODALITIES:
            found = found.filter(_any(seen, "series__study", Q(series__modality__in=modalities(key[1]))))
        else:
            found = found.filter(condition(key, Level.STUDY))
    rows, more = _page(found.order_by("-study_date", "-study_time", "study_instance_uid"), asked)
    return Page(rows=rows, more=more, of_studies=_counts(seen, "series__study_id", [row.pk for row in rows]))


def search_series(*, actor: Actor, purpose: Purpose, asked: Asked) -> Page:
    """Series of which anything is visible, by study and number, each with its study; both are counted. Five queries. Raises Invalid."""
    seen = visible(actor=actor, purpose=purpose)
    found = Series.objects.filter(_any(seen, "series")).select_related("study")
    for key in asked.keys:
        found = found.filter(condition(key, Level.SERIES))
    ordered = found.order_by("study__study_instance_uid", Coalesce("series_number", _LAST), "series_instance_uid")
    rows, more = _page(ordered, asked)
    return Page(
        rows=rows,
        more=more,
        of_studies=_counts(seen, "series__study_id", sorted({row.study_id for row in rows})),
        of_series=_counts(seen, "series_id", [row.pk for row in rows]),
    )


def search_instances(*, actor: Actor, purpose: Purpose, asked: Asked) -> Page:
    """Visible instances of either kind, by study, series and number, each with its series and study. Three queries. Raises Invalid."""
    seen = visible(actor=actor, purpose=purpose)
    conditions = [condition(key, Level.INSTANCE) for key in asked.keys]
    named = []
    for found in seen.both():
        for each in conditions:
            found = found.filter(each)
        named.append(
            found.values(
                "sop_instance_uid",
                study_key=F("series__study__study_instance_uid"),
                series_key=F("series__series_instance_uid"),
                place=Coalesce("instance_number", _LAST),
            )
        )
    sources, versions = named
    rows, more = _page(
        sources.union(versions, all=True).order_by("study_key", "series_key", "place", "sop_instance_uid"), asked
    )
    uids = [row["sop_instance_uid"] for row in rows]
    held = {row.sop_instance_uid: row for found in seen.both() for row in _rows(found, uids)}
    # A verdict may have changed between the queries: what is not permitted any more stays away.
    return Page(rows=[held[uid] for uid in uids if uid in held], more=more)


def _any(seen: Visible, path: str, further: Q | None = None) -> Q:
    """Whether anything visible leads here by the path."""
    sources, versions = (found.filter(**{path: OuterRef("pk")}) for found in seen.both())
    if further is not None:
        sources, versions = sources.filter(further), versions.filter(further)
    return Q(Exists(sources)) | Q(Exists(versions))


def _page(found: QuerySet, asked: Asked) -> tuple[list, bool]:
    rows = list(found[asked.offset : asked.offset + asked.limit + 1])
    return rows[: asked.limit], len(rows) > asked.limit


def _counts(seen: Visible, column: str, keys: Collection[int]) -> dict[int, Counts]:
    found: dict[int, Counts] = defaultdict(Counts)
    for rows in seen.both():
        grouped = rows.filter(**{f"{column}__in": keys}).values_list(column, "series_id", "series__modality")
        for key, series, modality, count in grouped.annotate(count=Count("pk")):
            found[key].instances += count
            found[key].series.add(series)
            found[key].modalities.add(modality)
    return found


def _rows(found: QuerySet, uids: Sequence[str]) -> QuerySet:
    needed = ("sop_instance_uid", "sop_class_uid", "transfer_syntax_uid", "instance_number", "attributes", "series")
    return found.filter(sop_instance_uid__in=uids).defer(None).only(*needed).select_related("series__study")
