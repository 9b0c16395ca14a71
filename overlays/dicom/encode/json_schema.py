"""Checks JSON against a schema, and says of each fault in a sentence where it is and what belongs there."""

import re
from collections.abc import Callable, Iterator, Mapping

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from overlays.dicom.encode.refusal import MOST_FAULTS, DescriptionFault

LONGEST_SHOWN = 60

PLAIN = {
    "pattern": r"^[^\\\x00-\x1f\x7f\ud800-\udfff]*$(?!\n)",
    "description": "free of backslashes, control characters and halves of characters",
}
"""What every value of one line is (PS3.5 6.2)."""

PLAIN_LINES = {
    "pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]*$(?!\n)",
    "description": "free of control characters and halves of characters",
}
"""The same for text of several lines."""


def text(longest: int, **more: object) -> dict:
    """A schema of one line of text with 1 to ``longest`` characters, not all blank (LO 64, SH 16)."""
    return {
        "type": "string",
        "maxLength": longest,
        "allOf": [{"pattern": r"\S"}, PLAIN],
        **more,
    }


def lines(longest: int) -> dict:
    """A schema of text that may have several lines (ST 1024, LT 10240)."""
    return {
        "type": "string",
        "maxLength": longest,
        "allOf": [{"pattern": r"\S"}, PLAIN_LINES],
    }


def record(properties: dict, *, required: tuple[str, ...] = ()) -> dict:
    """A schema of an object with these keys and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": list(required),
    }


UID = {
    "type": "string",
    "maxLength": 64,
    "pattern": r"^[0-2](\.(0|[1-9][0-9]*))+$(?!\n)",
    "description": "a UID (PS3.5 9.1)",
}
_GROUP = r"(?=[^=]{0,64}(=|$))[^\^=]*(\^[^\^=]*){0,4}"
PERSON = text(
    3 * 64 + 2,
    pattern=rf"^(?=.*[^\^=\s]){_GROUP}(={_GROUP}){{0,2}}$(?!\n)",
    description="a name of a person: up to 3 groups (=) of 64 characters and 5 components (^)",
)
"""A PN (PS3.5 6.2.1)."""
CODE = record(
    {"value": text(16), "scheme": text(16), "meaning": text(64)},
    required=("value", "scheme", "meaning"),
)
"""A coded concept (PS3.3 8.8)."""
COLOUR = {"type": "string", "pattern": r"^#[0-9A-Fa-f]{6}$(?!\n)", "description": "a colour such as #c81e1e (sRGB)"}


def faults_of(schema: dict, value: object, path: str = "$") -> tuple[DescriptionFault, ...]:
    """Every fault of a value, in the order of the value; ``path`` is where it stands in the description.

    No more are looked for than one beyond those that are told, and none within a value that is too large. Never raises on a value
    that :func:`json.loads` gave.
    """
    found: dict[tuple[str, str], DescriptionFault] = {}
    for error in _Validator(schema).iter_errors(value):
        for where, sentence in _told(error):
            at = path + where
            found.setdefault((at, sentence), DescriptionFault(at, sentence))
            if len(found) > MOST_FAULTS:
                return tuple(found.values())
    return tuple(found.values())


_SIZES: dict[type, tuple[str, ...]] = {str: ("maxLength",), list: ("maxItems",), dict: ("maxProperties",)}


def _too_large(value: object, schema: Mapping) -> bool:
    return any(len(value) > schema.get(key, len(value)) for key in _SIZES.get(type(value), ()))


def _unless_too_large(keyword: str) -> Callable:
    check = Draft202012Validator.VALIDATORS[keyword]

    def checked(validator: object, wanted: object, value: object, schema: Mapping) -> Iterator[ValidationError]:
        if _too_large(value, schema):
            return
        if keyword == "additionalProperties" and wanted is False and isinstance(value, dict):
            if value.keys() - schema.get("properties", {}).keys():  # the library's own sentence lists them all
                yield ValidationError("unknown keys")
            return
        yield from check(validator, wanted, value, schema) or ()

    return checked


def _items(validator: object, wanted: Mapping, value: object, schema: Mapping) -> Iterator[ValidationError]:
    """As the library does, but fast where the items are UIDs or numbers, of which a description may have very many."""
    if not isinstance(value, list) or _too_large(value, schema):
        return
    fits = _FITS.get(wanted.get("type")) if wanted.keys() <= _PLAIN_KEYS else None
    for number, item in enumerate(value):
        if fits is None or not fits(item, wanted):
            yield from validator.descend(item, wanted, path=number)


def _fits_text(item: object, wanted: Mapping) -> bool:
    return (
        type(item) is str
        and len(item) <= wanted.get("maxLength", len(item))
        and re.search(wanted.get("pattern", ""), item) is not None
    )


def _fits_number(item: object, wanted: Mapping) -> bool:
    return type(item) in (int, float) and wanted.get("minimum", item) <= item <= wanted.get("maximum", item)


_FITS: dict[str, Callable[[object, Mapping], bool]] = {"string": _fits_text, "number": _fits_number}
_PLAIN_KEYS = {"type", "maxLength", "pattern", "description", "minimum", "maximum"}
_Validator = extend(
    Draft202012Validator,
    {
        word: _unless_too_large(word)
        for word in ("pattern", "allOf", "properties", "additionalProperties", "propertyNames")
    }
    | {"items": _items},
)
"""Looks at the size of a value before it looks into it: what is refused for its size costs nothing more."""


def shown(value: object) -> str:
    """A value in a sentence: as JSON writes it, cut short."""
    words = {True: "true", False: "false", None: "null"}
    if isinstance(value, bool | None):
        return words[value]
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    said = repr(value) if not isinstance(value, str) else f'"{value}"'
    said = said.encode("ascii", "backslashreplace").decode() if not said.isprintable() else said
    return said if len(said) <= LONGEST_SHOWN else said[: LONGEST_SHOWN - 1] + "…"


def _told(error: ValidationError) -> Iterator[tuple[str, str]]:
    where, wanted, value = error.json_path[1:], error.validator_value, error.instance
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for key in value:
                if key not in known:
                    yield where, f"The key {shown(key)} is not known here; known are {', '.join(known)}."
        case "required":
            for key in wanted:
                if key not in value:
                    yield where, f"{key} is missing."
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            yield where, f"{_kinds_told(kinds)} belongs here, not {shown(value)}."
        case "enum" | "const":
            allowed = wanted if error.validator == "enum" else [wanted]
            yield where, f"{shown(value)} is not one of {', '.join(map(str, allowed))}."
        case "maxLength":
            yield where, f"The text has {len(value)} characters; at most {wanted} are taken."
        case "minItems" | "minProperties":
            yield where, f"At least {wanted} belong(s) here, not {len(value)}."
        case "maxItems" | "maxProperties":
            yield where, f"At most {wanted} are taken, not {len(value)}."
        case "uniqueItems":
            yield where, "The same value stands here twice."
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            side = {
                "minimum": "at least",
                "maximum": "at most",
                "exclusiveMinimum": "more than",
                "exclusiveMaximum": "less than",
            }
            yield where, f"The number must be {side[error.validator]} {wanted}, not {shown(value)}."
        case "pattern":
            expected = error.schema.get("description")
            yield where, f"{shown(value)} is not {expected}." if expected else "The text is blank."
        case _:
            yield where, f"{shown(value)} is not allowed here ({error.validator})."


def _kinds_told(kinds: list[str]) -> str:
    words = {
        "object": "an object",
        "array": "a list",
        "string": "a text",
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
        "null": "null",
    }
    said = " or ".join(words[kind] for kind in kinds)
    return said[0].upper() + said[1:]
