"""Builds presentation states."""

import hashlib
import pkgutil
import warnings
from collections.abc import Callable, Sequence

import highdicom as hd
import numpy as np
import pydicom
from highdicom import pr
from pydicom.dataset import Dataset

from tests.builders.captures import capture, contribution, settle
from tests.builders.files import from_bytes, to_bytes
from tests.builders.images import ct_series
from tests.builders.uids import uid

BLENDING = "1.2.840.10008.5.1.4.1.1.11.4"
_CACHE: dict[tuple, bytes] = {}


def presentation(
    *,
    kind: str = "GRAYSCALE",
    sources: Sequence[Dataset] | None = None,
    uid_seed: str = "presentation",
    model_name: str = "LiverSeg",
    model_version: str = "2.1.0",
    manufacturer: str = "ACME AI",
) -> pydicom.FileDataset:
    """A presentation state for ``sources``: ``ct_series()`` when not given, of the kind COLOR a capture in colour.

    ``kind`` is GRAYSCALE (one layer with an outline and a text, a window), COLOR (the same layer), PSEUDO_COLOR (a palette), BLENDING
    (the second half of the sources over the first), or ADVANCED_BLENDING (the same, each half with a palette and a window).
    """
    images = list(sources) if sources is not None else [capture()] if kind == "COLOR" else ct_series()
    digest = hashlib.sha256(b"".join(to_bytes(image) for image in images)).hexdigest()
    key = (digest, kind, uid_seed, model_name, model_version, manufacturer)
    if key not in _CACHE:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            built = KINDS[kind](images, _common(uid_seed, model_name, model_version, manufacturer))
        settle(built)
        _CACHE[key] = to_bytes(built)
    return from_bytes(_CACHE[key])


def _common(seed: str, model_name: str, model_version: str, manufacturer: str) -> dict:
    return {
        "series_instance_uid": uid(seed, "series"),
        "series_number": 120,
        "sop_instance_uid": uid(seed, "instance"),
        "instance_number": 1,
        "manufacturer": manufacturer,
        "manufacturer_model_name": model_name,
        "software_versions": model_version,
        "device_serial_number": "SN-1",
        "content_label": "AI_PR",
        "content_description": f"{model_name} {model_version}",
        "content_creator_name": f"AI^{model_name}",
        "series_description": f"{model_name} {model_version}",
        "specific_character_set": "ISO_IR 192",
        "contributing_equipment": [contribution(manufacturer, model_name, model_version)],
    }


def _drawing(images: Sequence[Dataset], seed: str) -> dict:
    """One layer with an outline, a circle and a text on the first image."""
    layer = pr.GraphicLayer("AI", order=1, description="Outline of the model")
    outline = pr.GraphicObject(
        graphic_type="POLYLINE",
        graphic_data=np.array([[10.0, 10.0], [20.0, 10.0], [20.0, 20.0], [10.0, 10.0]]),
        units="PIXEL",
        tracking_id="outline",
        tracking_uid=uid(seed, "outline"),
    )
    circle = pr.GraphicObject(
        graphic_type="CIRCLE", graphic_data=np.array([[0.5, 0.5], [0.6, 0.5]]), units="DISPLAY", is_filled=False
    )
    note = pr.TextObject("AI: liver", units="PIXEL", bounding_box=(10.0, 10.0, 60.0, 20.0))
    anchored = pr.TextObject("here", units="DISPLAY", anchor_point=(0.5, 0.5))
    return {
        "graphic_layers": [layer],
        "graphic_annotations": [
            pr.GraphicAnnotation(images[:1], layer, graphic_objects=[outline, circle], text_objects=[note, anchored])
        ],
    }


def _palette() -> hd.PaletteColorLUTTransformation:
    ramp = np.arange(256, dtype=np.uint16) * 257
    return hd.PaletteColorLUTTransformation(*(hd.PaletteColorLUT(0, ramp, color) for color in ("red", "green", "blue")))


def _window(images: Sequence[Dataset] | None = None) -> pr.SoftcopyVOILUTTransformation:
    referenced = hd.content.ReferencedImageSequence(images) if images is not None else None
    return pr.SoftcopyVOILUTTransformation(window_center=40.0, window_width=400.0, referenced_images=referenced)


def _grayscale(images: list[Dataset], common: dict) -> Dataset:
    windows = [_window(images)]
    return pr.GrayscaleSoftcopyPresentationState(
        referenced_images=images,
        voi_lut_transformations=windows,
        **common,
        **_drawing(images, common["sop_instance_uid"]),
    )


def _color(images: list[Dataset], common: dict) -> Dataset:
    profile = pkgutil.get_data("highdicom", "_icc_profiles/sRGB_v4_ICC_preference.icc")
    drawing = _drawing(images, common["sop_instance_uid"])
    return pr.ColorSoftcopyPresentationState(referenced_images=images, icc_profile=profile, **common, **drawing)


def _pseudo_color(images: list[Dataset], common: dict) -> Dataset:
    return pr.PseudoColorSoftcopyPresentationState(
        referenced_images=images, palette_color_lut_transformation=_palette(), **common
    )


def _advanced_blending(images: list[Dataset], common: dict) -> Dataset:
    middle = len(images) // 2
    inputs = [
        pr.AdvancedBlending(
            referenced_images=half,
            blending_input_number=number,
            voi_lut_transformations=[_window()],
            palette_color_lut_transformation=_palette(),
        )
        for number, half in enumerate((images[:middle], images[middle:]), 1)
    ]
    step = pr.BlendingDisplay(
        blending_mode="FOREGROUND",
        relative_opacity=0.5,
        blending_display_inputs=[pr.BlendingDisplayInput(1), pr.BlendingDisplayInput(2)],
    )
    built = pr.AdvancedBlendingPresentationState(
        referenced_images=images, blending=inputs, blending_display=[step], **common
    )
    built.FrameOfReferenceUID = images[0].FrameOfReferenceUID
    built.PositionReferenceIndicator = ""
    return built


def _blending(images: list[Dataset], common: dict) -> Dataset:
    """The encoder knows no such class: the pseudo-colour state has all but the blended sets."""
    built = _pseudo_color(images, common)
    built.SOPClassUID = built.file_meta.MediaStorageSOPClassUID = BLENDING
    for keyword in ("ReferencedSeriesSequence", "RescaleIntercept", "RescaleSlope", "RescaleType"):
        del built[keyword]
    middle = len(images) // 2
    built.BlendingSequence = [
        _blended(images[:middle], "UNDERLYING"),
        _blended(images[middle:], "SUPERIMPOSED"),
    ]
    built.RelativeOpacity = 0.5
    return built


def _blended(images: Sequence[Dataset], position: str) -> Dataset:
    item, series, window = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = images[0].SeriesInstanceUID
    series.ReferencedImageSequence = list(hd.content.ReferencedImageSequence(images))
    window.WindowCenter, window.WindowWidth = 40, 400
    item.StudyInstanceUID = images[0].StudyInstanceUID
    item.ReferencedSeriesSequence = [series]
    item.RescaleIntercept, item.RescaleSlope, item.RescaleType = -1024, 1, "HU"
    item.SoftcopyVOILUTSequence = [window]
    item.BlendingPosition = position
    return item


KINDS: dict[str, Callable[[list[Dataset], dict], Dataset]] = {
    "GRAYSCALE": _grayscale,
    "COLOR": _color,
    "PSEUDO_COLOR": _pseudo_color,
    "BLENDING": _blending,
    "ADVANCED_BLENDING": _advanced_blending,
}
