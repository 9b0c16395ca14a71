"""Lineage, both ways, with its holes named."""

from dataclasses import replace
from itertools import pairwise

import pytest

from overlays.governance.errors import Invalid
from overlays.models import OverlayVersion
from overlays.queries.lineage import NodeKind, Relation, lineage
from overlays.services.review import accept
from tests.builders import ct_series, report, segmentation, to_bytes

pytestmark = pytest.mark.django_db


def edges(graph, relation: Relation) -> set[tuple[str, str]]:
    return {(edge.subject, edge.object) for edge in graph.edges if edge.relation is relation}


@pytest.mark.parametrize("by", ["overlay", "study", "instance", "series", "model_version"])
def test_a_version_is_found_from_every_side(posted, sources, auditor, by):
    version = posted()
    question = {
        "overlay": {"overlay": version.overlay_id},
        "study": {"study": version.study.study_instance_uid},
        "instance": {"source": str(sources[0].SOPInstanceUID)},
        "series": {"source": str(sources[0].SeriesInstanceUID)},
        "model_version": {"model_version": version.model_version_id},
    }[by]
    graph = lineage(actor=auditor, **question)
    assert version.sop_instance_uid in {node.key for node in graph.nodes}


def test_a_version_comes_from_its_series_and_its_model(posted, sources, auditor):
    version = posted()
    graph = lineage(actor=auditor, overlay=version.overlay_id)
    assert edges(graph, Relation.DERIVED_FROM) == {(version.sop_instance_uid, f"series:{sources[0].SeriesInstanceUID}")}
    assert edges(graph, Relation.GENERATED_BY) == {
        (version.sop_instance_uid, f"model-version:{version.model_version_id}")
    }


def test_a_derivation_names_its_instances(posted, sources, auditor):
    graph = lineage(actor=auditor, overlay=posted().overlay_id)
    (edge,) = [edge for edge in graph.edges if edge.relation is Relation.DERIVED_FROM]
    assert set(edge.instances) == {str(image.SOPInstanceUID) for image in sources}


def test_a_report_is_found_from_the_segmentation_it_is_about(posted, post, sources, auditor):
    version = posted()
    about = segmentation(sources=sources, uid_seed="first")
    post(to_bytes(report(sources=sources, about=about)))
    document = OverlayVersion.objects.get(modality="SR")
    graph = lineage(actor=auditor, overlay=version.overlay_id)
    assert (document.sop_instance_uid, version.sop_instance_uid) in edges(graph, Relation.DERIVED_FROM)


def test_a_correction_is_a_revision_of_its_parent(posted, post, sources, auditor, radiologist):
    parent = posted()
    before = segmentation(sources=sources, uid_seed="first")
    post(to_bytes(segmentation(sources=sources, uid_seed="mine", predecessor=before)), actor=radiologist)
    child = OverlayVersion.objects.exclude(author="").get()
    graph = lineage(actor=auditor, overlay=parent.overlay_id)
    assert edges(graph, Relation.REVISION_OF) == {(child.sop_instance_uid, parent.sop_instance_uid)}


def test_its_author_is_a_person(posted, post, sources, auditor, radiologist):
    parent = posted()
    before = segmentation(sources=sources, uid_seed="first")
    post(to_bytes(segmentation(sources=sources, uid_seed="mine", predecessor=before)), actor=radiologist)
    nodes = {node.label: node for node in lineage(actor=auditor, overlay=parent.overlay_id).nodes}
    assert (nodes["R. Lee"].kind, nodes["Liver pipeline"].kind) == (NodeKind.PERSON, NodeKind.CLIENT)
    child = OverlayVersion.objects.exclude(author="").get()
    assert nodes[f"{child.overlay} · version 2"].facts["author"] == "R. Lee"


def test_from_its_model_a_correction_of_a_correction_is_found(posted, post, sources, auditor, radiologist):
    parent = posted()
    chain = ["first", "second", "third", "fourth"]
    for earlier, later in pairwise(chain):
        before = segmentation(sources=sources, uid_seed=earlier)
        post(to_bytes(segmentation(sources=sources, uid_seed=later, predecessor=before)), actor=radiologist)
    graph = lineage(actor=auditor, model_version=parent.model_version_id)
    assert len(edges(graph, Relation.REVISION_OF)) == 3


def test_reviews_stand_in_the_graph(posted, auditor, radiologist, now):
    version = posted()
    accept(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)
    graph = lineage(actor=auditor, overlay=version.overlay_id)
    assert [node.label for node in graph.nodes if node.kind is NodeKind.REVIEW] == ["accepted by R. Lee"]


def test_nothing_is_missing_where_all_is_known(posted, auditor):
    assert lineage(actor=auditor, overlay=posted().overlay_id).holes == ()


def test_sources_that_are_not_held_are_named_as_a_hole(post, registered, auditor):
    registered()
    sources = ct_series()
    post(to_bytes(segmentation(sources=sources)))
    post(to_bytes(sources[0]))
    graph = lineage(actor=auditor, overlay=OverlayVersion.objects.get().overlay_id)
    assert [node.hole for node in graph.holes] == [f"{len(sources) - 1} of {len(sources)} instances are not held"]


def test_an_unregistered_model_version_is_a_hole(posted, auditor):
    graph = lineage(actor=auditor, overlay=posted(model_version="9.9.9").overlay_id)
    assert [(node.label, node.hole) for node in graph.holes] == [("LiverSeg 9.9.9", "not registered")]


@pytest.mark.parametrize("question", [{}, {"study": "1.2.3", "source": "1.2.4"}], ids=["nothing", "two things"])
def test_exactly_one_thing_is_asked_for(auditor, question):
    with pytest.raises(Invalid, match="exactly one"):
        lineage(actor=auditor, **question)


def test_a_narrowed_grant_sees_its_own_studies_alone(posted, auditor):
    version = posted()
    narrowed = replace(auditor, studies=frozenset({"1.2.3"}))
    assert lineage(actor=narrowed, overlay=version.overlay_id).nodes == ()


def test_a_narrowed_grant_is_told_of_sources_elsewhere_what_it_is_told_of_unknown_ones(post, registered, auditor):
    registered()
    images = ct_series()
    for image in images:
        image.SeriesDescription = "Elsewhere"
    overlay = segmentation(sources=images, study_uid="1.2.3")
    assert post(to_bytes(overlay)).refusal is None
    narrowed = replace(auditor, studies=frozenset({"1.2.3"}))
    before = lineage(actor=narrowed, study="1.2.3").nodes
    for image in images:
        assert post(to_bytes(image)).refusal is None
    (series,) = (node for node in before if node.kind is NodeKind.SOURCE_SERIES)
    assert series in lineage(actor=narrowed, study="1.2.3").nodes
    assert "Elsewhere" in str(lineage(actor=auditor, study="1.2.3").nodes)


def test_the_number_of_questions_does_not_grow(posted, auditor, django_assert_num_queries):
    overlay = posted("first").overlay_id
    with django_assert_num_queries(7):
        lineage(actor=auditor, overlay=overlay)
    posted("second")
    posted("third")
    with django_assert_num_queries(7):
        lineage(actor=auditor, overlay=overlay)
