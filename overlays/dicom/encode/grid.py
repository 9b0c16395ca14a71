"""Finds the regular grid on which the source images of a mask lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from pydicom import Dataset

from overlays.dicom.child_encode import JSON_SUFFIX
from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.masks.mask import TOLERANCE
from overlays.dicom.encode.refusal import EncodingRefused, Reason

SAME_DIRECTION = 1e-3
"""Largest difference of two direction cosines that are meant to be equal."""
FARTHEST = 1e9
"""Millimetres; no image lies farther away, and products of such numbers stay finite."""
TILED = ("TotalPixelMatrixRows", "TotalPixelMatrixColumns")


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """The planes of the source images, sorted along their normal.

    ``images`` are the headers in the order of the planes, or the one multi-frame image. ``frames`` are its frames, counted from 0, in
    the order of the planes; None where each plane is an image. ``affine`` takes (plane, row, column) to millimetres in LPS; None for
    images without a place in space and for slides. ``sources`` are all images that the mask was computed from: also those on which none
    of its planes lies. ``spacing`` is the millimetres between neighbours of all of them; None where it is not one, or not known.
    """

    images: tuple[Dataset, ...]
    sources: tuple[Dataset, ...]
    frames: tuple[int, ...] | None
    shape: tuple[int, int, int]
    affine: np.ndarray | None
    spacing: float | None


def load_headers(paths: Sequence[Path], limits: EncodingLimits | None = None) -> tuple[Dataset, ...]:
    """The headers of source images, without their pixels: of files, and of metadata in DICOM JSON.

    Raises EncodingRefused (reason SOURCES or TOO_LARGE).
    """
    limits = limits or EncodingLimits()
    found, room = [], limits.max_header_bytes
    for number, path in enumerate(paths, start=1):
        try:
            header, size = _header(path)
            room -= size or sum(
                len(element.value or b"") for element in header.values() if isinstance(element.value, bytes)
            )
        except Exception as error:  # noqa: BLE001 - pydicom raises anything on broken files
            raise _refused(
                f"Source image {number} cannot be read as a DICOM object ({type(error).__name__})."
            ) from None
        if room < 0:
            raise EncodingRefused(
                Reason.TOO_LARGE, f"The headers of the source images take more than {limits.max_header_bytes} bytes."
            )
        found.append(header)
    return tuple(found)


def _header(path: Path) -> tuple[Dataset, int]:
    """The header of a file, and the bytes that it takes where those are known: of one in DICOM JSON."""
    if path.suffix != JSON_SUFFIX:
        return pydicom.dcmread(path, stop_before_pixels=True), 0
    header = Dataset.from_json(path.read_text("utf-8"), bulk_data_uri_handler=lambda *_: None)
    header.SpecificCharacterSet = "ISO_IR 192"  # whatever the object has: its text has become Unicode
    return header, path.stat().st_size


def is_tiled(image: Dataset) -> bool:
    """Whether the frames of an image are tiles of one large matrix (PS3.3 C.8.12.4)."""
    return all(keyword in image for keyword in TILED)


def is_multiframe(image: Dataset) -> bool:
    """Whether the image has frames with functional groups, or frames at all."""
    return "NumberOfFrames" in image and (int(image.NumberOfFrames) > 1 or "SharedFunctionalGroupsSequence" in image)


def check_sources(images: Sequence[Dataset], limits: EncodingLimits) -> None:
    """Refuse images that no one segmentation can refer to: raises EncodingRefused (reason SOURCES)."""
    if not images:
        raise _refused("There is no source image.")
    if len(images) > limits.max_planes:
        raise EncodingRefused(
            Reason.TOO_LARGE, f"There are {len(images)} source images; {limits.max_planes} are taken."
        )
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPClassUID", "Rows", "Columns", "FrameOfReferenceUID"):
        values = list(dict.fromkeys(_single(image, keyword) for image in images))
        if len(values) > 1:
            raise _refused(
                f"The source images do not belong together: {keyword} is {values[0]} in one, {values[1]} in another."
            )
        if not values[0] and keyword != "FrameOfReferenceUID":
            raise _refused(f"The source images have no {keyword}.")
    if any(
        not isinstance(images[0][keyword].value, int) or images[0][keyword].value < 1 for keyword in ("Rows", "Columns")
    ):
        raise _refused("Rows or Columns of the source images is no positive number.")
    uids = [_single(image, "SOPInstanceUID") for image in images]
    if "" in uids or len(set(uids)) != len(uids):
        raise _refused("A source image has no SOP Instance UID of its own.")
    if len(images) > 1 and any(is_multiframe(image) for image in images):
        raise _refused(f"A mask refers to one multi-frame image at most, not to {len(images)} images.")


def _single(image: Dataset, keyword: str) -> str | int:
    """The one value of an attribute; empty where it is missing. Raises EncodingRefused where there are several."""
    value = image.get(keyword)
    if isinstance(value, str | int):
        return value
    if value:
        raise _refused(f"{keyword} of a source image has more than one value.")
    return ""


def regular_grid(images: Sequence[Dataset]) -> Grid:
    """The grid of one series, or of one multi-frame image; call :func:`check_sources` before.

    Raises EncodingRefused (reason SOURCES) where the planes have several orientations or spacings, leave a gap, lie upon one another
    or are shifted sideways.
    """
    image = images[0]
    if is_tiled(image):
        raise _refused("Slides are tiled: a mask with an affine cannot be placed on them. Name the image in planes.")
    planes = _planes(images)
    if "FrameOfReferenceUID" not in image or any(plane is None for plane in planes):
        raise _refused(
            "The source images have no place in space (Image Position, Image Orientation, Pixel Spacing, Frame of Reference), "
            "so a mask with an affine cannot be placed on them. Name the image in planes."
        )
    _check_alike(planes)
    row, column = planes[0].orientation[:3], planes[0].orientation[3:]
    normal = np.cross(row, column)
    positions = np.array([plane.position for plane in planes])
    order = np.argsort(positions @ normal, kind="stable")
    step = _step(positions[order], normal, planes[0].spacing, thickness=planes[0].thickness)
    affine = np.eye(4)
    affine[:3, 0] = step
    affine[:3, 1] = column * planes[0].spacing[0]
    affine[:3, 2] = row * planes[0].spacing[1]
    affine[:3, 3] = positions[order[0]]
    multiframe = is_multiframe(image)
    sources = (image,) if multiframe else tuple(images[index] for index in order)
    return Grid(
        images=sources,
        sources=sources,
        frames=tuple(int(index) for index in order) if multiframe else None,
        shape=(len(planes), int(image.Rows), int(image.Columns)),
        affine=affine,
        spacing=float(np.linalg.norm(step)) if len(planes) > 1 else None,
    )


def spacing_of_stack(images: Sequence[Dataset], chosen: Sequence[str]) -> float | None:
    """Millimetres between neighbours of all images, or of the frames of the one; None where they are not regular or have no place.

    ``chosen`` are the SOP Instance UIDs of the images on which a mask lies: they share one object, which has one orientation and one
    Pixel Spacing (PS3.3 C.7.6.16.2), and tells its planes apart by their place. Raises EncodingRefused (reason SOURCES) otherwise.
    """
    planes = _planes(images)
    placed = [plane for plane in planes if plane is not None]
    if not placed:
        return None
    if len(placed) < len(planes):
        raise _refused(
            f"{len(planes) - len(placed)} of the {len(planes)} source images or frames have no place in space; the others have one."
        )
    _check_alike(placed)
    first = placed[0]
    normal = np.cross(first.orientation[:3], first.orientation[3:])
    along = np.array([plane.position for plane in placed]) @ normal
    named = set(chosen)
    own = along if is_multiframe(images[0]) else along[[image.SOPInstanceUID in named for image in images]]
    if len(own) > 1:
        _check_apart(np.sort(own))
    order = np.argsort(along, kind="stable")
    gaps = np.diff(along[order])
    if not gaps.size or gaps.max() <= 0:
        return None
    apart = order[
        np.concatenate(([True], gaps > TOLERANCE * gaps.max()))
    ]  # images of several times lie at the same places
    try:
        step = _step(np.array([placed[index].position for index in apart]), normal, first.spacing, thickness=None)
    except EncodingRefused:
        return None
    return float(np.linalg.norm(step))


@dataclass(frozen=True, eq=False)
class _Plane:
    position: np.ndarray
    orientation: np.ndarray
    spacing: tuple[float, float]
    thickness: float | None


def _plane(image: Dataset, *groups: Dataset) -> _Plane | None:
    """The plane of one image or frame; ``groups`` are searched in turn for what the image lacks."""
    places = (image, *groups)
    position, orientation = _numbers(places, "ImagePositionPatient", 3), _numbers(places, "ImageOrientationPatient", 6)
    spacing = _numbers(places, "PixelSpacing", 2)
    if position is None or orientation is None or spacing is None or min(spacing) <= 0:
        return None
    lengths = np.linalg.norm(orientation[:3]), np.linalg.norm(orientation[3:])
    if abs(orientation[:3] @ orientation[3:]) > SAME_DIRECTION or max(abs(length - 1) for length in lengths) > 0.01:
        raise _refused("Image Orientation (Patient) of a source image is not two perpendicular directions.")
    between = _numbers(places, "SpacingBetweenSlices", 1)
    thick = _numbers(places, "SliceThickness", 1) if between is None else between
    unit = np.concatenate((orientation[:3] / lengths[0], orientation[3:] / lengths[1]))
    return _Plane(position, unit, (spacing[0], spacing[1]), abs(thick[0]) if thick is not None and thick[0] else None)


def _planes(images: Sequence[Dataset]) -> list[_Plane | None]:
    """Of each image, or of each frame of the one multi-frame image; None for those without a place in space."""
    if is_multiframe(images[0]):
        return _planes_of_frames(images[0])
    return [_plane(image, image) for image in images]


def _planes_of_frames(image: Dataset) -> list[_Plane | None]:
    shared = _groups(image.get("SharedFunctionalGroupsSequence"))
    frames = image.get("PerFrameFunctionalGroupsSequence") or []
    if len(frames) != int(image.NumberOfFrames):
        raise _refused(f"The source image has {image.NumberOfFrames} frames, but says of {len(frames)} where they lie.")
    return [_plane(Dataset(), *_groups([frame]), *shared) for frame in frames]


def _groups(sequence: Sequence[Dataset] | None) -> list[Dataset]:
    """The items of the macros that place a frame (PS3.3 C.7.6.16.2)."""
    names = ("PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence")
    item = sequence[0] if sequence else Dataset()
    return [item[name].value[0] for name in names if name in item and len(item[name].value)]


def _numbers(places: Sequence[Dataset], keyword: str, count: int) -> np.ndarray | None:
    for place in places:
        value = place.get(keyword)
        if value is None or value == "":
            continue
        try:
            numbers = np.atleast_1d(np.asarray(value, float))
        except (TypeError, ValueError):
            return None
        return numbers if numbers.shape == (count,) and (np.abs(numbers) < FARTHEST).all() else None
    return None


def _check_alike(planes: list[_Plane]) -> None:
    first = planes[0]
    for plane in planes[1:]:
        if np.abs(plane.orientation - first.orientation).max() > SAME_DIRECTION:
            raise _refused(
                f"The source images have different orientations: {_told(first.orientation)} and {_told(plane.orientation)}."
            )
        if not np.allclose(plane.spacing, first.spacing, rtol=1e-4):
            raise _refused(
                f"The source images have different Pixel Spacing: {_told(first.spacing)} and {_told(plane.spacing)}."
            )


def _step(
    positions: np.ndarray, normal: np.ndarray, spacing: tuple[float, float], thickness: float | None
) -> np.ndarray:
    """From one plane to the next, in millimetres; the thickness of the only plane where there is one."""
    if len(positions) == 1:
        return normal * (thickness or 1.0)
    along = positions @ normal
    mean, gaps = _check_apart(along)
    usual = float(np.median(gaps))
    off = np.abs(along - along[0] - mean * np.arange(len(along)))
    if off.max() > TOLERANCE * mean:
        at = int(np.abs(gaps - usual).argmax())
        raise _refused(
            f"The source images form no regular grid: {usual:.6g} mm lie between most of them, but {gaps[at]:.6g} mm between "
            f"those at {along[at]:.6g} and {along[at + 1]:.6g} mm along their normal."
        )
    sideways = positions - positions[0] - np.outer(along - along[0], normal)
    if np.linalg.norm(sideways, axis=1).max() > TOLERANCE * min(spacing):
        raise _refused("The source images are shifted sideways against one another, as with a tilted gantry.")
    return normal * mean


def _check_apart(along: np.ndarray) -> tuple[float, np.ndarray]:
    """The mean distance of places along the normal, which ascend, and each distance."""
    mean = float(along[-1] - along[0]) / (len(along) - 1)
    gaps = np.diff(along)
    if gaps.min() <= TOLERANCE * max(mean, 1e-6):
        at = int(gaps.argmin())
        raise _refused(
            f"Two source images lie at the same place, {along[at]:.6g} and {along[at + 1]:.6g} mm along their normal."
        )
    return mean, gaps


def _told(numbers: Sequence[float]) -> str:
    return "\\".join(f"{number:.6g}" for number in numbers)


def _refused(sentence: str) -> EncodingRefused:
    return EncodingRefused(Reason.SOURCES, sentence)
