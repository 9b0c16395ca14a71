"""Shares new connections out among the web processes; a kept connection stays with the process that took it."""

import socket
import time

from gunicorn.workers.gthread import ThreadWorker

SECONDS_PER_CONNECTION = 0.0005
MOST_SECONDS = 0.004


class FairThreadWorker(ThreadWorker):
    """A thread worker that lets a process with fewer connections take a new one first.

    All processes wake for a new connection, and the one that is awake already, the busy one, would win it: eight viewers that keep
    their connections can end up in one process while the other sleeps.
    """

    def accept(self, listener: socket.socket) -> None:
        """Accept after a moment for each connection held; by then somebody else may have."""
        time.sleep(min(self.nr_conns * SECONDS_PER_CONNECTION, MOST_SECONDS))
        super().accept(listener)
