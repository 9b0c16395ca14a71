"""Shapes a mutation: one fault put into a valid object, and the rules that must tell it."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from pydicom import config
from pydicom.dataset import Dataset

from overlays.dicom.bounds import Bounds
from tests.builders.annotations import annotations
from tests.builders.basic_texts import basic_text
from tests.builders.captures import capture
from tests.builders.files import deflated, from_bytes, to_bytes
from tests.builders.images import ct_series
from tests.builders.key_objects import key_objects
from tests.builders.parametric_maps import parametric_map
from tests.builders.presentations import presentation
from tests.builders.reports import report
from tests.builders.segmentations import segmentation
from tests.builders.structure_sets import structure_set
from tests.builders.uids import uid


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """``rules`` are all the rules that fire on the broken object and not on the ``base`` it was made of.

    ``change`` works on the data set before it is written, ``raw`` on the bytes afterwards.
    """

    name: str
    rules: tuple[str, ...]
    base: str = "binary"
    change: Callable[[Dataset], None] | None = None
    raw: Callable[[bytes], bytes] | None = None
    bounds: Bounds = field(default_factory=Bounds)

    def content(self) -> bytes:
        """The broken object as a file."""
        content = base_bytes(self.base)
        if self.change is not None:
            with config.disable_value_validation(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # pydicom says that the value is wrong: it is meant to be
                data_set = from_bytes(content)
                self.change(data_set)
                content = to_bytes(data_set)
        return self.raw(content) if self.raw is not None else content


def _without_background(label_map: Dataset) -> Dataset:
    """Pixel Padding Value alone says what the background is."""
    label_map.SegmentSequence = [item for item in label_map.SegmentSequence if item.SegmentNumber]
    return label_map


def _without_segment(document: Dataset) -> Dataset:
    """The first group, which measures a segment, is taken away."""
    del document.ContentSequence[-1].ContentSequence[0]
    return document


BASES: dict[str, Callable[[], bytes]] = {
    "binary": lambda: to_bytes(segmentation()),
    "single": lambda: to_bytes(segmentation(segments=("Liver",))),
    "fractional": lambda: to_bytes(segmentation(kind="FRACTIONAL")),
    "labelmap": lambda: to_bytes(segmentation(kind="LABELMAP")),
    "plain label map": lambda: to_bytes(_without_background(segmentation(kind="LABELMAP"))),
    "rle": lambda: to_bytes(segmentation(kind="LABELMAP", transfer_syntax="1.2.840.10008.1.2.5")),
    "deflated": lambda: deflated(to_bytes(segmentation())),
    "implicit": lambda: to_bytes(segmentation(transfer_syntax="1.2.840.10008.1.2")),
    "enhanced": lambda: to_bytes(report(kind="ENHANCED")),
    "comprehensive": lambda: to_bytes(report(kind="COMPREHENSIVE")),
    "report": lambda: to_bytes(report()),
    "report of a region": lambda: to_bytes(_without_segment(report())),
    "ct": lambda: to_bytes(ct_series()[0]),
    "grayscale state": lambda: to_bytes(presentation()),
    "color state": lambda: to_bytes(presentation(kind="COLOR")),
    "pseudo-color state": lambda: to_bytes(presentation(kind="PSEUDO_COLOR")),
    "blending state": lambda: to_bytes(presentation(kind="BLENDING")),
    "advanced blending state": lambda: to_bytes(presentation(kind="ADVANCED_BLENDING")),
    "key objects": lambda: to_bytes(key_objects()),
    "rejection note": lambda: to_bytes(key_objects(title="REJECTED")),
    "capture": lambda: to_bytes(capture()),
    "capture of frames": lambda: to_bytes(capture(kind="FRAMES")),
    "basic text": lambda: to_bytes(basic_text()),
    "annotations": lambda: to_bytes(annotations()),
    "annotations in space": lambda: to_bytes(annotations(kind="3D")),
    "structure set": lambda: to_bytes(structure_set()),
    "map": lambda: to_bytes(parametric_map()),
    "double map": lambda: to_bytes(parametric_map(kind="DOUBLE")),
    "whole map": lambda: to_bytes(parametric_map(kind="INTEGER")),
}
"""Valid objects by name, each made once when it is first wanted."""


@cache
def base_bytes(name: str) -> bytes:
    """A valid object by its name in ``BASES``."""
    return BASES[name]()


def set_to(keyword: str, value: object) -> Callable[[Dataset], None]:
    """A change of one top-level attribute."""

    def change(data_set: Dataset) -> None:
        setattr(data_set, keyword, value)

    return change


def without(*keywords: str) -> Callable[[Dataset], None]:
    """A change that takes top-level attributes away."""

    def change(data_set: Dataset) -> None:
        for keyword in keywords:
            del data_set[keyword]

    return change


def segment(index: int, keyword: str, value: object) -> Callable[[Dataset], None]:
    """A change of one attribute of a segment, counted from 0."""

    def change(data_set: Dataset) -> None:
        setattr(data_set.SegmentSequence[index], keyword, value)

    return change


def segment_without(index: int, *keywords: str) -> Callable[[Dataset], None]:
    """A change that takes attributes of a segment away."""

    def change(data_set: Dataset) -> None:
        for keyword in keywords:
            del data_set.SegmentSequence[index][keyword]

    return change


FOREIGN = uid("something else")
