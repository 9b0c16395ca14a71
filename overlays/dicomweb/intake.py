"""Takes the parts of a STOW-RS body one after the other: each is spooled, and stored as soon as it is complete."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import DatabaseError, DataError

from overlays.dicomweb.store_answer import FailureReason, PartFailed, Result
from overlays.governance.actor import Actor
from overlays.governance.errors import Invalid
from overlays.http import media_types
from overlays.http.multipart import Event, MultipartError, PartBegins, PartEnds
from overlays.services.outcomes import Outcome
from overlays.services.record_refusals import record_refusals
from overlays.services.spool import Received, Spool
from overlays.services.store_instance import store_instance

MOST_PARTS = 2_000
MOST_REFUSALS = 20
"""Refused instances of one body that have an audit entry of their own; the others share one."""
PART_10 = "application/dicom"

log = logging.getLogger(__name__)


class Intake:
    """Holds at most one part at a time, in a file; leaving the context forgets a part that is not complete.

    ``clock`` tells the time at which a part is stored; ``post`` groups the parts of one request; ``posted_to`` is the study of the
    address. ``results`` has one entry for each part that ended.
    """

    def __init__(
        self,
        *,
        actor: Actor,
        clock: Callable[[], datetime],
        post: UUID,
        posted_to: str | None,
        most_bytes: int,
    ) -> None:
        self._actor = actor
        self._clock = clock
        self._post = post
        self._posted_to = posted_to
        self._most_bytes = most_bytes
        self._open = ExitStack()
        self._spool: Spool | None = None
        self._fault: PartFailed | None = None
        self._refused = 0
        self._not_recorded = 0
        self.results: list[Result] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        if self._not_recorded:
            record_refusals(actor=self._actor, at=self._clock(), count=self._not_recorded)

    def take(self, event: Event) -> None:
        """The next event of the body. Raises MultipartError when there are too many parts."""
        match event:
            case PartBegins():
                self._begin(event.headers)
            case PartEnds():
                self.results.append(self._end())
            case _:
                self._write(event)

    def _begin(self, headers: dict[str, str]) -> None:
        if len(self.results) == MOST_PARTS:
            raise MultipartError(f"A body may have {MOST_PARTS} parts; this one has more.")
        self._fault = _fault_of(headers)
        if self._fault is None:
            try:
                self._spool = self._open.enter_context(Spool(self._most_bytes))
            except OSError as fault:
                self._fault = _not_now(fault)

    def _write(self, data: memoryview) -> None:
        if self._fault is not None:
            return
        try:
            self._spool.write(data)
        except Invalid as too_large:
            self._open.close()
            self._fault = PartFailed(reason=FailureReason.OUT_OF_RESOURCES, sentence=too_large.sentence)
        except OSError as fault:
            self._open.close()
            self._fault = _not_now(fault)

    def _end(self) -> Result:
        if self._fault is not None:
            return self._fault
        with self._open:
            try:
                return self._store(self._spool.finish())
            except (DataError, OverflowError) as fault:
                log.warning("an instance holds a value that the database does not take: %s", type(fault).__name__)
                self._not_recorded += 1
                return PartFailed(
                    reason=FailureReason.DOES_NOT_MATCH_CLASS,
                    sentence="The instance holds a value that the registry cannot store; nothing of it was kept.",
                )
            except (DatabaseError, OSError) as fault:
                return _not_now(fault)

    def _store(self, received: Received) -> Outcome:
        recorded = self._refused < MOST_REFUSALS
        stored = store_instance(
            actor=self._actor,
            at=self._clock(),
            received=received,
            post=self._post,
            posted_to=self._posted_to,
            record_refusal=recorded,
        )
        if stored.refusal is not None:
            self._refused += 1
            self._not_recorded += not recorded
        return stored


def _not_now(fault: Exception) -> PartFailed:
    """A fault of the registry itself: its disk, its database."""
    log.error("an instance could not be stored: %s", type(fault).__name__)
    return PartFailed(
        reason=FailureReason.PROCESSING_FAILURE,
        sentence="The registry could not store the instance now; nothing of it was kept. Try again.",
    )


def _fault_of(headers: dict[str, str]) -> PartFailed | None:
    """Why a part with this header is not taken."""
    stated = headers.get("content-type", "")
    try:
        if stated and media_types.parse(stated).essence == PART_10:
            return None
    except media_types.MalformedMediaType:
        pass
    said = f"is of type {stated[:80]!r}" if stated else "has no Content-Type"
    return PartFailed(
        reason=FailureReason.CANNOT_UNDERSTAND, sentence=f"A part {said}; parts of type {PART_10} are taken."
    )
