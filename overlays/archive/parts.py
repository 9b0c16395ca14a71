"""Reads the parts of the archive's multipart answers as they come, without what was not asked for and what leads into the archive."""

import logging
from collections.abc import Collection, Iterator

from overlays.archive.connection import Answer
from overlays.dicom.faults import Unreadable
from overlays.dicom.file_head import identity_in
from overlays.dicom.part10 import read_file_meta
from overlays.governance.errors import ArchiveFailed
from overlays.http.media_types import MalformedMediaType, parse
from overlays.http.multipart import MultipartError, MultipartParser, PartBegins, PartEnds

log = logging.getLogger(__name__)

PART_10 = "application/dicom"
HEAD_BYTES = 1 << 14
"""Within so many bytes the file meta information of a part ends (PS3.10 7.1)."""

Part = tuple[str, Iterator[bytes]]
"""Content type and content; the content is to be read before the next part is asked for."""


def parts(answer: Answer, **within: float) -> Iterator[Part]:
    """The parts of a multipart body. Raises ArchiveFailed for any other, and for one that was cut short.

    ``within`` are the bounds that ``Answer.chunks`` knows.
    """
    try:
        kind = parse(answer.headers.get("content-type", ""))
        if kind.essence != "multipart/related":
            raise _not_multipart(answer)
        parser = MultipartParser(kind.parameters.get("boundary", ""))
    except (MalformedMediaType, MultipartError):
        raise _not_multipart(answer) from None
    events = _events(answer, parser, within)
    for event in events:
        if isinstance(event, PartBegins):
            content = _content(events)
            yield event.headers.get("content-type", ""), content
            for _ in content:  # what was not wanted of it
                pass


def _not_multipart(answer: Answer) -> ArchiveFailed:
    answer.close()
    return ArchiveFailed("The archive does not answer with a multipart body.")


def _events(answer: Answer, parser: MultipartParser, within: dict[str, float]) -> Iterator[object]:
    try:
        for chunk in answer.chunks(**within):
            yield from parser.feed(chunk)
        parser.finish()
    except MultipartError:
        raise ArchiveFailed("The archive's multipart body is broken, or was cut short.") from None


def _content(events: Iterator[object]) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, PartEnds):
            return
        yield bytes(event)


def instances(
    answer: Answer, wanted: Collection[tuple[str, str]], delivered: set[str], **within: float
) -> Iterator[Iterator[bytes]]:
    """The files among the parts that are wanted, by SOP Class and Instance UID; all others are left out.

    What each file calls itself is read from its own file meta information and its data set, which have to agree. Each one's Instance UID
    goes into ``delivered``. Raises ArchiveFailed for what is no file of DICOM. ``within`` are the bounds that ``Answer.chunks`` knows.
    """
    alone = answer.headers.get("content-type", "").split(";")[0].strip().lower() == PART_10
    for _, content in iter([("", answer.chunks(**within))]) if alone else parts(answer, **within):
        head = b""
        for chunk in content:
            head += chunk
            if len(head) >= HEAD_BYTES:
                break
        try:
            meta = read_file_meta(head)
        except Unreadable:
            answer.close()
            raise ArchiveFailed("The archive answers with something that is no DICOM file.") from None
        identity = meta.sop_class_uid, meta.sop_instance_uid
        if identity not in wanted or identity_in(head, meta) != identity or meta.sop_instance_uid in delivered:
            log.info("a part of the archive's answer is left out")
            continue
        delivered.add(meta.sop_instance_uid)
        yield _joined(head, content)


def _joined(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest
