"""A small archive that can lie: a WSGI server on the loopback interface whose answers a test writes."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, make_server

from tests.builders import to_bytes

DICOM_JSON = "application/dicom+json"


@dataclass
class Asked:
    """One request as it came."""

    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]


@dataclass
class Answer:
    """One answer; ``body`` may be an iterator that takes its time or breaks off."""

    body: bytes | Iterable[bytes] = b"[]"
    status: str = "200 OK"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": DICOM_JSON})


def told(found: object, **headers: str) -> Answer:
    """An answer in DICOM JSON."""
    return Answer(json.dumps(found).encode(), headers={"Content-Type": DICOM_JSON} | headers)


@dataclass
class Double:
    """Where it listens, what it was asked, and how it answers: ``answers`` maps a request to an answer, 404 for None."""

    origin: str = ""
    asked: list[Asked] = field(default_factory=list)
    answers: Callable[[Asked], Answer | None] = lambda asked: None

    @property
    def url(self) -> str:
        """Its DICOMweb address."""
        return f"{self.origin}/dicom-web"

    def paths(self) -> list[str]:
        """What was asked for, below the DICOMweb address."""
        return [each.path.removeprefix("/dicom-web/") for each in self.asked]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def running_double(tls: SSLContext | None = None) -> Iterator[Double]:
    """A double on a port of its own; with a context of TLS it speaks that."""
    double = Double()

    def application(environ: dict, start: Callable) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        headers = {
            key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")
        }
        if length:
            headers["content-length"] = str(length)
        query = environ["QUERY_STRING"] if environ["REQUEST_METHOD"] == "GET" else body.decode()
        asked = Asked(environ["PATH_INFO"], parse_qsl(query), headers)
        double.asked.append(asked)
        answer = double.answers(asked) or Answer(b"{}", "404 Not Found")
        start(answer.status, list(answer.headers.items()))
        return [answer.body] if isinstance(answer.body, bytes) else answer.body

    server = make_server("127.0.0.1", 0, application, handler_class=_Quiet)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    double.origin = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def holding(*data_sets: object) -> Callable[[Asked], Answer | None]:
    """Answers searches as an archive would that holds these data sets: UIDs, pages, and every attribute."""
    elements = [data_set.to_json_dict(bulk_data_element_handler=None) for data_set in data_sets]
    for element in elements:
        element.pop("7FE00010", None)

    def answers(asked: Asked) -> Answer | None:
        steps = asked.path.removeprefix("/dicom-web/").split("/")
        query = dict(asked.query)
        named = dict(zip(steps[::2], steps[1::2], strict=False))
        wanted = {"0020000D": named.get("studies"), "0020000E": named.get("series"), "00080018": named.get("instances")}
        wanted |= {"00080018": query.get("SOPInstanceUID", wanted["00080018"])}
        wanted |= {"0020000D": query.get("StudyInstanceUID", wanted["0020000D"])}
        found = [e for e in elements if all(e[tag]["Value"][0] == uid for tag, uid in wanted.items() if uid)]
        level = {"studies": "0020000D", "series": "0020000E"}.get(steps[-1])
        if level:
            found = list({e[level]["Value"][0]: e for e in found}.values())
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 1000))
        return told(found[offset : offset + limit])

    return answers


def file(content: bytes, boundary: str = "double") -> Answer:
    """An answer with one file as a multipart body."""
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
    return Answer(head + content + f"\r\n--{boundary}--\r\n".encode(), headers={"Content-Type": kind})


def serving(*data_sets: object) -> Callable[[Asked], Answer | None]:
    """Answers as an archive would that also gives each of these data sets as a file."""
    search, files = holding(*data_sets), {each.SOPInstanceUID: to_bytes(each) for each in data_sets}

    def answers(asked: Asked) -> Answer | None:
        *above, last = asked.path.split("/")
        if above[-1:] == ["instances"] and "json" not in asked.headers.get("accept", ""):
            return file(files[last]) if last in files else None
        return search(asked)

    return answers
