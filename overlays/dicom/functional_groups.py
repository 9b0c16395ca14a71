"""Collects what the shared and per-frame functional groups of a multi-frame object say (PS3.3 C.7.6.16), one row a frame."""

from dataclasses import dataclass, field

from overlays.dicom.dataset import DataSet, numbers_of
from overlays.dicom.element_table import Scan
from overlays.dicom.tags import tag_of

Numbers = tuple[float, ...]

MAX_VALUE_BYTES = 512
"""Of one value in a frame: no position, orientation or index comes near it."""
MAX_FRAME_NUMBERS = 1_000_000
"""Of sources, taken from one object in all."""

_FRAME_CONTENT = tag_of("FrameContentSequence")
_INDEX_VALUES = tag_of("DimensionIndexValues")
_SEGMENT_IDENTIFICATION = tag_of("SegmentIdentificationSequence")
_SEGMENT_NUMBER = tag_of("ReferencedSegmentNumber")
_POSITION = tag_of("PlanePositionSequence")
_POSITION_PATIENT = tag_of("ImagePositionPatient")
_POSITION_SLIDE = tag_of("PlanePositionSlideSequence")
_ORIENTATION = tag_of("PlaneOrientationSequence")
_ORIENTATION_PATIENT = tag_of("ImageOrientationPatient")
_MEASURES = tag_of("PixelMeasuresSequence")
_DERIVATION = tag_of("DerivationImageSequence")
_SOURCE_IMAGE = tag_of("SourceImageSequence")
_SOP_INSTANCE = tag_of("ReferencedSOPInstanceUID")
_SOP_CLASS = tag_of("ReferencedSOPClassUID")
_FRAME_NUMBER = tag_of("ReferencedFrameNumber")
_DERIVATION_CODE = tag_of("DerivationCodeSequence")
_PURPOSE = tag_of("PurposeOfReferenceCodeSequence")
_SLIDE_OFFSETS = tuple(
    tag_of(word)
    for word in (
        "XOffsetInSlideCoordinateSystem",
        "YOffsetInSlideCoordinateSystem",
        "ZOffsetInSlideCoordinateSystem",
        "ColumnPositionInTotalImagePixelMatrix",
        "RowPositionInTotalImagePixelMatrix",
    )
)


@dataclass(slots=True)
class Measures:
    """One Pixel Measures item: millimetres; None where the value is no number, empty where it is absent."""

    row: int
    spacing: Numbers | None
    thickness: Numbers | None
    between: Numbers | None


@dataclass(slots=True)
class Source:
    """One source instance that Derivation Image names, over all frames."""

    row: int
    sop_class_uid: str
    frame_numbers: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Groups:
    """What one functional groups item says; absent groups are None."""

    row: int
    content: bool = False
    index_values: tuple[int, ...] | None = None
    index_row: int = 0
    segment: int | None = None
    has_segment: bool = False
    position: Numbers | None = None
    has_position: bool = False
    orientation: Numbers | None = None
    has_orientation: bool = False
    measures: Measures | None = None
    sources: int = 0
    bare_derivations: int = 0
    """Derivation Image items without derivation code, or sources of them without purpose."""
    source_uids: tuple[str, ...] = ()
    """The instances that Derivation Image names, once each."""


class FunctionalGroups:
    """The groups of all frames. ``per_frame`` has one entry an item of Per-frame Functional Groups Sequence."""

    def __init__(self, root: DataSet) -> None:
        self.sources: dict[str, Source] = {}
        self._frame_numbers_left = MAX_FRAME_NUMBERS
        self._uids: dict[bytes, str] = {}
        self._named: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._numbers: dict[bytes, Numbers | None] = {}
        self._indices: dict[bytes, tuple[int, ...]] = {}
        scan = root.scan
        shared = root.row_of("SharedFunctionalGroupsSequence")
        self.shared_items = root.count("SharedFunctionalGroupsSequence")
        self.shared = Groups(row=0)
        if self.shared_items:
            self.shared = self._read(scan, next(scan.children(shared or 0)))
        frames = root.row_of("PerFrameFunctionalGroupsSequence")
        self.per_frame = [] if frames is None else [self._read(scan, row) for row in scan.children(frames)]

    def segment(self, frame: Groups) -> int | None:
        """The segment of a frame, named by itself or for all frames."""
        return frame.segment if frame.has_segment else self.shared.segment

    def has_segment(self, frame: Groups) -> bool:
        """Whether anything names the segment of a frame."""
        return frame.has_segment or self.shared.has_segment

    def position(self, frame: Groups) -> Numbers | None:
        """The position of a frame in millimetres (or on the slide)."""
        return frame.position if frame.has_position else self.shared.position

    def orientation(self, frame: Groups) -> Numbers | None:
        """The six direction cosines of a frame."""
        return frame.orientation if frame.has_orientation else self.shared.orientation

    def measures(self, frame: Groups) -> Measures | None:
        """The Pixel Measures of a frame."""
        return frame.measures or self.shared.measures

    def any_sources(self) -> bool:
        """Whether Derivation Image names any source."""
        return bool(self.sources)

    def _read(self, scan: Scan, row: int) -> Groups:
        groups = Groups(row=row)
        tags, ends, vrs = scan.tags, scan.ends, scan.vrs
        group, end = row + 1, ends[row]
        while group < end:
            tag, after = tags[group], ends[group]
            item = group + 1
            if item < after:
                stop = ends[item]
                if tag == _FRAME_CONTENT:
                    groups.content = True
                    leaf = item + 1
                    while leaf < stop:
                        if tags[leaf] == _INDEX_VALUES:
                            groups.index_values, groups.index_row = self._index(scan.value(leaf)), leaf
                        leaf = ends[leaf]
                elif tag == _SEGMENT_IDENTIFICATION:
                    groups.has_segment = True
                    leaf = item + 1
                    while leaf < stop:
                        if tags[leaf] == _SEGMENT_NUMBER:
                            numbers = self._cached(scan.value(leaf), vrs[leaf])
                            groups.segment = int(numbers[0]) if numbers else None
                        leaf = ends[leaf]
                elif tag == _DERIVATION:
                    self._derivation(scan, group, groups)
                else:
                    self._geometry(scan, tag, item, groups)
            group = after
        return groups

    def _geometry(self, scan: Scan, tag: int, item: int, groups: Groups) -> None:
        if tag == _POSITION:
            groups.has_position = True
            groups.position = self._leaf(scan, item, _POSITION_PATIENT)
        elif tag == _ORIENTATION:
            groups.has_orientation = True
            groups.orientation = self._leaf(scan, item, _ORIENTATION_PATIENT)
        elif tag == _POSITION_SLIDE:
            groups.has_position = True
            leaves = {scan.tags[leaf]: leaf for leaf in scan.children(item)}
            parts = [self._cached(scan.value(leaves[t]), scan.vrs[leaves[t]]) for t in _SLIDE_OFFSETS if t in leaves]
            groups.position = tuple(number for part in parts for number in (part or (float("nan"),)))
        elif tag == _MEASURES:
            data_set = DataSet(scan, item)
            groups.measures = Measures(
                item,
                data_set.numbers("PixelSpacing"),
                data_set.numbers("SliceThickness"),
                data_set.numbers("SpacingBetweenSlices"),
            )

    def _derivation(self, scan: Scan, sequence: int, groups: Groups) -> None:
        tags, named = scan.tags, {}
        for item in scan.children(sequence):
            coded = False
            for leaf in scan.children(item):
                if tags[leaf] == _DERIVATION_CODE:
                    coded = True
                elif tags[leaf] == _SOURCE_IMAGE:
                    for source in scan.children(leaf):
                        groups.sources += 1
                        uid, purpose = self._source(scan, source)
                        groups.bare_derivations += not purpose
                        named[uid] = None
            groups.bare_derivations += not coded
        uids = tuple(named)
        groups.source_uids = self._named.setdefault(uids, uids)

    def _source(self, scan: Scan, item: int) -> tuple[str, bool]:
        """Remember one source; its UID, and whether it states the purpose of the reference."""
        tags, ends = scan.tags, scan.ends
        instance, sop_class, frames, purpose = "", "", (), False
        leaf, end = item + 1, ends[item]
        while leaf < end:
            tag = tags[leaf]
            if tag == _SOP_INSTANCE:
                instance = self._uid(scan.value(leaf))
            elif tag == _SOP_CLASS:
                sop_class = self._uid(scan.value(leaf))
            elif tag == _FRAME_NUMBER:
                frames = frame_numbers(scan.value(leaf), self._frame_numbers_left)
            elif tag == _PURPOSE:
                purpose = True
            leaf = ends[leaf]
        known = self.sources.get(instance)
        if known is None:
            known = self.sources[instance] = Source(item, sop_class)
        if frames:
            known.frame_numbers.update(frames)
            self._frame_numbers_left -= len(frames)
        return instance, purpose

    def _leaf(self, scan: Scan, item: int, wanted: int) -> Numbers | None:
        for leaf in scan.children(item):
            if scan.tags[leaf] == wanted:
                return self._cached(scan.value(leaf), scan.vrs[leaf])
        return None

    def _cached(self, value: bytes, representation: int) -> Numbers | None:
        if len(value) > MAX_VALUE_BYTES:
            return None
        found = self._numbers.get(value, False)
        if found is False:
            found = self._numbers[value] = numbers_of(value, representation)
        return found  # type: ignore[return-value]

    def _index(self, value: bytes) -> tuple[int, ...]:
        value = value[:MAX_VALUE_BYTES]
        found = self._indices.get(value)
        if found is None:
            # The value is an array of UL (PS3.6).
            found = self._indices[value] = tuple(
                int.from_bytes(value[at : at + 4], "little") for at in range(0, len(value) - len(value) % 4, 4)
            )
        return found

    def _uid(self, value: bytes) -> str:
        found = self._uids.get(value)
        if found is None:
            found = self._uids[value] = value.rstrip(b"\x00 ").decode("ascii", "replace")
        return found


def frame_numbers(value: bytes, most: int) -> tuple[int, ...]:
    """The whole numbers in a value of VR IS, at most ``most``; none when it holds anything else."""
    try:
        numbers = tuple(int(part) for part in value.strip(b" \x00").split(b"\\", most)[:most] if part)
    except ValueError:
        return ()
    return tuple(number for number in numbers if abs(number) < 1 << 31)
