"""A steward keeps the model registry through its pages; everybody else reads it."""

import pytest
from django.urls import reverse

from overlays.governance.permissions import Scope
from overlays.models import AIModel, ModelStatusChange, ModelVersion, OverlayVersion, Poster


@pytest.fixture
def keeper(signed_in):
    return signed_in(Scope.MANAGE)


def _of_model(model: AIModel) -> str:
    return reverse("admin:overlays_aimodel_change", args=[model.pk])


def _of_version(version: ModelVersion) -> str:
    return reverse("admin:overlays_modelversion_change", args=[version.pk])


def test_a_model_is_registered_and_its_page_follows(keeper) -> None:
    sent = {"name": "LiverSeg", "manufacturer": "ACME AI", "intended_use": "portal venous CT"}

    answer = keeper.post(reverse("admin:overlays_aimodel_register"), sent)

    assert answer.headers["Location"] == _of_model(AIModel.objects.get(name="LiverSeg", registered_by="R. Lee"))


def test_a_model_that_is_registered_already_is_refused_with_the_input_kept(keeper, registered) -> None:
    registered()
    sent = {"name": "LiverSeg", "manufacturer": "ACME AI", "intended_use": "kept words"}

    answer = keeper.post(reverse("admin:overlays_aimodel_register"), sent)

    assert answer.status_code == 409
    assert "is registered already." in answer.content.decode()
    assert "kept words" in answer.content.decode()


@pytest.mark.parametrize("field", [("name", ""), ("name", "x" * 65), ("intended_use", "x" * 4001)])
def test_a_model_of_a_wrong_form_is_refused(field, keeper) -> None:
    sent = {"name": "LiverSeg", "manufacturer": "", "intended_use": ""} | dict([field])

    assert keeper.post(reverse("admin:overlays_aimodel_register"), sent).status_code == 400
    assert not AIModel.objects.exists()


def test_registering_the_version_releases_what_was_quarantined(keeper, registered, stored) -> None:
    model = registered().model
    version = stored(status="", model_version="3.0")

    keeper.post(_of_model(model), {"act": "version", "version": "3.0"})

    assert OverlayVersion.objects.get(pk=version.pk).review_state == "pending"


def test_a_status_is_changed_with_a_reason(keeper, registered) -> None:
    version = registered()

    text = keeper.post(
        _of_version(version), {"act": "status", "status": "suspended", "reason": "drift at site B"}, follow=True
    ).content.decode()

    assert "LiverSeg 2.1.0 is suspended now." in text
    assert "drift at site B" in text


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ({"status": "suspended", "reason": " "}, 400, "A change of status has a reason"),
        ({"status": "", "reason": "kept words"}, 400, "Choose the new status."),
        ({"status": "shadow", "reason": "kept words"}, 409, "can become recalled, suspended; not shadow."),
    ],
)
def test_a_status_that_cannot_be_set_is_refused_with_the_sentence(sent, status, sentence, keeper, registered) -> None:
    version = registered()
    before = ModelStatusChange.objects.count()

    answer = keeper.post(_of_version(version), {"act": "status", **sent})

    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert sent["reason"].strip() in answer.content.decode()
    assert ModelStatusChange.objects.count() == before


def test_only_possible_statuses_are_offered(keeper, registered) -> None:
    text = keeper.get(_of_version(registered())).content.decode()

    assert '<option value="suspended">' in text
    assert '<option value="recalled">' in text
    assert '<option value="shadow">' not in text


def test_a_client_is_granted_and_revoked(keeper, registered) -> None:
    model = registered().model

    keeper.post(_of_model(model), {"act": "grant", "client_id": "second-pipeline"})
    granted = set(Poster.objects.filter(model=model).values_list("client_id", flat=True))
    keeper.post(_of_model(model), {"act": "revoke", "client_id": "liver-pipeline"})

    assert granted == {"liver-pipeline", "second-pipeline"}
    assert Poster.objects.get(model=model).client_id == "second-pipeline"


@pytest.mark.parametrize("scope", [Scope.STORE, Scope.VIEW, Scope.REVIEW, Scope.AUDIT])
def test_others_read_the_page_and_cannot_act_on_it(scope, signed_in, registered) -> None:
    version = registered()
    client = signed_in(scope)

    text = client.get(_of_version(version)).content.decode()
    answer = client.post(_of_version(version), {"act": "status", "status": "recalled", "reason": "for fun"})

    assert 'name="status"' not in text
    assert answer.status_code == 403
    assert ModelVersion.objects.get(pk=version.pk).status == "approved"


def test_an_unknown_act_is_refused(keeper, registered) -> None:
    assert keeper.post(_of_model(registered().model), {"act": "erase"}).status_code == 400


def test_the_list_names_every_version_with_its_status(keeper, registered) -> None:
    registered(version="1.0", status="recalled")
    registered(version="2.0", status="shadow")

    text = keeper.get(reverse("admin:overlays_aimodel_changelist")).content.decode()

    for words in ("1.0", "Recalled", "2.0", "Shadow"):
        assert f">{words}<" in text
