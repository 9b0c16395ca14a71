"""Finds the line on which a version stands, and gives it its number."""

import hashlib
import json
from datetime import datetime

from overlays.dicom.instance import Family, Instance
from overlays.dicom.model_identity import ModelClaim
from overlays.dicom.sop_classes import SOP_CLASSES
from overlays.models import AIModel, Overlay, Study


def source_series(instance: Instance) -> list[str]:
    """The series of the source images that the object names, sorted; derived objects among the references do not count."""
    derived = {uid for uid, row in SOP_CLASSES.items() if row.family is not Family.IMAGE}
    return sorted(
        {
            reference.series_instance_uid
            for reference in instance.references
            if reference.series_instance_uid and reference.sop_class_uid not in derived
        }
    )


def content_set(instance: Instance) -> list[list[str]]:
    """What the object is about, whatever the order: label and type of each segment, region or group; a document's title."""
    title = [instance.document_title] if instance.document_title else []
    return (
        [[code.meaning, code.value] for code in title]
        + sorted(
            [named.label, named.property_type.value if named.property_type else ""]
            for named in (*instance.segments, *instance.annotation_groups)
        )
        + sorted(
            [region.name, region.property_type.value if region.property_type else ""] for region in instance.regions
        )
    )


def _key(study: str, maker: list[str], series: list[str], kind: str, label: str, content: list[list[str]]) -> str:
    parts = [study, maker, series, kind, label, content]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def line_key(overlay: Overlay, model: AIModel) -> str:
    """The key of the overlay's line, were it known to be the model's."""
    return _key(
        overlay.study.study_instance_uid,
        [f"model {model.pk}"],
        overlay.source_series,
        overlay.kind,
        overlay.content_label,
        overlay.segments,
    )


def line_of(
    *, instance: Instance, claim: ModelClaim | None, model: AIModel | None, study: Study, at: datetime
) -> Overlay:
    """The overlay on whose line the instance stands, made when it is the first, its row locked for the transaction.

    A registered model is known by its key, however an object spells it; any other by what the object claims.
    """
    name, manufacturer = (claim.name, claim.manufacturer) if claim else ("", "")
    series, content = source_series(instance), content_set(instance)
    line = _key(
        study.study_instance_uid,
        [f"model {model.pk}"] if model else [name, manufacturer],
        series,
        str(instance.family),
        instance.content_label[:64],
        content,
    )
    overlay, _ = Overlay.objects.select_for_update().get_or_create(
        line=line,
        defaults={
            "study": study,
            "model": model,
            "model_name": name[:64],
            "model_manufacturer": manufacturer[:64],
            "kind": str(instance.family),
            "content_label": instance.content_label[:64],
            "source_series": series,
            "segments": content,
            "created_at": at,
        },
    )
    return overlay


def next_number(overlay: Overlay) -> int:
    """The next number of the line; the caller holds the lock on its row."""
    overlay.last_number += 1
    overlay.save(update_fields=["last_number"])
    return overlay.last_number
