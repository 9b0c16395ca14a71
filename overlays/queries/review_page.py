"""Gathers all that a reader needs to know of one version before judging it."""

from dataclasses import dataclass

from django.db.models import Count

from overlays.governance.actor import Actor
from overlays.governance.errors import NotFound
from overlays.governance.events import sentence
from overlays.governance.transitions import REVIEW_TRANSITIONS, ReviewAct
from overlays.governance.vocabulary import Purpose, ReviewState, Verdict
from overlays.models import AuditEntry, OverlayVersion, Review, Series, SourceInstance, SourceReference
from overlays.queries.gate import Ruling, rulings_for_instances
from overlays.queries.worklist import reachable

MOST_ENTRIES = 100
MOST_REVIEWS = 200
RELATED = {"SEG": "Referenced segmentation", "SR": "Referenced report", "SC": "Referenced picture"}
COMPLETION_FLAG, VERIFICATION_FLAG = "0040A491", "0040A493"


@dataclass(frozen=True, kw_only=True)
class SourceSeries:
    """The source instances of one series that the version names: how many, and how many of them the registry holds."""

    series_instance_uid: str
    name: str
    named: int
    held: int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One audit entry as a sentence; the name of the event where its data cannot be read."""

    at: object
    sentence: str
    correlation_id: str


@dataclass(frozen=True, kw_only=True)
class Related:
    """A version that another one names as its source."""

    version: OverlayVersion
    about: str
    """What it is to the other one, for people."""


@dataclass(frozen=True, kw_only=True)
class VersionPage:
    """What the page of one version shows."""

    version: OverlayVersion
    review: Ruling
    clinical: Ruling
    line: tuple[Ruling, ...]
    """The clinical ruling on every version of the line, the newest first."""
    related: tuple[Related, ...]
    """Versions that this one names as its sources: for a report, the segmentations it measures."""
    corrections: tuple[OverlayVersion, ...]
    parent: OverlayVersion | None
    sources: tuple[SourceSeries, ...]
    reviews: tuple[Review, ...]
    entries: tuple[Entry, ...]
    acts: frozenset[ReviewAct]
    """What the state table lets happen to it."""

    @property
    def drawn(self) -> bool:
        """Whether the policy lets a reader see the content."""
        return self.review.verdict is not Verdict.WITHHOLD

    @property
    def flags(self) -> list[tuple[str, str]]:
        """Completion Flag and Verification Flag of a report (PS3.3 C.17.2)."""
        named = (("Completion flag", COMPLETION_FLAG), ("Verification flag", VERIFICATION_FLAG))
        found = ((name, self.version.attributes.get(tag, {}).get("Value")) for name, tag in named)
        return [(name, str(values[0])) for name, values in found if values]


def find_version(actor: Actor, pk: int) -> OverlayVersion:
    """The version. Raises NotFound when there is none, or the grant does not reach it."""
    version = (
        reachable(actor)
        .select_related("overlay", "study", "series", "bytes", "model_version__model", "parent__overlay")
        .filter(pk=pk)
        .first()
    )
    if version is None:
        raise NotFound(f"There is no version {pk}.")
    return version


def ruling_for_review(actor: Actor, version: OverlayVersion) -> Ruling:
    """Whether a reader may see the version."""
    wanted = [(version.sop_instance_uid, None)]
    return rulings_for_instances(actor=actor, wanted=wanted, purpose=Purpose.REVIEW)[0]


def version_page(*, actor: Actor, pk: int) -> VersionPage:
    """The page of a version, in a fixed number of queries. Raises NotFound."""
    version = find_version(actor, pk)
    numbered = version.overlay.versions.order_by("-number").values_list("sop_instance_uid", flat=True)
    wanted = [(uid, None) for uid in numbered[:MOST_REVIEWS]]
    line = tuple(rulings_for_instances(actor=actor, wanted=wanted, purpose=Purpose.CLINICAL))
    own = rulings_for_instances(actor=actor, wanted=[(version.sop_instance_uid, None)], purpose=Purpose.CLINICAL)
    names = version.source_references.values("sop_instance_uid")
    related = reachable(actor).filter(sop_instance_uid__in=names).select_related("overlay")
    corrections = reachable(actor).filter(parent=version).select_related("overlay").order_by("pk")
    return VersionPage(
        version=version,
        review=ruling_for_review(actor, version),
        clinical=own[0],
        line=line,
        related=tuple(
            Related(version=each, about=RELATED.get(each.overlay.kind, "Referenced object"))
            for each in related.defer("content", "attributes")[:MOST_REVIEWS]
        ),
        corrections=tuple(corrections.defer("content", "attributes")[:MOST_REVIEWS]),
        parent=version.parent,
        sources=_source_series(version),
        reviews=tuple(version.reviews.order_by("-pk")[:MOST_REVIEWS]),
        entries=_entries(version),
        acts=frozenset(REVIEW_TRANSITIONS[ReviewState(version.review_state)]),
    )


def _source_series(version: OverlayVersion) -> tuple[SourceSeries, ...]:
    rows = (
        SourceReference.objects.filter(version=version)
        .order_by("series_instance_uid")
        .values_list("series_instance_uid")
        .annotate(count=Count("pk"))
    )
    named = dict(rows)
    names = version.source_references.values("sop_instance_uid")
    held = dict(
        SourceInstance.objects.filter(sop_instance_uid__in=names)
        .order_by()
        .values_list("series__series_instance_uid")
        .annotate(count=Count("pk"))
    )
    held_versions = (
        OverlayVersion.objects.filter(sop_instance_uid__in=names)
        .order_by()
        .values_list("series__series_instance_uid")
        .annotate(count=Count("pk"))
    )
    for uid, count in held_versions:
        held[uid] = held.get(uid, 0) + count
    known = {series.series_instance_uid: series for series in Series.objects.filter(series_instance_uid__in=named)}
    return tuple(
        SourceSeries(
            series_instance_uid=uid,
            name=f"{known[uid].modality} {known[uid].series_description}".strip() if uid in known else "not known here",
            named=count,
            held=held.get(uid, 0),
        )
        for uid, count in named.items()
    )


def _entries(version: OverlayVersion) -> tuple[Entry, ...]:
    rows = AuditEntry.objects.filter(subject=version.sop_instance_uid).order_by("-pk")[:MOST_ENTRIES]
    return tuple(Entry(at=row.at, sentence=told(row), correlation_id=row.correlation_id) for row in rows)


def told(entry: AuditEntry) -> str:
    """The sentence of an audit entry; its bare event where the data lack a field, as entries of older forms may."""
    try:
        return sentence(entry.event, entry.actor_name, entry.data)
    except (KeyError, ValueError):
        return f"{entry.actor_name}: {entry.event}."
