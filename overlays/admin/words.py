"""Writes values as people read them."""

from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString

KINDS = {
    "SEG": "Segmentation",
    "SR": "Structured report",
    "PM": "Parametric map",
    "PR": "Presentation state",
    "KO": "Key object selection",
    "RTSTRUCT": "RT structure set",
    "ANN": "Bulk annotations",
    "SC": "Secondary capture",
}
"""The families of results, for people."""


def person_name(value: str) -> str:
    """A person's name (VR PN, PS3.5 6.2.1): family, given and middle names of the first group."""
    parts = [part.strip() for part in value.split("=")[0].split("^")]
    family, rest = parts[0], " ".join(part for part in parts[1:3] if part)
    return ", ".join(part for part in (family, rest) if part)


def day(value: str) -> str:
    """A date (VR DA) as ``2026-11-20``; what is no date stays as it is."""
    return f"{value[:4]}-{value[4:6]}-{value[6:]}" if len(value) == 8 and value.isdigit() else value


def size(count: int) -> str:
    """A number of bytes as ``1.4 MB``."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def moment(value: datetime) -> SafeString:
    """A point in time, to the second, in UTC like all times of the registry."""
    return format_html('<time class="ov-when" datetime="{}">{}</time>', value.isoformat(), f"{value:%Y-%m-%d %H:%M:%S}")
