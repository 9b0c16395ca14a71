"""Slows down guessing: counts failures per key in a sliding minute, in this process and in bounded memory."""

import threading
from collections import OrderedDict, deque
from collections.abc import Hashable
from datetime import datetime
from math import ceil

from django.http import HttpRequest


class FailureLimit:
    """Lets ``limit`` failures of one key pass in ``window`` seconds, then asks to wait until the oldest of them is over.

    Keeps at most ``keys`` keys, the least recently failed forgotten first: memory is bounded whatever a stranger sends.
    Each process counts for itself.
    """

    def __init__(self, *, limit: int, window: float = 60.0, keys: int = 4096) -> None:
        self._limit = limit
        self._window = window
        self._keys = keys
        self._failures: OrderedDict[Hashable, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: Hashable, at: datetime) -> int:
        """Seconds to wait before this key is heard again; 0 when it may be heard now."""
        now = at.timestamp()
        with self._lock:
            times = self._failures.get(key)
            if times is None or len(times) < self._limit:
                return 0
            return max(0, ceil(times[0] + self._window - now))

    def failed(self, key: Hashable, at: datetime) -> None:
        """Count one failure."""
        with self._lock:
            times = self._failures.setdefault(key, deque(maxlen=self._limit))
            times.append(at.timestamp())
            self._failures.move_to_end(key)
            while len(self._failures) > self._keys:
                self._failures.popitem(last=False)

    def forget(self) -> None:
        """Forget every failure."""
        with self._lock:
            self._failures.clear()


FAILED_CLIENTS = FailureLimit(limit=30)
"""Failed client authentications and grants, by client id and address."""

FAILED_LOGINS = FailureLimit(limit=30)
"""Failed logins, by user name and address."""

FAILED_ADDRESSES = FailureLimit(limit=300)
"""Failed logins of one address, whatever the user name: one password tried on many people."""


def address_of(request: HttpRequest) -> str:
    """The address of the peer; forwarded headers are not believed here, they are for a middleware that knows the proxy."""
    return request.META.get("REMOTE_ADDR", "")
