"""Lists values that readers stumble over, by value representation."""

import struct

from overlays.dicom.sop_classes import SOP_CLASSES
from overlays.dicom.transfer_syntaxes import TRANSFER_SYNTAXES

_NUMBERS = (0, 1, 2, 3, 5, 7, 8, 9, 16, 17, 63, 65, 127, 128, 255, 256, 1000, 32767, 32768, 65534, 65535)
_WIDE = (*_NUMBERS, 1 << 16, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
_SIGNED = (*(number for number in _NUMBERS if number < 1 << 15), -1, -2, -32768)
_FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-300, 1e300, -1e300, 3.4e38, float("inf"), float("-inf"), float("nan"))
_DECIMALS = (
    *(
        "",
        "0",
        "-0",
        "1",
        "-1",
        "0.5",
        "1e-300",
        "1e308",
        "-1e308",
        "1e309",
        "1e400",
        "nan",
        "inf",
        "-inf",
        "1_0",
        "0x1F",
    ),
    *(
        "1e-5\\1e-5",
        "0\\0",
        "0\\0\\0",
        "1\\1\\1\\1\\1\\1",
        "1\\0\\0\\0\\1\\0",
        "0\\0\\0\\0\\0\\0",
        "1e308\\1e308\\1e308",
    ),
    *(
        "-1\\0\\0\\0\\1\\0",
        "nan\\nan",
        "1e200\\0\\0\\0\\1e200\\0",
        "\\",
        "\\\\\\",
        "1\\",
        "9" * 16,
        "9" * 400,
        "+1",
        "1,5",
        " 1 ",
    ),
)
_INTEGERS = (
    "",
    "0",
    "1",
    "2",
    "-1",
    "4096",
    "65536",
    "2147483647",
    "2147483648",
    "99999999999",
    "9" * 18,
    "9" * 5000,
    "1.5",
    "x",
)
_UIDS = (
    *(
        "",
        "1",
        "1.2",
        "1.2.3.4.5",
        "1..2",
        "1.02",
        ".1.2",
        "1.2.",
        "2.25." + "9" * 39,
        "1." + "2" * 62,
        "1." + "2" * 63,
    ),
    *("1.2.3\\1.2.4", "x.y", "1.2\x00\x003", "\x00", "\xff\xfe", *SOP_CLASSES, *TRANSFER_SYNTAXES),
)
_CODES = (
    *(
        "",
        "YES",
        "NO",
        "BINARY",
        "FRACTIONAL",
        "LABELMAP",
        "PROBABILITY",
        "OCCUPANCY",
        "MANUAL",
        "AUTOMATIC",
        "SEMIAUTOMATIC",
    ),
    *(
        "TILED_FULL",
        "TILED_SPARSE",
        "3D",
        "MONOCHROME1",
        "MONOCHROME2",
        "PALETTE COLOR",
        "RGB",
        "YBR_FULL",
        "YBR_FULL_422",
    ),
    *(
        "ISO_IR 100",
        "ISO_IR 192",
        "GB18030",
        "ISO_IR 13",
        "\\ISO 2022 IR 87",
        "ISO 2022 IR 149\\ISO 2022 IR 6",
        "ISO_IR 999",
        "\\",
    ),
    *(
        "CONTAINER",
        "TEXT",
        "CODE",
        "NUM",
        "IMAGE",
        "COMPOSITE",
        "SCOORD",
        "SCOORD3D",
        "UIDREF",
        "PNAME",
        "DATETIME",
        "TCOORD",
    ),
    *(
        "CONTAINS",
        "HAS OBS CONTEXT",
        "HAS CONCEPT MOD",
        "HAS PROPERTIES",
        "INFERRED FROM",
        "SELECTED FROM",
        "VERIFIED",
        "COMPLETE",
    ),
    *("POINT", "POLYGON", "POLYLINE", "MULTIPOINT", "CIRCLE", "ELLIPSE", "ELLIPSOID", "CLOSED_PLANAR", "RECTANGLE"),
    *(
        "DERIVED\\PRIMARY",
        "ORIGINAL\\SECONDARY",
        "SEG",
        "SR",
        "PR",
        "KO",
        "RTSTRUCT",
        "ANN",
        "OT",
        "lower",
        "A" * 17,
        "A\\" * 3000,
    ),
)
_TEXT = (
    *(
        "",
        " ",
        "\x00",
        "\\",
        "a\\b",
        "^",
        "^^^^",
        "=",
        "==",
        "A^B=C^D=E",
        "=\\=",
        "x" * 65,
        "x" * 1025,
        "x" * 70_000,
        "\\" * 20_000,
    ),
    *(
        "\x1b$B0l\x1b(B",
        "\x1b$B",
        "\x1b",
        "\x1b-A",
        "\x00in\x00side",
        "a\x07b",
        "line\r\nline",
        "\x7f",
        "<script>",
        "{0}%s",
    ),
    *("126000", "113076", "121322", "SCT", "DCM", "UCUM", "99OVERLAYREG", "SRT", "1500", "2010"),
)
_RAW_TEXT = (
    b"\xff\xfe\xfd",
    b"\xe4",
    "ä".encode(),
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    "一二".encode("gb18030"),
    b"\xc3",
)
_TIMES = (
    "",
    "20260102",
    "2026",
    "99999999",
    "20260230",
    "2026.01.02",
    "010203.123456",
    "246060",
    "20260102030405+9999",
    "-",
    "20260101-",
)
_AGES = ("", "045Y", "45", "999X", "-01Y")


def _packed(form: str, numbers: tuple) -> tuple[bytes, ...]:
    one = tuple(struct.pack("<" + form, number) for number in numbers)
    return (b"", *one, one[0] * 2, one[1] * 3, one[2] * 5000, one[0][:-1], one[0] + b"\x01")


def _encoded(*texts: str) -> tuple[bytes, ...]:
    return tuple(text.encode("latin-1") for text in texts)


_BULK = (b"", b"\x00", b"\x00\x00", b"\x01" * 3, b"\xff" * 8, bytes(range(256)), b"\x80" * 1025, b"\x01\x00" * 40_000)

EXTREMES: dict[str, tuple[bytes, ...]] = {
    **dict.fromkeys(("LO", "LT", "PN", "SH", "ST", "UC", "UT", "UR", "AE"), (*_encoded(*_TEXT), *_RAW_TEXT)),
    **dict.fromkeys(("DA", "TM", "DT"), _encoded(*_TIMES)),
    **dict.fromkeys(("OB", "OD", "OF", "OL", "OV", "OW", "UN", "SQ"), _BULK),
    "AS": _encoded(*_AGES),
    "AT": (b"", b"\x08\x00", b"\x08\x00\x18\x00", b"\x62\x00\x0b\x00", b"\xfe\xff\x00\xe0", b"\xff" * 7),
    "CS": _encoded(*_CODES),
    "DS": _encoded(*_DECIMALS),
    "IS": _encoded(*_INTEGERS),
    "UI": _encoded(*_UIDS),
    "US": _packed("H", _NUMBERS),
    "SS": _packed("h", _SIGNED),
    "UL": _packed("I", _WIDE),
    "SL": _packed("i", _SIGNED),
    "SV": _packed("q", _SIGNED),
    "UV": _packed("Q", _WIDE),
    "FL": _packed("f", _FLOATS[:5] + _FLOATS[8:]),
    "FD": _packed("d", _FLOATS),
}
"""Values as they stand in the bytes, not padded: a writer pads them or leaves an odd length."""


def extreme(representation: str, choice: int) -> bytes:
    """One of the values of a representation."""
    known = EXTREMES[representation]
    return known[choice % len(known)]
