"""Makes the objects that are posted, many of them quickly: copies that differ in their UIDs alone."""

import mmap
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

from tests.builders.files import to_bytes
from tests.builders.images import ct_series
from tests.builders.segmentations import segmentation
from tests.builders.uids import uid

MODEL = {"name": "LiverSeg", "version": "2.1.0", "manufacturer": "ACME AI"}


class Prototype:
    """A segmentation of which copies are made by writing other UIDs of the same length into its bytes."""

    def __init__(self, name: str, *, slices: int, edge: int) -> None:
        self.sources = [to_bytes(image) for image in ct_series(uid_seed=name, slices=slices, rows=edge, columns=edge)]
        images = ct_series(uid_seed=name, slices=slices, rows=edge, columns=edge)
        made = segmentation(sources=images, uid_seed=f"{name} result", segments=("Liver",))
        self.study = str(made.StudyInstanceUID)
        self._name, self._data = name, to_bytes(made)
        self._instance, self._series = str(made.SOPInstanceUID).encode(), str(made.SeriesInstanceUID).encode()

    @property
    def size(self) -> int:
        """Bytes of each copy."""
        return len(self._data)

    def copies(self, number: int) -> Iterator[bytes]:
        """Instances in series of their own."""
        for _ in range(number):
            run = uuid4().hex
            data = self._data.replace(self._instance, _as_long(self._instance, run, "instance"))
            yield data.replace(self._series, _as_long(self._series, run, "series"))


def study_of_ten(name: str = "ten") -> tuple[str, list[bytes], list[tuple[str, bytes]]]:
    """A small study: its UID, its images, and ten overlays of one version each with their SOP Instance UIDs."""
    images = ct_series(uid_seed=name)
    made = [
        segmentation(sources=images, uid_seed=f"{name} {number}", content_label=f"RESULT_{number}")
        for number in range(10)
    ]
    return (
        str(images[0].StudyInstanceUID),
        list(map(to_bytes, images)),
        [(str(m.SOPInstanceUID), to_bytes(m)) for m in made],
    )


def give_new_uids(path: Path, instance: str, series: str) -> tuple[str, str]:
    """Write new UIDs of the same length into a file of any size; they are returned."""
    run = uuid4().hex
    changed = [(each, _as_long(each.encode(), run, each).decode()) for each in (instance, series)]
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        for old, new in changed:
            at = data.find(old.encode())
            while at >= 0:
                data[at : at + len(old)] = new.encode()
                at = data.find(old.encode(), at + len(new))
    return changed[0][1], changed[1][1]


def _as_long(pattern: bytes, *words: str) -> bytes:
    """A UID with as many characters as the pattern."""
    return next(made for n in count() if len(made := uid(*words, n).encode()) == len(pattern))


def stow_body(data: bytes, boundary: bytes) -> bytes:
    """One instance as the body of a STOW-RS request."""
    before, after = stow_frame(boundary)
    return before + data + after


def stow_frame(boundary: bytes) -> tuple[bytes, bytes]:
    """What stands in such a body before and after the instance."""
    return b"--" + boundary + b"\r\nContent-Type: application/dicom\r\n\r\n", b"\r\n--" + boundary + b"--\r\n"
