"""Turns Recommended Display CIELab Values into the sRGB of screens (PS3.3 C.10.7.1.1)."""

# PS3.3 speaks of the D50 white of ICC profiles; the writers and viewers in use (highdicom, dcmjs) take D65,
# and theirs is the colour that people see.
_D65_WHITE = (0.95047, 1.0, 1.08883)
_TO_SRGB = (  # IEC 61966-2-1
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)


def srgb_of_cielab(values: tuple[int, int, int]) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of the three 16-bit PCS values as DICOM writes them: L 0 to 100, a and b -128 to 127."""
    lightness, a, b = values[0] / 65535 * 100, values[1] / 65535 * 255 - 128, values[2] / 65535 * 255 - 128
    y = (lightness + 16) / 116
    xyz = [white * _inverse(part) for white, part in zip(_D65_WHITE, (y + a / 500, y, y - b / 200), strict=True)]
    linear = [sum(weight * part for weight, part in zip(row, xyz, strict=True)) for row in _TO_SRGB]
    red, green, blue = (_encoded(part) for part in linear)
    return red, green, blue


def _inverse(part: float) -> float:
    return part**3 if part > 6 / 29 else 3 * (6 / 29) ** 2 * (part - 4 / 29)


def _encoded(linear: float) -> int:
    clipped = min(max(linear, 0.0), 1.0)
    curve = 12.92 * clipped if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055
    return round(curve * 255)
