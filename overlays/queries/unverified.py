"""Lists the versions whose sources are worth looking up again."""

from collections.abc import Iterator

from overlays.governance.vocabulary import Verification
from overlays.models import OverlayVersion

OPEN = (Verification.UNVERIFIED.value, Verification.MISSING.value)
"""What another look may change without anything having changed that was seen before."""


def versions_to_recheck(*, every: bool = False, study: str | None = None) -> Iterator[tuple[str, str]]:
    """SOP Instance UID and verification of versions that name sources, the oldest first: the open ones, or ``every`` one."""
    found = OverlayVersion.objects.filter(source_count__gt=0)
    if not every:
        found = found.filter(verification__in=OPEN)
    if study is not None:
        found = found.filter(study__study_instance_uid=study)
    yield from list(found.order_by("pk").values_list("sop_instance_uid", "verification"))
