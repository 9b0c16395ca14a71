"""Takes a SOP Instance UID for the bytes that are being stored under it."""

from overlays.dicom.instance import Instance
from overlays.models import StoredInstance
from overlays.services.spool import Received


def take_uid(instance: Instance, received: Received) -> None:
    """Write the UID down, before any bytes are kept. Raises IntegrityError when it is taken, waiting for who is taking it now."""
    StoredInstance.objects.create(
        sop_instance_uid=instance.sop_instance_uid,
        sha256=received.sha256,
        study_instance_uid=instance.study_instance_uid,
    )
