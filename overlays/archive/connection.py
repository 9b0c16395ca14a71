"""Speaks HTTP to the archive: bounded waits, few repetitions, no redirects, bodies as they come."""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlencode

import urllib3
from django.conf import settings

from overlays.archive.breaker import Breaker
from overlays.archive.credentials import Credentials
from overlays.governance.errors import ArchiveFailed, ArchiveTooSlow

log = logging.getLogger(__name__)

CONNECT_SECONDS = 3.0
MOST_CONNECTIONS = 32
CHUNK = 1 << 18
USER_AGENT = "overlay-registry"

Query = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What came back: its status, its header fields (names in lower case), and its body, which can be read once."""

    status: int
    headers: Mapping[str, str]
    _response: urllib3.BaseHTTPResponse = field(repr=False)

    def chunks(self, *, seconds: float | None = None, at_most: int | None = None) -> Iterator[bytes]:
        """The body as it comes, at most 256 KiB at a time.

        Raises ArchiveTooSlow when it is not all there after so many seconds or falls silent, ArchiveFailed when it breaks off or has
        more bytes than ``at_most``.
        """
        ends = time.monotonic() + seconds if seconds is not None else None
        length = 0
        try:
            while chunk := self._response.read1(CHUNK):
                length += len(chunk)
                if at_most is not None and length > at_most:
                    raise ArchiveFailed("The archive answers with more than is taken from it.")
                if ends is not None and time.monotonic() > ends:
                    raise ArchiveTooSlow("The archive takes too long to answer.")
                yield chunk
            declared = self.headers.get("content-length", "")
            if declared.isdecimal() and length != int(declared):
                raise ArchiveFailed("The archive's answer broke off.")
        except urllib3.exceptions.ReadTimeoutError:
            raise ArchiveTooSlow("The archive fell silent in the middle of its answer.") from None
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            raise ArchiveFailed("The archive's answer broke off.") from None
        finally:
            self.close()

    def close(self) -> None:
        """Let the connection go; one whose body was not read to its end is not used again."""
        self._response.close()
        self._response.release_conn()


class Connection:
    """The archive at one address. ``seconds`` is its longest silence; ``retries`` how often what did not begin to answer is asked again."""

    def __init__(self, url: str, *, credentials: Mapping[str, str], seconds: float, retries: int) -> None:
        self.url = url.rstrip("/")
        self._pool = urllib3.PoolManager(
            maxsize=MOST_CONNECTIONS,
            timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds),
            retries=urllib3.Retry(
                total=retries,
                redirect=False,
                status_forcelist=(502, 503, 504),
                allowed_methods=("GET",),
                backoff_factor=0.2,
                raise_on_status=False,
                respect_retry_after_header=False,
            ),
        )
        self._credentials = Credentials(credentials, self._pool)
        self._breaker = Breaker()

    def get(
        self, path: str, *, query: Query = (), headers: Mapping[str, str] | None = None, bearer: str | None = None
    ) -> Answer:
        """GET below the archive's address, as the registry itself, or with the bearer token of the caller.

        Raises ArchiveTooSlow, ArchiveFailed: also for what it says when it does not let the registry in, redirects, or fails itself.
        """
        answer = self._once(path, query, headers or {}, bearer)
        if answer.status == 401 and bearer is None and self._credentials.forget():
            answer.close()
            answer = self._once(path, query, headers or {}, bearer)
        status = answer.status
        if 200 <= status < 300 or status in (304, 400, 404, 406, 410, 416):
            return answer
        answer.close()
        log.warning("the archive answered %s", status)
        if status in (401, 403):
            raise ArchiveFailed("The archive does not let the registry in.")
        raise ArchiveFailed(f"The archive answers with the status {status}.")

    def authorization(self, bearer: str | None = None) -> str:
        """What the archive is shown in the Authorization header: the caller's bearer token, else the registry's own; empty for nothing.

        Raises ArchiveFailed.
        """
        return f"Bearer {bearer}" if bearer is not None else self._credentials.authorization()

    def _once(self, path: str, query: Query, headers: Mapping[str, str], bearer: str | None) -> Answer:
        authorization = self.authorization(bearer)
        self._breaker.require_closed()
        own = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
        if authorization:
            own["Authorization"] = authorization
        address = f"{self.url}/{path}"
        if pairs := list(query):
            address += "?" + urlencode(pairs, safe="*?,")  # Orthanc knows no wild card that is written %2A
        try:
            response = self._pool.request(
                "GET", address, headers=own | dict(headers), redirect=False, preload_content=False, decode_content=False
            )
        except urllib3.exceptions.HTTPError as fault:
            reason = getattr(fault, "reason", fault)
            log.warning("the archive cannot be asked: %s", type(reason).__name__)
            refused = isinstance(reason, urllib3.exceptions.NewConnectionError)  # for urllib3 a kind of time-out
            if isinstance(reason, urllib3.exceptions.TimeoutError) and not refused:
                self._breaker.silent()
                raise ArchiveTooSlow("The archive takes too long to answer.") from None
            self._breaker.answered()
            raise ArchiveFailed("The archive cannot be reached.") from None
        except (OSError, ValueError):  # a header or a status line that is none
            raise ArchiveFailed("The archive cannot be reached.") from None
        self._breaker.answered()
        if response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
            response.close()
            raise ArchiveFailed("The archive compresses what it was asked not to.")
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, response)


@lru_cache(maxsize=4)
def _connection(url: str, credentials: tuple, seconds: float, retries: int) -> Connection:
    return Connection(url, credentials=dict(credentials), seconds=seconds, retries=retries)


def archive() -> Connection:
    """The archive that is configured. Raises ArchiveFailed when none is."""
    if not settings.OVERLAYS_ARCHIVE_URL:
        raise ArchiveFailed("No archive is configured.")
    return _connection(
        settings.OVERLAYS_ARCHIVE_URL,
        tuple(sorted(settings.OVERLAYS_ARCHIVE_CREDENTIALS.items())),
        settings.OVERLAYS_ARCHIVE_SECONDS,
        settings.OVERLAYS_ARCHIVE_RETRIES,
    )
