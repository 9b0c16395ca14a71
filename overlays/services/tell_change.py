"""Tells viewers, through the feed of changes, what may have changed a render decision."""

from datetime import datetime

from overlays.governance.events import Event
from overlays.models import Change, ModelVersion
from overlays.models.change import PresentTransaction


def tell_change(
    *, event: Event, at: datetime, study: str, sop_instance_uid: str, model_version: ModelVersion | None
) -> Change:
    """Append a change: of the version of this study and SOP Instance UID, or of the model version, where both are empty.

    In the caller's transaction: what is undone is not told.
    """
    return Change.objects.create(
        transaction=PresentTransaction(),
        event=event.value,
        at=at,
        study_instance_uid=study,
        sop_instance_uid=sop_instance_uid,
        model_version=model_version,
    )
