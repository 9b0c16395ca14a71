"""Answers WADO-RS for metadata: all attributes of what may be seen, bulk data by address (PS3.18 10.4.1.1.2)."""

import zlib
from collections.abc import Iterator, Sequence

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request

from overlays.dicomweb.json_answer import DICOM_JSON, Locate, locator, require_json_accepted, takes_gzip
from overlays.dicomweb.retrieve import Retrieves, digest_of, not_modified
from overlays.queries.dicomweb_metadata import metadata_text
from overlays.queries.dicomweb_retrieve import Retrievable

_LEVEL = 1
"""The text is mostly repetition: the fastest level makes it a twentieth."""
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class RetrievesMetadata(Retrieves):
    """GET of the metadata of a study, a series or an instance; one instance at a time is in memory."""

    def get(
        self, request: Request, purpose: str, study: str, series: str | None = None, instance: str | None = None
    ) -> HttpResponseBase:
        """A JSON array with one data set for each instance."""
        require_json_accepted(request)
        items = self._found(study, series, instance)
        compress = takes_gzip(request)
        # The address of bulk data stands in the text: the same objects under another host are another text.
        locate = locator(request)
        digest = digest_of(items, "metadata", locate(study=study), compress)
        self._record(items, "metadata")
        answer = not_modified(request, digest)
        if answer is None:
            answer = _answer(items, locate, compress=compress, head=request.method == "HEAD")
            answer.headers["ETag"] = f'"{digest}"'
        patch_vary_headers(answer, ("Accept-Encoding",))
        return answer


def _answer(items: Sequence[Retrievable], locate: Locate, *, compress: bool, head: bool) -> HttpResponseBase:
    stream = iter(()) if head else _array(items, locate)
    # Streaming also without a body, for Django would give an empty answer the length 0.
    answer = StreamingHttpResponse(_gzipped(stream) if compress and not head else stream, content_type=DICOM_JSON)
    if compress:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def _array(items: Sequence[Retrievable], locate: Locate) -> Iterator[bytes]:
    for index, item in enumerate(items):
        address = locate(study=item.study, series=item.series, instance=item.instance)
        yield b"," if index else b"["
        yield from metadata_text(item, bulk_data_uri=f"{address}/bulkdata")
    yield b"]"


def _gzipped(stream: Iterator[bytes]) -> Iterator[bytes]:
    engine = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    for chunk in stream:
        if packed := engine.compress(chunk):
            yield packed
    yield engine.flush()
