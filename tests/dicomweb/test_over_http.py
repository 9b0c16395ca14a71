"""DICOMweb over a real connection: a foreign client program, chunked and broken uploads, refusals that can be seen."""

import io
import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests
from dicomweb_client import DICOMwebClient
from pydicom import dcmread

from tests.builders import ct_series, segmentation, to_bytes
from tests.dicomweb.conftest import BOUNDARY, MULTIPART, body_of
from tests.dicomweb.served import Served, served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as running:
        yield running


def client_of(server: Served, client: str, mount: str = "dicom-web") -> DICOMwebClient:
    headers = {"Authorization": f"Bearer {server.token(client)}"}
    return DICOMwebClient(url=f"{server.address}/{mount}", headers=headers)


@pytest.fixture(scope="module")
def objects(server) -> tuple[list, object]:
    """A CT series and a segmentation, stored by the foreign client program."""
    images = ct_series(uid_seed="http", slices=2, rows=16, columns=16)
    overlay = segmentation(sources=images, uid_seed="http-seg")
    answer = client_of(server, "pipeline").store_instances([*images, overlay])
    assert len(answer.ReferencedSOPSequence) == 3
    return images, overlay


@pytest.fixture(scope="module")
def viewer(server, objects) -> DICOMwebClient:
    return client_of(server, "reviewer", "review/dicom-web")


def test_a_foreign_client_finds_studies_series_and_instances(viewer, objects):
    images, overlay = objects
    (study,) = viewer.search_for_studies(search_filters={"StudyInstanceUID": overlay.StudyInstanceUID})
    assert study["00080061"]["Value"] == ["CT", "SEG"]
    series = viewer.search_for_series(overlay.StudyInstanceUID, search_filters={"Modality": "SEG"})
    assert [found["0020000E"]["Value"][0] for found in series] == [overlay.SeriesInstanceUID]
    found = viewer.search_for_instances(overlay.StudyInstanceUID, images[0].SeriesInstanceUID)
    assert [each["00080018"]["Value"][0] for each in found] == [image.SOPInstanceUID for image in images]


def test_a_foreign_client_retrieves_what_was_stored(viewer, objects):
    images, overlay = objects
    instance = viewer.retrieve_instance(overlay.StudyInstanceUID, overlay.SeriesInstanceUID, overlay.SOPInstanceUID)
    assert to_bytes(instance) == to_bytes(overlay)
    series = viewer.retrieve_series(images[0].StudyInstanceUID, images[0].SeriesInstanceUID)
    assert [to_bytes(each) for each in series] == [to_bytes(image) for image in images]
    assert len(viewer.retrieve_study(overlay.StudyInstanceUID)) == 3


def test_a_foreign_client_reads_metadata_and_frames(viewer, objects):
    images, overlay = objects
    where = (overlay.StudyInstanceUID, overlay.SeriesInstanceUID, overlay.SOPInstanceUID)
    told = viewer.retrieve_instance_metadata(*where)
    assert told["00280008"]["Value"] == [overlay.NumberOfFrames]
    frames = viewer.retrieve_instance_frames(*where, frame_numbers=[1, 2])
    assert b"".join(frames) == overlay.PixelData[: len(b"".join(frames))]
    image = images[0]
    metadata = viewer.retrieve_series_metadata(image.StudyInstanceUID, image.SeriesInstanceUID)
    (pixels,) = viewer.retrieve_bulkdata(metadata[0]["7FE00010"]["BulkDataURI"])
    assert pixels == image.PixelData


def test_the_clinical_purpose_hides_what_is_not_reviewed(server, objects):
    _, overlay = objects
    clinical = client_of(server, "reviewer")
    assert clinical.search_for_series(overlay.StudyInstanceUID, search_filters={"Modality": "SEG"}) == []
    with pytest.raises(requests.HTTPError, match="404"):
        clinical.retrieve_instance(overlay.StudyInstanceUID, overlay.SeriesInstanceUID, overlay.SOPInstanceUID)


def test_a_foreign_client_is_told_why_an_instance_was_refused(server):
    broken = ct_series(uid_seed="broken", slices=1, rows=16, columns=16)[0]
    broken.Rows = 17
    token = server.token("pipeline")
    answer = requests.post(
        f"{server.address}/dicom-web/studies",
        body_of(to_bytes(broken)),
        headers={"Authorization": f"Bearer {token}", "Content-Type": MULTIPART},
        timeout=30,
    )
    assert answer.status_code == 409
    assert "IMG-004" in answer.text


def test_a_chunked_upload_is_taken(server):
    (image,) = ct_series(uid_seed="chunked", slices=1, rows=256, columns=256)
    body = io.BytesIO(body_of(to_bytes(image)))
    answer = requests.post(
        f"{server.address}/dicom-web/studies",
        iter(lambda: body.read(10_000), b""),
        headers={"Authorization": f"Bearer {server.token('pipeline')}", "Content-Type": MULTIPART},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text


def test_a_stranger_with_a_large_body_sees_the_status(server):
    answer = requests.post(
        f"{server.address}/dicom-web/studies", bytes(6 << 20), headers={"Content-Type": MULTIPART}, timeout=30
    )
    assert answer.status_code == 401


def send_raw(server: Served, body: bytes, *, length: int | None = None) -> socket.socket:
    """Begin a post by hand; ``length`` is promised, where it is not chunked."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    framing = f"Content-Length: {length}" if length is not None else "Transfer-Encoding: chunked"
    head = (
        f"POST /dicom-web/studies HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.token('pipeline')}\r\n"
        f"Content-Type: {MULTIPART}\r\n{framing}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    return connection


def wait_for_quiet(server: Served) -> list:
    """The store's files once no upload is under way."""
    for _ in range(100):
        files = server.files()
        if not [path for path in files if path.suffix == ".part"]:
            return files
        time.sleep(0.1)
    raise AssertionError("a partial upload lies about")


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_client_that_goes_away_leaves_nothing_of_the_part_it_was_sending(server, objects, framing):
    before = wait_for_quiet(server)
    (image,) = ct_series(uid_seed=f"gone {framing}", slices=1, rows=512, columns=512)
    body = body_of(to_bytes(image))[:300_000]
    promised = {"length": 600_000} if framing == "length" else {}
    sent = body if framing == "length" else b"%x\r\n" % (len(body) + 1000) + body
    connection = send_raw(server, sent, **promised)
    for _ in range(100):
        if [path for path in server.files() if path.suffix == ".part"]:
            break
        time.sleep(0.05)
    connection.close()
    assert wait_for_quiet(server) == before
    assert "Traceback" not in server.log
    assert requests.get(f"{server.address}/livez", timeout=5).ok


def test_a_client_that_stops_sending_is_told_that_its_body_is_cut_short(server, objects):
    images, _ = objects
    body = body_of(to_bytes(images[0]), b"half of something", closed=False)
    connection = send_raw(server, body, length=len(body) + 500)
    connection.shutdown(socket.SHUT_WR)
    with connection, connection.makefile("rb") as stream:
        answer = stream.read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    told = json.loads(answer.split(b"\r\n\r\n", 1)[1])
    assert len(told["00081199"]["Value"]) == 1
    assert "cut short" in json.dumps(told["0008119A"])


@pytest.mark.parametrize("parts", [0, 1])
def test_a_malformed_chunk_is_told(server, objects, parts):
    begun = body_of(*[to_bytes(objects[0][0])] * parts, closed=False) + f"\r\n--{BOUNDARY}".encode()
    with send_raw(server, b"%x\r\n%s\r\nzz\r\n" % (len(begun), begun)) as connection:
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"not chunked as HTTP says" in answer
    assert "Traceback" not in server.log


def stranger(server: Served, promised: str) -> socket.socket:
    """Post without a token, and send nothing of the body that is promised."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    head = f"POST /dicom-web/studies HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {MULTIPART}\r\n{promised}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


@pytest.mark.parametrize(
    "promised", ["Content-Length: 1000", "Content-Length: 9999999999", "Transfer-Encoding: chunked"]
)
def test_strangers_who_send_no_body_hold_nothing_up(server, promised):
    idle = [stranger(server, promised) for _ in range(8)]  # twice the threads
    began = time.monotonic()
    assert requests.get(f"{server.address}/livez", timeout=20).ok
    assert time.monotonic() - began < 4
    for connection in idle:
        with connection:
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 401 ")


def test_a_stranger_who_sends_little_by_little_is_cut_off(server):
    with stranger(server, "Content-Length: 1000") as connection:
        began = time.monotonic()
        connection.settimeout(0.2)
        told = b""
        while not told and time.monotonic() - began < 10:
            connection.sendall(b"x")
            with suppress(TimeoutError):
                told = connection.recv(1 << 16)
        assert told.startswith(b"HTTP/1.1 401 ")
        assert time.monotonic() - began < 4


def test_a_body_that_says_that_it_is_too_large_is_refused_at_once(server):
    began = time.monotonic()
    with send_raw(server, b"", length=1 << 40) as connection:
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - began < 2


def test_a_stranger_with_a_body_larger_than_is_read_sees_the_status(server):
    answer = requests.post(
        f"{server.address}/dicom-web/studies", bytes(30 << 20), headers={"Content-Type": MULTIPART}, timeout=30
    )
    assert answer.status_code == 401


def test_the_boundary_of_this_module_is_that_of_its_bodies():
    assert f'boundary="{BOUNDARY}"' in MULTIPART


def test_what_is_retrieved_can_be_read_by_pydicom(server, viewer, objects):
    _, overlay = objects
    address = (
        f"{server.address}/review/dicom-web/studies/{overlay.StudyInstanceUID}"
        f"/series/{overlay.SeriesInstanceUID}/instances/{overlay.SOPInstanceUID}"
    )
    headers = {"Authorization": f"Bearer {server.token('reviewer')}", "Accept": "application/dicom"}
    answer = requests.get(address, headers=headers, timeout=20)
    assert answer.content == to_bytes(overlay)
    assert dcmread(io.BytesIO(answer.content)).SOPInstanceUID == overlay.SOPInstanceUID
    head = requests.head(address, headers=headers, timeout=20)
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(len(answer.content)), b"")
