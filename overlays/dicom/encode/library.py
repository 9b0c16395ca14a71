"""Stands between this package and highdicom: gives it headers that it can read, and turns what it raises into a sentence."""

import logging
from collections.abc import Callable
from typing import TypeVar

from pydicom import Dataset

from overlays.dicom.complaint import complaint_about
from overlays.dicom.encode.refusal import EncodingRefused, Reason

Result = TypeVar("Result")

NEEDED = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
)
"""Attributes of Type 2 that highdicom reads from a source image without asking whether they are there."""
ANY_THICKNESS = 1.0
"""Millimetres; the same for Slice Thickness, where the caller takes it out of the result again."""


def complete_header(image: Dataset) -> Dataset:
    """A copy of a source header, sharing its values, in which nothing is missing that the library needs."""
    header = Dataset()
    for element in image:
        header.add(element)
    for keyword in NEEDED:
        if keyword not in header:
            setattr(header, keyword, "")
    if "PixelSpacing" in header and not header.get("SliceThickness"):
        header.SliceThickness = ANY_THICKNESS
    return header


def asked(build: Callable[[], Result], image: Dataset) -> Result:
    """What is built. Raises EncodingRefused (LIBRARY or TOO_LARGE) for whatever pydicom and highdicom raise on values of headers;
    ``image`` is one of them, and tells what of a message names the patient, and is left out.
    """
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        return build()
    except EncodingRefused:
        raise
    except MemoryError:
        raise EncodingRefused(Reason.TOO_LARGE, "Encoding needs more memory than there is.") from None
    except Exception as error:  # noqa: BLE001 - the library raises anything on headers that it does not expect
        raise EncodingRefused(
            Reason.LIBRARY, f"The encoding library refused: {complaint_about(error, image)}"
        ) from None
    finally:
        logging.disable(disabled)
