"""Answers retrieval with the archive's images beside what the registry holds; nothing withheld leaves, nothing is held in memory."""

import json
import logging
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_sequence
from rest_framework.request import Request

from overlays.archive.connection import Answer, archive
from overlays.archive.elements import Element, elements
from overlays.archive.holdings import HOLDINGS, Held
from overlays.archive.parts import PART_10, Part, instances, parts
from overlays.archive.sources import INSTANCE, JSON
from overlays.archive.values import text
from overlays.dicomweb.archive_bulk import address_in_archive, is_place, with_own_addresses
from overlays.dicomweb.byte_range import is_one_range, whole_length
from overlays.dicomweb.forwarded import bearer_of
from overlays.dicomweb.json_answer import DICOM_JSON, accepted, locator, require_json_accepted, takes_gzip
from overlays.dicomweb.negotiation import MULTIPART, OCTETS, Offer, choose
from overlays.governance.errors import ArchiveFailed, Invalid, NotFound
from overlays.http.refusals import CannotServe, NoSuchRange
from overlays.queries import dicomweb_objects as objects
from overlays.queries.archive_objects import in_use, of_archive, one_of_archive
from overlays.queries.dicomweb_metadata import metadata_text
from overlays.queries.dicomweb_retrieve import NOTHING, Retrievable

log = logging.getLogger(__name__)

FORWARDED = ("If-None-Match", "If-Modified-Since")
RETURNED = ("ETag", "Last-Modified", "Content-Length", "Content-Range", "Accept-Ranges")
LONGEST_METADATA_SECONDS = 600.0
"""Clients that read slowly count in it."""
_MADE_OF_ONE = re.compile(r"(frames/[1-9]\d{0,8}(,[1-9]\d{0,8})*(/rendered|/thumbnail)?|rendered|thumbnail)", re.ASCII)
_PICTURES = ("image/", "video/", "application/octet-stream")


class BehindArchive:
    """What every address of retrieval does first: whether the archive holds what is asked for, and the registry does not govern it."""

    def get(
        self,
        request: Request,
        purpose: str,
        study: str,
        series: str | None = None,
        instance: str | None = None,
        **more: str,
    ) -> HttpResponseBase:
        """From the archive, from the registry, or from both."""
        named = {name: uid for name, uid in (("study", study), ("series", series), ("instance", instance)) if uid}
        if not in_use():
            return super().get(request, purpose, **named, **more)
        own = self._own_of(study, series, instance)
        if instance is not None and own:
            return super().get(request, purpose, **named, **more)
        if instance is not None:  # what is withheld is asked for as what is unknown: the two answers must not differ
            one = one_of_archive(
                actor=self.actor, study=study, series=series, instance=instance, bearer=bearer_of(self.request)
            )
            if one is None:
                raise NotFound(NOTHING)
            return self.from_archive([one], [], **more)
        try:
            found = self._passing(study, series)
        except ArchiveFailed:
            if series is None or not own:
                raise
            log.warning("a series is answered without the archive")
            found = []
        if not found:
            return super().get(request, purpose, **named, **more)
        return self.from_archive(found, own, **more)

    def _own_of(self, study: str, series: str | None, instance: str | None) -> list[Retrievable]:
        try:
            return self._found(study, series, instance)
        except NotFound:
            return []

    def _passing(self, study: str, series: str | None) -> list[Held]:
        found = of_archive(actor=self.actor, study=study, bearer=bearer_of(self.request))
        return [each for each in found if series in (None, each.series)]

    def _ask(self, path: str, **more: object) -> Answer:
        """Raises NotFound, CannotServe, ArchiveFailed."""
        answer = archive().get(path, bearer=bearer_of(self.request), **more)
        if answer.status == 416:
            answer.close()
            raise NoSuchRange(whole_length(answer.headers.get("content-range", "")))
        if answer.status in (400, 404, 410):  # 400: what Orthanc says of a frame that there is not
            answer.close()
            raise NotFound(NOTHING)
        if answer.status == 406:
            answer.close()
            raise CannotServe("The archive, which holds this, cannot serve it in a form that the client accepts.")
        return answer

    def _data_sets(self, path: str) -> Iterator[Element]:
        return elements(self._ask(f"{path}/metadata", headers=JSON), seconds=LONGEST_METADATA_SECONDS)

    def _streamed(self, stream: Iterator[bytes], content_type: str) -> HttpResponseBase:
        """The answer; its first bytes are had before it begins, so that a failure can still be told."""
        if self.request.method == "HEAD":
            stream.close()
            return StreamingHttpResponse((), content_type=content_type)
        first = next(stream, b"")
        return StreamingHttpResponse(chain((first,), stream), content_type=content_type)


def _require_syntax(text: str) -> str:
    if text != "*" and not text.replace(".", "").isdecimal():
        raise Invalid("Accept: the transfer syntax is no UID.")
    return text


def by_series(found: Sequence[Held]) -> dict[tuple[str, str], list[Held]]:
    """The instances by study and series."""
    grouped: dict[tuple[str, str], list[Held]] = defaultdict(list)
    for each in found:
        grouped[each.study, each.series].append(each)
    return grouped


def _require_all(wanted: Sequence[Held], delivered: set[str]) -> None:
    """An answer that lacks something breaks off: it must not look whole."""
    if any(each.instance not in delivered for each in wanted):
        HOLDINGS.forget(wanted[0].study)
        raise ArchiveFailed("The archive's answer lacks instances that it has told of.")


class InstancesBehindArchive(BehindArchive):
    """Studies, series and instances as files."""

    def from_archive(self, found: list[Held], own: list[Retrievable]) -> HttpResponseBase:
        """Those of the archive, by series, then those of the registry as they are stored."""
        alone = self.kwargs.get("instance") is not None
        syntax = self._syntax()
        offer = Offer(PART_10, None if syntax in ("", "*") else syntax)
        multipart = choose(accepted(self.request), [offer], single=alone).multipart
        wanted = f'{MULTIPART}; type="{PART_10}"' + (f"; transfer-syntax={syntax}" if syntax else "")
        self._record(own, "instance")
        files = chain(self._files(found, alone, wanted), (objects.whole(item, 0, None) for item in own))
        if not multipart:
            return self._streamed((chunk for file in files for chunk in file), PART_10)
        boundary = uuid.uuid4().hex
        return self._streamed(
            _multipart(((PART_10, file) for file in files), boundary),
            f'{MULTIPART}; type="{PART_10}"; boundary={boundary}',
        )

    def _syntax(self) -> str:
        """The transfer syntax that the client names first; UIDs and ``*`` alone go on to the archive."""
        for each in accepted(self.request):
            if syntax := each.parameters.get("transfer-syntax", ""):
                return _require_syntax(syntax)
        return ""

    def _files(self, found: list[Held], alone: bool, wanted: str) -> Iterator[Iterator[bytes]]:
        for (study, series), members in by_series(found).items():
            path = f"studies/{study}/series/{series}"
            delivered: set[str] = set()
            for answer in self._answers(path, members, alone, wanted):
                yield from instances(answer, {(each.sop_class, each.instance) for each in members}, delivered)
            _require_all(members, delivered)

    def _answers(self, path: str, members: list[Held], alone: bool, wanted: str) -> Iterator[Answer]:
        """The series at once, or one instance after the other where the archive gives no series."""
        if not alone:
            try:
                yield self._ask(path, headers={"Accept": wanted})
                return
            except (NotFound, CannotServe):
                log.info("the archive does not give whole series")
        for each in members:
            one = f"{path}/instances/{each.instance}"
            try:
                yield self._ask(one, headers={"Accept": wanted})
            except (NotFound, CannotServe):  # what has one part only: AWS HealthImaging
                yield self._ask(one, headers={"Accept": wanted.replace(f'{MULTIPART}; type="{PART_10}"', PART_10)})


def _multipart(pieces: Iterator[tuple[str, Iterator[bytes]]], boundary: str) -> Iterator[bytes]:
    for content_type, content in pieces:
        yield f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode()
        yield from content
    yield f"\r\n--{boundary}--\r\n".encode()


class MetadataBehindArchive(BehindArchive):
    """Metadata of studies, series and instances."""

    def from_archive(self, found: list[Held], own: list[Retrievable]) -> HttpResponseBase:
        """Those of the archive, one data set at a time, then those of the registry."""
        require_json_accepted(self.request)
        self._record(own, "metadata")
        stream = _array(chain(self._theirs(found), self._own(own)))
        compress = takes_gzip(self.request)
        answer = self._streamed(stream, DICOM_JSON)
        if compress:
            answer.streaming_content = compress_sequence(answer.streaming_content)
            answer.headers["Content-Encoding"] = "gzip"
        patch_vary_headers(answer, ("Accept-Encoding",))
        return answer

    def _theirs(self, found: list[Held]) -> Iterator[Iterator[bytes]]:
        alone = self.kwargs.get("instance") is not None
        locate = locator(self.request)
        for (study, series), members in by_series(found).items():
            suffix = f"/instances/{members[0].instance}" if alone else ""
            wanted, delivered = {each.instance: each for each in members}, set()
            for element in self._data_sets(f"studies/{study}/series/{series}{suffix}"):
                uid = text(element, INSTANCE)
                if uid not in wanted or uid in delivered or not _is(element, wanted[uid]):
                    continue
                delivered.add(uid)
                address = locate(study=study, series=series, instance=uid) + "/bulkdata"
                told = with_own_addresses(element, address)
                yield iter((json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode(),))
            _require_all(members, delivered)

    def _own(self, own: list[Retrievable]) -> Iterator[Iterator[bytes]]:
        locate = locator(self.request)
        for item in own:
            address = locate(study=item.study, series=item.series, instance=item.instance)
            yield metadata_text(item, bulk_data_uri=f"{address}/bulkdata")


def _is(element: Element, each: Held) -> bool:
    """Whether the data set is of the class, series and study that the search told."""
    told = ("00080016", each.sop_class), ("0020000E", each.series), ("0020000D", each.study)
    return all(text(element, tag) == value for tag, value in told)


def _array(data_sets: Iterator[Iterator[bytes]]) -> Iterator[bytes]:
    separator = b"["
    for data_set in data_sets:
        yield separator
        yield from data_set
        separator = b","
    yield b"]"


class PixelsBehindArchive(BehindArchive):
    """Frames, and whatever else the archive makes of one instance: rendered images, thumbnails."""

    def from_archive(self, found: list[Held], own: list[Retrievable], **more: str) -> HttpResponseBase:
        """As the archive answers it: its status, type, entity tag, and range of bytes."""
        (each,) = found
        inside = f"studies/{each.study}/series/{each.series}/instances/{each.instance}"
        suffix = self.request.path.split(f"/instances/{each.instance}", 1)[1].strip("/")
        if not _MADE_OF_ONE.fullmatch(suffix):
            raise Invalid("Frames are numbers from 1 on, joined by commas.")
        numbers = suffix.removeprefix("frames/").split(",") if suffix.startswith("frames/") else None
        count = len(numbers) if numbers and "/" not in numbers[-1] else None
        return self._passed_on(f"{inside}/{suffix}", list(self.request.query_params.items()), count=count)

    def _passed_on(self, path: str, query: list[tuple[str, str]], *, count: int | None = None) -> HttpResponseBase:
        """``count`` is how many parts a multipart answer has to have."""
        ranges = accepted(self.request)
        if not ranges:
            raise CannotServe("The client accepts nothing at all.")
        headers = {name: self.request.headers[name] for name in FORWARDED if name in self.request.headers}
        headers["Accept"] = self.request.headers.get("Accept", "*/*")
        if ranges[0].essence == MULTIPART and ranges[0].parameters.get("type") == "*/*":
            # What dicomweb-client says unless it is told otherwise; Orthanc refuses it.
            syntax = ranges[0].parameters.get("transfer-syntax", "")
            headers["Accept"] = f'{MULTIPART}; type="{OCTETS}"' + (
                f"; transfer-syntax={_require_syntax(syntax)}" if syntax else ""
            )
        in_part = ranges[0].essence != MULTIPART and is_one_range(self.request.headers.get("Range", ""))
        if in_part:
            headers |= {
                name: self.request.headers[name] for name in ("Range", "If-Range") if name in self.request.headers
            }
        answer = self._ask(path, query=query, headers=headers)
        if self.request.method == "HEAD":
            answer.close()
        kind = answer.headers.get("content-type", "").strip()
        if answer.status == 304:
            answer.close()
            passed = StreamingHttpResponse((), status=304)
            del passed.headers["Content-Type"]
        elif kind.lower().startswith(MULTIPART) and answer.status == 200:
            boundary = uuid.uuid4().hex
            stream = _multipart(_exactly(count, parts(answer)), boundary)
            essence = _simple(kind.partition('type="')[2].partition(";")[0].partition('"')[0])
            return self._streamed(stream, f'{MULTIPART}; type="{essence}"; boundary={boundary}')
        elif kind.lower().startswith(_PICTURES) and answer.status in (200, 206 if in_part else 200):
            passed = self._streamed(answer.chunks(), _simple(kind))
            passed.status_code = answer.status
        else:
            answer.close()
            raise ArchiveFailed("The archive answers with something that was not asked for.")
        for name in RETURNED:
            if (value := answer.headers.get(name.lower())) and value.isprintable() and value.isascii():
                passed.headers[name] = value
        return passed


def _exactly(count: int | None, found: Iterator[Part]) -> Iterator[Part]:
    """The parts; breaks off where there are more or fewer of them."""
    seen = 0
    for seen, (kind, content) in enumerate(found, start=1):
        if count is not None and seen > count:
            break
        yield _simple(kind), content
    if count is not None and seen != count:
        raise ArchiveFailed("The archive answers with another number of frames than was asked for.")


def _simple(content_type: str) -> str:
    """The media type, octets where it is none that a header may repeat."""
    fit = content_type.isascii() and content_type.isprintable() and content_type.lower().startswith(_PICTURES)
    return content_type if fit and len(content_type) < 200 else "application/octet-stream"


class PicturesBehindArchive(PixelsBehindArchive):
    """Rendered resources and thumbnails, as the archive draws them; of a study or series one of its instances."""

    def from_archive(self, found: list[Held], own: list[Retrievable], **more: str) -> HttpResponseBase:
        """The archive's picture; a rendered one, of its full size, where it has no thumbnails."""
        each = found[len(found) // 2]
        inside = f"studies/{each.study}/series/{each.series}/instances/{each.instance}"
        kind = self.request.path.rstrip("/").rpartition("/")[2]
        number = more.get("frames")
        if number is not None and not re.fullmatch(r"[1-9]\d{0,8}", number, re.ASCII):
            raise Invalid("One frame is drawn at a time, by its number from 1 on.")
        inside += f"/frames/{number}" if number else ""
        query = list(self.request.query_params.items())
        try:
            return self._passed_on(f"{inside}/{kind}", query)
        except NotFound:
            if kind != "thumbnail":
                raise
            return self._passed_on(f"{inside}/rendered", query)


class BulkDataBehindArchive(PixelsBehindArchive):
    """Bulk data by the addresses that the metadata gave."""

    def from_archive(self, found: list[Held], own: list[Retrievable], **more: str) -> HttpResponseBase:
        """What the archive has at the place where the metadata points to it."""
        (each,) = found
        place = more["tag"].upper()
        if not is_place(place):
            raise NotFound(NOTHING)
        inside = f"studies/{each.study}/series/{each.series}/instances/{each.instance}"
        element = next(self._data_sets(inside), {})
        where = address_in_archive(element, place, archive_url=archive().url, study=each.study)
        if where is None or not _is(element, each) or text(element, INSTANCE) != each.instance:
            raise NotFound(NOTHING)
        return self._passed_on(*where)
