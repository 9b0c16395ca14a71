"""Builds one valid object of every family of results, each with the images that it names."""

from collections.abc import Callable
from dataclasses import dataclass

from pydicom.dataset import Dataset

from tests.builders.annotations import annotations
from tests.builders.basic_texts import basic_text
from tests.builders.captures import capture
from tests.builders.images import ct_series, slide_image
from tests.builders.key_objects import key_objects
from tests.builders.parametric_maps import parametric_map
from tests.builders.presentations import presentation
from tests.builders.reports import report
from tests.builders.segmentations import segmentation
from tests.builders.structure_sets import structure_set


@dataclass(frozen=True)
class Made:
    """A result, what it names, and the family's word."""

    family: str
    sources: tuple[Dataset, ...]
    result: Dataset


def _on_ct(family: str, build: Callable[..., Dataset], **options: object) -> Callable[..., Made]:
    def make(**more: object) -> Made:
        images = ct_series()
        return Made(family, tuple(images), build(sources=images, **(options | more)))

    return make


def _report(**more: object) -> Made:
    images = ct_series()
    segments = segmentation(sources=images)
    return Made("SR", (*images, segments), report(sources=images, about=segments, **more))


def _key_objects(**more: object) -> Made:
    images = ct_series()
    return Made("KO", tuple(images[:2]), key_objects(selected=images[:2], **more))


def _annotations(**more: object) -> Made:
    slide = slide_image()
    named = {"model_name": "LiverSeg", "model_version": "2.1.0"} | more
    return Made("ANN", (slide,), annotations(source=slide, **named))


FAMILIES: dict[str, Callable[..., Made]] = {
    "segmentation": _on_ct("SEG", segmentation),
    "report": _report,
    "basic text": _on_ct("SR", basic_text),
    "float map": _on_ct("PM", parametric_map),
    "integer map": _on_ct("PM", parametric_map, kind="INTEGER", uid_seed="integer map"),
    "presentation": _on_ct("PR", presentation),
    "pseudo-color": _on_ct("PR", presentation, kind="PSEUDO_COLOR", uid_seed="pseudo-color"),
    "key objects": _key_objects,
    "structure set": _on_ct("RTSTRUCT", structure_set),
    "annotations": _annotations,
    "capture": _on_ct("SC", capture),
    "capture of frames": _on_ct("SC", capture, kind="FRAMES", uid_seed="capture of frames"),
}
"""Objects of the model LiverSeg 2.1.0 by ACME AI; each takes ``uid_seed`` and ``model_version``."""
