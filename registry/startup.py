"""Does what a serving process owes before its first request: look whether the database is fit, take up what was left undone."""

import logging

from django.core.checks import Tags, run_checks
from django.db import DEFAULT_DB_ALIAS

from overlays.services.background import take_up_again

log = logging.getLogger(__name__)


class NotFit(SystemExit):
    """The process must not serve; its message says why."""


def begin() -> None:
    """Refuse to serve on a database whose append-only tables are unguarded; then take up what an earlier process left.

    Raises NotFit, which ends the process.
    """
    faults = [fault.msg for fault in run_checks(tags=[Tags.database], databases=[DEFAULT_DB_ALIAS])]
    if faults:
        log.critical("not serving: %s", " ".join(faults))
        raise NotFit(" ".join(faults))
    if waiting := take_up_again():
        log.info("%d version(s) were still being validated; they are taken up again", waiting)
