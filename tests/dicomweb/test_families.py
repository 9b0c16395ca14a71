"""Every family of results leaves by every DICOMweb address once it may be shown, and by none before."""

import json
from dataclasses import dataclass

import pytest
from django.urls import reverse
from django.utils import timezone
from pydicom.dataset import Dataset

from overlays.dicomweb import urls
from overlays.models import OverlayVersion
from tests.builders import to_bytes
from tests.builders.families import FAMILIES, Made
from tests.dicomweb.conftest import parts_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FRAMED = {"segmentation": 8, "float map": 4, "integer map": 4, "capture": 1, "capture of frames": 4}
"""Families with pixels, and how many frames the builder's object has."""
PLACES = {pattern.name: pattern.pattern.converters for pattern in urls.urlpatterns}
SEARCHES = {"studies", "all-series", "all-instances", "series-of-study", "instances-of-study", "instances-of-series"}
RETRIEVALS = {"instance", "instance-metadata", "series", "series-metadata"}
WHOLE_STUDY = {"study", "study-metadata"}
OF_PIXELS = {"frames", "bulkdata"}
NO_CONTENT = {"capabilities"}
PICTURES = {"instance-rendered", "instance-thumbnail", "series-rendered", "series-thumbnail"}
OF_FRAMES = {"frame-rendered", "frame-thumbnail"}
OF_IMAGES = {"study-thumbnail", "study-rendered"}


@dataclass(frozen=True)
class Stored:
    """A stored result and what it names."""

    name: str
    made: Made
    version: OverlayVersion

    def address(self, place: str, *, tag: str = "7FE00010", frames: str = "1") -> str:
        result = self.made.result
        known = {
            "study": result.StudyInstanceUID,
            "series": result.SeriesInstanceUID,
            "instance": result.SOPInstanceUID,
            "frames": frames,
            "tag": tag,
        }
        return reverse(f"dicomweb:{place}", kwargs={key: known[key] for key in PLACES[place]})

    def put(self, state: str) -> None:
        OverlayVersion.objects.filter(pk=self.version.pk).update(
            review_state=state, reviewed_by="R. Lee", reviewer_key="user:2", reviewed_at=timezone.now()
        )


@pytest.fixture(params=FAMILIES)
def stored(request, post, registered) -> Stored:
    registered()
    made = FAMILIES[request.param]()
    for data_set in (*made.sources, made.result):
        found = post(to_bytes(data_set))
        assert found.refusal is None, found.findings
    version = OverlayVersion.objects.get(sop_instance_uid=made.result.SOPInstanceUID)
    return Stored(request.param, made, version)


@pytest.fixture
def get(called, clinician):
    return lambda address, accept="*/*": called(clinician).get(address, HTTP_ACCEPT=accept)


def content(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def pixel_tag(data_set: Dataset) -> str:
    words = {"PixelData": "7FE00010", "FloatPixelData": "7FE00008", "DoubleFloatPixelData": "7FE00009"}
    return next(tag for word, tag in words.items() if word in data_set)


def test_every_address_is_walked():
    assert (
        set(PLACES) == SEARCHES | RETRIEVALS | WHOLE_STUDY | OF_PIXELS | PICTURES | OF_FRAMES | OF_IMAGES | NO_CONTENT
    )


@pytest.mark.parametrize(("state", "leaves"), [("pending", False), ("accepted", True), ("rejected", False)])
def test_it_is_on_every_address_or_on_none(state, leaves, stored, get):
    stored.put(state)
    uid = str(stored.made.result.SOPInstanceUID).encode()
    series = str(stored.made.result.SeriesInstanceUID).encode()
    for place in sorted(SEARCHES | WHOLE_STUDY):
        answer = get(stored.address(place))
        assert answer.status_code == 200
        found = content(answer)
        modality = f'"{stored.made.result.Modality}"'.encode()
        told = modality if place == "studies" else series if "series" in place and "instances" not in place else uid
        assert (told in found) is leaves, place
    for place in sorted(RETRIEVALS):
        assert get(stored.address(place)).status_code == (200 if leaves else 404), place
    if stored.name in FRAMED:
        tag = pixel_tag(stored.made.result)
        for place in sorted(OF_PIXELS):
            assert get(stored.address(place, tag=tag)).status_code == (200 if leaves else 404), place
        for place in sorted(OF_FRAMES):
            assert get(stored.address(place)).status_code == (200 if leaves else 404), place
    for place in sorted(PICTURES):
        assert get(stored.address(place)).status_code == (200 if leaves else 404), place


def test_it_leaves_bit_for_bit(stored, get):
    stored.put("accepted")
    assert content(get(stored.address("instance"), "application/dicom; transfer-syntax=*")) == to_bytes(
        stored.made.result
    )


def test_its_metadata_say_what_it_is_and_hold_no_pixels(stored, get):
    stored.put("accepted")
    (found,) = json.loads(content(get(stored.address("instance-metadata"))))
    assert found["00080016"]["Value"] == [stored.made.result.SOPClassUID]
    assert not any("InlineBinary" in found.get(tag, {}) for tag in ("7FE00008", "7FE00009", "7FE00010"))


def test_what_has_frames_gives_each_of_them_and_what_has_none_gives_none(stored, get):
    stored.put("accepted")
    frames = FRAMED.get(stored.name, 0)
    result = stored.made.result
    assert get(stored.address("frames", frames=str(frames + 1))).status_code == 404
    if not frames:
        assert get(stored.address("frames")).status_code == 404
        assert get(stored.address("bulkdata")).status_code == 404
        return
    word = next(keyword for keyword in ("PixelData", "FloatPixelData", "DoubleFloatPixelData") if keyword in result)
    numbers = ",".join(map(str, range(1, frames + 1)))
    parts = parts_of(
        get(stored.address("frames", frames=numbers), 'multipart/related; type="application/octet-stream"')
    )
    whole = bytes(result[word].value)
    assert len(parts) == frames
    assert b"".join(parts) == whole[: sum(map(len, parts))]
    assert len(whole) - sum(map(len, parts)) in (0, 1)
