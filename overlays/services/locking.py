"""Takes the row locks under which the state of a line changes."""

from overlays.governance.actor import Actor
from overlays.governance.errors import NotFound
from overlays.models import Overlay, OverlayVersion


def locked_version(actor: Actor, sop_instance_uid: str) -> OverlayVersion:
    """The version, with its overlay's row locked until the transaction ends.

    All versions of a line change under that one lock, so that two acts on a line queue. Raises NotFound when there is no such
    version, or the actor's grant does not reach its study.
    """
    version = OverlayVersion.objects.filter(sop_instance_uid=sop_instance_uid).select_related("study").first()
    if version is None or not actor.may_reach(version.study.study_instance_uid):
        raise NotFound(f"There is no version {sop_instance_uid}.")
    Overlay.objects.select_for_update().get(pk=version.overlay_id)
    return OverlayVersion.objects.select_related("overlay", "study", "model_version__model").get(pk=version.pk)
