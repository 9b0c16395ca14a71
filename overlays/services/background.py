"""Does work after the answer, in a thread of this process; what a crash interrupts is taken up again at the next start.

The queue holds ids alone. Nothing is lost with it: what waits is in the database, as versions that are still validating.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import cache
from queue import SimpleQueue

from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from overlays.governance.actor import system
from overlays.governance.permissions import Scope
from overlays.governance.vocabulary import ReviewState
from overlays.models import OverlayVersion
from overlays.services.finish_validation import finish_validation

log = logging.getLogger(__name__)

RETRY_SECONDS = (5, 60, 300)
"""How long to wait before trying again what was stopped; after the last, it waits for the next start."""

JOBS: dict[str, Callable[..., object]] = {"finish_validation": finish_validation}
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
    return len(uids)


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
    while True:
        job, uid = jobs.get()
        close_old_connections()
        for pause in (*RETRY_SECONDS, None):
            if run(job, uid) or pause is None:
                break
            time.sleep(pause)
        connection.close()
