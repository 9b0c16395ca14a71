"""Gives the voxels of one segment on one slice of a stored segmentation, as packed bits, one frame in memory at a time."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path

import numpy as np

from overlays.dicom.bounds import Bounds
from overlays.dicom.compare.figures import NotComparable
from overlays.dicom.compare.grid import Geometry, read_geometry
from overlays.dicom.compare.match import Described, described
from overlays.dicom.frames import FrameBroken, frame_fragments, read_frame, unpack_bits
from overlays.dicom.functional_groups import FunctionalGroups
from overlays.dicom.instance import PixelLayout
from overlays.dicom.pictures_pixels import NoPicture, layout_of
from overlays.dicom.stored import open_stored

FRACTIONAL_THRESHOLD = 0.5
"""The share of Maximum Fractional Value (0062,000E) from which a voxel belongs to its segment: at least as likely as not."""
KEPT_BYTES = 64 << 20
"""Of decoded frames, compressed again, that are kept so that a frame need not be decoded once a segment."""
KINDS = ("BINARY", "FRACTIONAL", "LABELMAP")

Decode = Callable[[bytes], np.ndarray]
"""Turns the stored bytes of one compressed frame into its values, shape (rows, columns)."""
Decoder = Callable[[Path], Decode]
"""Gives that for the object at a path."""


class Side:
    """One of the two objects, open. ``segments`` are those it describes, ``geometry`` is where its frames lie."""

    def __init__(
        self,
        *,
        data: mmap,
        layout: PixelLayout,
        kind: str,
        maximum: int,
        segments: tuple[Described, ...],
        frame_segments: Sequence[int | None],
        geometry: Geometry,
        decode: Decode | None,
    ) -> None:
        self.kind = kind
        self.segments = segments
        self.geometry = geometry
        self._numbers = {each.number for each in segments}
        self._data = data
        self._layout = layout
        self._threshold = maximum * FRACTIONAL_THRESHOLD
        self._frame_segments = frame_segments
        self._decode = decode
        self._fragments = frame_fragments(data, layout) if layout.encapsulated else ()
        self._kept: dict[int, bytes] = {}
        self._kept_bytes = 0
        self._last: tuple[int, np.ndarray] | None = None
        self._frames: dict[int, dict[int | None, list[int]]] = {}

    def lay_out(self, planes: Sequence[int]) -> None:
        """Learn the slice of each frame, in the order of the frames."""
        for number, (plane, segment) in enumerate(zip(planes, self._frame_segments, strict=True), start=1):
            self._frames.setdefault(plane, {}).setdefault(segment, []).append(number)

    @property
    def planes(self) -> set[int]:
        """The slices that have frames."""
        return set(self._frames)

    def present(self, plane: int) -> list[int]:
        """The segments that may have voxels on a slice; those of a label map do."""
        frames = self._frames.get(plane, {})
        found = {segment for segment in frames if segment is not None}
        for number in frames.get(None, ()):
            found.update(np.unique(self._values(number)).tolist())
        return sorted(found & self._numbers)

    def mask(self, plane: int, segment: int) -> np.ndarray | None:
        """The voxels of a segment on a slice: packed bits, the first pixel in the lowest bit, padded with zeros; None without any.

        Raises FrameBroken and what decoding raises.
        """
        found = None
        frames = self._frames.get(plane, {})
        for number in (*frames.get(segment, ()), *frames.get(None, ())):
            packed = self._packed(number, segment)
            found = packed if found is None else found | packed
        return found if found is not None and found.any() else None

    def _packed(self, number: int, segment: int) -> np.ndarray:
        layout = self._layout
        if layout.bits_allocated == 1 and not layout.encapsulated and self.kind == "BINARY":
            return np.frombuffer(read_frame(self._data, layout, number), np.uint8)
        values = self._values(number)
        match self.kind:
            case "LABELMAP":
                inside = values == segment
            case "FRACTIONAL":
                inside = (values >= self._threshold) & (values > 0)
            case _:
                inside = values != 0
        return np.packbits(inside.ravel(), bitorder="little")

    def _values(self, number: int) -> np.ndarray:
        if self._last is not None and self._last[0] == number:
            return self._last[1]
        layout = self._layout
        if layout.encapsulated:
            values = self._decoded(number)
        elif layout.bits_allocated == 1:
            values = unpack_bits(read_frame(self._data, layout, number), layout.rows, layout.columns)
        else:
            values = np.frombuffer(read_frame(self._data, layout, number), f"<u{layout.bits_allocated // 8}")
        self._last = number, values
        return values

    def _decoded(self, number: int) -> np.ndarray:
        kind = np.uint8 if self._layout.bits_allocated == 1 else np.dtype(f"<u{self._layout.bits_allocated // 8}")
        kept = self._kept.get(number)
        if kept is not None:
            return np.frombuffer(zlib.decompress(kept), kind)
        stored = b"".join(self._data[offset : offset + length] for offset, length in self._fragments[number - 1])
        values = self._decode(stored)
        if values.shape != (self._layout.rows, self._layout.columns):
            raise FrameBroken(
                f"Frame {number} does not decode to {self._layout.rows} by {self._layout.columns} pixels."
            )
        values = values.astype(kind, copy=False)
        again = zlib.compress(values.tobytes(), 1)
        if self._kept_bytes + len(again) <= KEPT_BYTES:
            self._kept[number] = again
            self._kept_bytes += len(again)
        return values


@contextmanager
def open_side(
    path: Path, *, name: str, decoder: Decoder | None, bounds: Bounds, scratch: Path | None
) -> Iterator[Side]:
    """The segmentation at ``path``; ``name`` says in a refusal which of the two it is.

    Raises NotComparable, FrameBroken, and Unreadable as ``open_stored`` does.
    """
    with open_stored(path, bounds=bounds, scratch=scratch) as stored:
        root = stored.root
        kind = root.text("SegmentationType")
        if kind not in KINDS:
            raise NotComparable(f"The {name} object is no segmentation: (0062,0001) SegmentationType is {kind[:16]!r}.")
        try:
            layout = layout_of(root, transfer_syntax_uid=stored.transfer_syntax_uid, bounds=bounds)
        except NoPicture as refused:
            raise NotComparable(f"The {name} object cannot be compared: {refused}") from None
        if layout.samples_per_pixel != 1 or layout.floating:
            raise NotComparable(f"The {name} object has pixels that are no whole numbers of one sample.")
        if layout.encapsulated and decoder is None:
            raise NotComparable(f"The {name} object is compressed, and there is no decoder for it.")
        groups = FunctionalGroups(root)
        yield Side(
            data=stored.data,
            layout=layout,
            kind=kind,
            maximum=root.integer("MaximumFractionalValue") or 255,
            segments=described(root),
            frame_segments=[None if kind == "LABELMAP" else groups.segment(frame) or 0 for frame in groups.per_frame],
            geometry=read_geometry(
                root, groups, rows=layout.rows, columns=layout.columns, frames=layout.frames, name=name
            ),
            decode=decoder(path) if layout.encapsulated else None,
        )


def unpacked(packed: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """A mask of packed bits as truth values of shape (rows, columns)."""
    return np.unpackbits(packed, count=rows * columns, bitorder="little").reshape(rows, columns).view(bool)


def count(packed: np.ndarray) -> int:
    """How many bits are set, eight bytes at a time."""
    whole = len(packed) // 8 * 8
    words = int(np.bitwise_count(packed[:whole].view(np.uint64)).sum())
    return words + int(np.bitwise_count(packed[whole:]).sum())
