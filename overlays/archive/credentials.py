"""Gives the registry's own credentials at the archive, fetched anew where they expire; they stand in no log and no answer."""

import base64
import json
import threading
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import urllib3

from overlays.governance.errors import ArchiveFailed

EARLY_SECONDS = 30
"""How long before its end a token is not used any more."""
MOST_BYTES = 65_536

KINDS: dict[str, frozenset[str]] = {
    "bearer": frozenset({"token"}),
    "basic": frozenset({"username", "password"}),
    "client_credentials": frozenset({"token_url", "client_id", "client_secret"}),
}
"""Every kind of credentials with what it needs; the last may also have a ``scope`` (RFC 6749 4.4)."""
_OPTIONAL = frozenset({"kind", "scope"})


def require_credentials(given: Mapping) -> dict:
    """The credentials as they are. Raises ValueError, which tells none of their values."""
    if not given:
        return {}
    kind = given.get("kind")
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(sorted(KINDS))}")
    missing = sorted(KINDS[kind] - set(given))
    unknown = sorted(set(given) - KINDS[kind] - _OPTIONAL)
    if missing or unknown:
        raise ValueError(f"{kind}: {', '.join(missing or unknown)} is {'missing' if missing else 'not known'}")
    for name, value in given.items():
        if not isinstance(value, str) or not value or not value.isprintable() or not value.isascii():
            raise ValueError(f"{kind}: {name} must be text of printable ASCII characters")
    return dict(given)


class Credentials:
    """One set of credentials, shared by all threads of a process."""

    def __init__(self, given: Mapping[str, str], pool: urllib3.PoolManager) -> None:
        self._given, self._pool = given, pool
        self._lock = threading.Lock()
        self._token, self._ends = "", 0.0

    def authorization(self) -> str:
        """The value of the Authorization header; empty without credentials. Raises ArchiveFailed."""
        match self._given.get("kind"):
            case "bearer":
                return f"Bearer {self._given['token']}"
            case "basic":
                pair = f"{self._given['username']}:{self._given['password']}"
                return "Basic " + base64.b64encode(pair.encode()).decode()
            case "client_credentials":
                with self._lock:
                    if time.monotonic() >= self._ends:
                        self._fetch()
                    return f"Bearer {self._token}"
            case _:
                return ""

    def forget(self) -> bool:
        """Whether another try may help: a fetched token is dropped, for the archive refused it."""
        with self._lock:
            self._ends = 0.0
        return self._given.get("kind") == "client_credentials"

    def _fetch(self) -> None:
        form = {"grant_type": "client_credentials"}
        if scope := self._given.get("scope"):
            form["scope"] = scope
        headers = urllib3.make_headers(basic_auth=f"{self._given['client_id']}:{self._given['client_secret']}")
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            answer = self._pool.request(
                "POST",
                self._given["token_url"],
                body=urlencode(form),
                headers=headers,
                redirect=False,
                preload_content=False,
            )
            with answer:
                found = json.loads(answer.read(MOST_BYTES)) if answer.status == 200 else {}
            token, seconds = found["access_token"], float(found.get("expires_in", 60))
            if not isinstance(token, str) or not token.isascii() or not token.isprintable():
                raise ValueError
        except (urllib3.exceptions.HTTPError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ArchiveFailed("The token of the archive could not be had from its issuer.") from None
        self._token, self._ends = token, time.monotonic() + max(0.0, seconds - EARLY_SECONDS)
