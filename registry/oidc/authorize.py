"""Answers the authorization request: the code flow with PKCE, for what client, person and groups all allow."""

import logging
import re
from datetime import datetime
from secrets import token_hex
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View
from oidc_provider.lib.endpoints.authorize import AuthorizeEndpoint
from oidc_provider.lib.errors import AuthorizeError, ClientIdError, RedirectUriError
from oidc_provider.lib.utils.common import get_issuer, redirect
from oidc_provider.models import Client, Code

from overlays.admin.actor import actor_of
from overlays.governance.errors import RegistryError
from overlays.queries.launches import open_launches
from overlays.services.launch import redeem_launch
from registry.oidc.errors import OAuthError
from registry.oidc.expiry import code_lifetime
from registry.oidc.external_login import ANEW
from registry.oidc.form import no_repeats, studies_of
from registry.oidc.hashing import bind
from registry.oidc.models import ClientGrant, CodeGrant
from registry.oidc.pages import guarded
from registry.oidc.scopes import KNOWN, OF_SERVERS, lost_all, of_person
from registry.oidc.signed_in import signed_in_at
from registry.oidc.studies import Studies, from_column, narrowed

logger = logging.getLogger(__name__)

CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
NONCE = re.compile(r"[\x20-\x7e]{0,255}", re.ASCII)
MAX_AGE = re.compile(r"[0-9]{0,9}", re.ASCII)
JUST_NOW_SECONDS = 30
"""A login this new was made for the request itself; else a ``max_age`` of 0 would ask for logins without end."""

LOGIN_PROMPTS = frozenset({"login", "select_account"})


class Authorize(AuthorizeEndpoint):
    """One authorization request, checked: after ``validate_params`` it holds only what may be granted."""

    def __init__(self, request: HttpRequest, at: datetime) -> None:
        super().__init__(request)
        self.at = at
        self.studies = None
        given = request.POST if request.method == "POST" else request.GET
        self.params["studies"] = given.get("studies", "")
        self.params["launch"] = given.get("launch", "")

    def validate_params(self) -> None:
        """Check the request, and drop from its scope what the person's groups do not allow.

        Raises ClientIdError and RedirectUriError, after which nothing may be redirected, and AuthorizeError.
        """
        self.client = Client.objects.filter(client_id=self.params["client_id"]).first()
        if self.client is None:
            raise ClientIdError
        if not self.params["redirect_uri"] or self.params["redirect_uri"] not in self.client.redirect_uris:
            raise RedirectUriError
        self._check_protocol()
        self._check_scope()
        self._check_studies()
        self._check_launch()

    def refuse(self, error: str, reason: str) -> AuthorizeError:
        """The error to raise; the reason goes to the log."""
        logger.info("authorization refused to client %s: %s, %s", self.client.client_id, error, reason)
        return AuthorizeError(self.params["redirect_uri"], error, self.grant_type)

    def _check_protocol(self) -> None:
        if self.params["response_type"] != "code":
            raise self.refuse("unsupported_response_type", "the code flow is the only one")
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        try:
            no_repeats(given)
        except OAuthError as fault:
            raise self.refuse(fault.error, fault.sentence) from None
        if self.params["request"] or given.get("request_uri"):
            raise self.refuse("request_not_supported", "request objects are not read")
        if self.params["code_challenge_method"] != "S256" or not CHALLENGE.fullmatch(self.params["code_challenge"]):
            raise self.refuse("invalid_request", "a PKCE challenge by S256 of 43 to 128 characters is required")
        if not MAX_AGE.fullmatch(self.params["max_age"]):
            raise self.refuse("invalid_request", "max_age is no number of seconds")
        if not NONCE.fullmatch(self.params["nonce"]):
            raise self.refuse("invalid_request", "the nonce is too long or not printable")
        user = self.request.user
        if user.is_authenticated and not user.is_active:
            raise self.refuse("access_denied", "the person is deactivated")

    def _check_scope(self) -> None:
        asked = list(dict.fromkeys(self.params["scope"]))
        allowed = set(self.client.scope) & KNOWN.keys() - OF_SERVERS.keys()
        if not asked or not allowed.issuperset(asked):
            raise self.refuse("invalid_scope", "the scope is empty or more than the client is registered for")
        self.params["scope"] = asked
        if self.request.user.is_authenticated:
            groups = self.request.user.groups.values_list("name", flat=True)
            self.params["scope"] = of_person(asked, groups)
            if lost_all(asked, self.params["scope"]):
                raise self.refuse("access_denied", "the person's groups allow nothing of what was asked")
        self.is_authentication = "openid" in self.params["scope"]

    def _check_studies(self) -> None:
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        try:
            asked = studies_of(given)
        except OAuthError as fault:
            raise self.refuse(fault.error, fault.sentence) from None
        self.own_grant = ClientGrant.objects.filter(client=self.client).first()
        self._narrow(asked, from_column(self.own_grant.studies) if self.own_grant else None)

    def _check_launch(self) -> None:
        if not self.params["launch"]:
            if self.own_grant is not None and self.own_grant.launch_only:
                raise self.refuse("access_denied", "the client is opened by a launch only")
            return
        user = self.request.user
        key = actor_of(self.request).key if user.is_authenticated else ""
        launch = open_launches(self.params["launch"], client_id=self.client.client_id, at=self.at, key=key).first()
        if launch is None:
            raise self.refuse("access_denied", "the launch is unknown, used, expired, or for somebody else")
        self._narrow(self.studies, frozenset({launch.study_instance_uid}))

    def _narrow(self, *grants: Studies) -> None:
        self.studies = narrowed(*grants)
        if self.studies is not None and not self.studies:
            raise self.refuse("access_denied", "the client or launch reaches none of the studies asked for")

    def is_client_allowed_to_skip_consent(self) -> bool:
        """Any client is: PKCE and exact redirect URIs make a public client no weaker here."""
        return True

    def needs_consent(self) -> bool:
        """Whether the person is to be asked, as the client is configured and unless it was answered before."""
        if "consent" in self.params["prompt"]:
            return True
        if not self.client.require_consent:
            return False
        return not (self.client.reuse_consent and self.client_has_user_consent())

    def is_login_too_old(self) -> bool:
        """Whether the login of this session is older than ``max_age`` seconds (OpenID Connect Core 1.0 3.1.2.1), or of unknown age."""
        if not self.params["max_age"]:
            return False
        since = signed_in_at(self.request)
        allowed = max(int(self.params["max_age"]), JUST_NOW_SECONDS)
        return since is None or since + allowed < self.at.timestamp()

    def create_code(self) -> Code:
        """Store a code bound to this person, client, challenge and redirect URI; a launch is used up with it."""
        with transaction.atomic():
            if self.params["launch"]:
                self._redeem_launch()
            return self._create_code()

    def _redeem_launch(self) -> None:
        try:
            redeem_launch(
                actor=actor_of(self.request),
                at=self.at,
                code=self.params["launch"],
                client_id=self.client.client_id,
            )
        except RegistryError as fault:
            raise self.refuse("access_denied", fault.sentence) from None

    def _create_code(self) -> Code:
        code = Code.objects.create(
            user=self.request.user,
            client=self.client,
            code=f"{token_hex(32)}.{bind(self.params['redirect_uri'])}",
            expires_at=self.at + code_lifetime(),
            _scope=" ".join(self.params["scope"]),
            nonce=self.params["nonce"],
            is_authentication=self.is_authentication,
            code_challenge=self.params["code_challenge"],
            code_challenge_method="S256",
        )
        if self.studies is not None:
            CodeGrant.objects.create(code=code, studies=sorted(self.studies))
        return code

    def create_response_uri(self) -> str:
        """Where to send the browser, with the code."""
        return self._back(code=self.create_code().code)

    def error_uri(self, fault: AuthorizeError) -> str:
        """Where to send the browser, with the error."""
        return self._back(error=fault.error, error_description=fault.description or fault.error)

    def _back(self, **answer: str) -> str:
        # The issuer lets a client of several providers tell whose answer this is (RFC 9207).
        if self.params["state"]:
            answer["state"] = self.params["state"]
        uri = urlsplit(self.params["redirect_uri"])
        query = [*parse_qsl(uri.query, keep_blank_values=True), *answer.items(), ("iss", get_issuer())]
        return urlunsplit(uri._replace(query=urlencode(query)))


class AuthorizeView(View):
    """The authorization endpoint: GET asks, POST is the person's answer on the consent page."""

    http_method_names = ["get", "post"]

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Check the request and answer; the outcome goes back to the client unless the client itself is in doubt."""
        if request.method.lower() not in self.http_method_names:
            return self.http_method_not_allowed(request)
        asked = Authorize(request, timezone.now())
        try:
            asked.validate_params()
            return (self.get if request.method == "GET" else self.post)(request, asked)
        except (ClientIdError, RedirectUriError) as fault:
            context = {"error": fault.error, "description": fault.description}
            return guarded(render(request, "oidc_provider/error.html", context, status=400))
        except AuthorizeError as fault:
            return redirect(asked.error_uri(fault))

    def get(self, request: HttpRequest, asked: Authorize) -> HttpResponse:
        """Have the person log in, then consent, where that is needed."""
        silent = "none" in asked.params["prompt"]
        renew = LOGIN_PROMPTS & asked.params["prompt"]
        if not request.user.is_authenticated or renew or asked.is_login_too_old():
            if silent:
                raise asked.refuse("login_required", "no login was allowed to be asked for")
            logout(request)
            if renew or asked.params["max_age"]:
                request.session[ANEW] = True
            return redirect_to_login(_without_login_prompts(request.get_full_path()))
        if not asked.needs_consent():
            return redirect(asked.create_response_uri())
        if silent:
            raise asked.refuse("consent_required", "no consent was allowed to be asked for")
        context = {
            "client": asked.client,
            "params": asked.params,
            "scopes": asked.get_scopes_information(),
            "studies": sorted(asked.studies or ()),
        }
        return guarded(render(request, "oidc_provider/authorize.html", context))

    def post(self, request: HttpRequest, asked: Authorize) -> HttpResponse:
        """Take the person's yes or no."""
        if not request.user.is_authenticated:
            context = {"error": "Not signed in", "description": "Sign in before you answer."}
            return guarded(render(request, "oidc_provider/error.html", context, status=403))
        if not request.POST.get("allow"):
            raise asked.refuse("access_denied", "the person declined")
        if asked.studies is None:  # what is agreed to for some studies is not agreed to for every one
            asked.set_client_user_consent()
        return redirect(asked.create_response_uri())


def _without_login_prompts(path: str) -> str:
    """The address to come back to after the login; asking for it again would never end."""
    uri = urlsplit(path)
    query = []
    for name, value in parse_qsl(uri.query, keep_blank_values=True):
        if name != "prompt":
            query.append((name, value))
        elif kept := " ".join(word for word in value.split() if word not in LOGIN_PROMPTS):
            query.append((name, kept))
    return urlunsplit(uri._replace(query=urlencode(query)))
