"""Searches the studies, series and instances that an actor may see for a purpose, and counts only those (PS3.18 10.6)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from overlays.governance.actor import Actor
from overlays.governance.vocabulary import Purpose
from overlays.models import OverlayVersion, Series, SourceInstance, Study
from overlays.queries.dicomweb_attributes import Level, Matching
from overlays.queries.dicomweb_matching import Key, condition, condition_on_version, modalities
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
    """What is visible of one study or series. ``told_by`` is the first visible version, for where no source tells of it."""

    instances: int = 0
    sources: int = 0
    told_by: int | None = None
    series: set[int] = field(default_factory=set)
    modalities: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class Page:
    """The rows found, whether more match, and the counts that belong to them, by primary key.

    ``own`` has the attributes of the versions that tell of a study or series, by their primary key.
    """

    rows: list
    more: bool
    of_studies: Mapping[int, Counts] = field(default_factory=dict)
    of_series: Mapping[int, Counts] = field(default_factory=dict)
    own: Mapping[int, dict] = field(default_factory=dict)


def visible(*, actor: Actor, purpose: Purpose) -> Visible:
    """The source images and versions that the actor's grant reaches and the policy permits."""
    sources = SourceInstance.objects.order_by()
    if actor.studies is not None:
        sources = sources.filter(series__study__study_instance_uid__in=actor.studies)
    versions = permitted(actor=actor, purpose=purpose).select_related(None).order_by()
    return Visible(sources, versions)


def search_studies(*, actor: Actor, purpose: Purpose, asked: Asked) -> Page:
    """Studies of which anything is visible, the newest first, with what is visible counted. Four queries at most. Raises Invalid."""
    seen = visible(actor=actor, purpose=purpose)
    keys = [key for key in asked.keys if key[0].matching is not Matching.MODALITIES]
    found = Study.objects.filter(_matched(seen, "series__study", keys, Level.STUDY))
    for key in asked.keys:
        if key[0].matching is Matching.MODALITIES:
            wanted = modalities(key[1])
            sources = seen.sources.filter(series__study=OuterRef("pk"), series__modality__in=wanted)
            versions = seen.versions.filter(series__study=OuterRef("pk"), modality__in=wanted)
            found = found.filter(Q(Exists(sources)) | Q(Exists(versions)))
    rows, more = _page(found.order_by("-study_date", "-study_time", "study_instance_uid"), asked)
    of_studies = _counts(seen, "series__study_id", [row.pk for row in rows])
    # A verdict may have changed between the queries: what is not visible any more stays away.
    still = [row for row in rows if row.pk in of_studies]
    return Page(rows=still, more=more, of_studies=of_studies, own=_own(of_studies))


def search_series(*, actor: Actor, purpose: Purpose, asked: Asked) -> Page:
    """Series of which anything is visible, by study and number, each with its study; both are counted. Six queries at most.

    Raises Invalid.
    """
    seen = visible(actor=actor, purpose=purpose)
    found = Series.objects.filter(_matched(seen, "series", asked.keys, Level.SERIES)).select_related("study")
    ordered = found.order_by("study__study_instance_uid", Coalesce("series_number", _LAST), "series_instance_uid")
    rows, more = _page(ordered, asked)
    of_studies = _counts(seen, "series__study_id", sorted({row.study_id for row in rows}))
    of_series = _counts(seen, "series_id", [row.pk for row in rows])
    still = [row for row in rows if row.pk in of_series and row.study_id in of_studies]
    return Page(rows=still, more=more, of_studies=of_studies, of_series=of_series, own=_own(of_studies, of_series))


def search_instances(*, actor: Actor, purpose: Purpose, asked: Asked) -> Page:
    """Visible instances of either kind, by study, series and number, each with its series and study. Three queries. Raises Invalid."""
    seen = visible(actor=actor, purpose=purpose)
    matched = (
        seen.sources.filter(*[condition(key, Level.INSTANCE) for key in asked.keys]),
        seen.versions.filter(*[condition_on_version(key) for key in asked.keys]),
    )
    named = []
    for found in matched:
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


def _matched(seen: Visible, path: str, keys: Sequence[Key], level: Level) -> Q:
    """Whether anything visible leads here by the path, and all the keys match what that says.

    Where there are sources the rows are theirs. Else one and the same version has to match: not the row, which a withheld one may have
    filled.
    """
    sources = seen.sources.filter(**{path: OuterRef("pk")})
    versions = seen.versions.filter(*[condition_on_version(key) for key in keys], **{path: OuterRef("pk")})
    by_row, fixed = Q(Exists(sources)), Q()
    for key in keys:
        by_row &= condition(key, level)
        if key[0].matching is Matching.UIDS:
            # Said once more in front, where the database finds it in an index.
            fixed &= condition(key, level)
    return fixed & (by_row | Q(Exists(versions)))


def _page(found: QuerySet, asked: Asked) -> tuple[list, bool]:
    rows = list(found[asked.offset : asked.offset + asked.limit + 1])
    return rows[: asked.limit], len(rows) > asked.limit


def _counts(seen: Visible, column: str, keys: Collection[int]) -> dict[int, Counts]:
    found: dict[int, Counts] = defaultdict(Counts)
    for rows, modality_of in ((seen.sources, "series__modality"), (seen.versions, "modality")):
        grouped = rows.filter(**{f"{column}__in": keys}).values_list(column, "series_id", modality_of)
        for key, series, modality, count, first in grouped.annotate(count=Count("pk"), first=Min("pk")):
            found[key].instances += count
            found[key].series.add(series)
            found[key].modalities.add(modality)
            if rows is seen.sources:
                found[key].sources += count
            else:
                found[key].told_by = min(first, found[key].told_by or first)
    return found


def _own(*counted: Mapping[int, Counts]) -> dict[int, dict]:
    """The attributes of the versions that tell of what has no sources."""
    tellers = {each.told_by for counts in counted for each in counts.values() if not each.sources}
    return dict(OverlayVersion.objects.filter(pk__in=tellers).values_list("pk", "attributes"))


def _rows(found: QuerySet, uids: Sequence[str]) -> QuerySet:
    needed = ("sop_instance_uid", "sop_class_uid", "transfer_syntax_uid", "instance_number", "attributes", "series")
    return found.filter(sop_instance_uid__in=uids).defer(None).only(*needed).select_related("series__study")
