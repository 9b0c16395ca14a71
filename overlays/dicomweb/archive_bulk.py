"""Gives bulk data of the archive addresses of the registry's own, and finds from such an address what it stands for (PS3.18 F.2.2)."""

import re
from urllib.parse import parse_qsl, urlsplit

from overlays.archive.elements import Element
from overlays.governance.errors import ArchiveFailed

_PATH = re.compile(r"[0-9A-F]{8}(\.[1-9]\d{0,5}\.[0-9A-F]{8}){0,15}", re.ASCII)
_TAG = re.compile(r"[0-9A-F]{8}", re.ASCII)
DEEPEST = 15
RETRIEVE_URL = "00081190"


def with_own_addresses(element: Element, address: str = "", *, above: str = "", depth: int = 0) -> Element:
    """The data set with every BulkDataURI below ``address``: tags and numbers of items, joined by full stops.

    Without an address it has none. Retrieve URL, which leads into the archive, is left out wherever it stands.
    """
    found: Element = {}
    for tag, attribute in element.items():
        if not _TAG.fullmatch(tag) or not isinstance(attribute, dict) or tag == RETRIEVE_URL:
            continue
        place = f"{above}{tag}"
        own = {key: attribute[key] for key in ("vr", "Value", "InlineBinary") if key in attribute}
        if address and "BulkDataURI" in attribute:
            own["BulkDataURI"] = f"{address}/{place}"
        values = own["Value"] if isinstance(own.get("Value"), list) else []
        if own.get("vr") != "PN" and any(isinstance(each, dict) for each in values):
            own["Value"] = [
                with_own_addresses(item, address, above=f"{place}.{number}.", depth=depth + 1)
                for number, item in enumerate(values, start=1)
                if isinstance(item, dict) and depth < DEEPEST
            ]
        found[tag] = own
    return found


def is_place(text: str) -> bool:
    """Whether it is what ``with_own_addresses`` writes."""
    return _PATH.fullmatch(text) is not None


def address_in_archive(
    element: Element, place: str, *, archive_url: str, study: str
) -> tuple[str, list[tuple[str, str]]] | None:
    """Path and query, below the archive's address, of the bulk data at that place; None where there is none.

    Only the path of what the archive says counts: nothing else than the archive is ever asked. Raises ArchiveFailed where it leads out of
    the study.
    """
    steps = place.split(".")
    for tag, number in zip(steps[:-1:2], steps[1::2], strict=True):
        attribute = element.get(tag)
        items = attribute.get("Value") if isinstance(attribute, dict) else None
        if not isinstance(items, list) or len(items) < int(number) or not isinstance(items[int(number) - 1], dict):
            return None
        element = items[int(number) - 1]
    attribute = element.get(steps[-1])
    uri = attribute.get("BulkDataURI") if isinstance(attribute, dict) else None
    if not isinstance(uri, str):
        return None
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise ArchiveFailed("The archive gives an address of bulk data that is none.") from None
    root = urlsplit(archive_url).path.rstrip("/") + "/"
    path = parts.path.removeprefix(root)
    if (
        path == parts.path
        or not path.startswith(f"studies/{study}/")
        or ".." in path
        or not re.fullmatch(r"[\w./,-]+", path, re.ASCII)
    ):
        raise ArchiveFailed("The archive gives an address of bulk data that leads elsewhere.")
    return path, parse_qsl(parts.query)
