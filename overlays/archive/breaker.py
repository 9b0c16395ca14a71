"""Spares requests the wait for an archive that has been silent several times in a row."""

import threading
import time
from collections.abc import Callable

from overlays.governance.errors import ArchiveTooSlow

MOST_SILENCES = 3
PAUSE_SECONDS = 15.0
"""After so many requests in a row that were not answered in time, nobody waits for so long; then one asks again."""


class Breaker:
    """Counts the silences of one archive for all threads of a process. ``clock`` tells seconds, from any start."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._silences, self._until = 0, 0.0

    def require_closed(self) -> None:
        """Let a request through; after the pause the first one, while the others still spare themselves the wait. Raises ArchiveTooSlow."""
        if self._silences < MOST_SILENCES:  # without the lock: a request too many does no harm
            return
        with self._lock:
            if self._clock() < self._until:
                raise ArchiveTooSlow("The archive has been silent for a while; it is asked again in some seconds.")
            self._until = self._clock() + PAUSE_SECONDS

    def silent(self) -> None:
        """A request was not answered in time."""
        with self._lock:
            self._silences += 1
            self._until = self._clock() + PAUSE_SECONDS

    def answered(self) -> None:
        """A request was answered, whatever the answer was, or refused at once."""
        self._silences = 0
