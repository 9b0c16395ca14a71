"""Posts at the same moment: one instance twice, and many versions of one line."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pydicom.dataset import Dataset

from overlays.models import AuditEntry, Overlay, OverlayVersion, StoredBytes
from tests.builders import ct_series, segmentation, to_bytes, uid

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def at_once(stow) -> Callable[[list[bytes]], list]:
    """Posts each instance from a thread of its own; the answers in the same order."""

    def send(data: bytes):
        try:
            return stow(data)
        finally:
            connection.close()

    def post(instances: list[bytes]) -> list:
        with ThreadPoolExecutor(len(instances)) as threads:
            return list(threads.map(send, instances))

    return post


@pytest.fixture
def overlay(registered, stow) -> Dataset:
    registered()
    images = ct_series(slices=1, rows=16, columns=16)
    assert stow(*map(to_bytes, images)).status_code == 200
    return segmentation(sources=images, segments=("Liver",))


def another(overlay: Dataset, number: int) -> bytes:
    overlay.SOPInstanceUID = overlay.file_meta.MediaStorageSOPInstanceUID = uid("at once", number)
    return to_bytes(overlay)


def test_two_posts_of_one_instance_store_it_once(at_once, overlay):
    answers = at_once([to_bytes(overlay)] * 2)
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert OverlayVersion.objects.count() == 1
    assert AuditEntry.objects.filter(event="version:stored").count() == 1


def test_of_two_instances_with_one_uid_one_is_refused(at_once, overlay, own_store):
    first = to_bytes(overlay)
    overlay.ContentDescription = "Something else"
    answers = at_once([first, to_bytes(overlay)])
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0x0111]
    assert OverlayVersion.objects.count() == 1
    files = [path for path in own_store.rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix == ".part"]
    assert StoredBytes.objects.count() == 2  # the image, and the one that was first


def test_fifty_posts_of_one_line_are_numbered_without_gap_or_duplicate(at_once, overlay):
    answers = at_once([another(overlay, number) for number in range(50)])
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert Overlay.objects.count() == 1
    assert sorted(OverlayVersion.objects.values_list("number", flat=True)) == list(range(1, 51))
