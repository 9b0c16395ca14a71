"""Refuses text that a database column cannot hold, before any page asks the database with it."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest

from overlays.governance.errors import Invalid

_LINES = "\t\n\r"


def control_characters(text: str) -> list[str]:
    """The control characters of a text, by their code points; tabs and line breaks are none here."""
    return sorted({f"U+{ord(letter):04X}" for letter in text if ord(letter) < 32 and letter not in _LINES})


def require_plain(fields: dict[str, str]) -> None:
    """Raise Invalid, naming the field, where a text of a form has a control character."""
    for name, value in fields.items():
        if found := control_characters(value):
            raise Invalid(f"The field {name} holds the control character {found[0]}, which cannot be stored.")


def require_plain_query(request: HttpRequest) -> None:
    """Raise BadRequest (400) where the query of an address has a control character, in a name or a value."""
    for name, values in request.GET.lists():
        if any(control_characters(text) for text in (name, *values)):
            raise BadRequest("The query of the address holds a control character.")
