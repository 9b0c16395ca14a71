"""What OHIF is told."""

import json

from registry.oidc.scopes import KNOWN
from registry.viewer.app_config import SCOPES, app_config, of_ohif
from registry.viewers import viewers

ORIGIN, ISSUER = "https://viewer.example", "https://overlays.example/oidc"


def configuration() -> dict:
    script = app_config(origin=ORIGIN, issuer=ISSUER).removeprefix("window.config = ")
    return json.JSONDecoder().raw_decode(script)[0]


def test_images_and_overlays_come_from_the_governed_address_alone():
    roots = ("qidoRoot", "wadoRoot", "wadoUriRoot")
    told = {
        source["sourceName"]: {source["configuration"][root] for root in roots}
        for source in configuration()["dataSources"]
    }
    assert told == {"registry": {f"{ORIGIN}/dicom-web"}, "review": {f"{ORIGIN}/review/dicom-web"}}


def test_the_clinical_source_is_the_default():
    assert configuration()["defaultDataSourceName"] == "registry"


def test_the_gate_knows_the_purpose_of_each_source():
    gate = configuration()["registryGate"]
    assert gate["api"] == f"{ORIGIN}/api/v1"
    assert gate["purposes"] == {"registry": "clinical", "review": "review"}


def test_the_gate_knows_what_passes_unregistered():
    script = app_config(origin=ORIGIN, issuer=ISSUER, passes={"PR", "KO"}).removeprefix("window.config = ")
    assert json.JSONDecoder().raw_decode(script)[0]["registryGate"]["passes"] == ["KO", "PR"]


def test_people_sign_in_by_code_and_renew_by_refresh_token():
    (login,) = configuration()["oidc"]
    assert (login["authority"], login["response_type"]) == (ISSUER, "code")
    assert "offline_access" in login["scope"].split()


def test_every_scope_that_is_asked_for_is_known():
    assert set(SCOPES) <= set(KNOWN)


def test_the_code_of_a_launch_is_handed_on_where_the_address_has_one():
    script = app_config(origin=ORIGIN, issuer=ISSUER)
    assert "if (launch) window.config.oidc[0].extraQueryParams = { launch };" in script


def test_ohif_can_be_launched_for_both_purposes():
    assert set(viewers(of_ohif(ORIGIN))["ohif"]) == {"client_id", "clinical", "review"}


def test_without_an_origin_there_is_nothing_to_launch():
    assert of_ohif("") == {}


def test_a_save_that_is_refused_says_why():
    assert "window.config.httpErrorHandler = error => {" in app_config(origin=ORIGIN, issuer=ISSUER)
