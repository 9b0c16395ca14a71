"""Gives the DICOMweb tests clients by actor, bodies to post, and a study with an overlay in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from pydicom.dataset import Dataset
from rest_framework.test import APIClient

from overlays.governance.actor import Actor
from overlays.models import OverlayVersion, Series, SourceInstance, SourceReference, StoredBytes, Study
from tests import corpus
from tests.builders import ct_series, segmentation, to_bytes

collect_ignore = [] if corpus.is_there() else ["test_corpus.py"]

SITE = settings.SITE_URL
"""With which every address in an answer begins, whatever Host a client names."""
BOUNDARY = "part-boundary"
MULTIPART = f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"'
TABLES = (OverlayVersion, SourceInstance, SourceReference, StoredBytes, Study, Series)


def body_of(*parts: bytes, content_type: str = "application/dicom", closed: bool = True) -> bytes:
    """A multipart body."""
    pieces = [f"\r\n--{BOUNDARY}\r\nContent-Type: {content_type}\r\n\r\n".encode() + part for part in parts]
    return b"".join(pieces) + (f"\r\n--{BOUNDARY}--\r\n".encode() if closed else b"")


def parts_of(response) -> list[bytes]:
    """The contents of the parts of a multipart answer."""
    boundary = response["Content-Type"].split("boundary=")[1].strip('"')
    content = b"".join(response.streaming_content)
    pieces = content.split(f"\r\n--{boundary}".encode())
    assert pieces[-1] == b"--\r\n"
    return [piece.split(b"\r\n\r\n", 1)[1] for piece in pieces[1:-1]]


def snapshot(folder: Path) -> tuple:
    """What is stored: the rows of every table, and the files."""
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return (*(table.objects.count() for table in TABLES), files)


@pytest.fixture
def called() -> Callable[[Actor], APIClient]:
    """A client that acts as somebody, where the token is not the point."""

    def client(actor: Actor) -> APIClient:
        found = APIClient()
        found.force_authenticate(user=object(), token=actor)
        return found

    return client


@pytest.fixture
def narrowed() -> Callable[..., Actor]:
    """An actor whose grant reaches the named studies alone."""
    return lambda actor, *studies: replace(actor, studies=frozenset(studies))


@pytest.fixture
def stow(db, called, pipeline, own_store) -> Callable:
    """Posts parts; as the pipeline, unless told otherwise."""

    def send(*parts: bytes, actor: Actor = pipeline, study: str = "", body: bytes | None = None, **more):
        path = f"/dicom-web/studies/{study}" if study else "/dicom-web/studies"
        data = body_of(*parts) if body is None else body
        return called(actor).post(path, data=data, **({"content_type": MULTIPART} | more))

    return send


@dataclass(frozen=True)
class Scene:
    """A CT series and a segmentation of it, both stored; the segmentation waits for review."""

    images: list[Dataset]
    overlay: Dataset

    @property
    def study(self) -> str:
        return self.overlay.StudyInstanceUID

    @property
    def version(self) -> OverlayVersion:
        return OverlayVersion.objects.get(sop_instance_uid=self.overlay.SOPInstanceUID)

    @property
    def bytes_of_overlay(self) -> bytes:
        return to_bytes(self.overlay)

    def path(self, of: Dataset | None = None, mount: str = "/dicom-web") -> str:
        """The address of an instance, the segmentation unless told otherwise."""
        named = of if of is not None else self.overlay
        return f"{mount}/studies/{named.StudyInstanceUID}/series/{named.SeriesInstanceUID}/instances/{named.SOPInstanceUID}"

    def set(self, **state: object) -> None:
        """Put the version into a state, as reviews and stewards would."""
        status = state.pop("status", None)
        OverlayVersion.objects.filter(pk=self.version.pk).update(
            **({"reviewed_by": "R. Lee", "reviewer_key": "user:2", "reviewed_at": timezone.now()} | state)
        )
        if status is not None:
            model_version = self.version.model_version
            type(model_version).objects.filter(pk=model_version.pk).update(status=status)

    def accept(self) -> None:
        """Let the clinical purpose show it."""
        self.set(review_state="accepted")


@pytest.fixture
def scene(db, post, registered) -> Scene:
    """Everything stored, nothing reviewed."""
    registered()
    images = ct_series(slices=2, rows=16, columns=16)
    overlay = segmentation(sources=images)
    for data_set in (*images, overlay):
        found = post(to_bytes(data_set))
        assert found.refusal is None, found.findings
    return Scene(images, overlay)
