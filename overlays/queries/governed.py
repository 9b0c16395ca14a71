"""Fetches what the render policy asks about versions, with questions that are compiled once and asked many times.

This is the hottest path of the registry: compiling the query and building model instances would cost several times what the database needs
for the answer. The ORM writes the SQL; only its work is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache, partial
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet

from overlays.governance.transitions import AWAITING_REVIEW
from overlays.models import OverlayVersion
from overlays.queries.compiled import Compiled, ask_of_many, compiled, parsed, slot
from overlays.queries.showable import sound_for_care

_AWAITING = sorted(str(state) for state in AWAITING_REVIEW)


@dataclass(frozen=True, slots=True)
class Governed:
    """One version, as far as the policy, its label and the answer of a render decision need it."""

    pk: int
    overlay_id: UUID
    number: int
    kind: str
    content_label: str
    source_series: list[str]
    source_count: int
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    modality: str
    sha256: str
    claimed_name: str
    claimed_version: str
    claimed_manufacturer: str
    author: str
    stored_at: datetime
    review_state: str
    reviewed_at: datetime | None
    reviewed_by: str
    verification: str
    model_status: str | None
    newer_waits: bool


_PATHS = {
    "kind": "overlay__kind",
    "content_label": "overlay__content_label",
    "source_series": "overlay__source_series",
    "study_instance_uid": "study__study_instance_uid",
    "series_instance_uid": "series__series_instance_uid",
    "model_status": "model_version__status",
}
"""Where the fields of Governed lie that are not columns of the version itself."""

_COLUMNS = tuple(field.name for field in fields(Governed) if field.name != "newer_waits")


def newer_waits() -> Exists:
    """Whether a newer version of the line waits for a reader, one that could take this one's place.

    Those of the same post do not count, nor those that would not be shown to clinicians even when accepted.
    """
    newer = OverlayVersion.objects.filter(
        sound_for_care(), overlay=OuterRef("overlay"), number__gt=OuterRef("number"), review_state__in=_AWAITING
    )
    return Exists(newer.exclude(post=OuterRef("post")))


def _question(**condition: object) -> QuerySet:
    # Named apart from the model's own fields: an annotation may not take the name of one.
    columns = {f"_{name}": F(_PATHS.get(name, name)) for name in _COLUMNS}
    found = OverlayVersion.objects.filter(**condition).annotate(**columns, _newer_waits=newer_waits())
    return found.order_by("overlay_id", "number").values_list(*columns, "_newer_waits")


@cache
def _compiled(vendor: str, lookup: str, many: int) -> Compiled:
    return compiled(_question(**{f"{lookup}__in": [slot(number) for number in range(many)]}))


def _aware(value: datetime | None) -> datetime | None:
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _governed(row: Sequence) -> Governed:
    (pk, overlay_id, number, kind, label, source_series, *middle, stored_at, state, reviewed_at) = row[:20]
    return Governed(
        pk,
        overlay_id if isinstance(overlay_id, UUID) else UUID(overlay_id),
        number,
        kind,
        label,
        parsed(source_series),
        *middle,
        _aware(stored_at),
        state,
        _aware(reviewed_at),
        *row[20:-1],
        bool(row[-1]),
    )


def governed_of_study(study_instance_uid: str) -> list[Governed]:
    """Every version of a study, by overlay and number. One query."""
    question = _compiled(connection.vendor, "study__study_instance_uid", 1)
    return [_governed(row) for row in question.ask([study_instance_uid])]


def governed_by_uid(sop_instance_uids: Sequence[str]) -> dict[str, Governed]:
    """The versions among the named instances, by their UIDs. One query for each 500 of them."""
    names = list(dict.fromkeys(sop_instance_uids))
    rows = ask_of_many(partial(_compiled, connection.vendor, "sop_instance_uid"), names)
    return {version.sop_instance_uid: version for version in map(_governed, rows)}
