"""Encodes display advice as a Grayscale or Pseudo-Color Softcopy Presentation State (PS3.3 A.33.1, A.33.3)."""

import warnings
from collections.abc import Iterator, Sequence

import highdicom as hd
import numpy as np
from highdicom import pr
from pydicom import Dataset
from pydicom.valuerep import DA, TM

from overlays.dicom.encode.describe_presentation import (
    DEFAULT_LAYER,
    LAYER_OF_PERSON,
    AnnotationWish,
    Form,
    GraphicWish,
    LayerWish,
    PresentationWish,
    read_presentation,
)
from overlays.dicom.encode.library import asked, complete_header
from overlays.dicom.encode.provenance import common_arguments, stamp
from overlays.dicom.encode.refusal import DescriptionFault, EncodingRefused, Reason
from overlays.dicom.encode.work import Encoded, Work, named_sources

ENTRIES = 256
"""Of a palette; 16 bits each, as presentation states have it (PS3.3 C.7.9)."""
LABEL_BOX = (0.01, 0.01, 0.6, 0.06)
"""Left, top, right and bottom of the label, in parts of the displayed area."""


def encode_presentation_state(work: Work) -> Encoded:
    """The presentation state of the source images; where it draws, a text on each image says who drew, model and person.

    Raises EncodingRefused: DESCRIPTION with every fault of the section, SOURCES where the images are not grey.
    """
    wish = read_presentation(work.description.section, DEFAULT_LAYER if work.description.model else LAYER_OF_PERSON)
    sources = named_sources(work)
    coloured = [image for image in sources if image.get("SamplesPerPixel") != 1]
    if coloured:
        sentence = (
            f"{len(coloured)} of {len(sources)} source images are not grey: their windows and palettes mean nothing."
        )
        raise EncodingRefused(Reason.SOURCES, sentence)
    faults = tuple(_unfit(wish, {str(image.SOPInstanceUID): image for image in sources}))
    if faults:
        sentence = "The section presentation_state does not fit the images."
        raise EncodingRefused(Reason.DESCRIPTION, sentence, faults)
    headers = [complete_header(image) for image in sources]
    built = asked(lambda: _built(wish, headers, work), sources[0])
    stamp(built, work.description, work.identity, sources=sources, predecessor=work.predecessor)
    built.PresentationCreationDate = DA(work.identity.created.date())
    built.PresentationCreationTime = TM(work.identity.created.time())
    built.Laterality = built.get("Laterality", "")  # Type 2C (PS3.3 C.7.3.1), which highdicom leaves out
    return Encoded(dataset=built)


def _unfit(wish: PresentationWish, images: dict[str, Dataset]) -> Iterator[DescriptionFault]:
    for number, item in enumerate(wish.annotations):
        path = f"$.presentation_state.annotations[{number}]"
        image = images.get(item.image)
        if image is None:
            yield DescriptionFault(f"{path}.image", f"The image {item.image} is not among the sources.")
            continue
        frames, rows, columns = int(image.get("NumberOfFrames") or 1), int(image.Rows), int(image.Columns)
        if item.frame is not None and item.frame > frames:
            yield DescriptionFault(f"{path}.frame", f"The image {item.image} has {frames} frames.")
        points = [point for graphic in item.graphics for point in graphic.points]
        points += [each.anchor for each in item.texts]
        beyond = [(column, row) for column, row in points if column > columns or row > rows]
        if beyond:
            column, row = beyond[0]
            said = f"The point ({column:g}, {row:g}) lies outside the image's {columns} columns and {rows} rows."
            yield DescriptionFault(path, said)


def _built(wish: PresentationWish, images: Sequence[Dataset], work: Work) -> Dataset:
    layers = (
        {layer.name: _layer(layer, order) for order, layer in enumerate(wish.layers, 1)} if wish.annotations else {}
    )
    by_uid = {str(image.SOPInstanceUID): image for image in images}
    drawn = [_annotation(item, by_uid[item.image], layers[item.layer]) for item in wish.annotations]
    if drawn:
        named = dict.fromkeys(item.image for item in wish.annotations)
        drawn.append(_label(work, [by_uid[uid] for uid in named], layers[wish.layers[0].name]))
    said = {
        "referenced_images": images,
        "content_label": work.description.content_label,
        "content_description": work.description.content_description,
        "content_creator_name": work.description.content_creator,
        "graphic_layers": list(layers.values()) or None,
        "graphic_annotations": drawn or None,
        **common_arguments(work.description, work.identity),
    }
    del said["content_date"], said["content_time"]  # no attributes of presentation states
    window = [_window(wish)] if wish.window else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if wish.form is Form.GRAYSCALE:
            return pr.GrayscaleSoftcopyPresentationState(**said, voi_lut_transformations=window)
        built = pr.PseudoColorSoftcopyPresentationState(**said, palette_color_lut_transformation=_palette(wish))
    if window:  # highdicom 0.28 raises TypeError for whatever is given it here
        built.SoftcopyVOILUTSequence = window
    return built


def _window(wish: PresentationWish) -> pr.SoftcopyVOILUTTransformation:
    window = wish.window
    return pr.SoftcopyVOILUTTransformation(
        window_center=window.center, window_width=window.width, window_explanation=window.explanation or None
    )


def _palette(wish: PresentationWish) -> hd.PaletteColorLUTTransformation:
    """The colours between the stops, on straight lines in sRGB."""
    at = np.linspace(0, 1, ENTRIES)
    places = [place for place, _ in wish.palette]
    tables = []
    for channel, name in enumerate(("red", "green", "blue")):
        values = np.interp(at, places, [colour[channel] for _, colour in wish.palette])
        tables.append(hd.PaletteColorLUT(0, np.rint(values * 257).astype(np.uint16), name))
    return hd.PaletteColorLUTTransformation(*tables)


def _layer(layer: LayerWish, order: int) -> pr.GraphicLayer:
    colour = hd.color.CIELabColor.from_rgb(*layer.colour) if layer.colour else None
    return pr.GraphicLayer(layer.name, order=order, description=layer.description or None, display_color=colour)


def _annotation(item: AnnotationWish, image: Dataset, layer: pr.GraphicLayer) -> pr.GraphicAnnotation:
    return pr.GraphicAnnotation(
        [image],
        layer,
        referenced_frame_number=item.frame if "NumberOfFrames" in image else None,
        graphic_objects=[_graphic(each) for each in item.graphics] or None,
        text_objects=[pr.TextObject(each.text, units="PIXEL", anchor_point=each.anchor) for each in item.texts] or None,
    )


def _graphic(wish: GraphicWish) -> pr.GraphicObject:
    return pr.GraphicObject(
        graphic_type=wish.kind,
        graphic_data=np.array(wish.points, float),
        units="PIXEL",
        is_filled=wish.filled,
        tracking_id=wish.tracking_id or None,
        tracking_uid=wish.tracking_uid or None,
    )


def _label(work: Work, images: Sequence[Dataset], layer: pr.GraphicLayer) -> pr.GraphicAnnotation:
    """Says on every image that is drawn on whose drawing it is: what AI made is never shown unlabelled."""
    model, reader = work.description.model, work.description.reader
    names = ([f"AI · {model.name} {model.version}"] if model else []) + ([reader] if reader else [])
    label = pr.TextObject(" · ".join(names), units="DISPLAY", bounding_box=LABEL_BOX, text_justification="LEFT")
    return pr.GraphicAnnotation(images, layer, text_objects=[label])
