"""Who made an object, when and from what is written the same way for every family."""

from dataclasses import replace
from datetime import datetime

import pytest
from pydicom import Dataset

from overlays.dicom.encode.provenance import Identity, stamp
from tests.builders.uids import uid
from tests.dicom.encode.wishes import IDENTITY, PREDECESSOR, document, sources, work


def stamped(built: Dataset | None = None, images=(), predecessor=None, **model: str) -> Dataset:
    found = built if built is not None else Dataset()
    description = document()
    description["model"] |= model
    stamp(found, work(description).description, IDENTITY, sources=images or sources(), predecessor=predecessor)
    return found


def equipment(built: Dataset) -> list[tuple[str, str]]:
    items = built.ContributingEquipmentSequence
    return [(item.PurposeOfReferenceCodeSequence[0].CodeValue, item.ManufacturerModelName) for item in items]


def test_the_model_comes_first_and_the_encoder_last() -> None:
    assert equipment(stamped()) == [("109102", "LiverSeg"), ("109102", "overlay-registry")]


def test_a_new_version_names_the_model_as_what_modified() -> None:
    assert equipment(stamped(predecessor=PREDECESSOR))[1] == ("109103", "LiverSeg")


def test_the_device_is_named_at_the_object_and_at_its_contribution() -> None:
    built = stamped(device_uid=uid("device"), udi="(01)0123", serial_number="SN")
    for place in (built, built.ContributingEquipmentSequence[0]):
        assert place.DeviceUID == uid("device")
        assert place.UDISequence[0].UniqueDeviceIdentifier == "(01)0123"
    assert built.ContributingEquipmentSequence[0].DeviceSerialNumber == "SN"


def test_a_predecessor_stands_in_both_sequences() -> None:
    built = stamped(predecessor=PREDECESSOR)
    series = built.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0]
    assert built.PredecessorDocumentsSequence[0].StudyInstanceUID == PREDECESSOR.study_instance_uid
    assert series.SeriesInstanceUID == PREDECESSOR.series_instance_uid
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == PREDECESSOR.sop_instance_uid
    assert built.SourceInstanceSequence[0].ReferencedSOPInstanceUID == PREDECESSOR.sop_instance_uid


@pytest.mark.parametrize("lossy", [True, False])
def test_an_image_is_lossy_when_a_source_is(lossy: bool) -> None:
    images = sources()
    if lossy:
        images[3].LossyImageCompression, images[3].LossyImageCompressionRatio = "01", "12.5"
        images[3].LossyImageCompressionMethod = "ISO_10918_1"
    built = Dataset()
    built.Rows = 1
    built = stamped(built, images)
    assert built.LossyImageCompression == ("01" if lossy else "00")
    assert built.get("LossyImageCompressionRatio") == (12.5 if lossy else None)
    assert built.get("LossyImageCompressionMethod") == ("ISO_10918_1" if lossy else None)


def test_times_are_the_caller_s() -> None:
    built = stamped()
    assert (str(built.InstanceCreationDate), str(built.InstanceCreationTime)) == ("20260103", "123045")
    assert built.ContributingEquipmentSequence[-1].ContributionDateTime == datetime(2026, 1, 3, 12, 30, 45)


def test_further_uids_follow_from_the_instance_and_the_words() -> None:
    other = replace(IDENTITY, sop_instance_uid=uid("other"))
    assert IDENTITY.uid("a") == IDENTITY.uid("a") != IDENTITY.uid("b") != other.uid("b")
    assert len(IDENTITY.uid("a")) <= 64


def test_an_identity_is_said_by_name() -> None:
    with pytest.raises(TypeError):
        Identity("1.2")
