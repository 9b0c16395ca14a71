"""The table of what encodes each kind of result."""

from collections.abc import Callable

from pydicom import Dataset

from overlays.dicom.encode.description import Kind
from overlays.dicom.encode.library import asked
from overlays.dicom.encode.parametric_map import encode_parametric_map
from overlays.dicom.encode.presentation import encode_presentation_state
from overlays.dicom.encode.report import encode_report
from overlays.dicom.encode.segmentation import encode_segmentation
from overlays.dicom.encode.work import Encoded, Work

ENCODERS: dict[Kind, Callable[[Work], Encoded]] = {
    Kind.SEGMENTATION: encode_segmentation,
    Kind.REPORT: encode_report,
    Kind.PARAMETRIC_MAP: encode_parametric_map,
    Kind.PRESENTATION_STATE: encode_presentation_state,
}
"""One function a kind."""


def encode(work: Work) -> Encoded:
    """The object of whichever kind. Raises EncodingRefused and nothing else, whatever the headers of the sources hold."""
    image = work.sources[0] if work.sources else Dataset()
    return asked(lambda: ENCODERS[work.description.kind](work), image)
