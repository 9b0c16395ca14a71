"""Puts what an object says into the columns that images and versions have in common."""

from dataclasses import asdict

from overlays.dicom.instance import Instance


def said_by(instance: Instance) -> dict[str, object]:
    """Column and value. Over-long text was found and told by the rules; the columns keep what fits."""
    return {
        "sop_instance_uid": instance.sop_instance_uid,
        "sop_class_uid": instance.sop_class_uid,
        "transfer_syntax_uid": instance.transfer_syntax_uid,
        "instance_number": instance.instance_number,
        "patient_id": instance.patient.patient_id[:64],
        "patient_name": instance.patient.name[:324],
        "frame_of_reference_uid": instance.frame_of_reference_uid,
        "number_of_frames": instance.number_of_frames,
        "grid": asdict(instance.grid) if instance.grid else None,
        "pixels": asdict(instance.pixels) if instance.pixels else None,
        "attributes": instance.attributes,
    }
