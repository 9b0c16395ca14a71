"""Draws the lineage of versions as a graph, from sources to reviews, with every hole named."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import Q, QuerySet

from overlays.governance.actor import Actor
from overlays.governance.errors import Invalid
from overlays.models import OverlayVersion, Review, Series, SourceInstance, SourceReference

MOST_VERSIONS = 500
"""Versions that one graph holds at most; beyond that the question is too wide to be answered at once."""


class NodeKind(StrEnum):
    """What stands in the graph; the words of PROV in brackets."""

    SOURCE_SERIES = "source series"  # Entity
    VERSION = "version"  # Entity
    REVIEW = "review"  # Activity
    MODEL_VERSION = "model version"  # SoftwareAgent
    CLIENT = "client"  # Agent
    PERSON = "person"  # Agent


class Relation(StrEnum):
    """How two nodes hang together, in the words of W3C PROV; an edge points from the later to the earlier."""

    DERIVED_FROM = "wasDerivedFrom"
    REVISION_OF = "wasRevisionOf"
    GENERATED_BY = "wasGeneratedBy"
    ATTRIBUTED_TO = "wasAttributedTo"
    REVIEWED = "used"


@dataclass(frozen=True, kw_only=True)
class Node:
    """One thing: ``key`` is unique in the graph, ``facts`` are short texts by name, ``hole`` says what is missing about it."""

    kind: NodeKind
    key: str
    label: str
    facts: dict[str, str]
    hole: str = ""


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A relation between two nodes, by their keys; ``instances`` are the source instances that it stands for."""

    subject: str
    relation: Relation
    object: str
    instances: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Nodes and edges; ``truncated`` is set when there were more versions than one graph holds."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    truncated: bool = False

    @property
    def holes(self) -> tuple[Node, ...]:
        """The nodes about which something is missing."""
        return tuple(node for node in self.nodes if node.hole)


def lineage(
    *,
    actor: Actor,
    overlay: UUID | None = None,
    study: str | None = None,
    source: str | None = None,
    model_version: int | None = None,
) -> Graph:
    """The lineage around one overlay, study, source (an instance, series or study that versions were derived from) or model version.

    Derivations are followed both ways: what a version came from, and what came from it. A narrowed grant sees its own studies alone.
    Raises Invalid unless exactly one of the four is given.
    """
    asked = {"overlay": overlay, "study": study, "source": source, "model_version": model_version}
    if sum(value is not None for value in asked.values()) != 1:
        raise Invalid("Ask for the lineage of exactly one of: overlay, study, source, model_version.")
    if overlay is not None:
        condition = Q(overlay_id=overlay)
    elif study is not None:
        condition = Q(study__study_instance_uid=study)
    elif model_version is not None:
        condition = Q(model_version_id=model_version)
    else:
        named = SourceReference.objects.filter(
            Q(sop_instance_uid=source) | Q(series_instance_uid=source) | Q(study_instance_uid=source)
        )
        condition = Q(pk__in=named.values("version")) | Q(sop_instance_uid=source)
    reach = Q() if actor.studies is None else Q(study__study_instance_uid__in=actor.studies)
    found = _with_relatives(OverlayVersion.objects.filter(reach), condition)
    versions = list(found[: MOST_VERSIONS + 1])
    return _graph(actor, versions[:MOST_VERSIONS], truncated=len(versions) > MOST_VERSIONS)


def _with_relatives(reachable: QuerySet[OverlayVersion], condition: Q) -> QuerySet[OverlayVersion]:
    """The versions, those they were derived from, and those derived from them, one step each way; corrections as far as they lead."""
    core = reachable.filter(condition)
    uids = core.values("sop_instance_uid")
    origins = SourceReference.objects.filter(version__in=core.values("pk")).values("sop_instance_uid")
    offspring = SourceReference.objects.filter(sop_instance_uid__in=uids).values("version")
    return (
        reachable.filter(
            Q(pk__in=core.values("pk"))
            | Q(pk__in=_revisions(core))
            | Q(sop_instance_uid__in=origins)
            | Q(pk__in=offspring)
        )
        .select_related("overlay", "study", "model_version__model")
        .defer("attributes", "content", "claims", "findings", "pixels", "grid")
        .order_by("overlay_id", "number")
    )


def _revisions(core: QuerySet[OverlayVersion]) -> list[int]:
    """Keys of all that the versions correct, and of all that corrects them, through however many hands; no more than a graph holds.

    Corrections stand on the line of what they correct.
    """
    same_lines = OverlayVersion.objects.filter(overlay__in=core.values("overlay"), parent__isnull=False)
    parents = dict(same_lines.order_by("pk").values_list("pk", "parent_id"))
    touched = set(core.filter(Q(parent__isnull=False) | Q(corrections__isnull=False)).values_list("pk", flat=True))
    later, earlier = set(touched), set(touched)
    for child, parent in parents.items():  # a child is stored after its parent
        if parent in later:
            later.add(child)
    for child, parent in reversed(parents.items()):
        if child in earlier:
            earlier.add(parent)
    return sorted(later | earlier)[: MOST_VERSIONS + 1]


def _version_node(version: OverlayVersion) -> Node:
    return Node(
        kind=NodeKind.VERSION,
        key=version.sop_instance_uid,
        label=f"{version.overlay} · version {version.number}",
        facts={
            "overlay": str(version.overlay_id),
            "number": str(version.number),
            "study": version.study.study_instance_uid,
            "sha256": version.sha256,
            "review state": version.review_state,
            "verification": version.verification,
            "stored at": version.stored_at.isoformat(),
        }
        | ({"author": version.author} if version.author else {}),
        hole="its maker is not named" if not version.claimed_name and not version.author else "",
    )


def _maker(version: OverlayVersion) -> Iterable[tuple[Node, Edge]]:
    if version.model_version:
        key = f"model-version:{version.model_version_id}"
        status = {"status": version.model_version.status, "manufacturer": version.model_version.model.manufacturer}
        yield (
            Node(kind=NodeKind.MODEL_VERSION, key=key, label=str(version.model_version), facts=status),
            Edge(subject=version.sop_instance_uid, relation=Relation.GENERATED_BY, object=key),
        )
    elif version.claimed_name:
        label = f"{version.claimed_name} {version.claimed_version}"
        key = f"model-version:unregistered:{version.claimed_manufacturer}:{label}"
        yield (
            Node(kind=NodeKind.MODEL_VERSION, key=key, label=label, facts={}, hole="not registered"),
            Edge(subject=version.sop_instance_uid, relation=Relation.GENERATED_BY, object=key),
        )
    stored_by = NodeKind.PERSON if version.author else NodeKind.CLIENT
    yield (
        Node(kind=stored_by, key=version.stored_by_key, label=version.stored_by, facts={}),
        Edge(subject=version.sop_instance_uid, relation=Relation.ATTRIBUTED_TO, object=version.stored_by_key),
    )


def _review(review: Review, uid: str) -> tuple[Node, Edge]:
    key = f"review:{review.pk}"
    facts = {
        "decision": review.decision,
        "reviewer": review.reviewer_name,
        "reviewed at": review.reviewed_at.isoformat(),
        "reason": review.reason_meaning,
        "seen sha256": review.seen_sha256,
    }
    word = {"accept": "accepted", "reject": "rejected"}[review.decision]
    return (
        Node(kind=NodeKind.REVIEW, key=key, label=f"{word} by {review.reviewer_name}", facts=facts),
        Edge(subject=key, relation=Relation.REVIEWED, object=uid),
    )


def _graph(actor: Actor, versions: list[OverlayVersion], *, truncated: bool) -> Graph:
    nodes = {version.sop_instance_uid: _version_node(version) for version in versions}
    edges: list[Edge] = []
    by_pk = {version.pk: version.sop_instance_uid for version in versions}
    for version in versions:
        for node, edge in _maker(version):
            nodes.setdefault(node.key, node)
            edges.append(edge)
        if version.parent_id in by_pk:
            parent = by_pk[version.parent_id]
            edges.append(Edge(subject=version.sop_instance_uid, relation=Relation.REVISION_OF, object=parent))
    for review in Review.objects.filter(version__in=list(by_pk)):
        node, edge = _review(review, by_pk[review.version_id])
        nodes[node.key] = node
        edges.append(edge)
    edges += _derivations(actor, by_pk, nodes)
    return Graph(nodes=tuple(nodes.values()), edges=tuple(edges), truncated=truncated)


def _derivations(actor: Actor, by_pk: dict[int, str], nodes: dict[str, Node]) -> list[Edge]:
    """Edges to the versions and series that versions were derived from; adds a node for each series."""
    named: dict[tuple[int, str], list[str]] = defaultdict(list)
    edges = []
    for reference in SourceReference.objects.filter(version__in=list(by_pk)).order_by("pk"):
        if reference.sop_instance_uid in nodes:
            edge = Edge(
                subject=by_pk[reference.version_id],
                relation=Relation.DERIVED_FROM,
                object=reference.sop_instance_uid,
                instances=(reference.sop_instance_uid,),
            )
            edges.append(edge)
        else:
            named[reference.version_id, reference.series_instance_uid].append(reference.sop_instance_uid)
    wanted: dict[str, set[str]] = defaultdict(set)
    for (_, series), uids in named.items():
        wanted[series].update(uids)
    nodes.update(_series_nodes(actor, wanted))
    edges += [
        Edge(
            subject=by_pk[pk],
            relation=Relation.DERIVED_FROM,
            object=f"series:{series or 'not named'}",
            instances=tuple(uids),
        )
        for (pk, series), uids in named.items()
    ]
    return edges


def _series_nodes(actor: Actor, wanted: dict[str, set[str]]) -> dict[str, Node]:
    """A version may name sources of another study: what is known of those that the grant does not reach is not told."""
    reach = Q() if actor.studies is None else Q(study__study_instance_uid__in=actor.studies)
    found = Series.objects.filter(reach, series_instance_uid__in=wanted)
    known = {series.series_instance_uid: series for series in found}
    held = set(
        SourceInstance.objects.filter(series__in=[series.pk for series in known.values()]).values_list(
            "sop_instance_uid", flat=True
        )
    )
    nodes = {}
    for uid, instances in wanted.items():
        absent = len(instances - held)
        series = known.get(uid)
        name = f"{series.modality} {series.series_description}".strip() if series else (uid or "series not named")
        nodes[f"series:{uid or 'not named'}"] = Node(
            kind=NodeKind.SOURCE_SERIES,
            key=f"series:{uid or 'not named'}",
            label=name,
            facts={"series": uid, "instances": str(len(instances))},
            hole=f"{absent} of {len(instances)} instances are not held" if absent else "",
        )
    return nodes
