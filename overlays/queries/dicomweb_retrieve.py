"""Finds the stored objects that an actor may retrieve for a purpose; what is withheld is not there."""

from dataclasses import dataclass

from django.db.models import F

from overlays.dicom.instance import PixelLayout
from overlays.governance.actor import Actor
from overlays.governance.errors import NotFound
from overlays.governance.vocabulary import Purpose
from overlays.queries.dicomweb_search import visible

NOTHING = "There is no such study, series or instance that may be retrieved here."
"""The same words for what is unknown, withheld, and beyond the grant: the three must not be told apart."""

_LAST = 2**31


@dataclass(frozen=True, kw_only=True)
class Retrievable:
    """One stored object. ``is_version`` tells derived content, whose leaving is recorded, from source images."""

    study: str
    series: str
    instance: str
    transfer_syntax_uid: str
    sha256: str
    size: int
    pixels: PixelLayout | None
    is_version: bool


def retrievable(
    *, actor: Actor, purpose: Purpose, study: str, series: str | None = None, instance: str | None = None
) -> list[Retrievable]:
    """The objects of the study, the series or the one instance, by series and number. Two queries.

    Raises NotFound where there is none.
    """
    path = {
        "series__study__study_instance_uid": study,
        "series__series_instance_uid": series,
        "sop_instance_uid": instance,
    }
    wanted = {column: uid for column, uid in path.items() if uid is not None}
    found = []
    for is_version, rows in zip((False, True), visible(actor=actor, purpose=purpose).both(), strict=True):
        columns = rows.filter(**wanted).values_list(
            "instance_number",
            "sop_instance_uid",
            "transfer_syntax_uid",
            "pixels",
            F("series__study__study_instance_uid"),
            F("series__series_instance_uid"),
            F("bytes__sha256"),
            F("bytes__size"),
        )
        for number, uid, syntax, pixels, of_study, of_series, sha256, size in columns:
            item = Retrievable(
                study=of_study,
                series=of_series,
                instance=uid,
                transfer_syntax_uid=syntax,
                sha256=sha256,
                size=size,
                pixels=PixelLayout(**pixels) if pixels else None,
                is_version=is_version,
            )
            found.append(((of_series, _LAST if number is None else number, uid), item))
    if not found:
        raise NotFound(NOTHING)
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]
