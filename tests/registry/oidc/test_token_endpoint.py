"""The token endpoint: what each grant gives, and what it refuses."""

import base64
from datetime import timedelta

import jwt
import pytest
from django.contrib.auth.models import Group
from oidc_provider.models import Client, Code, Token

from registry.oidc.hashing import at_rest
from tests.registry.oidc.conftest import OTHER_STUDY, STUDY


def claims(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def error_of(response) -> str:
    assert response.status_code == 400, response.content
    return response.json()["error"]


def test_the_code_flow_gives_a_token_for_what_was_granted(viewer, browser):
    assert viewer.login(browser)["scope"] == "openid overlays.review"


def test_an_access_token_has_the_claims_of_rfc_9068(viewer, browser, radiologist, settings):
    given = claims(viewer.login(browser)["access_token"])
    row = Token.objects.get()
    assert given == {
        "iss": settings.SITE_URL + "/oidc",
        "aud": settings.OVERLAYS_RESOURCE,
        "client_id": "viewer",
        "sub": f"user:{radiologist.pk}",
        "scope": "openid overlays.review",
        "jti": row.access_token,
        "exp": int(row.expires_at.timestamp()),
        "iat": given["nbf"],
        "nbf": given["exp"] - settings.OIDC_TOKEN_EXPIRE,
    }


def test_an_access_token_is_typed_as_one(viewer, browser):
    assert jwt.get_unverified_header(viewer.login(browser)["access_token"])["typ"] == "at+jwt"


def test_the_id_token_is_for_the_client_and_bound_to_nonce_and_access_token(viewer, browser):
    given = claims(viewer.login(browser)["id_token"])
    assert (given["aud"], given["nonce"], "at_hash" in given) == ("viewer", "n0nce", True)


def test_the_id_token_tells_the_roles(viewer, browser):
    assert claims(viewer.login(browser)["id_token"])["roles"] == ["overlays.review", "overlays.view"]


def test_without_openid_there_is_no_id_token(viewer, browser):
    assert "id_token" not in viewer.login(browser, scope="overlays.view")


def test_without_offline_access_there_is_no_refresh_token(viewer, browser):
    assert "refresh_token" not in viewer.login(browser)


def test_a_token_answer_is_never_cached(viewer, browser):
    assert viewer.redeem(browser, viewer.code(browser))["Cache-Control"] == "no-store"


def test_another_registered_redirect_uri_does_not_redeem_the_code(viewer, browser):
    response = viewer.redeem(browser, viewer.code(browser), redirect_uri="https://viewer.example/other")
    assert error_of(response) == "invalid_grant"


def test_a_code_is_redeemed_once(viewer, browser):
    code = viewer.code(browser)
    viewer.redeem(browser, code)
    assert error_of(viewer.redeem(browser, code)) == "invalid_grant"


def test_a_code_of_another_client_is_not_redeemed(viewer, register, browser):
    other = register(client_id="other-viewer")
    other.verifier = viewer.verifier
    assert error_of(other.redeem(browser, viewer.code(browser))) == "invalid_grant"


def test_an_expired_code_is_not_redeemed(viewer, browser):
    code = viewer.code(browser)
    row = Code.objects.get()
    Code.objects.update(expires_at=row.expires_at - timedelta(seconds=61))
    assert error_of(viewer.redeem(browser, code)) == "invalid_grant"


@pytest.mark.parametrize("verifier", ["ä" * 50, "w" * 50, "", None, "short"])
def test_a_verifier_that_does_not_prove_the_challenge_is_an_invalid_grant(viewer, browser, verifier):
    assert error_of(viewer.redeem(browser, viewer.code(browser), code_verifier=verifier)) == "invalid_grant"


def test_a_code_without_challenge_is_not_redeemed(viewer, browser):
    code = viewer.code(browser)
    Code.objects.update(code_challenge=None, code_challenge_method=None)
    assert error_of(viewer.redeem(browser, code)) == "invalid_grant"


@pytest.mark.parametrize("code", ["", "nothing", "0" * 64 + ".\x00", "0" * 64 + "." + "0" * 16])
def test_garbage_is_no_code(viewer, browser, code):
    assert error_of(viewer.redeem(browser, code)) == "invalid_grant"


def test_a_deactivated_person_does_not_redeem_a_code(viewer, browser, radiologist):
    code = viewer.code(browser)
    radiologist.is_active = False
    radiologist.save()
    assert error_of(viewer.redeem(browser, code)) == "invalid_grant"


def test_a_client_gets_a_token_for_itself(pipeline, stranger):
    given = claims(pipeline.own(stranger).json()["access_token"])
    assert (given["sub"], given["scope"]) == ("client:liver-pipeline", "overlays.store")


def test_a_client_for_itself_gets_no_refresh_token(pipeline, stranger):
    assert "refresh_token" not in pipeline.own(stranger).json()


def test_no_refresh_token_is_hidden_in_the_row_of_a_client(pipeline, stranger):
    pipeline.own(stranger)
    assert error_of(pipeline.refresh(stranger, Token.objects.get().refresh_token)) == "invalid_grant"


def test_a_row_without_a_person_is_not_refreshed(pipeline, stranger):
    pipeline.own(stranger)
    Token.objects.update(refresh_token=at_rest("stolen"))
    assert error_of(pipeline.refresh(stranger, "stolen")) == "invalid_grant"


def test_a_public_client_has_no_credentials_of_its_own(viewer, stranger):
    assert error_of(viewer.own(stranger)) == "unauthorized_client"


def test_a_client_cannot_ask_for_itself_more_than_its_registration(pipeline, stranger):
    assert error_of(pipeline.own(stranger, scope="overlays.store audit.export")) == "invalid_scope"


@pytest.mark.parametrize("grant_type", ["password", "implicit", "", "urn:ietf:params:oauth:grant-type:device_code"])
def test_other_grant_types_are_unsupported(pipeline, stranger, grant_type):
    assert error_of(pipeline.token(stranger, grant_type=grant_type)) == "unsupported_grant_type"


def test_a_wrong_secret_is_challenged(pipeline, stranger):
    pipeline.secret = "not-the-secret"
    response = pipeline.own(stranger)
    assert (response.status_code, response["WWW-Authenticate"][:5]) == (401, "Basic")


def test_an_unknown_client_is_answered_like_a_wrong_secret(pipeline, stranger):
    pipeline.secret = "not-the-secret"
    wrong = pipeline.own(stranger).json()
    answer = stranger.post("/oidc/token", {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"})
    assert (answer.status_code, answer.json()) == (401, wrong)


def test_a_confidential_client_without_secret_is_refused(pipeline, stranger):
    response = stranger.post("/oidc/token", {"grant_type": "client_credentials", "client_id": "liver-pipeline"})
    assert response.status_code == 401


def test_the_stored_form_of_a_secret_does_not_authenticate(pipeline, stranger):
    pipeline.secret = Client.objects.get(client_id="liver-pipeline").client_secret
    assert pipeline.own(stranger).status_code == 401


def test_a_row_with_a_plaintext_or_empty_secret_lets_nobody_in(pipeline, stranger):
    Client.objects.update(client_secret="")
    pipeline.secret = ""
    assert pipeline.own(stranger).status_code == 401


def test_basic_authentication_is_accepted(pipeline, stranger):
    response = stranger.post(
        "/oidc/token", {"grant_type": "client_credentials"}, headers=basic("liver-pipeline", pipeline.secret)
    )
    assert response.status_code == 200


@pytest.mark.parametrize("header", ["Basic !!!", "Basic " + "A" * 4000, "Basic gICA", "Basic"])
def test_a_malformed_basic_header_is_an_invalid_client(pipeline, stranger, header):
    response = stranger.post("/oidc/token", {"grant_type": "client_credentials"}, headers={"Authorization": header})
    assert response.json()["error"] == "invalid_client"


def test_a_repeated_parameter_is_an_invalid_request(pipeline, stranger):
    assert error_of(pipeline.own(stranger, scope=["overlays.store", "overlays.store"])) == "invalid_request"


def test_neither_access_nor_refresh_token_nor_secret_is_stored(register, browser):
    client = register(confidential=True)
    answer = client.login(browser, scope="openid offline_access overlays.view")
    stored = " ".join(map(str, [*Token.objects.values_list(), *Client.objects.values_list()]))
    held = [secret for secret in (answer["access_token"], answer["refresh_token"], client.secret) if secret in stored]
    assert held == []


def test_a_refused_redemption_leaves_the_code_to_its_owner(viewer, browser):
    code = viewer.code(browser)
    viewer.redeem(browser, code, code_verifier="w" * 50)
    assert viewer.redeem(browser, code).status_code == 200


def test_a_client_set_to_hs256_still_gets_rs256(viewer, browser):
    Client.objects.update(jwt_alg="HS256")
    assert jwt.get_unverified_header(viewer.login(browser)["id_token"])["alg"] == "RS256"


def test_guessing_a_secret_is_slowed_down(pipeline, stranger):
    pipeline.secret = "not-the-secret"
    statuses = [pipeline.own(stranger).status_code for _ in range(31)]
    assert statuses == [401] * 30 + [429]


def test_studies_asked_for_at_authorization_are_in_the_token(viewer, browser):
    assert claims(viewer.login(browser, studies=STUDY)["access_token"])["studies"] == [STUDY]


def test_without_studies_the_token_has_no_such_claim(viewer, browser):
    assert "studies" not in claims(viewer.login(browser)["access_token"])


def test_studies_are_narrowed_further_at_the_token_request(viewer, browser):
    code = viewer.code(browser, studies=f"{STUDY} {OTHER_STUDY}")
    answer = viewer.redeem(browser, code, studies=OTHER_STUDY).json()
    assert claims(answer["access_token"])["studies"] == [OTHER_STUDY]


def test_studies_beyond_those_granted_are_refused(viewer, browser):
    code = viewer.code(browser, studies=STUDY)
    assert error_of(viewer.redeem(browser, code, studies=OTHER_STUDY)) == "invalid_scope"


def test_a_client_narrowed_to_studies_gets_no_others(register, stranger):
    client = register(confidential=True, scopes=["overlays.store"], studies=[STUDY])
    answer = client.own(stranger, studies=f"{STUDY} {OTHER_STUDY}").json()
    assert claims(answer["access_token"])["studies"] == [STUDY]


def test_malformed_studies_are_an_invalid_request(pipeline, stranger):
    assert error_of(pipeline.own(stranger, studies="1.2.x")) == "invalid_request"


def test_too_many_studies_are_an_invalid_request(pipeline, stranger):
    assert error_of(pipeline.own(stranger, studies=" ".join(f"1.2.{n}" for n in range(65)))) == "invalid_request"


def test_the_groups_are_asked_when_a_code_is_redeemed(viewer, browser, radiologist):
    code = viewer.code(browser)
    Group.objects.get(name="Radiologists").user_set.remove(radiologist)
    assert error_of(viewer.redeem(browser, code)) == "invalid_scope"
