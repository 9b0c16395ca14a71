"""Sends requests through the proxy as they are written, and tells what of them the registry saw."""

import json
from email import message_from_bytes
from functools import cached_property
from http.client import HTTPResponse

from pydicom.dataset import Dataset

from tests.deploy.site import Site

FILES = 'multipart/related; type="application/dicom"; transfer-syntax=*'
OCTETS = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'


def below(data_set: Dataset, mount: str = "/dicom-web") -> str:
    """The address of an instance."""
    return (
        f"{mount}/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
        f"/instances/{data_set.SOPInstanceUID}"
    )


class Reply:
    """An answer, and what the registry's access log says of its request."""

    def __init__(self, answer: HTTPResponse, site: Site, request_id: str) -> None:
        self.status, self.headers, self.content = answer.status, answer.headers, answer.read()
        self._site, self._id = site, request_id

    @cached_property
    def seen(self) -> list[str]:
        """Methods, paths and statuses in that log."""
        return self._site.registry_log(self._id)

    @property
    def straight(self) -> bool:
        """Whether the registry was asked about it, and saw no more of it."""
        return self.seen == ["GET /proxy/image 204"]

    def parts(self) -> list:
        """The parts of a multipart answer."""
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        return message_from_bytes(head + self.content).get_payload()

    def json(self) -> dict:
        """The body as JSON."""
        return json.loads(self.content)
