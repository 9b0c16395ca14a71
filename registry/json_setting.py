"""Reads a setting whose value is JSON, or the path of a file that holds it."""

import json
from pathlib import Path
from typing import Any


def read_json(value: str, kind: type) -> Any:
    """The value, an object or a list of objects as ``kind`` says. Raises ValueError, which quotes nothing: the text may hold a secret."""
    text = value.strip()
    if not text.startswith(("{", "[")):
        try:
            text = Path(text).read_text(encoding="utf-8")
        except OSError as fault:
            raise ValueError(f"the file cannot be read ({type(fault).__name__})") from None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(found, kind) or (kind is list and not all(isinstance(each, dict) for each in found)):
        raise ValueError("it must be a list of objects" if kind is list else "it must be an object")
    return found
