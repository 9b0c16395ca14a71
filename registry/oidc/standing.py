"""Asks the database, in one query, how an embedded access token stands now: live, whose, and for what."""

from dataclasses import dataclass
from functools import cache

from django.db import connection
from oidc_provider.models import Token

from overlays.queries.compiled import Compiled, compiled, parsed, slot
from registry.oidc.scopes import of_person
from registry.oidc.studies import Studies, from_column, narrowed

_COLUMNS = (
    "_scope",
    "client__client_id",
    "client__name",
    "client___scope",
    "client__grant__studies",
    "client__grant__launch_only",
    "grant__studies",
    "user_id",
    "user__is_active",
    "user__username",
    "user__first_name",
    "user__last_name",
    "user__groups__name",
)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a live token is worth at this moment; ``user_pk`` is None for a token that a client got for itself."""

    client_id: str
    user_pk: int | None
    name: str
    scopes: frozenset[str]
    studies: Studies

    @property
    def key(self) -> str:
        """The actor's key."""
        return f"client:{self.client_id}" if self.user_pk is None else f"user:{self.user_pk}"


@cache
def _question(vendor: str) -> Compiled:
    return compiled(Token.objects.filter(access_token=slot(0)).values_list(*_COLUMNS))


def of_row(jti: str) -> Standing | None:
    """How the token of this ``jti`` stands; None when it was revoked, its person deactivated, or no launch narrowed it though its
    client is now opened by launches only.

    The scopes are those of the row that the client is still registered for and, for a person, that the groups still allow.
    """
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in _question(connection.vendor).ask([jti])]
    if not rows:
        return None
    row = rows[0]
    if row["client__grant__launch_only"] and row["grant__studies"] is None:
        return None
    scopes = [scope for scope in row["_scope"].split() if scope in row["client___scope"].split()]
    studies = narrowed(*(from_column(parsed(row[of])) for of in ("client__grant__studies", "grant__studies")))
    if row["user_id"] is None:
        return Standing(
            client_id=row["client__client_id"],
            user_pk=None,
            name=row["client__name"] or row["client__client_id"],
            scopes=frozenset(scopes),
            studies=studies,
        )
    if not row["user__is_active"]:
        return None
    full_name = f"{row['user__first_name']} {row['user__last_name']}".strip()
    groups = {each["user__groups__name"] for each in rows}
    return Standing(
        client_id=row["client__client_id"],
        user_pk=row["user_id"],
        name=full_name or row["user__username"],
        scopes=frozenset(of_person(scopes, groups)),
        studies=studies,
    )
