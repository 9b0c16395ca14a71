"""Holds the elements of a data set as a table of where they stand, without their values."""

from array import array
from collections.abc import Iterator
from mmap import mmap

import numpy as np

from overlays.dicom.faults import Fault
from overlays.dicom.tags import ITEM, named, plain, tag_of

PIECE = 1 << 16


class Place:
    """Where a row stands; its path is worked out only when it is told, for among many items that takes long."""

    __slots__ = ("keyword", "row", "scan")

    def __init__(self, scan: "Scan", row: int, keyword: str = "") -> None:
        self.scan = scan
        self.row = row
        self.keyword = keyword
        """Of an attribute that is absent from the data set at ``row``."""

    def __str__(self) -> str:
        here = self.scan.path(self.row) if self.row else ""
        if not self.keyword:
            return here
        return f"{here}.{named(tag_of(self.keyword))}" if here else named(tag_of(self.keyword))


class Scan:
    """All elements and items of one data set, one row each, in the order of the bytes.

    Row 0 is the data set itself. The columns are the tag, the representation's code (0 for an item), offset and length of the
    value in bytes, and the row behind the last row inside it, so that ``ends[row]`` is the next sibling. One row costs 26 bytes, which
    is what keeps an object of millions of elements cheap.
    """

    __slots__ = ("data", "ends", "faults", "fragments", "lengths", "offsets", "tags", "vrs")

    def __init__(self, data: mmap | bytes) -> None:
        self.data = data
        self.tags = array("I")
        self.vrs = array("H")
        self.offsets = array("Q")
        self.lengths = array("Q")
        self.ends = array("I")
        self.faults: list[Fault] = []
        self.fragments: dict[int, array] = {}
        """Row of an encapsulated value to offset, length of each of its items in turn; the first is the Basic Offset Table."""

    def children(self, row: int) -> Iterator[int]:
        """The rows directly inside ``row``."""
        ends = self.ends
        child, end = row + 1, ends[row]
        while child < end:
            yield child
            child = ends[child]

    def rows_of(self, *representations: int) -> Iterator[int]:
        """The rows of these value representations, found a piece of the table at a time."""
        wanted = np.array(representations, dtype=np.uint16)
        for start in range(0, len(self.vrs), PIECE):
            piece = np.array(self.vrs[start : start + PIECE], dtype=np.uint16)
            for row in np.flatnonzero(np.isin(piece, wanted)).tolist():
                yield start + row

    def value(self, row: int) -> bytes:
        """The bytes of a value."""
        offset = self.offsets[row]
        return self.data[offset : offset + self.lengths[row]]

    def place(self, row: int) -> Place:
        """The place of a row, as breaches of rules name it."""
        return Place(self, row)

    def path(self, row: int) -> str:
        """The path of a row from the top, as findings write it. Open rows (``ends`` 0) reach to the end."""
        parts: list[str] = []
        at = 0
        while at != row:
            number = 0
            for child in self.children_so_far(at):
                number += 1
                if child <= row and (not self.ends[child] or row < self.ends[child]):
                    break
            at = child
            if self.tags[at] == ITEM:
                parts[-1] += f"[{number}]"
            else:
                parts.append(named(self.tags[at]) if at == row else plain(self.tags[at]))
        return ".".join(parts)

    def children_so_far(self, row: int) -> Iterator[int]:
        """The rows right below a row, as far as the walk has come: what is still open ends where the table does."""
        child, end = row + 1, self.ends[row] or len(self.tags)
        while child < end:
            yield child
            child = self.ends[child] or end
