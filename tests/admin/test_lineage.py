"""The lineage page draws both ways, names the holes, and hands out files."""

import json

import pytest
from django.urls import reverse

from overlays.admin.lineage_layout import MOST_DRAWN, lay_out
from overlays.models import AuditEntry
from overlays.queries.lineage import Edge, Graph, Node, NodeKind, Relation
from overlays.services.review import accept

PAGE = "/admin/lineage/"


def test_a_study_is_drawn_from_its_sources_to_its_reviews(reader, stored, radiologist, now) -> None:
    version = stored()
    accept(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)

    text = reader.get(f"{PAGE}?study={version.study.study_instance_uid}").content.decode()

    for words in ("CT Axial", "4 instances", "LiverSeg 2.1.0", "accepted by R. Lee", "version 1"):
        assert words in text
    assert reverse("admin:overlays_overlayversion_review", args=[version.pk]) in text


@pytest.mark.parametrize("by", ["overlay", "study", "source", "model_version"])
def test_each_kind_of_question_finds_the_version(by, reader, stored, images) -> None:
    version = stored()
    value = {
        "overlay": version.overlay_id,
        "study": version.study.study_instance_uid,
        "source": images[0].SOPInstanceUID,
        "model_version": version.model_version_id,
    }[by]

    by_name = reader.get(f"{PAGE}?{by}={value}").content.decode()
    by_form = reader.get(f"{PAGE}?by={by}&value={value}").content.decode()

    address = reverse("admin:overlays_overlayversion_review", args=[version.pk])
    assert address in by_name
    assert address in by_form


def test_what_is_missing_is_named_and_drawn_dashed(reader, stored) -> None:
    version = stored(status="", model_version="9.9")

    text = reader.get(f"{PAGE}?overlay={version.overlay_id}").content.decode()

    assert "<li>LiverSeg 9.9: not registered.</li>" in text
    assert 'class="ov-box ov-box-model-version ov-hole"' in text


@pytest.mark.parametrize(
    "query",
    ["overlay=x", "model_version=x", "study=a", "by=rumour&value=1", "overlay=x&study=1", f"source={'1' * 65}"],
)
def test_a_question_of_a_wrong_form_gets_a_sentence(query, reader, db) -> None:
    answer = reader.get(f"{PAGE}?{query}")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_what_nothing_is_known_of_says_so(reader, db) -> None:
    assert "Nothing in the registry answers to this" in reader.get(f"{PAGE}?study=1.2.3").content.decode()


def test_an_export_is_a_file_and_is_recorded(reader, stored) -> None:
    version = stored()

    answer = reader.get(f"{PAGE}export.json?overlay={version.overlay_id}")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="lineage.json"'
    assert version.sop_instance_uid in {node["key"] for node in json.loads(answer.content)["nodes"]}
    assert AuditEntry.objects.get(event="lineage:exported").actor_name == "R. Lee"


def test_an_export_of_nothing_is_refused(reader, db) -> None:
    assert reader.get(f"{PAGE}export.csv").status_code == 400


def _node(key: str, kind: NodeKind) -> Node:
    return Node(kind=kind, key=key, label=key, facts={})


def _graph(*edges: tuple[str, Relation, str], **kinds: NodeKind) -> Graph:
    nodes = tuple(_node(key, kind) for key, kind in kinds.items())
    return Graph(nodes=nodes, edges=tuple(Edge(subject=a, relation=r, object=b) for a, r, b in edges))


def test_what_comes_later_stands_further_right() -> None:
    graph = _graph(
        ("seg", Relation.DERIVED_FROM, "ct"),
        ("sr", Relation.DERIVED_FROM, "seg"),
        ("review", Relation.REVIEWED, "sr"),
        review=NodeKind.REVIEW,
        sr=NodeKind.VERSION,
        seg=NodeKind.VERSION,
        ct=NodeKind.SOURCE_SERIES,
    )

    boxes = {box.node.key: box.x for box in lay_out(graph).boxes}

    assert sorted(boxes, key=boxes.get) == ["ct", "seg", "sr", "review"]


def test_models_stand_above_everything_else() -> None:
    graph = _graph(("seg", Relation.GENERATED_BY, "model"), seg=NodeKind.VERSION, model=NodeKind.MODEL_VERSION)

    boxes = {box.node.key: box for box in lay_out(graph).boxes}

    assert boxes["model"].y + boxes["model"].height < boxes["seg"].y


def test_no_two_boxes_overlap() -> None:
    kinds = {f"v{number}": NodeKind.VERSION for number in range(9)} | {
        f"m{number}": NodeKind.MODEL_VERSION for number in range(4)
    }
    edges = [(f"v{number}", Relation.REVISION_OF, f"v{number // 2}") for number in range(1, 9)]

    boxes = lay_out(_graph(*edges, **kinds)).boxes

    taken = {(box.x, box.y) for box in boxes}
    apart = [
        abs(one.x - other.x) >= one.width or abs(one.y - other.y) >= one.height
        for one in boxes
        for other in boxes
        if one is not other
    ]
    assert len(taken) == 13
    assert all(apart)


def test_a_cycle_is_drawn_without_end() -> None:
    edges = (("a", Relation.DERIVED_FROM, "b"), ("b", Relation.DERIVED_FROM, "a"))

    assert len(lay_out(_graph(*edges, a=NodeKind.VERSION, b=NodeKind.VERSION)).boxes) == 2


def test_more_than_can_be_read_is_not_drawn() -> None:
    graph = _graph(**{f"v{number}": NodeKind.VERSION for number in range(MOST_DRAWN + 1)})

    assert lay_out(graph).boxes == ()
