"""OHIF as a client of the identity provider."""

import pytest
from django.core.management import call_command
from oidc_provider.models import Client

from overlays.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_ohif_is_registered_at_its_origin(settings, capsys):
    settings.VIEWER_URL = "https://viewer.example"
    call_command("ensure_viewer_client")
    client = Client.objects.get(client_id="ohif")
    assert (client.client_type, client.redirect_uris) == ("public", ["https://viewer.example/callback"])
    assert {"offline_access", "overlays.view", "overlays.review"} <= set(client.scope)
    assert not client.require_consent
    assert capsys.readouterr().out == "OHIF is at https://viewer.example\n"


def test_another_start_changes_and_records_nothing(settings):
    settings.VIEWER_URL = "https://viewer.example"
    call_command("ensure_viewer_client")
    before = AuditEntry.objects.count()
    call_command("ensure_viewer_client")
    assert (Client.objects.filter(client_id="ohif").count(), AuditEntry.objects.count()) == (1, before)


def test_without_a_viewer_nothing_is_registered(settings, capsys):
    settings.VIEWER_URL = ""
    call_command("ensure_viewer_client")
    assert not Client.objects.filter(client_id="ohif").exists()
    assert capsys.readouterr().out.startswith("no viewer is served")
