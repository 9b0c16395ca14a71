"""People sign in at an external issuer: whom it makes of them here, and whatever could go wrong on the way."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import Client as Browser

from overlays.models import AuditEntry
from registry.oidc import external_login
from registry.oidc.errors import TokenRefused
from registry.oidc.models import ExternalPerson
from registry.oidc.staff_login import parsed
from tests.registry.oidc.conftest import PASSWORD, answered, signed_in_ago
from tests.registry.oidc.loopback import LoopbackIssuer, loopback_issuer, private_key

ROBIN = {
    "sub": "s-1",
    "preferred_username": "rlee",
    "given_name": "Robin",
    "family_name": "Lee",
    "email": "rlee@hospital.example",
    "realm_access": {"roles": ["radiology", "offline_access"]},
}
START, CALLBACK = "/login/external/", "/login/external/callback"

pytestmark = pytest.mark.django_db


def now() -> int:
    return int(datetime.now(UTC).timestamp())


@pytest.fixture
def issuer() -> Iterator[LoopbackIssuer]:
    with loopback_issuer() as running:
        yield running


@pytest.fixture
def entry(issuer) -> dict:
    return {
        "issuer": issuer.issuer,
        "name": "hospital",
        "label": "Hospital account",
        "shape": "keycloak",
        "client_id": issuer.client_id,
        "client_secret": issuer.client_secret,
        "role_groups": {"radiology": ["Radiologists"], "stewards": ["AI stewards"], "ward": ["Clinicians"]},
        "administrator_roles": ["overlays-admin"],
    }


@pytest.fixture
def configure(settings, entry) -> Callable[..., None]:
    def with_changes(**changes: object) -> None:
        settings.STAFF_LOGIN = entry | changes

    with_changes()
    return with_changes


@pytest.fixture
def sign_in(configure, issuer) -> Callable[..., object]:
    """A whole login of a browser: the answer to its last request."""

    def go(browser: Browser, *, to: str = "", changed: dict | None = None, **claims: object):
        begun = browser.get(START, {"next": to} if to else {})
        assert begun.status_code == 302, begun.content
        back = issuer.sign_in(begun["Location"], **(ROBIN | claims))
        return browser.get(CALLBACK, back | (changed or {}))

    return go


def signed_in(browser: Browser) -> User | None:
    key = browser.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


def asked(response) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}


def test_the_browser_is_sent_to_the_issuer_with_state_nonce_and_challenge(configure, stranger, issuer, settings):
    response = stranger.get(START)
    query = asked(response)
    assert response["Location"].startswith(f"{issuer.issuer}/authorize?")
    assert (query["response_type"], query["client_id"], query["redirect_uri"], query["code_challenge_method"]) == (
        "code",
        issuer.client_id,
        settings.SITE_URL + CALLBACK,
        "S256",
    )
    assert min(len(query[name]) for name in ("state", "nonce", "code_challenge")) >= 43


def test_a_first_login_makes_the_person(sign_in, stranger):
    assert sign_in(stranger)["Location"] == "/"
    person = signed_in(stranger)
    assert (person.username, person.get_full_name(), person.email) == ("rlee", "Robin Lee", "rlee@hospital.example")
    assert (person.is_staff, person.is_superuser, person.has_usable_password()) == (True, False, False)
    assert [group.name for group in person.groups.all()] == ["Radiologists"]


def test_a_second_login_is_the_same_person(sign_in, stranger):
    sign_in(stranger)
    other = Browser()
    sign_in(other, preferred_username="renamed", family_name="Lee-Stern")
    assert signed_in(other).pk == signed_in(stranger).pk
    assert (signed_in(other).username, signed_in(other).last_name) == ("rlee", "Lee-Stern")


def test_groups_follow_the_roles_at_every_login(sign_in, stranger):
    sign_in(stranger)
    own = Group.objects.create(name="Choir")
    User.objects.get().groups.add(own)
    sign_in(stranger, realm_access={"roles": ["stewards", "ward"]})
    assert sorted(group.name for group in signed_in(stranger).groups.all()) == ["AI stewards", "Choir", "Clinicians"]


def test_a_clinician_is_not_let_into_the_admin(sign_in, stranger):
    sign_in(stranger, realm_access={"roles": ["ward"]})
    assert not signed_in(stranger).is_staff


def test_an_administrator_of_the_issuer_administers_here_as_long_as_it_says_so(sign_in, stranger):
    sign_in(stranger, realm_access={"roles": ["overlays-admin"]})
    assert signed_in(stranger).is_superuser
    sign_in(stranger)
    assert not signed_in(stranger).is_superuser


def test_what_it_makes_of_a_person_stands_in_the_log(sign_in, stranger):
    sign_in(stranger)
    entries = list(AuditEntry.objects.order_by("pk").values_list("event", "actor_key"))
    person = signed_in(stranger)
    assert entries == [
        ("person:created", "issuer:hospital"),
        ("person:roles", "issuer:hospital"),
        ("login:succeeded", f"user:{person.pk}"),
    ]


def test_how_strong_and_how_old_the_login_is_stands_in_the_log(sign_in, stranger, issuer):
    sign_in(stranger, auth_time=now() - 60, acr="phr", amr=["hwk", "pin"])
    data = AuditEntry.objects.get(event="login:succeeded").data
    assert data == {"issuer": issuer.issuer, "auth_time": data["auth_time"], "acr": "phr", "amr": ["hwk", "pin"]}


def test_nothing_that_the_issuer_sends_is_written_at_length(sign_in, stranger):
    sign_in(stranger, acr="x" * 300, amr=[{"a": 1}])
    assert AuditEntry.objects.get(event="login:succeeded").data.keys() == {"issuer"}


def test_the_person_goes_on_to_where_they_wanted(sign_in, stranger):
    assert sign_in(stranger, to="/admin/overlays/")["Location"] == "/admin/overlays/"


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/" + "x" * 9000])
def test_nobody_is_sent_elsewhere(sign_in, stranger, to):
    assert sign_in(stranger, to=to)["Location"] == "/"


def test_a_local_account_of_the_same_name_is_another_person(sign_in, stranger, person):
    local = person("models.manage", username="RLEE")
    sign_in(stranger)
    assert signed_in(stranger).pk != local.pk
    assert signed_in(stranger).username.startswith("rlee-")


def test_the_session_is_a_new_one(sign_in, stranger):
    stranger.get(START)
    before = stranger.session.session_key
    sign_in(stranger)
    assert stranger.session.session_key != before


def test_whoever_was_signed_in_before_is_not_recorded_as_the_person(sign_in, radiologist):
    browser = Browser()
    browser.force_login(radiologist)
    sign_in(browser)
    assert AuditEntry.objects.get(event="login:succeeded").actor_key == f"user:{signed_in(browser).pk}"
    assert signed_in(browser).pk != radiologist.pk


def refused(response, browser: Browser, status: int = 403) -> None:
    assert response.status_code == status, response.content
    assert signed_in(browser) is None


def test_without_a_role_nobody_is_made(sign_in, stranger):
    refused(sign_in(stranger, realm_access={"roles": ["uma"]}), stranger)
    assert not User.objects.exists()


def test_whoever_loses_every_role_loses_it_here(sign_in, stranger):
    sign_in(stranger)
    other = Browser()
    refused(sign_in(other, realm_access=None), other)
    person = User.objects.get()
    assert (person.groups.count(), person.is_staff) == (0, False)


def test_whoever_is_deactivated_here_stays_out(sign_in, stranger):
    sign_in(stranger)
    User.objects.update(is_active=False)
    other = Browser()
    refused(sign_in(other), other)


def test_a_refused_login_stands_in_the_log_without_what_was_sent(sign_in, stranger, issuer):
    sign_in(stranger, realm_access=None)
    entry = AuditEntry.objects.get()
    assert (entry.event, entry.actor_key, entry.data["issuer"], entry.data["reason"]) == (
        "login:failed",
        "stranger",
        issuer.issuer,
        "no role",
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["overlays-admin", "another"]},
        {"aud": ["overlays-admin", "another"], "azp": "another"},
        {"azp": "another"},
        {"iss": "https://other.example"},
        {"exp": 1},
        {"iat": 9999999999},
        {"sub": None},
        {"sub": ""},
        {"sub": "s\x00"},
        {"sub": "s" * 300},
    ],
    ids=str,
)
def test_an_id_token_with_one_fault_signs_nobody_in(sign_in, stranger, claims):
    refused(sign_in(stranger, **claims), stranger)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "header",
    [{"key": private_key("other")}, {"kid": "unknown"}, {"algorithm": "HS256", "key": "k" * 64}, {"typ": "at+jwt"}],
    ids=["foreign key", "unknown key", "symmetric", "access token"],
)
def test_an_id_token_signed_wrongly_signs_nobody_in(sign_in, stranger, issuer, header):
    issuer.id_header = header
    refused(sign_in(stranger), stranger)


def test_an_id_token_without_a_type_is_one(sign_in, stranger, issuer):
    issuer.id_header = {"typ": None}
    sign_in(stranger)
    assert signed_in(stranger)


@pytest.mark.parametrize("state", ["", "another"])
def test_an_answer_to_another_login_signs_nobody_in(sign_in, stranger, issuer, state):
    refused(sign_in(stranger, changed={"state": state}), stranger, 400)
    assert not issuer.token_requests


def test_an_answer_in_another_browser_signs_nobody_in(configure, stranger, issuer):
    back = issuer.sign_in(stranger.get(START)["Location"], **ROBIN)
    victim = Browser()
    refused(victim.get(CALLBACK, back), victim, 400)


def test_an_answer_serves_once(configure, stranger, issuer):
    back = issuer.sign_in(stranger.get(START)["Location"], **ROBIN)
    stranger.get(CALLBACK, back)
    assert stranger.get(CALLBACK, back).status_code == 400


def test_an_answer_that_comes_late_signs_nobody_in(sign_in, stranger, monkeypatch):
    monkeypatch.setattr(external_login, "PENDING_SECONDS", 0)
    refused(sign_in(stranger), stranger, 400)


def test_an_answer_of_another_issuer_signs_nobody_in(sign_in, stranger, issuer):
    refused(sign_in(stranger, changed={"iss": "https://other.example"}), stranger, 400)
    assert not issuer.token_requests


@pytest.mark.parametrize("changed", [{"code": ""}, {"code": "x"}, {"code": "x" * 5000}], ids=len)
def test_a_code_that_is_none_signs_nobody_in(sign_in, stranger, changed):
    refused(sign_in(stranger, changed=changed), stranger)


def test_an_error_of_the_issuer_is_not_repeated(configure, stranger):
    state = asked(stranger.get(START))["state"]
    answer = stranger.get(CALLBACK, {"error": "<b>denied", "error_description": "call 555", "state": state})
    refused(answer, stranger)
    assert not any(word in answer.content.decode() for word in ("denied", "555"))


def test_a_wrong_secret_signs_nobody_in(configure, sign_in, stranger):
    configure(client_secret="another")
    refused(sign_in(stranger), stranger)


def test_the_secret_can_be_in_a_file(configure, entry, sign_in, stranger, tmp_path, issuer):
    (tmp_path / "secret").write_text(issuer.client_secret + "\n")
    configure(client_secret="", client_secret_file=str(tmp_path / "secret"))
    sign_in(stranger)
    assert signed_in(stranger)


def test_while_the_issuer_is_away_the_page_says_so(configure, stranger, issuer):
    issuer.status = 503
    answer = stranger.get(START)
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()


def test_whoever_fails_often_has_to_wait(configure, stranger):
    codes = [stranger.get(CALLBACK, {"state": "x"}).status_code for _ in range(301)]
    assert (codes[0], codes[-1]) == (400, 429)
    assert stranger.get(START).status_code == 429


def test_a_demanded_strength_is_asked_for_and_checked(configure, sign_in, stranger):
    configure(acr_values=["phr"])
    assert asked(stranger.get(START))["acr_values"] == "phr"
    refused(sign_in(stranger, acr="1"), stranger)
    refused(sign_in(stranger), stranger)
    sign_in(stranger, acr="phr")
    assert signed_in(stranger)


def test_a_demanded_age_is_asked_for_and_checked(configure, sign_in, stranger):
    configure(max_age=600)
    assert asked(stranger.get(START))["max_age"] == "600"
    for auth_time in (None, now() - 700, True, "now"):
        refused(sign_in(stranger, auth_time=auth_time), stranger)
    sign_in(stranger, auth_time=now() - 500)
    assert signed_in(stranger)


@pytest.mark.parametrize("renew", [{"prompt": "login"}, {"max_age": "0"}], ids=str)
def test_an_application_that_wants_a_new_login_gets_one_of_the_issuer(
    configure, sign_in, viewer, stranger, issuer, renew
):
    sign_in(stranger)
    signed_in_ago(stranger, 3600)
    answer = viewer.authorize(stranger, **renew)
    query = asked(stranger.get(START, {"next": asked(answer)["next"]}))
    assert (query["prompt"], query["max_age"]) == ("login", "0")


def test_an_old_login_is_no_new_one(configure, viewer, stranger, issuer):
    viewer.authorize(stranger, prompt="login")
    back = issuer.sign_in(stranger.get(START)["Location"], **ROBIN, auth_time=now() - 300)
    refused(stranger.get(CALLBACK, back), stranger)


@pytest.mark.parametrize("renew", [{"prompt": "login"}, {"max_age": "0"}], ids=str)
def test_a_new_login_ends_the_asking(configure, viewer, stranger, issuer, renew):
    again = asked(viewer.authorize(stranger, scope="openid overlays.review", **renew))["next"]
    back = issuer.sign_in(stranger.get(START, {"next": again})["Location"], **ROBIN, auth_time=now())
    assert answered(stranger.get(stranger.get(CALLBACK, back)["Location"]))["code"]


def test_the_login_page_leads_there(configure, stranger):
    page = stranger.get("/login/?next=/admin/").content.decode()
    assert 'href="/login/external/?next=%2Fadmin%2F"' in page
    assert "Hospital account" in page
    assert 'name="password"' in page


def test_without_one_the_login_page_has_no_way_there(stranger):
    assert START not in stranger.get("/login/").content.decode()
    assert stranger.get(START)["Location"] == "/login/"


def test_without_local_accounts_the_login_page_goes_straight_there(configure, stranger, settings):
    settings.LOCAL_LOGIN = False
    assert stranger.get("/login/?next=/admin/")["Location"] == "/login/external/?next=%2Fadmin%2F"


def test_without_local_accounts_no_password_is_taken(configure, stranger, settings, radiologist):
    settings.LOCAL_LOGIN = False
    answer = stranger.post("/login/", {"username": radiologist.username, "password": PASSWORD})
    refused(answer, stranger)


def test_local_accounts_stay_possible(configure, stranger, radiologist):
    stranger.post("/login/", {"username": radiologist.username, "password": PASSWORD})
    assert signed_in(stranger) == radiologist


def test_one_person_has_one_key_in_the_admin_and_by_the_issuers_tokens(sign_in, stranger, issuer, settings, accept):
    settings.OIDC_ISSUERS = [
        *settings.OIDC_ISSUERS,
        {"issuer": issuer.issuer, "name": "hospital", "audiences": ["overlays"]},
    ]
    token = issuer.sign({"aud": ["overlays", "account"], "sub": "s-1", "azp": "viewer", "name": "Robin Lee"})
    assert accept(token).key == "user:hospital:s-1"
    sign_in(stranger)
    assert accept(token, later=2).key == f"user:{signed_in(stranger).pk}"


def test_deactivating_a_person_ends_the_issuers_tokens_within_a_second(sign_in, stranger, issuer, settings, accept):
    settings.OIDC_ISSUERS = [
        *settings.OIDC_ISSUERS,
        {"issuer": issuer.issuer, "name": "hospital", "audiences": ["overlays"]},
    ]
    sign_in(stranger)
    token = issuer.sign({"aud": ["overlays", "account"], "sub": "s-1", "azp": "viewer", "name": "Robin Lee"})
    accept(token)
    User.objects.update(is_active=False)
    with pytest.raises(TokenRefused, match="deactivated"):
        accept(token, later=1.1)


def test_the_subject_of_another_issuer_is_another_person(sign_in, stranger):
    sign_in(stranger)
    ExternalPerson.objects.update(issuer="https://other.example")
    other = Browser()
    sign_in(other)
    assert signed_in(other).pk != signed_in(stranger).pk


def test_secrets_and_tokens_are_in_no_log(configure, sign_in, stranger, issuer, caplog):
    caplog.set_level("DEBUG")
    sign_in(stranger)
    sign_in(Browser(), nonce="x")
    assert not any(secret in caplog.text for secret in (issuer.client_secret, "eyJ", "code-0", "rlee@hospital.example"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"issuer": "http://login.example"}, "https"),
        ({"name": "12"}, "small letters"),
        ({"client_id": ""}, "client_id missing"),
        ({"role_groups": {}}, "role_groups missing"),
        ({"role_groups": {"radiology": ["Radiologist"]}}, "a list of these"),
        ({"role_groups": {"radiology": "Radiologists"}}, "a list of these"),
        ({"role_groups": {"radiology": [["Radiologists"]]}}, "a list of these"),
        ({"algs": ["HS256"]}, "algs can be"),
        ({"shape": "saml"}, "shape can be"),
        ({"max_age": True}, "wrong type"),
        ({"max_age": "1"}, "wrong type"),
        ({"scopes": [1]}, "a list of texts"),
        ({"client_secret_file": "/nowhere"}, "cannot be read"),
        ({"secret": "x"}, "unknown"),
    ],
    ids=str,
)
def test_a_configuration_that_cannot_be_used_is_refused(entry, changes, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence) as fault:
        parsed(entry | changes)
    assert entry["client_secret"] not in str(fault.value)


def test_the_secret_is_not_shown(entry):
    assert entry["client_secret"] not in repr(parsed(entry))


def test_a_registry_that_nobody_could_sign_in_to_does_not_start(settings):
    settings.LOCAL_LOGIN = False
    assert "identity.E009" in {each.id for each in run_checks()}


def test_a_broken_entry_does_not_start(settings):
    settings.STAFF_LOGIN = {"issuer": "x"}
    assert "identity.E008" in {each.id for each in run_checks()}
