"""Reads the files of a mask, whatever their format."""

import logging
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.masks.mask import Mask
from overlays.dicom.encode.masks.nifti import read_nifti
from overlays.dicom.encode.masks.nrrd import read_nrrd
from overlays.dicom.encode.masks.numpy_files import read_npy, read_npz
from overlays.dicom.encode.masks.png import read_png_archive, read_png_stack
from overlays.dicom.encode.refusal import EncodingRefused, MaskTooLarge, MaskUnreadable

READERS: dict[str, Callable[[Path, EncodingLimits], Mask]] = {
    ".nii": read_nifti,
    ".nii.gz": read_nifti,
    ".nrrd": read_nrrd,
    ".npy": read_npy,
    ".npz": read_npz,
    ".zip": read_png_archive,
}
"""By the end of the file's name."""


def read_mask(files: Sequence[Path], limits: EncodingLimits | None = None) -> Mask:
    """The mask in one file (NIfTI, NRRD, .npy, .npz, ZIP of PNG images), or in several PNG images in their order.

    Raises MaskUnreadable and MaskTooLarge, and nothing else, whatever the files hold. Memory stays within about twice the limits.
    """
    limits = limits or EncodingLimits()
    if not files:
        raise MaskUnreadable("There is no mask file.")
    if len(files) > limits.max_files:
        raise MaskTooLarge(f"There are {len(files)} mask files; {limits.max_files} are taken.")
    names = [path.name.lower() for path in files]
    if all(name.endswith(".png") for name in names):
        return _guarded(lambda: read_png_stack(files, limits))
    if len(files) > 1:
        raise MaskUnreadable("A mask is one file, or several PNG images; a segmentation has one file a segment, too.")
    reader = next((READERS[suffix] for suffix in READERS if names[0].endswith(suffix)), None)
    if reader is None:
        raise MaskUnreadable(f"The name of a mask file ends in one of {', '.join(READERS)} or .png.")
    return _guarded(lambda: reader(files[0], limits))


def _guarded(read: Callable[[], Mask]) -> Mask:
    """Whatever a library raises on hostile bytes becomes one sentence; what it warns of or logs is about foreign bytes, and dropped."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read()
    except EncodingRefused:
        raise
    except MemoryError:
        raise MaskTooLarge("The mask needs more memory than there is.") from None
    except Exception as error:  # noqa: BLE001 - readers of foreign formats raise anything
        raise MaskUnreadable(f"The mask cannot be read in the format of its name ({type(error).__name__}).") from None
    finally:
        logging.disable(disabled)
