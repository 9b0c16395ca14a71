"""Does work after the answer, in a thread of this process; what a crash interrupts is taken up again at the next start.

The queue holds ids alone. Nothing is lost with it: what waits is in the database, as versions that are still validating.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import cache
from heapq import heappop, heappush
from itertools import count
from queue import Empty, SimpleQueue

from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from overlays.governance.actor import Actor, system
from overlays.governance.errors import Unavailable
from overlays.governance.permissions import Scope
from overlays.governance.vocabulary import ReviewState, Verification
from overlays.models import OverlayVersion
from overlays.queries.unverified import OPEN
from overlays.services.finish_validation import finish_validation
from overlays.services.look_up_sources import looks_in_archive
from overlays.services.recheck_sources import recheck_sources

log = logging.getLogger(__name__)

RETRY_SECONDS = (5, 60, 300)
"""How long to wait before trying again what was stopped; after the last, it waits for the next start."""


def _recheck(*, actor: Actor, at: datetime, sop_instance_uid: str) -> None:
    """Images often reach the archive a moment after what was computed from them: what is not settled is looked up again."""
    if recheck_sources(actor=actor, at=at, sop_instance_uid=sop_instance_uid) in OPEN:
        raise Unavailable("The sources are not in the archive yet.")


JOBS: dict[str, Callable[..., object]] = {"finish_validation": finish_validation, "recheck_sources": _recheck}
"""Every job by its name; each is a service that takes an actor, the time, and a SOP Instance UID."""


def enqueue(job: str, sop_instance_uid: str) -> None:
    """Do the job once the present transaction is committed; not at all when it is rolled back. Raises KeyError for an unknown job."""
    JOBS[job]
    transaction.on_commit(lambda: _queue().put((job, sop_instance_uid)))


def take_up_again() -> int:
    """Enqueue what an earlier process left undone; returns how much that is. Doing something twice does no harm."""
    waiting = OverlayVersion.objects.filter(review_state=ReviewState.VALIDATING.value).order_by("pk")
    uids = list(waiting.values_list("sop_instance_uid", flat=True))
    for uid in uids:
        enqueue("finish_validation", uid)
    open_ = OverlayVersion.objects.filter(verification=Verification.UNVERIFIED.value, source_count__gt=0).order_by("pk")
    looked_up = list(open_.values_list("sop_instance_uid", flat=True)) if looks_in_archive() else []
    for uid in looked_up:
        enqueue("recheck_sources", uid)
    return len(uids) + len(looked_up)


def run(job: str, sop_instance_uid: str) -> bool:
    """Do one job now, as the registry itself; whether it was done. What stops it is logged by its kind, and the work stays to be done."""
    try:
        # The time is read here because nobody calls: this thread is an edge of the system, as a face is.
        actor = system(f"job-{sop_instance_uid}"[:64], Scope.STORE)
        JOBS[job](actor=actor, at=timezone.now(), sop_instance_uid=sop_instance_uid)
    except Exception as error:  # noqa: BLE001 -- one job must not end the thread for all that follow
        log.error("%s of %s stopped: %s", job, sop_instance_uid, type(error).__name__)
        return False
    return True


@cache
def _queue() -> SimpleQueue:
    jobs: SimpleQueue = SimpleQueue()
    threading.Thread(target=_work, args=(jobs,), name="background", daemon=True).start()
    return jobs


def _work(jobs: SimpleQueue) -> None:
    """One job after the other; what was stopped waits for its next try without keeping the others waiting."""
    waiting: list[tuple[float, int, str, str, int]] = []
    order = count()
    while True:
        try:
            job, uid = jobs.get(timeout=max(0.0, waiting[0][0] - time.monotonic()) if waiting else None)
            tries = 0
        except Empty:
            _, _, job, uid, tries = heappop(waiting)
        close_old_connections()
        if not run(job, uid) and tries < len(RETRY_SECONDS):
            heappush(waiting, (time.monotonic() + RETRY_SECONDS[tries], next(order), job, uid, tries + 1))
        connection.close()
