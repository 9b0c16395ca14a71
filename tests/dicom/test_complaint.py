"""A complaint says what was wrong, and never whose object it was."""

from copy import deepcopy

import pytest
from pydicom import Dataset

from overlays.dicom.complaint import complaint
from tests.dicom import small


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    image = deepcopy(small.images()[0])
    image.PatientName = "O'Brien^Pat Lee"
    image.PatientID = "4711-X"
    image.AccessionNumber = "ACC.9"
    image.ReferringPhysicianName = "Quint^Ida"
    other = Dataset()
    other.PatientID = "OLD/33"
    image.OtherPatientIDsSequence = [other]
    observer = Dataset()
    observer.PersonName = "Deeply^Hidden"
    image.ContentSequence = [observer]
    return small.save(image, tmp_path_factory.mktemp("complaint") / "image.dcm")


@pytest.mark.parametrize(
    "message",
    [
        "can't parse 'O'Brien^Pat Lee'",
        "no name: O'Brien^Pat Lee",
        "no name: BRIEN, pat",
        "patient 4711-X has no series",
        "born on 19580312",
        "accession ACC.9 is odd",
        "asked by Quint",
        "also known as OLD/33",
        "verified by Hidden",
        "it isn't 'anything that is quoted'",
        "it isn't b'bytes that are quoted'",
        'said "anything that is quoted"',
    ],
)
def test_what_tells_the_patient_is_left_out(path, message):
    said = complaint(ValueError(message), path).casefold()

    known = ("brien", "pat ", "lee", "4711", "19580312", "acc.9", "quint", "old/33", "hidden", "quoted")
    assert [word for word in known if word in said] == []


@pytest.mark.parametrize("kept", ["'SegmentSequence'", "'1.2.840.10008.1.2.1'", "0.5 is out of range"])
def test_what_tells_the_fault_stays(path, kept):
    assert kept in complaint(ValueError(f"wrong: {kept}"), path)


def test_the_type_of_the_exception_stands_first(path):
    assert complaint(KeyError("x"), path).startswith("KeyError: ")


def test_a_complaint_is_cut(path):
    assert len(complaint(ValueError("x" * 900), path)) == 300


@pytest.mark.parametrize("data", [b"", b"no DICOM at all", bytes(128) + b"DICM"], ids=["empty", "text", "no header"])
def test_without_a_readable_header_only_the_type_is_told(tmp_path, data):
    path = tmp_path / "unreadable.dcm"
    path.write_bytes(data)

    assert complaint(ValueError("Doe^Jane"), path) == "ValueError"


def test_for_a_file_that_is_not_there_only_the_type_is_told(tmp_path):
    assert complaint(FileNotFoundError("Doe^Jane.dcm"), tmp_path / "none") == "FileNotFoundError"
