"""Does what a serving process owes before its first request: look whether all is fit, take up what was left undone."""

import logging

from django.core.checks import run_checks
from django.db import DEFAULT_DB_ALIAS, connection

from overlays.models import triggers
from overlays.services.background import take_up_again
from overlays.services.spool import sweep

log = logging.getLogger(__name__)


class NotFit(Exception):
    """The process must not serve; its message says why."""


def begin() -> None:
    """Refuse to serve with an error among the system checks, or with append-only tables unguarded; then take up what was left.

    That is: versions that were still being validated, and bytes whose upload ended with its process. Raises NotFit.
    """
    faults = [fault.msg for fault in run_checks(databases=[DEFAULT_DB_ALIAS]) if fault.is_serious()]
    faults += [f"The trigger {name} is missing, or altered." for name in triggers.missing(connection)]
    if faults:
        log.critical("not serving: %s", " ".join(faults))
        raise NotFit(" ".join(faults))
    if waiting := take_up_again():
        log.info("%d version(s) were still being validated or looked up; they are taken up again", waiting)
    if left := sweep():
        log.info("%d upload(s) had ended with their process; their bytes are removed", left)
