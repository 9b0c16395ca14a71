"""Finds the stored objects that an actor may retrieve for a purpose; what is withheld is not there."""

from dataclasses import dataclass
from functools import cache

from django.db import connection
from django.db.models import BooleanField, F, Value

from overlays.dicom.instance import PixelLayout
from overlays.governance.actor import Actor
from overlays.governance.errors import NotFound
from overlays.governance.vocabulary import Purpose
from overlays.models import SourceInstance
from overlays.queries.compiled import Compiled, compiled, parsed, slot
from overlays.queries.gate import permitted_for

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


_PATH = ("series__study__study_instance_uid", "series__series_instance_uid", "sop_instance_uid")
"""Where the UIDs of an address lie, from both kinds of objects."""


@cache
def _question(vendor: str, purpose: Purpose, levels: int) -> Compiled:
    """Source images, and versions permitted for the purpose, below a path of so many UIDs. Asked for each frame that a viewer fetches."""
    wanted = {column: slot(number) for number, column in enumerate(_PATH[:levels])}
    images, versions = (
        found.filter(**wanted).values_list(
            "instance_number",
            "sop_instance_uid",
            "transfer_syntax_uid",
            "pixels",
            F("series__study__study_instance_uid"),
            F("series__series_instance_uid"),
            F("bytes__sha256"),
            F("bytes__size"),
            Value(is_version, output_field=BooleanField()),
        )
        for found, is_version in (
            (SourceInstance.objects.order_by(), False),
            (permitted_for(purpose).select_related(None).order_by(), True),
        )
    )
    return compiled(images.union(versions, all=True))


def retrievable(
    *, actor: Actor, purpose: Purpose, study: str, series: str | None = None, instance: str | None = None
) -> list[Retrievable]:
    """The objects of the study, the series or the one instance, by series and number. One query.

    Raises NotFound where there is none.
    """
    uids = [uid for uid in (study, series, instance) if uid is not None]
    rows = _question(connection.vendor, purpose, len(uids)).ask(uids) if actor.may_reach(study) else []
    if not rows:
        raise NotFound(NOTHING)
    found = []
    for number, uid, syntax, pixels, of_study, of_series, sha256, size, is_version in rows:
        layout = parsed(pixels)
        item = Retrievable(
            study=of_study,
            series=of_series,
            instance=uid,
            transfer_syntax_uid=syntax,
            sha256=sha256,
            size=size,
            pixels=PixelLayout(**layout) if layout else None,
            is_version=bool(is_version),
        )
        found.append(((of_series, _LAST if number is None else number, uid), item))
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]
