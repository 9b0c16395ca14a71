"""What no column can hold never reaches the database."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from overlays.governance.permissions import GROUP_OF_SCOPE, Scope
from overlays.models import AIModel, ModelStatusChange, Poster

NUL = "a\x00b"
LISTS = (
    "overlays/overlayversion/?q=%00",
    "overlays/overlayversion/?model_version=%00",
    "overlays/overlay/?kind=%00",
    "overlays/aimodel/?q=%00",
    "overlays/modelversion/?status__exact=%00",
    "overlays/auditentry/?actor_key=%00",
    "overlays/auditentry/?%00=1",
    "overlays/renderdecision/?study_instance_uid=%00",
    "overlays/displayreceipt/?actor_key=%00",
)


@pytest.fixture
def everybody(signed_in) -> Client:
    """The browser of somebody with every role."""
    return signed_in(*GROUP_OF_SCOPE)


@pytest.fixture
def manager(signed_in) -> Client:
    """A steward's browser."""
    return signed_in(Scope.MANAGE)


@pytest.mark.parametrize("address", LISTS)
def test_a_list_refuses_a_query_with_a_control_character(address, everybody) -> None:
    assert everybody.get(f"/admin/{address}").status_code == 400


def test_a_page_refuses_a_query_with_a_control_character(everybody) -> None:
    assert everybody.get(reverse("admin:overlays_lineage"), {"study": "\x00"}).status_code == 400


@pytest.mark.parametrize("address", ["auth/user/?username=%00", "auth/group/?q=%00", "oidc_provider/client/?name=%00"])
def test_the_lists_of_identity_refuse_it_too(address, db) -> None:
    browser = Client()
    browser.force_login(User.objects.create(username="root", is_staff=True, is_superuser=True))

    assert browser.get(f"/admin/{address}").status_code == 400


@pytest.mark.parametrize("field", ["name", "manufacturer", "intended_use"])
def test_a_model_is_not_registered_with_a_control_character(field, manager) -> None:
    sent = {"name": "LiverSeg", "manufacturer": "ACME", "intended_use": "Livers."} | {field: NUL}

    answer = manager.post(reverse("admin:overlays_aimodel_register"), sent)

    assert answer.status_code == 400
    assert "U+0000" in answer.content.decode()
    assert not AIModel.objects.exists()


@pytest.mark.parametrize("sent", [{"act": "version", "version": NUL}, {"act": "grant", "client_id": NUL}], ids=str)
def test_an_act_on_a_model_is_refused_with_a_control_character(sent, manager, registered) -> None:
    version = registered()
    before = Poster.objects.count()

    answer = manager.post(reverse("admin:overlays_aimodel_change", args=[version.model_id]), sent)

    assert answer.status_code == 400
    assert (Poster.objects.count(), version.model.versions.count()) == (before, 1)


def test_a_reason_with_a_control_character_changes_no_status(manager, registered) -> None:
    version = registered(status="registered")
    sent = {"act": "status", "status": "shadow", "reason": NUL}

    answer = manager.post(reverse("admin:overlays_modelversion_change", args=[version.pk]), sent)

    assert answer.status_code == 400
    assert not ModelStatusChange.objects.exists()


def test_a_comment_may_have_lines(reader, stored) -> None:
    version = stored()
    sent = {"act": "accept", "seen_sha256": version.sha256, "seen_state": "pending", "comment": "one\r\n\ttwo"}

    reader.post(reverse("admin:overlays_overlayversion_review", args=[version.pk]), sent)

    assert version.reviews.get().comment == "one\r\n\ttwo"
