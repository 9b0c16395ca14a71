"""Gets a person's access token over HTTP as an application does: authorization code with PKCE (RFC 6749 4.1, RFC 7636)."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, Request, build_opener

TIMEOUT_SECONDS = 30
MOST_REDIRECTS = 5
_FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class FlowRefused(Exception):
    """The provider did not give a code or token; the message is what it answered."""


class _StayHere(HTTPRedirectHandler):
    """Follows nothing: the code arrives in the address of a redirect that is not ours to open."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def person_token(
    *,
    site: str,
    client_id: str,
    redirect_uri: str,
    username: str,
    password: str,
    scopes: Sequence[str],
    verifier: str,
    state: str,
) -> dict:
    """The answer of the token endpoint for a person who signs in with a password and a public client without consent page.

    ``site`` is the registry's origin; ``verifier`` (43 to 128 characters) and ``state`` are fresh random values. Raises FlowRefused,
    OSError when nobody answers.
    """
    if urlsplit(site).scheme not in ("http", "https"):
        raise FlowRefused(f"{site} is not an origin of the web.")
    browser = build_opener(_StayHere, HTTPCookieProcessor(CookieJar()))
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii"),
        "code_challenge_method": "S256",
    }
    authorize = f"{site}/oidc/authorize?{urlencode(query)}"
    answer = _code(browser, authorize, redirect_uri, username, password)
    if answer.get("state") != [state] or "code" not in answer:
        raise FlowRefused(" ".join(answer.get("error_description") or answer.get("error") or ["There was no code."]))
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"][0],
        "redirect_uri": redirect_uri,
        "client_id": client_id,
        "code_verifier": verifier,
    }
    status, _, body = _send(browser, f"{site}/oidc/token", form)
    if status != 200:
        raise FlowRefused(body)
    return json.loads(body)


def _code(
    browser: OpenerDirector, address: str, redirect_uri: str, username: str, password: str
) -> dict[str, list[str]]:
    """The parameters with which the provider sends the browser back to the application."""
    for _ in range(MOST_REDIRECTS):
        status, headers, body = _send(browser, address)
        if status == 200:  # the login page
            token = _FORM_TOKEN.search(body)
            if token is None:
                raise FlowRefused("The login page has no form.")
            form = {"csrfmiddlewaretoken": token[1], "username": username, "password": password}
            status, headers, body = _send(browser, address, form, referer=address)
        if status not in (301, 302, 303):
            raise FlowRefused(f"{username} could not sign in: the provider answered {status}.")
        address = urljoin(address, headers["Location"])
        if address.startswith(redirect_uri):
            found = parse_qs(urlsplit(address).query)
            if "code" in found or "error" in found:
                return found
    raise FlowRefused("The provider redirected without end.")


def _send(
    browser: OpenerDirector, address: str, form: dict[str, str] | None = None, referer: str = ""
) -> tuple[int, HTTPMessage, str]:
    data = urlencode(form).encode("ascii") if form else None
    request = Request(address, data=data, headers={"Referer": referer} if referer else {})  # noqa: S310 -- http(s) was checked
    try:
        with browser.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except HTTPError as error:  # a redirect that is not followed comes this way too
        with error:
            return error.code, error.headers, error.read().decode()
