"""Reads DICOM JSON from the archive one data set at a time, so that no answer is ever held as a whole (PS3.18 Annex F)."""

import codecs
import json
import re
from collections.abc import Iterable, Iterator

from overlays.archive.connection import Answer
from overlays.governance.errors import ArchiveFailed

Element = dict[str, dict]

MOST_BYTES = 1 << 29
MOST_OF_ONE = 1 << 26
"""Bytes of one answer, and characters of one data set in it."""
MOST_SECONDS = 60.0
JSON_TYPES = ("application/dicom+json", "application/json")
_BLANK = " \t\r\n"
_FIRST_TRY = 1 << 12
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
"""May be half a letter, which JSON can name and no text can hold (RFC 8259 8.2)."""


def elements(answer: Answer, *, seconds: float = MOST_SECONDS, at_most: int = MOST_BYTES) -> Iterator[Element]:
    """The data sets of a JSON array of at most so many bytes; none for 204, 404 and 410. Raises ArchiveFailed, ArchiveTooSlow."""
    if answer.status in (204, 404, 410):
        answer.close()
        return
    kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    if answer.status != 200 or kind not in JSON_TYPES:
        answer.close()
        raise ArchiveFailed("The archive does not answer in DICOM JSON.")
    yield from array(answer.chunks(seconds=seconds, at_most=at_most))


def array(chunks: Iterable[bytes]) -> Iterator[Element]:
    """The objects of a JSON array whose bytes come in chunks. Raises ArchiveFailed for anything else.

    A data set is tried when twice as much of it is there as at the last try: the work stays linear in its length.
    """
    source = _decoded(chunks)
    decoder = json.JSONDecoder(parse_constant=_no_number)
    text = _more("", source, least=1)
    if not text.startswith("["):
        raise _garbage()
    text, first = text[1:], True
    while True:
        text = _more(text, source, least=1)
        if text.startswith("]"):
            if text[1:].strip(_BLANK) or any(chunk.strip(_BLANK) for chunk in source):
                raise _garbage()
            return
        if not first:
            if not text.startswith(","):
                raise _garbage()
            text = _more(text[1:], source, least=1)
        if not text.startswith("{"):
            raise _garbage()
        first, least = False, _FIRST_TRY
        while True:
            text = _more(text, source, least=least)
            try:
                found, end = decoder.raw_decode(text)
            except RecursionError:
                raise _garbage() from None
            except ValueError:
                if len(text) < least or least >= MOST_OF_ONE:
                    raise _garbage() from None
                least = 2 * len(text)
                continue
            break
        if _SURROGATE.search(text, 0, end):
            _require_text(found)
        text = text[end:]
        yield found


def _more(text: str, source: Iterator[str], *, least: int) -> str:
    """The text without leading blanks, with so many characters if there are so many."""
    text = text.lstrip(_BLANK)
    if len(text) >= least:
        return text
    parts, length = [text], len(text)
    for chunk in source:
        more = chunk if length else chunk.lstrip(_BLANK)
        parts.append(more)
        length += len(more)
        if length >= least:
            break
    return "".join(parts)


def _decoded(chunks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks:
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _garbage() from None


def _no_number(name: str) -> None:
    """JSON has no NaN and no Infinity: clients could not read what is passed on."""
    raise _garbage()


def _require_text(found: Element) -> None:
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        raise _garbage() from None


def _garbage() -> ArchiveFailed:
    return ArchiveFailed("The archive answers with something that is no DICOM JSON.")
