"""A render decision that was asked for as application/jose is signed, and says what the plain one says."""

import json
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from overlays.governance.actor import system
from overlays.models import RenderDecision
from overlays.queries import decision_keys
from overlays.services.decision_keys import ensure_decision_key
from overlays.services.review import accept

pytestmark = pytest.mark.django_db

JOSE = "application/jose"


@pytest.fixture(autouse=True)
def _no_key_remembered():
    decision_keys.forget()
    yield
    decision_keys.forget()


@pytest.fixture
def key(db):
    """The registry's key."""
    private = ec.generate_private_key(ec.SECP256R1())
    return ensure_decision_key(actor=system("test"), at=timezone.now(), private=private)


@pytest.fixture
def accepted(posted, radiologist, now):
    """An accepted version."""
    version = posted()
    accept(actor=radiologist, at=now, sop_instance_uid=version.sop_instance_uid, seen_sha256=version.sha256)
    return version


@pytest.fixture
def ask(accepted, clinician):
    """Asks about the study, as a clinician unless told otherwise."""

    def asking(accept: str, *, actor=clinician, study=accepted.study.study_instance_uid, query: str = ""):
        client = APIClient()
        client.force_authenticate(user=object(), token=actor)
        return client.get(f"/api/v1/studies/{study}/render-decisions{query}", headers={"Accept": accept})

    return asking


@pytest.fixture
def name_instance(accepted, clinician):
    """Asks about the instance by its UID."""

    def asking(accept: str):
        client = APIClient()
        client.force_authenticate(user=object(), token=clinician)
        body = {"purpose": "clinical", "instances": [{"sop_instance_uid": accepted.sop_instance_uid}]}
        return client.post("/api/v1/render-decisions", body, format="json", headers={"Accept": accept})

    return asking


def checked(text: str) -> dict:
    """The claims, checked with the key that the registry publishes."""
    published = jwt.PyJWKSet.from_dict(Client().get("/api/v1/decision-keys").json())
    key = published[jwt.get_unverified_header(text)["kid"]]
    return jwt.decode(text, key, ["ES256"], issuer=settings.SITE_URL, options={"require": ["exp", "iat", "jti"]})


def without_what_differs(decision: dict) -> dict:
    """What two decisions on the same study have in common: not their ids, times and claims."""
    own = {"decision_id", "evaluated_at", "expires_at", "iss", "sub", "iat", "exp", "jti"}
    return {name: value for name, value in decision.items() if name not in own}


def test_a_signed_decision_on_a_study_says_what_the_plain_one_says(key, ask):
    signed, plain = ask(JOSE), ask("application/json")
    assert (signed.status_code, signed["Content-Type"]) == (200, JOSE)
    assert without_what_differs(checked(signed.content.decode())) == without_what_differs(plain.json())


def test_a_signed_decision_on_instances_says_what_the_plain_one_says(key, name_instance):
    signed, plain = name_instance(JOSE), name_instance("application/json")
    assert (signed.status_code, signed["Content-Type"]) == (200, JOSE)
    assert without_what_differs(checked(signed.content.decode())) == without_what_differs(plain.json())


def test_the_claims_say_who_decided_for_whom_and_until_when(key, ask, clinician):
    claims = checked(ask(JOSE).content.decode())
    assert (claims["iss"], claims["sub"], claims["jti"]) == (settings.SITE_URL, clinician.key, claims["decision_id"])
    assert claims["exp"] == int(datetime.fromisoformat(claims["expires_at"]).timestamp())
    assert claims["iat"] == int(datetime.fromisoformat(claims["evaluated_at"]).timestamp())


def test_the_header_names_the_kind_the_key_and_the_algorithm(key, ask):
    header = jwt.get_unverified_header(ask(JOSE).content.decode())
    assert header == {"typ": "render-decision+jwt", "kid": key.kid, "alg": "ES256"}


def test_a_signed_decision_is_recorded_like_any_other(key, ask):
    claims = checked(ask(JOSE).content.decode())
    assert str(RenderDecision.objects.get().pk) == claims["jti"]


def test_a_signed_decision_is_never_cached(key, ask):
    answer = ask(JOSE)
    assert answer["Cache-Control"] == "no-store"
    assert "Accept" in answer["Vary"].split(", ")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json, application/jose;q=0.5", "application/json"),
        ("application/json;q=0.5, application/jose", JOSE),
        ("application/json;q=0, */*", JOSE),
        ("application/jose+json, application/jose;q=0.1", JOSE),
    ],
)
def test_the_form_is_the_one_that_the_client_likes_best(key, ask, accept, kind):
    assert ask(accept)["Content-Type"] == kind


@pytest.mark.parametrize(
    ("accept", "status", "code"),
    [
        ("application/jose+json", 406, "not_acceptable"),
        ("text/html", 406, "not_acceptable"),
        ("application/jose;q=0", 406, "not_acceptable"),
        ("application/jose;q=2", 400, "invalid"),
        ("jose", 400, "invalid"),
    ],
)
def test_an_accept_header_that_nothing_fits_is_refused_before_anything_is_decided(key, ask, accept, status, code):
    answer = ask(accept)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not RenderDecision.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"study": "not-a-uid"}, 400), ({"query": "?purpose=fun"}, 400), ({"query": "?purpose=review"}, 403)],
)
def test_a_refusal_is_a_problem_and_not_signed(key, ask, wrong, status):
    answer = ask(JOSE, **wrong)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_whoever_may_not_ask_is_refused_as_ever(key, ask, steward):
    answer = ask(JOSE, actor=steward)
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")


def test_a_stranger_is_refused_as_ever(key):
    answer = Client().get("/api/v1/studies/1.2.3/render-decisions", headers={"Accept": JOSE})
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_without_a_key_nothing_is_decided(ask):
    answer = ask(JOSE)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert not RenderDecision.objects.exists()


def test_without_a_key_the_plain_answer_is_given_all_the_same(ask):
    assert ask("application/json").status_code == 200


def test_the_keys_are_told_to_anybody_and_may_be_kept_for_minutes(key):
    answer = Client().get("/api/v1/decision-keys")
    (told,) = answer.json()["keys"]
    assert answer["Cache-Control"] == "public, max-age=300"
    assert told.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_a_token_that_is_none_does_not_matter_where_the_keys_are_told(key):
    assert Client().get("/api/v1/decision-keys", headers={"Authorization": "Bearer none"}).status_code == 200


def test_the_keys_have_a_media_type_of_their_own_for_whoever_asks(key):
    answer = Client().get("/api/v1/decision-keys", headers={"Accept": "application/jwk-set+json"})
    assert answer["Content-Type"] == "application/jwk-set+json"


def test_the_description_of_the_interface_tells_both_forms():
    schema = json.loads(Client().get("/api/v1/schema/", headers={"Accept": "application/json"}).content)
    for path, method in (("/api/v1/studies/{study}/render-decisions", "get"), ("/api/v1/render-decisions", "post")):
        assert schema["paths"][path][method]["responses"]["200"]["content"].keys() == {"application/json", JOSE}


def test_the_description_of_the_interface_asks_no_token_for_the_keys():
    schema = json.loads(Client().get("/api/v1/schema/", headers={"Accept": "application/json"}).content)
    assert schema["paths"]["/api/v1/decision-keys"]["get"].get("security", [{}]) == [{}]


def test_a_time_is_cut_to_the_second_and_never_later_than_the_body_says(key, ask):
    claims = checked(ask(JOSE).content.decode())
    assert datetime.fromtimestamp(claims["exp"], UTC) <= datetime.fromisoformat(claims["expires_at"])
