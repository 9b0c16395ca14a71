"""Reads how a presentation state wants its images shown (PS3.3 C.10, C.11)."""

from collections.abc import Iterator
from itertools import chain, islice
from math import isfinite

from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import DisplayAdvice, GraphicLayer

MAX_LAYERS = 1000
MAX_TEXTS = 1000
"""Of all layers together."""
MAX_TEXT = 1 << 14
"""Characters of one text; ST has 1,024."""
MAX_ALL_TEXT = 1 << 18
"""Of all texts together."""
CUT = " […] (cut here: the object holds more of this text)"
MAX_WINDOWS = 1000
MAX_STEPS = 1000
MAX_PALETTES = 10
OWN = "own"


def read_display_advice(root: DataSet) -> DisplayAdvice:
    """Layers, windows, palette and blending, at most 1,000 of each; what text is cut ends with a sentence that says so."""
    return DisplayAdvice(
        layers=_layers(root),
        windows=tuple(islice(_windows(root), MAX_WINDOWS)),
        palette=", ".join(dict.fromkeys(islice(_palettes(root), MAX_PALETTES))),
        blending=tuple(islice(_blending(root), MAX_STEPS)),
    )


def transformed(root: DataSet) -> Iterator[DataSet]:
    """The parts of a presentation state that carry grayscale transformations: itself, and each of its blending inputs."""
    return chain((root,), root.each("BlendingSequence"), root.each("AdvancedBlendingSequence"))


def _layers(root: DataSet) -> tuple[GraphicLayer, ...]:
    """Those declared, then those that only an annotation names."""
    declared: dict[str, DataSet | None] = {}
    for item in islice(root.each("GraphicLayerSequence"), MAX_LAYERS):
        declared.setdefault(item.text("GraphicLayer"), item)
    graphics: dict[str, int] = {}
    texts: dict[str, list[str]] = {}
    left, room = MAX_TEXTS, MAX_ALL_TEXT
    for annotation in root.each("GraphicAnnotationSequence"):
        name = annotation.text("GraphicLayer")
        if name not in declared:
            if len(declared) == MAX_LAYERS:
                continue
            declared[name] = None
        graphics[name] = graphics.get(name, 0) + annotation.count("GraphicObjectSequence")
        written = [item.text("UnformattedTextValue") for item in islice(annotation.each("TextObjectSequence"), left)]
        for text in written:
            kept = text[: min(MAX_TEXT, room)]
            room -= len(kept)
            texts.setdefault(name, []).append(kept if kept == text else kept + CUT)
        left -= len(written)
    return tuple(
        GraphicLayer(
            name=name,
            order=item.integer("GraphicLayerOrder") if item else None,
            description=item.text("GraphicLayerDescription") if item else "",
            graphics=graphics.get(name, 0),
            texts=tuple(texts.get(name, ())),
        )
        for name, item in declared.items()
    )


def _windows(root: DataSet) -> Iterator[tuple[float, float]]:
    for part in transformed(root):
        for item in part.each("SoftcopyVOILUTSequence"):
            for center, width in zip(
                item.numbers("WindowCenter") or (), item.numbers("WindowWidth") or (), strict=False
            ):
                if isfinite(center) and isfinite(width):
                    yield float(center), float(width)


def _palettes(root: DataSet) -> Iterator[str]:
    inputs = (part.each("PaletteColorLookupTableSequence") for part in root.each("AdvancedBlendingSequence"))
    for holder in chain((root,), chain.from_iterable(inputs)):
        if "RedPaletteColorLookupTableDescriptor" in holder or "PaletteColorLookupTableUID" in holder:
            yield holder.text("PaletteColorLookupTableUID") or OWN


def _blending(root: DataSet) -> Iterator[str]:
    """The one step of two sets of images (C.11.14), and the steps of advanced blending (C.11.34)."""
    if "BlendingSequence" in root:
        positions = (item.text("BlendingPosition") for item in islice(root.each("BlendingSequence"), 2))
        yield _step(" and ".join(filter(None, positions)), root)
    for item in root.each("BlendingDisplaySequence"):
        yield _step(item.text("BlendingMode"), item)


def _step(mode: str, holder: DataSet) -> str:
    opacity = holder.numbers("RelativeOpacity")
    return f"{mode}, opacity {opacity[0]:g}" if opacity else mode
