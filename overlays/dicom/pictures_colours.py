"""Gives values their colours: one scale for all maps."""

import numpy as np

ANCHORS = (
    (68, 1, 84),
    (71, 44, 122),
    (59, 81, 139),
    (44, 113, 142),
    (33, 144, 141),
    (39, 173, 129),
    (92, 200, 99),
    (170, 220, 50),
    (253, 231, 37),
)
"""Nine colours at even steps, of rising lightness, that people with any colour deficiency tell apart (after viridis, 2015)."""
COLOURS = np.stack([np.interp(np.linspace(0, 8, 256), range(9), part) for part in zip(*ANCHORS, strict=True)], axis=1)


def coloured(values: np.ndarray, shown: np.ndarray, low: float, high: float) -> np.ndarray:
    """RGBA of real world values over a scale, opaque where they are ``shown``, those beyond it in the colours of its ends: ``uint8``
    of shape (rows, columns, 4).
    """
    with np.errstate(invalid="ignore", over="ignore"):
        share = np.clip((values - low) / max(high - low, 1e-300), 0, 1)
    picture = np.zeros((*values.shape, 4), np.uint8)
    steps = np.nan_to_num(share * 255, nan=0.0).astype(np.uint8)
    picture[:, :, :3] = COLOURS.round().astype(np.uint8)[steps]
    picture[:, :, 3] = 255
    picture[~shown] = 0
    return picture
