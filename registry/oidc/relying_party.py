"""Has a person sign in at an external issuer: the code flow with PKCE, state and nonce (OpenID Connect Core 1.0 3.1)."""

import base64
import hashlib
import hmac
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from registry.oidc.errors import TokenRefused
from registry.oidc.fetch import FetchFailed, fetch_json
from registry.oidc.issuer_metadata import endpoint, metadata
from registry.oidc.signed_claims import LEEWAY_SECONDS, is_time, signed
from registry.oidc.staff_login import StaffLogin


class LoginRefused(Exception):
    """The person cannot be signed in; the sentence is for the person and quotes nothing that was sent."""

    def __init__(self, sentence: str, reason: str = "", status: int = 403) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reason = reason or sentence
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What this side keeps of one login, in the session, until the person comes back. ``anew``: an old login there is not enough."""

    state: str
    nonce: str
    verifier: str
    anew: bool = False


AT_ONCE = threading.BoundedSemaphore(2)
"""How many logins of one process may wait for the issuer: anybody can begin one, and a silent issuer would hold every thread."""

TURN_SECONDS = 0.5


@contextmanager
def _turn() -> Iterator[None]:
    """A turn to ask the issuer. Raises LoginRefused where the others do not end."""
    if not AT_ONCE.acquire(timeout=TURN_SECONDS):
        raise LoginRefused("Others are signing in at this moment; try again.", "others wait for the issuer", 503)
    try:
        yield
    finally:
        AT_ONCE.release()


@_turn()
def authorization_address(login: StaffLogin, attempt: Attempt, redirect_uri: str) -> str:
    """Where to send the browser. Raises LoginRefused while the issuer does not answer."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode("ascii")).digest()).rstrip(b"=")
    query = {
        "response_type": "code",
        "client_id": login.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(login.scopes),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge.decode("ascii"),
        "code_challenge_method": "S256",
    }
    if login.acr_values:
        query["acr_values"] = " ".join(login.acr_values)
    if attempt.anew:
        query |= {"prompt": "login", "max_age": "0"}
    elif login.max_age is not None:
        query["max_age"] = str(login.max_age)
    address = _of_issuer(login, "authorization_endpoint")
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


@_turn()
def claims_of_login(
    login: StaffLogin, attempt: Attempt, answer: Mapping, redirect_uri: str, *, at: datetime
) -> Mapping:
    """The claims of the id_token that the issuer gives for the answer the browser brought back. Raises LoginRefused."""
    if answer.get("iss", login.issuer) != login.issuer:  # RFC 9207: the answer of another issuer
        raise LoginRefused("The sign-in service gave an answer that is not its own.", status=400)
    code = answer.get("code", "")
    if not code or len(code) > 4096:
        raise LoginRefused("The sign-in service did not sign you in.", "no code")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": login.client_id,
        "code_verifier": attempt.verifier,
    }
    headers = {}
    if login.client_secret:
        pair = f"{quote(login.client_id, safe='')}:{quote(login.client_secret, safe='')}"  # RFC 6749 2.3.1
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode("ascii")).decode("ascii")
    try:
        given = fetch_json(_of_issuer(login, "token_endpoint"), form=form, headers=headers)
    except FetchFailed as fault:
        raise LoginRefused("The sign-in service did not confirm the sign-in.", f"token endpoint: {fault}") from None
    return _checked(login, attempt, given.get("id_token"), at)


def _of_issuer(login: StaffLogin, name: str) -> str:
    try:
        return endpoint(metadata(login.issuer), name)
    except FetchFailed as fault:
        raise LoginRefused("The sign-in service does not answer; try again later.", f"{name}: {fault}", 503) from None


def _checked(login: StaffLogin, attempt: Attempt, id_token: object, at: datetime) -> Mapping:
    """The claims of an id_token that is this login's (3.1.3.7). Raises LoginRefused."""
    refusal = LoginRefused("The sign-in service gave no proof of who you are.", "no id_token")
    if not isinstance(id_token, str):
        raise refusal
    try:
        claims = signed(id_token, {login.issuer: login.of_id_tokens}, at=at).claims
    except TokenRefused as fault:
        refusal.reason = fault.reason
        raise refusal from None
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), attempt.nonce.encode()):
        refusal.reason = "the nonce is another login's"
        raise refusal
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else login.client_id) != login.client_id:
        refusal.reason = "the id_token was issued to another client"
        raise refusal
    if login.acr_values and claims.get("acr") not in login.acr_values:
        raise LoginRefused("A stronger sign-in is needed here.", "acr is not one of those demanded")
    oldest = 0 if attempt.anew else login.max_age
    if oldest is not None:
        signed_in, issued = claims.get("auth_time"), claims["iat"]
        # What happened before the browser was sent there is too old; the person may take a while at the page.
        fits = is_time(signed_in) and issued - oldest - LEEWAY_SECONDS <= signed_in <= issued + LEEWAY_SECONDS
        if not fits:
            raise LoginRefused("Sign in anew: your sign-in is too old.", "auth_time is missing, too old or yet to come")
    return claims
