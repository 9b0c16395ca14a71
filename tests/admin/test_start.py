"""The start page greets everybody and tells strangers nothing of patients."""

import re

import pytest
from django.contrib.staticfiles import finders

from overlays.governance.permissions import GROUP_OF_SCOPE, Scope


def test_the_start_page_needs_no_login_and_leads_every_role_on(client, db) -> None:
    text = client.get("/").content.decode()

    for group in GROUP_OF_SCOPE.values():
        assert f"Group {group} " in text
    assert "/login/?next=/admin/" in text


def test_a_stranger_sees_no_number_and_no_patient(client, stored) -> None:
    stored()

    text = client.get("/").content.decode()

    assert "Awaiting review" not in text
    assert "Doe" not in text


def test_who_reads_reviews_sees_how_many_wait(reader, stored) -> None:
    stored()

    text = reader.get("/").content.decode()

    assert '<span class="number">1</span><span>Awaiting review</span>' in text
    assert "Doe" not in text


def test_a_clinician_sees_no_number(signed_in, stored) -> None:
    stored()

    assert "Awaiting review" not in signed_in(Scope.VIEW).get("/").content.decode()


def test_the_page_loads_nothing_from_elsewhere(client, db) -> None:
    text = client.get("/").content.decode()

    assert "http:" not in text.replace("http://testserver", "")
    assert "https:" not in text
    assert "<script" not in text


@pytest.mark.parametrize("page", ["/", "/login/", "/admin/"])
def test_each_page_names_its_icon(reader, page) -> None:
    text = reader.get(page, follow=True).content.decode()

    icons = re.findall(r'<link\s+rel="icon"\s+href="([^"]+)"\s+type="image/svg\+xml"', text)
    assert icons == ["/static/overlays/icon.svg"]
    assert finders.find("overlays/icon.svg")
