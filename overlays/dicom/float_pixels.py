"""Surveys floating point pixels in one pass of constant memory: what is no number, and the range of the rest."""

from dataclasses import dataclass
from mmap import mmap

import numpy as np

from overlays.dicom.instance import PixelLayout

CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class FloatSurvey:
    """How many pixels are no finite numbers, and the least and greatest of the finite ones.

    Pixels that are padding are left out of all three; None where no finite pixel is left.
    """

    not_finite: int
    low: float | None
    high: float | None


def survey_floats(
    data: mmap | bytes, layout: PixelLayout, *, padding: float | None, padding_limit: float | None
) -> FloatSurvey | None:
    """Padding are pixels of that value, or from it to the limit (PS3.3 C.7.6.24, C.7.6.25); it may be NaN.

    None for any other pixels, and for a length that holds no whole numbers.
    """
    if not layout.floating or layout.encapsulated or not layout.length or layout.length * 8 % layout.bits_allocated:
        return None
    kind = np.dtype(f"<f{layout.bits_allocated // 8}")
    end = layout.offset + layout.length
    not_finite, lows, highs = 0, [], []
    for start in range(layout.offset, end, CHUNK):
        values = _without_padding(np.frombuffer(data[start : min(start + CHUNK, end)], kind), padding, padding_limit)
        finite = values[np.isfinite(values)]
        not_finite += len(values) - len(finite)
        if len(finite):
            lows.append(finite.min())
            highs.append(finite.max())
    return FloatSurvey(
        not_finite=not_finite, low=float(min(lows)) if lows else None, high=float(max(highs)) if highs else None
    )


def _without_padding(values: np.ndarray, padding: float | None, limit: float | None) -> np.ndarray:
    if padding is None:
        return values
    if np.isnan(padding):
        return values[~np.isnan(values)]
    with np.errstate(over="ignore"):
        least, most = sorted((values.dtype.type(padding), values.dtype.type(padding if limit is None else limit)))
    return values[(values < least) | (values > most) | np.isnan(values)]
