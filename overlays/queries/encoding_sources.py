"""Finds the stored bytes of the images and versions that a description of a result names."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from overlays.governance.actor import Actor
from overlays.models import OverlayVersion, SourceInstance
from overlays.queries.readable import may_read_content, readable_versions

_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Held:
    """An instance that is stored here: which, in which study and series, and under which digest."""

    sop_instance_uid: str
    sop_class_uid: str
    series_instance_uid: str
    study_instance_uid: str
    sha256: str


def held_images(actor: Actor, sop_instance_uids: Sequence[str]) -> dict[str, Held]:
    """Those of the named source images that are stored here, in studies that the grant reaches."""
    found = {}
    for start in range(0, len(sop_instance_uids), _AT_ONCE):
        part = sop_instance_uids[start : start + _AT_ONCE]
        found |= {held.sop_instance_uid: held for held in _images(actor, sop_instance_uid__in=part)}
    return found


def held_series(actor: Actor, series_instance_uid: str, most: int) -> list[Held]:
    """The source images of a series, by their number; at most so many and one more, so that too many can be told."""
    return _images(actor, series__series_instance_uid=series_instance_uid)[: most + 1]


def held_versions(actor: Actor, sop_instance_uids: Collection[str]) -> dict[str, Held]:
    """Those of the named results that the actor may read about."""
    versions = readable_versions(actor).filter(sop_instance_uid__in=list(sop_instance_uids))
    return {version.sop_instance_uid: _held(version) for version in versions.select_related("series", "study")}


def held_content(actor: Actor, sop_instance_uid: str) -> list[dict]:
    """The segments and groups of a result by which they are followed: ``label``, ``code`` (value, scheme), Tracking ID and UID.

    Nothing of a result whose content the actor may not read.
    """
    version = readable_versions(actor).filter(sop_instance_uid=sop_instance_uid).first()
    if version is None or not may_read_content(actor, version):
        return []
    return [
        {
            "label": each.get("label", ""),
            "code": [code["value"], code["scheme"]] if (code := each.get("property_type")) else None,
            "tracking_id": each["tracking_id"],
            "tracking_uid": each["tracking_uid"],
        }
        for each in (*version.content["segments"], *version.content["groups"])
    ]


def _images(actor: Actor, **wanted: object) -> list[Held]:
    images = SourceInstance.objects.filter(**wanted).order_by("instance_number", "pk")
    if actor.studies is not None:
        images = images.filter(series__study__study_instance_uid__in=actor.studies)
    columns = (
        "sop_instance_uid",
        "sop_class_uid",
        "series__series_instance_uid",
        "series__study__study_instance_uid",
        "bytes__sha256",
    )
    return [Held(**dict(zip(Held.__dataclass_fields__, row, strict=True))) for row in images.values_list(*columns)]


def _held(version: OverlayVersion) -> Held:
    return Held(
        sop_instance_uid=version.sop_instance_uid,
        sop_class_uid=version.sop_class_uid,
        series_instance_uid=version.series.series_instance_uid,
        study_instance_uid=version.study.study_instance_uid,
        sha256=version.sha256,
    )
