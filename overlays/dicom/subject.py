"""Holds one object while its rules are asked: the bytes' faults, the scanned data set and what is derived from it once."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from overlays.dicom.bounds import Bounds
from overlays.dicom.content_tree import ContentItem, content_items
from overlays.dicom.dataset import DataSet
from overlays.dicom.faults import Fault
from overlays.dicom.float_pixels import FloatSurvey, survey_floats
from overlays.dicom.functional_groups import FunctionalGroups
from overlays.dicom.instance import Family, PixelLayout
from overlays.dicom.packed_bits import overlaps, pixel_counts
from overlays.dicom.part10 import FileMeta
from overlays.dicom.pixel_values import empty_frames, values_present
from overlays.dicom.read_pixels import FLOATING, read_layout
from overlays.dicom.read_references import LISTS, Listed
from overlays.dicom.same_place import frames_at_one_place
from overlays.dicom.sop_classes import SOP_CLASSES, SOPClass
from overlays.dicom.stack import Stack, stack_of
from overlays.dicom.structure import Structure
from overlays.dicom.transfer_syntaxes import DEFLATED_LE


@dataclass(kw_only=True)
class Subject:
    """What rules look at. ``root`` is None when the data set could not be scanned to its end; then only rules about bytes are asked."""

    bounds: Bounds
    faults: list[Fault] = field(default_factory=list)
    meta: FileMeta | None = None
    root: DataSet | None = None

    @property
    def data_set(self) -> DataSet:
        """The data set, for the rules that are asked only when there is one."""
        if self.root is None:
            raise ValueError("the data set was not read")
        return self.root

    @cached_property
    def sop_class(self) -> SOPClass | None:
        """The row of the table, None for a class that is not taken in."""
        uid = self.root.text("SOPClassUID") if self.root is not None else (self.meta.sop_class_uid if self.meta else "")
        return SOP_CLASSES.get(uid)

    @property
    def family(self) -> Family | None:
        """The family of the SOP class."""
        return self.sop_class.family if self.sop_class else None

    @property
    def transfer_syntax(self) -> str:
        """The Transfer Syntax UID of the meta information."""
        return self.meta.transfer_syntax_uid if self.meta else ""

    @property
    def deflated(self) -> bool:
        """Whether offsets count in the inflated data set."""
        return self.transfer_syntax == DEFLATED_LE

    @cached_property
    def groups(self) -> FunctionalGroups:
        """The functional groups; empty ones for other objects."""
        return FunctionalGroups(self.data_set)

    @cached_property
    def content(self) -> list[ContentItem]:
        """The content tree of a report or key object selection; empty for other objects."""
        documents = (Family.STRUCTURED_REPORT, Family.KEY_OBJECTS)
        return content_items(self.data_set) if self.family in documents else []

    @cached_property
    def listed(self) -> tuple[Listed, ...]:
        """The instances that the object lists as its sources or evidence, with series and study."""
        return tuple(LISTS[self.family](self.data_set)) if self.family else ()

    @cached_property
    def layout(self) -> PixelLayout | None:
        """Where the pixel data lies."""
        return read_layout(self.data_set, deflated=self.deflated)

    @cached_property
    def segmentation_type(self) -> str:
        """BINARY, FRACTIONAL, LABELMAP, or whatever else the object says."""
        return self.data_set.text("SegmentationType")

    @cached_property
    def tiled_full(self) -> bool:
        """Whether the frames' positions follow from their order alone (PS3.3 C.7.6.17.3)."""
        return self.data_set.text("DimensionOrganizationType") == "TILED_FULL"

    @cached_property
    def segment_numbers(self) -> list[int]:
        """The numbers of Segment Sequence as written."""
        numbers = (item.integer("SegmentNumber") for item in self.data_set.each("SegmentSequence"))
        return [number for number in numbers if number is not None]

    @cached_property
    def pixel_values(self) -> frozenset[int] | None:
        """The values that occur in native 8 or 16 bit pixel data; None where they cannot be had cheaply."""
        return values_present(self.data_set.scan.data, self.layout) if self.layout else None

    @cached_property
    def pixel_counts(self) -> np.ndarray | None:
        """How many pixels each frame of a native binary segmentation sets; None where they cannot be had without decoding."""
        return pixel_counts(self.data_set.scan.data, self.layout) if self.layout else None

    @cached_property
    def empty_frames(self) -> np.ndarray | None:
        """Which frames set no pixel, ``bool``; None where that cannot be had without decoding."""
        if self.pixel_counts is not None:
            return self.pixel_counts == 0
        return empty_frames(self.data_set.scan.data, self.layout) if self.layout else None

    @cached_property
    def overlaps(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For every place where frames of a native binary segmentation overlap, the pairs of frame indices, from 0, that do.

        Frames that are placed by their order alone (TILED_FULL) are not compared.
        """
        counts = self.pixel_counts
        if counts is None or self.layout is None or len(counts) != len(self.groups.per_frame):
            return ()
        places = frames_at_one_place(self.data_set, self.groups)
        return tuple(overlaps(self.data_set.scan.data, self.layout, counts, places))

    @cached_property
    def structure(self) -> Structure:
        """The contours of a structure set; none of other objects."""
        return Structure(self.data_set)

    @cached_property
    def stack(self) -> Stack | None:
        """How the frames stand behind each other; None where they make no stack."""
        return stack_of(self.groups)

    @cached_property
    def floats(self) -> FloatSurvey | None:
        """What occurs in floating point pixels; None for all others and for those whose bits are not what their element says."""
        layout = self.layout
        if layout is None or FLOATING.get(layout.keyword) != layout.bits_allocated:
            return None
        double = "Double" if layout.keyword == "DoubleFloatPixelData" else ""
        value, limit = (
            self.data_set.numbers(f"{double}FloatPixelPadding{word}") or (None,) for word in ("Value", "RangeLimit")
        )
        return survey_floats(self.data_set.scan.data, layout, padding=value[0], padding_limit=limit[0])
