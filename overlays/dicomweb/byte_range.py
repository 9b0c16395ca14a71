"""Reads which bytes of an answer a client asks for (RFC 9110 13.1.5, 14.2)."""

import re
from dataclasses import dataclass

from rest_framework.request import Request

_ONE_RANGE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class ByteRange:
    """So many bytes from ``first`` on, counted from 0; at least one."""

    first: int
    length: int


class NotSatisfiable(ValueError):
    """The range lies behind the last byte."""


def is_one_range(stated: str) -> bool:
    """Whether the header asks for one range of bytes that can be: not for several, and not from its end to its beginning."""
    found = _ONE_RANGE.fullmatch(stated)
    if found is None or found[1] == found[2] == "":
        return False
    return not (found[1] and found[2]) or int(found[1]) <= int(found[2])


def whole_length(content_range: str) -> int | None:
    """How many bytes there are, as an answer 416 tells (RFC 9110 14.4); None where it does not."""
    found = re.fullmatch(r"bytes \*/(\d{1,18})", content_range.strip(), re.ASCII)
    return int(found[1]) if found else None


def asked_range(request: Request, *, length: int, entity_tag: str) -> ByteRange | None:
    """The one range that the client asks for; None where all is to be answered.

    That is so for other methods than GET, for several ranges or other units than bytes (a server may ignore them), for what is no
    range at all, and where If-Range names another entity tag than the strong one of the content. Raises NotSatisfiable.
    """
    stated = request.headers.get("Range", "")
    found = _ONE_RANGE.fullmatch(stated)
    if request.method != "GET" or found is None or found[1] == found[2] == "":
        return None
    if "If-Range" in request.headers and request.headers["If-Range"].strip() != entity_tag:
        return None
    if not found[1]:
        first, last = max(0, length - int(found[2])), length - 1
    else:
        first, last = int(found[1]), min(int(found[2] or length - 1), length - 1)
        if found[2] and int(found[2]) < first:
            return None  # RFC 9110 14.1.1: no valid range
    if first > last:
        raise NotSatisfiable
    return ByteRange(first, last - first + 1)
