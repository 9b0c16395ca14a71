"""Takes values out of a data set in DICOM JSON that somebody else wrote: what is of another form is absent (PS3.18 F.2)."""

from overlays.archive.elements import Element

_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def values(element: Element, tag: str) -> list:
    """Every value; none where there are none, or they are no list."""
    attribute = element.get(tag)
    found = attribute.get("Value") if isinstance(attribute, dict) else None
    return found if isinstance(found, list) else []


def text(element: Element, tag: str) -> str:
    """The first value as text without padding; a person's name with its groups joined by ``=``."""
    first = next(iter(values(element, tag)), None)
    if isinstance(first, dict):
        groups = [first.get(name) for name in _NAME_GROUPS]
        return "=".join(group if isinstance(group, str) else "" for group in groups).rstrip("=")
    if isinstance(first, bool) or not isinstance(first, str | int | float):
        return ""
    return str(first).strip(" \0")


def whole(element: Element, tag: str) -> int | None:
    """The first value as a whole number, which some archives write as text."""
    try:
        return int(text(element, tag)[:12])
    except ValueError:
        return None


def numbers(element: Element, tag: str, count: int) -> tuple[float, ...] | None:
    """Exactly so many numbers, or None."""
    found = values(element, tag)
    if len(found) != count:
        return None
    try:
        return tuple(float(value) for value in found)
    except (TypeError, ValueError, OverflowError):
        return None
