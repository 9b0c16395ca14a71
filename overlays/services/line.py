"""Finds the line on which a version stands, and gives it its number."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from overlays.dicom.instance import Code, Family, Instance, ValueMapping
from overlays.dicom.model_identity import ModelClaim
from overlays.dicom.sop_classes import SOP_CLASSES
from overlays.models import AIModel, Overlay, OverlayVersion, SourceReference, Study

_RESULTS = {uid for uid, row in SOP_CLASSES.items() if row.family is not Family.IMAGE}
_ABOUT_RESULTS = frozenset((Family.STRUCTURED_REPORT, Family.KEY_OBJECTS, Family.PRESENTATION_STATE))
"""Families that may be about results alone: a report on a segmentation, key objects among reports."""
_OF_CHOSEN_IMAGES = frozenset((Family.KEY_OBJECTS, Family.PRESENTATION_STATE, Family.SECONDARY_CAPTURE))
"""Families that are about the images that they name, and not about the series of them."""
_AT_ONCE = 500


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


def targets(instance: Instance) -> str:
    """The digest of what a report, key object selection, presentation state or capture is about, beside its series; empty of others.

    That is the results that it names, each by the line on which it stands here, else by its UID; and but for reports, the images with
    their frames. An object that it names as its own predecessor is none of them.
    """
    own = set(instance.predecessors)
    return _targets(
        instance.family,
        [
            (each.sop_instance_uid, each.sop_class_uid, list(each.frame_numbers))
            for each in instance.references
            if each.sop_instance_uid not in own
        ],
    )


def _targets(family: Family, named: Sequence[tuple[str, str, list[int]]]) -> str:
    if family not in _ABOUT_RESULTS | _OF_CHOSEN_IMAGES:
        return ""
    lines = _lines([uid for uid, sop_class, _ in named if not sop_class or sop_class in _RESULTS])
    found = set()
    for uid, sop_class, frames in named:
        if uid in lines:
            found.add(f"line {lines[uid]}")
        elif sop_class in _RESULTS:
            found.add(f"result {uid}")
        elif family in _OF_CHOSEN_IMAGES:
            found.add(f"image {uid} {frames}")
    return _digest(sorted(found)) if found else ""


def _lines(sop_instance_uids: Sequence[str]) -> dict[str, UUID]:
    """The overlays of those that are stored as versions."""
    found: dict[str, UUID] = {}
    for start in range(0, len(sop_instance_uids), _AT_ONCE):
        part = OverlayVersion.objects.filter(sop_instance_uid__in=sop_instance_uids[start : start + _AT_ONCE])
        found.update(part.values_list("sop_instance_uid", "overlay_id"))
    return found


def _digest(parts: list) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def _key(
    study: str, maker: list[str], series: list[str], kind: str, label: str, content: list[list[str]], about: str = ""
) -> str:
    return _digest([study, maker, series, kind, label, content, *([about] if about else [])])


def line_key(overlay: Overlay, model: AIModel) -> str:
    """The key of the overlay's line, were it known to be the model's."""
    return _key(
        overlay.study.study_instance_uid,
        [f"model {model.pk}"],
        overlay.source_series,
        overlay.kind,
        overlay.content_label,
        overlay.segments,
        overlay.about,
    )


def line_of(
    *, instance: Instance, claim: ModelClaim | None, model: AIModel | None, study: Study, at: datetime
) -> Overlay:
    """The overlay on whose line the instance stands, made when it is the first, its row locked for the transaction.

    A registered model is known by its key, however an object spells it; any other by what the object claims.
    """
    name, manufacturer = (claim.name, claim.manufacturer) if claim else ("", "")
    maker = [f"model {model.pk}"] if model else [name, manufacturer]
    series, content, about = source_series(instance), content_set(instance), targets(instance)
    rest = str(instance.family), instance.content_label[:64], content
    line = _key(study.study_instance_uid, maker, series, *rest, about)
    if about and not Overlay.objects.filter(line=line).exists():
        # Lines were once known without what they are about, and those about results alone without a series.
        formerly = [_key(study.study_instance_uid, maker, each, *rest) for each in (series, [])]
        for earlier in Overlay.objects.filter(line__in=formerly, about=""):
            if _all_about(earlier, instance.family) == {about}:
                Overlay.objects.filter(pk=earlier.pk, line=earlier.line).update(line=line, about=about)
                break
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
            "about": about,
            "created_at": at,
        },
    )
    return overlay


def _all_about(overlay: Overlay, family: Family) -> set[str]:
    """The targets of each version of a line."""
    named: dict[int, list[tuple[str, str, list[int]]]] = defaultdict(list)
    rows = SourceReference.objects.filter(version__overlay=overlay)
    for version, *reference in rows.values_list("version_id", "sop_instance_uid", "sop_class_uid", "frame_numbers"):
        named[version].append(tuple(reference))
    return {_targets(family, references) for references in named.values()}


def next_number(overlay: Overlay) -> int:
    """The next number of the line; the caller holds the lock on its row."""
    overlay.last_number += 1
    overlay.save(update_fields=["last_number"])
    return overlay.last_number
