"""Reads how a presentation state wants its images shown (PS3.3 C.10, C.11)."""

from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import DisplayAdvice, GraphicLayer


def read_display_advice(root: DataSet) -> DisplayAdvice:
    """Layers, windows, palette and blending."""
    layers = tuple(
        GraphicLayer(
            name=item.text("GraphicLayer"),
            order=item.integer("GraphicLayerOrder"),
            description=item.text("GraphicLayerDescription"),
        )
        for item in root.each("GraphicLayerSequence")
    )
    return DisplayAdvice(layers=layers)
