"""Tests the bounded inflation of deflated data sets."""

import zlib
from mmap import ACCESS_READ, mmap
from pathlib import Path

import pytest

from overlays.dicom.faults import FaultKind, Unreadable
from overlays.dicom.inflate import inflated


def packed(content: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return engine.compress(content) + engine.flush()


def read(content: bytes, folder: Path, *, limit: int = 1 << 24) -> bytes:
    path = folder / "packed"
    path.write_bytes(b"head" + content)
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:  # noqa: SIM117 - the inner one may raise
        with inflated(data, 4, limit=limit, scratch=folder) as whole:
            return bytes(whole)


@pytest.mark.parametrize("size", [1, 1000, 5_000_000])
def test_the_whole_stream_is_inflated(size: int, tmp_path: Path) -> None:
    content = bytes(number % 251 for number in range(1000)) * (size // 1000) or b"x"
    assert read(packed(content), tmp_path) == content


def test_one_pad_byte_may_follow(tmp_path: Path) -> None:
    assert read(packed(b"abc") + b"\x00", tmp_path) == b"abc"


def test_a_size_at_the_limit_is_inflated(tmp_path: Path) -> None:
    assert len(read(packed(bytes(1 << 20)), tmp_path, limit=1 << 20)) == 1 << 20


@pytest.mark.parametrize(
    ("content", "limit", "kind"),
    [
        (packed(bytes((1 << 20) + 1)), 1 << 20, FaultKind.INFLATED_SIZE),
        (packed(b"abc" * 1000)[:-4], 1 << 20, FaultKind.DEFLATE),
        (b"\xff" * 100, 1 << 20, FaultKind.DEFLATE),
        (b"", 1 << 20, FaultKind.DEFLATE),
        (packed(b""), 1 << 20, FaultKind.DEFLATE),
        (packed(b"abc") + b"\x00\x00", 1 << 20, FaultKind.TRAILING),
        (packed(b"abc") + b"x", 1 << 20, FaultKind.TRAILING),
    ],
)
def test_a_stream_that_is_too_large_broken_or_followed_is_refused(
    content: bytes, limit: int, kind: FaultKind, tmp_path: Path
) -> None:
    with pytest.raises(Unreadable) as caught:
        read(content, tmp_path, limit=limit)
    assert caught.value.fault.kind is kind


def test_nothing_is_left_in_the_scratch_folder(tmp_path: Path) -> None:
    read(packed(b"abc"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["packed"]
