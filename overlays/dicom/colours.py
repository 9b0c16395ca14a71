"""Turns Recommended Display CIELab Values into the sRGB of screens (PS3.3 C.10.7.1.1)."""

_D50_WHITE = (0.9642, 1.0, 0.8249)
# D50 to the linear sRGB primaries, Bradford adapted (IEC 61966-2-1).
_TO_SRGB = (
    (3.1338561, -1.6168667, -0.4906146),
    (-0.9787684, 1.9161415, 0.0334540),
    (0.0719453, -0.2289914, 1.4052427),
)


def srgb_of_cielab(values: tuple[int, int, int]) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of the three 16-bit PCS values as DICOM writes them: L 0 to 100, a and b -128 to 127."""
    lightness, a, b = values[0] / 65535 * 100, values[1] / 65535 * 255 - 128, values[2] / 65535 * 255 - 128
    y = (lightness + 16) / 116
    xyz = [white * _inverse(part) for white, part in zip(_D50_WHITE, (y + a / 500, y, y - b / 200), strict=True)]
    linear = [sum(weight * part for weight, part in zip(row, xyz, strict=True)) for row in _TO_SRGB]
    red, green, blue = (_encoded(part) for part in linear)
    return red, green, blue


def _inverse(part: float) -> float:
    return part**3 if part > 6 / 29 else 3 * (6 / 29) ** 2 * (part - 4 / 29)


def _encoded(linear: float) -> int:
    clipped = min(max(linear, 0.0), 1.0)
    curve = 12.92 * clipped if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055
    return round(curve * 255)
