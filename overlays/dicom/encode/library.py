"""Stands between this package and highdicom: gives it headers that it can read, and turns what it raises into a sentence."""

import copy
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


def complete_header(image: Dataset) -> Dataset:
    """A shallow copy of a source header, with empty values for attributes of Type 2 that are missing. The original stays as it is."""
    header = copy.copy(image)
    for keyword in NEEDED:
        if keyword not in header:
            setattr(header, keyword, "")
    return header


def asked(build: Callable[[], Result], image: Dataset) -> Result:
    """What the library builds. Raises EncodingRefused (LIBRARY or TOO_LARGE) for whatever it raises; ``image`` tells which words of the
    message name the patient, and are left out.
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
