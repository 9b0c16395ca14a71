"""Shares connections out among the web processes, and keeps clients that send slowly from holding their threads."""

import errno
import socket
import struct
import time
from concurrent.futures import Future

from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers import gthread

SECONDS_PER_CONNECTION = 0.0005
MOST_SECONDS = 0.004
READ_SECONDS = 10
"""Longest wait for the next bytes of a request; also how long its sender may take in all, beyond what its size explains."""

LEAST_BYTES_PER_SECOND = 10_000
DRAIN_SECONDS = 1
"""How long the rest of a body that nobody wanted is read and dropped, so that the client sees the answer."""

_TIMEVAL = struct.pack("ll", READ_SECONDS, 0)


class Pace:
    """Reads of one request, counting the time that was spent waiting for its sender.

    The time that the application takes between reads is not the sender's.
    """

    def __init__(self, unreader: SocketUnreader) -> None:
        self._unreader = unreader
        self._waited = 0.0
        self._came = 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next bytes. Raises ConnectionResetError, which gunicorn does not log, when none came in time, or too few in all."""
        if self._waited > READ_SECONDS + self._came / LEAST_BYTES_PER_SECOND:
            raise ConnectionResetError(errno.ECONNRESET, "the request comes too slowly")
        began = time.monotonic()
        try:
            data = SocketUnreader.chunk(self._unreader, size_hint)
        except BlockingIOError:  # what SO_RCVTIMEO makes of a blocking socket
            raise ConnectionResetError(errno.ECONNRESET, "the request stopped coming") from None
        finally:
            self._waited += time.monotonic() - began
        self._came += len(data)
        return data


class FairThreadWorker(gthread.ThreadWorker):
    """A thread worker that lets a process with fewer connections take a new one first, and waits for no sender for long.

    All processes wake for a new connection, and the one that is awake already, the busy one, would win it: eight viewers that keep
    their connections can end up in one process while the other sleeps.
    """

    def accept(self, listener: socket.socket) -> None:
        """Accept after a moment for each connection held; by then somebody else may have."""
        time.sleep(min(self.nr_conns * SECONDS_PER_CONNECTION, MOST_SECONDS))
        super().accept(listener)

    def enqueue_req(self, conn: gthread.TConn) -> None:
        """Give a connection to a thread; a new one once its first bytes are there: till then it waits beside those that are kept."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        # Not a timeout of Python's: that one makes two system calls of each read, and gives the interpreter away in both.
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEVAL)
        waiting: Future = Future()
        waiting.set_result(gthread._DEFER)
        self.finish_request(conn, waiting)

    def handle(self, conn: gthread.TConn) -> bool:
        """Serve one request, at its sender's pace within bounds."""
        conn.init()
        conn.parser.unreader.chunk = Pace(conn.parser.unreader).chunk
        return super().handle(conn)

    def _keepalive_after(self, conn: gthread.TConn, keepalive: bool) -> bool:
        return bool(keepalive and conn.parser.finish_body(deadline=time.monotonic() + DRAIN_SECONDS))

    def _cap_keepalive(self, deadline: float) -> None:
        """At the end, wait for connections without a request no longer than for those that had one."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)
