"""Every page of the people's face answers those who may see it, and nobody else."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.urls import URLPattern, URLResolver, reverse

from overlays.governance.permissions import GROUP_OF_SCOPE, Scope
from overlays.governance.vocabulary import Purpose
from overlays.models import AuditEntry, Overlay, OverlayVersion, RenderDecision, Review, Study
from overlays.queries.drawings import drawing_of
from overlays.services.decide import decide_for_study
from overlays.services.record_display import record_display
from overlays.services.review import accept

STORE, VIEW, REVIEW, MANAGE, AUDIT = GROUP_OF_SCOPE
ALL = frozenset(GROUP_OF_SCOPE)
READERS_OF_REVIEWS = frozenset({REVIEW, MANAGE, AUDIT})
NOBODY: frozenset[Scope] = frozenset()

MODELS = {
    "overlayversion": READERS_OF_REVIEWS,
    "overlay": READERS_OF_REVIEWS,
    "study": READERS_OF_REVIEWS,
    "review": READERS_OF_REVIEWS,
    "aimodel": ALL,
    "modelversion": ALL,
    "auditentry": frozenset({AUDIT}),
    "renderdecision": frozenset({AUDIT}),
    "displayreceipt": frozenset({AUDIT}),
}
LINEAGE = frozenset({REVIEW, MANAGE, AUDIT})
PAGES = {
    "overlays_overlayversion_review": READERS_OF_REVIEWS,
    "overlays_overlayversion_thumbnail": frozenset({REVIEW}),
    "overlays_overlayversion_overview": frozenset({REVIEW}),
    "overlays_overlayversion_image": frozenset({REVIEW}),
    "overlays_overlayversion_layer": frozenset({REVIEW}),
    "overlays_overlayversion_together": frozenset({REVIEW}),
    "overlays_overlayversion_comparison": frozenset({REVIEW}),
    "overlays_aimodel_register": frozenset({MANAGE}),
    "overlays_lineage": LINEAGE,
    "overlays_lineage_json": LINEAGE,
    "overlays_lineage_csv": LINEAGE,
    **{f"overlays_{model}_changelist": readers for model, readers in MODELS.items()},
    **{f"overlays_{model}_change": readers for model, readers in MODELS.items()},
    **{f"overlays_{model}_history": readers for model, readers in MODELS.items()},
    **{f"overlays_{model}_add": NOBODY for model in MODELS},
    **{f"overlays_{model}_delete": NOBODY for model in MODELS},
}
"""Who may see each named page of this face."""


def _names(patterns: list) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name


def test_every_page_stands_in_the_table_of_permissions() -> None:
    ours = {name for name in _names(admin.site.urls[0]) if name.startswith("overlays_")}

    assert ours == set(PAGES)


@pytest.fixture
def addresses(stored, images, radiologist, clinician, now, post) -> dict[str, str]:
    """An address of every page, each about something that exists."""
    version = stored()
    accept(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)
    study = version.study.study_instance_uid
    answer = decide_for_study(actor=clinician, at=now, decision_id=version.post, study=study, purpose=Purpose.CLINICAL)
    (receipt,) = record_display(
        actor=clinician, at=now, decision_id=answer.decision_id, sop_instance_uids=[version.sop_instance_uid]
    )
    key = drawing_of(version).key
    rows = {
        "overlayversion": version.pk,
        "overlay": Overlay.objects.get().pk,
        "study": Study.objects.get().pk,
        "review": Review.objects.get().pk,
        "aimodel": version.model_version.model_id,
        "modelversion": version.model_version_id,
        "auditentry": AuditEntry.objects.first().pk,
        "renderdecision": RenderDecision.objects.get().pk,
        "displayreceipt": receipt.pk,
    }
    found = {
        "overlays_overlayversion_review": [version.pk],
        "overlays_overlayversion_thumbnail": [version.pk, version.sha256[:16]],
        "overlays_overlayversion_overview": [version.pk, key],
        "overlays_overlayversion_image": [version.pk, key, 0, "own"],
        "overlays_overlayversion_layer": [version.pk, key, 0, 1, "fill"],
        "overlays_overlayversion_together": [version.pk, key, 0, "fill"],
        "overlays_overlayversion_comparison": [version.pk, version.pk],
    }
    for model, row in rows.items():
        found |= {f"overlays_{model}_{page}": [row] for page in ("change", "history", "delete")}
    made = {name: reverse(f"admin:{name}", args=found.get(name, [])) for name in PAGES}
    asked = f"?study={study}"
    return made | {name: made[name] + asked for name in ("overlays_lineage_json", "overlays_lineage_csv")}


def _answers(client, addresses: dict[str, str]) -> dict[str, int]:
    return {name: client.get(address).status_code for name, address in addresses.items()}


@pytest.mark.parametrize("scope", [None, *GROUP_OF_SCOPE], ids=lambda scope: scope.name if scope else "NO_GROUP")
def test_a_page_answers_the_roles_of_the_table_alone(scope, signed_in, addresses) -> None:
    client = signed_in(scope) if scope else signed_in()

    answers = _answers(client, addresses)

    wrong = {
        name: status
        for name, status in answers.items()
        if (status in (200, 302)) != (scope in PAGES[name]) or status not in (200, 302, 403)
    }
    assert wrong == {}


def test_a_superuser_without_groups_sees_nothing_clinical(signed_in, addresses) -> None:
    answers = _answers(signed_in(superuser=True), addresses)

    assert set(answers.values()) == {403}


def test_a_member_of_a_group_who_is_not_staff_is_sent_to_the_login(signed_in, addresses) -> None:
    client = signed_in(Scope.REVIEW, staff=False)

    found = {client.get(address).headers.get("Location", "").split("?")[0] for address in addresses.values()}

    assert found == {"/admin/login/"}


def test_a_stranger_is_sent_to_the_login(client, addresses) -> None:
    found = {client.get(address).headers.get("Location", "").split("?")[0] for address in addresses.values()}

    assert found == {"/admin/login/"}


@pytest.mark.parametrize("scope", [Scope.MANAGE, Scope.AUDIT])
def test_who_reads_reviews_without_reviewing_is_shown_no_image(scope, signed_in, stored) -> None:
    version = stored()

    text = signed_in(scope).get(reverse("admin:overlays_overlayversion_review", args=[version.pk])).content.decode()

    assert "Images and measurements are shown to readers only" in text
    assert "/drawing/" not in text
    assert 'name="act"' not in text


@pytest.mark.parametrize("scope", [Scope.MANAGE, Scope.AUDIT])
def test_who_does_not_review_cannot_judge_by_posting(scope, signed_in, stored) -> None:
    version = stored()
    sent = {"act": "accept", "seen_sha256": version.sha256, "seen_state": "pending"}

    answer = signed_in(scope).post(reverse("admin:overlays_overlayversion_review", args=[version.pk]), sent)

    assert answer.status_code == 403
    assert OverlayVersion.objects.get(pk=version.pk).review_state == "pending"
