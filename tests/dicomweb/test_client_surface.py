"""Everything that a foreign client program can ask works over a real connection, or is refused with a status."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
import requests
from dicomweb_client import DICOMwebClient
from PIL import Image

from tests.builders import ct_series, segmentation, to_bytes
from tests.dicomweb.served import Served, served

pytestmark = pytest.mark.slow

RLE = "1.2.840.10008.1.2.5"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("surface")) as running:
        yield running


def client_of(server: Served, client: str, mount: str = "dicom-web") -> DICOMwebClient:
    return DICOMwebClient(url=f"{server.address}/{mount}", headers={"Authorization": f"Bearer {server.token(client)}"})


@pytest.fixture(scope="module")
def objects(server) -> tuple[list, object, object]:
    """Images, a segmentation in RLE, and what it is when it is decoded."""
    images = ct_series(uid_seed="surface", slices=2, rows=32, columns=32)
    plain = segmentation(sources=images, uid_seed="surface-seg", kind="LABELMAP")
    packed = segmentation(sources=images, uid_seed="surface-seg", kind="LABELMAP", transfer_syntax=RLE)
    stored = client_of(server, "pipeline").store_instances(images, images[0].StudyInstanceUID)
    assert len(stored.ReferencedSOPSequence) == 2
    told = client_of(server, "pipeline").store_instances([packed])
    assert told.ReferencedSOPSequence[0].WarningReason == 0xB007
    return images, packed, plain


@pytest.fixture(scope="module")
def viewer(server, objects) -> DICOMwebClient:
    return client_of(server, "reviewer", "review/dicom-web")


def place(data_set) -> tuple[str, str, str]:
    return data_set.StudyInstanceUID, data_set.SeriesInstanceUID, data_set.SOPInstanceUID


def test_searches_take_every_parameter(viewer, objects):
    images = objects[0]
    (study,) = viewer.search_for_studies(
        fuzzymatching=True,
        limit=5,
        offset=0,
        fields=["PatientBirthDate"],
        search_filters={"PatientName": "jane doe"},
        get_remaining=True,
    )
    assert study["0020000D"]["Value"] == [images[0].StudyInstanceUID]
    assert len(viewer.search_for_series(limit=1, get_remaining=True)) == 2
    assert len(viewer.search_for_instances(search_filters={"Modality": "CT"})) == 2


def test_compressed_objects_come_decoded_unless_asked_for_as_stored(viewer, objects):
    _, packed, plain = objects
    decoded = viewer.retrieve_instance(*place(packed))
    assert np.array_equal(decoded.pixel_array, plain.pixel_array)
    as_stored = viewer.retrieve_instance(*place(packed), media_types=(("application/dicom", "*"),))
    assert to_bytes(as_stored) == to_bytes(packed)
    octets = ("application/octet-stream",)
    frames = viewer.retrieve_instance_frames(*place(packed), frame_numbers=[1, 2], media_types=octets)
    assert b"".join(frames) == plain.PixelData[: len(b"".join(frames))]
    (frame,) = viewer.retrieve_instance_frames(*place(packed), frame_numbers=[1], media_types=("image/dicom-rle",))
    assert frame in packed.PixelData


def test_studies_and_series_can_be_iterated(viewer, objects):
    images, packed, _ = objects
    assert len(list(viewer.iter_study(packed.StudyInstanceUID))) == 3
    assert [to_bytes(each) for each in viewer.iter_series(*place(images[0])[:2])] == [to_bytes(each) for each in images]
    assert len(list(viewer.iter_instance_frames(*place(packed), frame_numbers=[2, 1]))) == 2


def test_metadata_come_at_every_level(viewer, objects):
    study, series, instance = place(objects[0][0])
    assert len(viewer.retrieve_study_metadata(study)) == 3
    assert len(viewer.retrieve_series_metadata(study, series)) == 2
    assert viewer.retrieve_instance_metadata(study, series, instance)["00080018"]["Value"] == [instance]


def test_bulk_data_come_whole(viewer, objects):
    image = objects[0][0]
    address = viewer.retrieve_instance_metadata(*place(image))["7FE00010"]["BulkDataURI"]
    assert viewer.retrieve_bulkdata(address) == [image.PixelData]
    assert list(viewer.iter_bulkdata(address)) == [image.PixelData]


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png"])
def test_pictures_can_be_drawn(viewer, objects, media_type):
    for data_set in (objects[0][0], objects[1]):
        whole = viewer.retrieve_instance_rendered(
            *place(data_set), media_types=(media_type,), params={"viewport": "64,64"}
        )
        one = viewer.retrieve_instance_frames_rendered(*place(data_set), frame_numbers=[1], media_types=(media_type,))
        assert all(Image.open(io.BytesIO(found)).width >= 32 for found in (whole, one))


def test_nothing_can_be_deleted(viewer, objects):
    with pytest.raises(requests.HTTPError, match="405"):
        viewer.delete_instance(*place(objects[0][0]))
