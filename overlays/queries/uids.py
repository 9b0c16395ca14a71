"""Refuses what is not a UID before anything is looked up with it."""

import re

from overlays.governance.errors import Invalid

_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")


def is_uid(text: str) -> bool:
    """Whether it is one (PS3.5 9.1: components of digits without leading zeroes, 64 characters at most)."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def require_uid(text: str, name: str) -> str:
    """The text, where it is a UID. Raises Invalid otherwise, naming the attribute."""
    if not is_uid(text):
        raise Invalid(f"{name} {text[:80]!r} is not a UID.")
    return text
