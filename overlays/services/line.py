"""Finds the line on which a version stands, and gives it its number."""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime

from overlays.dicom.instance import Code, Family, Instance, ValueMapping
from overlays.dicom.model_identity import ModelClaim
from overlays.dicom.sop_classes import SOP_CLASSES
from overlays.models import AIModel, Overlay, Study

_RESULTS = {uid for uid, row in SOP_CLASSES.items() if row.family is not Family.IMAGE}
_ABOUT_RESULTS = frozenset((Family.STRUCTURED_REPORT, Family.KEY_OBJECTS, Family.PRESENTATION_STATE))
"""Families that may be about results alone: a report on a segmentation, key objects among reports."""


def source_series(instance: Instance) -> list[str]:
    """The series of the source images that the object names, sorted; derived objects among the references do not count.

    A document or presentation state that names nothing but derived objects has their series, so that what is about different results
    stands on different lines.
    """
    return _series_of_images(instance) or (_series(instance) if instance.family in _ABOUT_RESULTS else [])


def _series_of_images(instance: Instance) -> list[str]:
    return _series(instance, without=_RESULTS)


def _series(instance: Instance, without: Collection[str] = ()) -> list[str]:
    return sorted(
        {
            reference.series_instance_uid
            for reference in instance.references
            if reference.series_instance_uid and reference.sop_class_uid not in without
        }
    )


def content_set(instance: Instance) -> list[list[str]]:
    """What the object is about, whatever the order: pairs of a name and a code.

    A document's title; label and type of each segment, region or group; the quantities of a map; the graphic layers of a presentation
    state. A secondary capture says nothing of itself but Series Description; the version of the model, which many write there, is left
    out.
    """
    title = [instance.document_title] if instance.document_title else []
    layers = instance.display.layers if instance.display else ()
    captured = [_captured(instance)] if instance.family is Family.SECONDARY_CAPTURE else []
    return (
        [[code.meaning, code.value] for code in title]
        + sorted(
            [named.label, _value(named.property_type)] for named in (*instance.segments, *instance.annotation_groups)
        )
        + sorted([region.name, _value(region.property_type)] for region in instance.regions)
        + sorted([label, code] for label, code in {_quantity(each) for each in instance.value_mappings})
        + sorted([layer.name, ""] for layer in layers)
        + [[description, ""] for description in captured]
    )


def _captured(instance: Instance) -> str:
    versions = {claim.version for claim in instance.algorithms} | set(instance.equipment.software_versions)
    return " ".join(word for word in instance.series.description.split() if word.lstrip("vV") not in versions)


def _quantity(mapping: ValueMapping) -> tuple[str, str]:
    return (mapping.quantity.meaning if mapping.quantity else mapping.label), _value(mapping.quantity or mapping.unit)


def _value(code: Code | None) -> str:
    return code.value if code else ""


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
    maker = [f"model {model.pk}"] if model else [name, manufacturer]
    series, content = source_series(instance), content_set(instance)
    rest = str(instance.family), instance.content_label[:64], content
    line = _key(study.study_instance_uid, maker, series, *rest)
    if series and not _series_of_images(instance):
        # Lines of reports on results alone were once known without a series: they go on where they are about the same results.
        earlier = Overlay.objects.filter(
            line=_key(study.study_instance_uid, maker, [], *rest),
            versions__source_references__series_instance_uid__in=series,
        )
        line = earlier.values_list("line", flat=True).first() or line
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
