"""Tests reading pieces of a mapped file."""

from mmap import ACCESS_READ, mmap
from pathlib import Path

from overlays.dicom import read_in_place
from overlays.dicom.read_in_place import Released

CONTENT = bytes(range(256)) * 1024


def test_pieces_count_from_the_beginning_of_the_value() -> None:
    with Released(CONTENT, 10) as source:
        assert source.read(3, 4) == CONTENT[13:17]


def test_what_was_given_back_can_be_read_again(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(read_in_place, "MOST_RESIDENT", 1)
    path = tmp_path / "bytes"
    path.write_bytes(CONTENT)
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data, Released(data, 5000) as source:
        pieces = [source.read(start, 1000) for start in (0, 9000, 0)]
    assert pieces == [CONTENT[5000:6000], CONTENT[14000:15000], CONTENT[5000:6000]]
