"""Encodes probabilities, heat maps and other values in space as a Parametric Map (PS3.3 A.75)."""

import warnings
from collections.abc import Sequence

import highdicom as hd
import numpy as np
from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.multival import MultiValue

from overlays.dicom.encode.alignment import aligned
from overlays.dicom.encode.describe_parametric_map import MapWish, Storage, read_parametric_map
from overlays.dicom.encode.grid import is_tiled
from overlays.dicom.encode.library import asked, complete_header
from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.masks.read import read_mask
from overlays.dicom.encode.provenance import common_arguments, library_code, stamp
from overlays.dicom.encode.refusal import EncodingRefused, MaskTooLarge, Reason
from overlays.dicom.encode.source_images import tell_sources
from overlays.dicom.encode.work import Encoded, Remark, Work, named_sources

STEPS = 65535
"""Of an integer map, from its first to its last value."""


def encode_parametric_map(work: Work, limits: EncodingLimits | None = None) -> Encoded:
    """The map, one frame for each plane of the file and each channel; planes without a value stay.

    Raises EncodingRefused: what reading and placing the file raises; MASK_VALUES where a number is not finite, lies outside the
    range that is told, or there are not as many channels as maps are described.
    """
    limits = limits or EncodingLimits()
    wish = read_parametric_map(work.description.section)
    mask = read_mask(work.files, limits)
    if mask.array.size > limits.max_fractional_voxels:
        raise MaskTooLarge(
            f"The map has {mask.array.size} voxels; {limits.max_fractional_voxels} are taken of a parametric map."
        )
    array, grid = aligned(mask, named_sources(work), work.description.planes, limits)
    channels = array.shape[3] if array.ndim == 4 else 1
    if channels != len(wish.maps):
        sentence = f"The file has {channels} channel(s); {len(wish.maps)} map(s) are described."
        raise EncodingRefused(Reason.MASK_VALUES, sentence)
    ranges = [
        _range(array[..., index] if array.ndim == 4 else array, each, index) for index, each in enumerate(wish.maps)
    ]
    pixels, mappings, remarks = _stored(array, wish.maps, ranges, wish.stored_as)
    low, high = min(first for first, _ in ranges), max(last for _, last in ranges)
    window = (wish.window.center, wish.window.width) if wish.window else ((low + high) / 2, (high - low) or 1.0)
    explanation = wish.window.explanation if wish.window else ""
    headers = [complete_header(image) for image in grid.images]
    said = {
        "contains_recognizable_visual_features": wish.recognizable_visual_features,
        "real_world_value_mappings": [[mapping] for mapping in mappings] if array.ndim == 4 else mappings,
        "voi_lut_transformations": [_window(*window, mappings[0], explanation)],
        "content_label": work.description.content_label,
        "content_description": work.description.content_description,
        "content_creator_name": work.description.content_creator,
        "derivation": library_code(wish.derivation) if wish.derivation else None,
        "tile_pixel_array": is_tiled(headers[0]),
        **common_arguments(work.description, work.identity),
    }
    built = asked(lambda: _built(headers, pixels, said), grid.images[0])
    if channels > 1:
        _count_channels(built, [each.label for each in wish.maps])
    built.Laterality = built.get("Laterality", "")  # Type 2C (PS3.3 C.7.3.1), which highdicom leaves out
    tell_sources(built, grid)
    stamp(built, work.description, work.identity, sources=grid.sources, predecessor=work.predecessor)
    return Encoded(dataset=built, remarks=remarks)


def _built(headers: Sequence[Dataset], pixels: np.ndarray, said: dict) -> hd.pm.ParametricMap:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hd.pm.ParametricMap(headers, pixels, **said)


def _count_channels(built: Dataset, labels: Sequence[str]) -> None:
    """Make the channel the first dimension (PS3.3 C.7.6.17), which highdicom forgets: without it two frames have one place."""
    channel = Dataset()
    channel.DimensionOrganizationUID = built.DimensionIndexSequence[0].DimensionOrganizationUID
    channel.DimensionIndexPointer = tag_for_keyword("LUTLabel")
    channel.FunctionalGroupPointer = tag_for_keyword("RealWorldValueMappingSequence")
    channel.DimensionDescriptionLabel = "LUT Label"
    built.DimensionIndexSequence.insert(0, channel)
    for frame in built.PerFrameFunctionalGroupsSequence:
        content = frame.FrameContentSequence[0]
        values = content.DimensionIndexValues
        position = list(values) if isinstance(values, MultiValue) else [values]
        number = labels.index(frame.RealWorldValueMappingSequence[0].LUTLabel) + 1
        content.DimensionIndexValues = [number, *position]


def _range(values: np.ndarray, wish: MapWish, index: int) -> tuple[float, float]:
    """The first and last value of one channel: as told, else as found."""
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        sentence = f"Map {index + 1} ({wish.label}) holds voxels that are no finite numbers."
        raise EncodingRefused(Reason.MASK_VALUES, sentence)
    if max(abs(low), abs(high)) > float(np.finfo(np.float32).max):
        sentence = f"Map {index + 1} ({wish.label}) holds values beyond single precision."
        raise EncodingRefused(Reason.MASK_VALUES, sentence)
    if wish.range is None:
        return low, high
    if low < wish.range[0] or high > wish.range[1]:
        raise EncodingRefused(
            Reason.MASK_VALUES,
            f"Map {index + 1} ({wish.label}) holds values from {low:g} to {high:g}; its range is "
            f"{wish.range[0]:g} to {wish.range[1]:g}.",
        )
    return wish.range


def _stored(
    array: np.ndarray, maps: Sequence[MapWish], ranges: Sequence[tuple[float, float]], storage: Storage
) -> tuple[np.ndarray, list[hd.pm.RealWorldValueMapping], tuple[Remark, ...]]:
    """The voxels as they are written, what they mean, and what was lost."""
    if storage is Storage.UINT16:
        return _as_integers(array, maps, ranges)
    pixels = np.ascontiguousarray(array, np.float32)
    mappings = [
        # Rounded as the values are, so that none falls out of the range that is mapped.
        _mapping(each, (float(np.float32(first)), float(np.float32(last))), 1.0, 0.0)
        for each, (first, last) in zip(maps, ranges, strict=True)
    ]
    return pixels, mappings, _rounding(array, pixels)


def _rounding(array: np.ndarray, pixels: np.ndarray) -> tuple[Remark, ...]:
    if array.dtype.itemsize < 4 or array.dtype == np.float32 or all(map(np.array_equal, array, pixels)):
        return ()
    return (Remark("rounded", f"The values came as {array.dtype.name} and are stored in single precision."),)


def _as_integers(
    array: np.ndarray, maps: Sequence[MapWish], ranges: Sequence[tuple[float, float]]
) -> tuple[np.ndarray, list[hd.pm.RealWorldValueMapping], tuple[Remark, ...]]:
    """Whole numbers from 0 to 65,535 stay what they are; all others are put on so many steps between first and last value."""
    if array.dtype.kind in "bu" and array.dtype.itemsize <= 2:
        pixels = np.ascontiguousarray(array, np.uint16)
        return pixels, [_mapping(each, _whole(span), 1.0, 0.0) for each, span in zip(maps, ranges, strict=True)], ()
    first, last = min(first for first, _ in ranges), max(last for _, last in ranges)
    step = (last - first) / STEPS or 1.0  # one for all channels, which share one window
    pixels = np.empty(array.shape, np.uint16)
    for plane, values in enumerate(array):  # one at a time: doubles of the whole would be eight bytes a voxel
        pixels[plane] = np.rint((values.astype(np.float64) - first) / step).clip(0, STEPS)
    mappings = [_mapping(each, (0, STEPS), step, first) for each in maps]
    return (
        pixels,
        mappings,
        (Remark("quantized", f"The values are stored to within {step / 2:.3g} of what they were."),),
    )


def _whole(span: tuple[float, float]) -> tuple[int, int]:
    return max(0, int(np.floor(span[0]))), min(STEPS, int(np.ceil(span[1])))


def _mapping(
    wish: MapWish, value_range: tuple[int, int] | tuple[float, float], slope: float, intercept: float
) -> hd.pm.RealWorldValueMapping:
    return hd.pm.RealWorldValueMapping(
        lut_label=wish.label,
        lut_explanation=wish.explanation,
        unit=library_code(wish.unit),
        value_range=value_range,
        slope=slope,
        intercept=intercept,
        quantity_definition=library_code(wish.quantity),
    )


def _window(
    center: float, width: float, mapping: hd.pm.RealWorldValueMapping, explanation: str
) -> hd.VOILUTTransformation:
    """The window over stored values: viewers apply it before anything is mapped to the real world (PS3.3 C.11.2.1.2)."""
    slope, intercept = float(mapping.RealWorldValueSlope), float(mapping.RealWorldValueIntercept)
    return hd.VOILUTTransformation(
        window_center=(center - intercept) / slope,
        window_width=width / slope,
        window_explanation=explanation or None,
    )
