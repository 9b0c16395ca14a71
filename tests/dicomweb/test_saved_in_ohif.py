"""What OHIF asks for and posts when a reader opens an overlay and saves it, in its own words."""

import pytest

from overlays.models import OverlayVersion
from tests.builders import saved_segmentation, to_bytes

pytestmark = pytest.mark.django_db

BOUNDARY = "529bb165-4ca9-cd36-deaa-98f2facc05c5"


def save(client, root: str, data: bytes):
    """The POST of OHIF 3.13.2: a line before the first boundary, none behind the last, and any answer accepted."""
    body = b"\r\n--%b\r\nContent-Type: application/dicom\r\n\r\n%b\r\n--%b--" % (
        BOUNDARY.encode(),
        data,
        BOUNDARY.encode(),
    )
    kind = f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"'
    return client.post(f"{root}/studies", data=body, content_type=kind, HTTP_ACCEPT="*/*")


@pytest.mark.parametrize("root", ["/dicom-web", "/review/dicom-web"])
def test_what_was_opened_is_corrected_by_what_is_saved(called, scene, radiologist, root):
    scene.accept()
    reader = called(radiologist)
    opened = reader.get(scene.path(scene.overlay, root), HTTP_ACCEPT='multipart/related; type="application/dicom"')
    assert opened.status_code == 200
    saved = saved_segmentation(sources=scene.images)
    assert save(reader, root, to_bytes(saved)).status_code == 202
    assert OverlayVersion.objects.get(sop_instance_uid=saved.SOPInstanceUID).parent == scene.version


def test_a_clinician_is_refused_with_a_sentence(called, scene, clinician):
    scene.accept()
    answer = save(called(clinician), "/dicom-web", to_bytes(saved_segmentation(sources=scene.images)))
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["detail"]
