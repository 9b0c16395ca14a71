"""Encodes a mask as a DICOM Segmentation."""

import colorsys
import warnings

import highdicom as hd
from pydicom import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from overlays.dicom.encode.alignment import aligned
from overlays.dicom.encode.class_masks import combined, is_by_class
from overlays.dicom.encode.grid import Grid, is_tiled
from overlays.dicom.encode.library import asked, complete_header
from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.mask_values import Prepared, prepared
from overlays.dicom.encode.masks.mask import Mask
from overlays.dicom.encode.masks.read import read_mask
from overlays.dicom.encode.provenance import algorithm_identification, code_item, common_arguments, library_code, stamp
from overlays.dicom.encode.refusal import EncodingRefused, Reason
from overlays.dicom.encode.segment_description import NOT_FOR_BINARY, Compression, SegmentationType, SegmentWish
from overlays.dicom.encode.source_images import tell_sources
from overlays.dicom.encode.work import Encoded, Work, named_sources

TRANSFER_SYNTAXES: dict[Compression, UID] = {
    Compression.NONE: ExplicitVRLittleEndian,
    Compression.RLE: RLELossless,
    Compression.JPEG_LS: JPEGLSLossless,
    Compression.JPEG_2000: JPEG2000Lossless,
    Compression.DEFLATED: DeflatedExplicitVRLittleEndian,
}

SMALLEST_JPEG_2000 = 32
"""Rows and columns that the codec (OpenJPEG) needs."""


def encode_segmentation(work: Work, limits: EncodingLimits | None = None) -> Encoded:
    """The segmentation of the mask files of ``work``.

    Raises EncodingRefused with a sentence, and nothing else, whatever files, headers and description hold.
    """
    limits, wish = limits or EncodingLimits(), work.description.segmentation
    if wish is None or not is_by_class(work.files, wish):
        return encode_mask(read_mask(work.files, limits), work, limits)
    image = work.sources[0] if work.sources else Dataset()
    return encode_mask(asked(lambda: combined(work.files, wish, limits), image), work, limits)


def encode_mask(mask: Mask, work: Work, limits: EncodingLimits | None = None) -> Encoded:
    """The segmentation of a mask that is in memory: BINARY, FRACTIONAL or LABELMAP (PS3.3 A.51, C.8.20.2).

    Its planes are brought onto the sources by geometry, or by the ``planes`` of the description. Equal arguments give equal objects.
    Raises EncodingRefused.
    """
    image = work.sources[0] if work.sources else Dataset()
    return asked(lambda: _encoded(mask, work, limits or EncodingLimits()), image)


def _encoded(mask: Mask, work: Work, limits: EncodingLimits) -> Encoded:
    description, wish = work.description, work.description.segmentation
    if wish is None:
        raise EncodingRefused(
            Reason.DESCRIPTION, f"The description is of the kind {description.kind}, not of a segmentation."
        )
    if wish.form is SegmentationType.BINARY and wish.compression in NOT_FOR_BINARY:
        why = NOT_FOR_BINARY[wish.compression]
        raise EncodingRefused(Reason.COMPRESSION, f"{wish.compression} is not taken for the type BINARY: {why}.")
    sources = named_sources(work)
    array, grid = aligned(mask, sources, description.planes, limits)
    _check_place(grid, wish.compression)
    ready = prepared(array, wish, limits, mask.segments)
    _check_size(ready, grid, wish.form, limits)
    built = _built(ready, grid, work)
    _complete_segments(built, ready)
    tell_sources(built, grid)
    _complete_geometry(built, grid)
    stamp(built, description, work.identity, sources=grid.sources, predecessor=work.predecessor)
    built.file_meta.TransferSyntaxUID = TRANSFER_SYNTAXES[wish.compression]
    return Encoded(dataset=built, remarks=ready.remarks)


def _check_place(grid: Grid, compression: Compression) -> None:
    if compression is Compression.JPEG_2000 and min(grid.shape[1:]) < SMALLEST_JPEG_2000:
        raise EncodingRefused(
            Reason.COMPRESSION, f"jpeg-2000 is not taken for images of less than {SMALLEST_JPEG_2000} rows or columns."
        )
    if "FrameOfReferenceUID" not in grid.images[0] and grid.shape[0] > 1:
        raise EncodingRefused(
            Reason.SOURCES,
            f"The source images have no Frame of Reference, so that {grid.shape[0]} planes cannot be told apart; encode one image.",
        )


def _check_size(ready: Prepared, grid: Grid, form: SegmentationType, limits: EncodingLimits) -> None:
    """Bound what the library holds while it encodes: frames and their pixels."""
    image, (planes, rows, columns) = grid.images[0], grid.shape
    frames = min(ready.parts, planes) if form is SegmentationType.LABELMAP else ready.parts
    if is_tiled(image):
        frames *= -(-rows // image.Rows) * -(-columns // image.Columns)
        rows, columns = image.Rows, image.Columns
    bits = {SegmentationType.BINARY: 1, SegmentationType.FRACTIONAL: 8}.get(form, 8 * ready.array.itemsize)
    size = frames * rows * columns * bits // 8
    if frames > limits.max_frames or size > limits.max_pixel_bytes:
        raise EncodingRefused(
            Reason.TOO_LARGE,
            f"The object would have {frames} frames of {size} bytes together; {limits.max_frames} frames of "
            f"{limits.max_pixel_bytes} bytes are made.",
        )


def _built(ready: Prepared, grid: Grid, work: Work) -> hd.seg.Segmentation:
    description, wish = work.description, work.description.segmentation
    native = wish.compression is Compression.DEFLATED  # pydicom deflates the whole data set on writing
    syntax = ExplicitVRLittleEndian if native else TRANSFER_SYNTAXES[wish.compression]
    fractional = {}
    if wish.form is SegmentationType.FRACTIONAL:
        fractional = {
            "fractional_type": wish.fractional_type,
            "max_fractional_value": wish.maximum_fractional_value,
        }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hd.seg.Segmentation(
            [complete_header(image) for image in grid.images],
            ready.array,
            wish.form.value,
            [_described(number, segment, work) for number, segment in ready.segments],
            transfer_syntax_uid=syntax,
            content_label=description.content_label,
            content_description=description.content_description,
            content_creator_name=description.content_creator,
            tile_pixel_array=is_tiled(grid.images[0]),
            **fractional,
            **common_arguments(description, work.identity),
        )


def _described(number: int, segment: SegmentWish, work: Work) -> hd.seg.SegmentDescription:
    manual = segment.algorithm_type == "MANUAL"
    return hd.seg.SegmentDescription(
        number,
        segment.label,
        library_code(segment.category),
        library_code(segment.property_type),
        segment.algorithm_type,
        None if manual else algorithm_identification(work.description.model),
        tracking_uid=segment.tracking_uid or work.identity.uid("segment", segment.number),
        tracking_id=segment.tracking_id or segment.label,
        anatomic_regions=[library_code(segment.anatomic_region)] if segment.anatomic_region else None,
        display_color=hd.color.CIELabColor.from_rgb(*(segment.colour or colour_of(number))),
    )


def colour_of(number: int) -> tuple[int, int, int]:
    """A colour (sRGB, 0 to 255) for a segment that has none: neighbours in number are far apart on the circle of hues."""
    red, green, blue = colorsys.hsv_to_rgb(number * 0.381966 % 1, 0.7, 0.9)
    return round(red * 255), round(green * 255), round(blue * 255)


def _complete_segments(built: Dataset, ready: Prepared) -> None:
    """What the library has no argument for (PS3.3 C.8.20.4). MONAI reads no segment without a description, so that each has one."""
    for item in built.SegmentSequence:
        item.SegmentDescription = item.SegmentLabel
    items = {int(item.SegmentNumber): item for item in built.SegmentSequence}
    for number, segment in ready.segments:
        item = items[number]
        if segment.description:
            item.SegmentDescription = segment.description
        if segment.type_modifier:
            modifier = code_item(segment.type_modifier)
            item.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = [modifier]
        if segment.region_modifier:
            item.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [code_item(segment.region_modifier)]


def _complete_geometry(built: Dataset, grid: Grid) -> None:
    """Spacing Between Slices is also the thickness where the headers tell none.

    Images without a place in space get Patient Orientation (PS3.3 C.7.6.1.1.1), and no Pixel Measures without a thickness: highdicom
    would not read them.
    """
    image, shared = grid.images[0], built.SharedFunctionalGroupsSequence[0]
    measures = shared.get("PixelMeasuresSequence")
    if "FrameOfReferenceUID" not in built:
        built.PatientOrientation = image.get("PatientOrientation") or ""
    if not measures:
        return
    invented = grid.frames is None and not is_tiled(image) and not image.get("SliceThickness")
    if measures[0].get("SliceThickness") and not invented:
        return
    if "SpacingBetweenSlices" in measures[0]:
        measures[0].SliceThickness = measures[0].SpacingBetweenSlices
    elif "FrameOfReferenceUID" in built:
        raise EncodingRefused(
            Reason.SOURCES,
            "The source images have no Slice Thickness, and no regular distance either, so no frame would have a depth.",
        )
    else:
        del shared.PixelMeasuresSequence
