"""Tables the transfer syntaxes and which family may come in which (PS3.5 section 10 and Annex A)."""

from dataclasses import dataclass

from overlays.dicom.instance import Family

IMPLICIT_LE = "1.2.840.10008.1.2"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
DEFLATED_LE = "1.2.840.10008.1.2.1.99"
EXPLICIT_BE = "1.2.840.10008.1.2.2"
DEFLATED_IMAGE_FRAME = "1.2.840.10008.1.2.8.1"
RLE_LOSSLESS = "1.2.840.10008.1.2.5"
JPEG_LS_LOSSLESS = "1.2.840.10008.1.2.4.80"
JPEG_2000_LOSSLESS = "1.2.840.10008.1.2.4.90"

NATIVE_SYNTAXES = frozenset((IMPLICIT_LE, EXPLICIT_LE, DEFLATED_LE))


@dataclass(frozen=True, kw_only=True)
class TransferSyntax:
    """One row: its name, whether pixel data is encapsulated, and whether its compression loses anything."""

    uid: str
    name: str
    encapsulated: bool = True
    lossy: bool = False


TRANSFER_SYNTAXES: dict[str, TransferSyntax] = {
    row.uid: row
    for row in (
        TransferSyntax(uid=IMPLICIT_LE, name="Implicit VR Little Endian", encapsulated=False),
        TransferSyntax(uid=EXPLICIT_LE, name="Explicit VR Little Endian", encapsulated=False),
        TransferSyntax(uid=DEFLATED_LE, name="Deflated Explicit VR Little Endian", encapsulated=False),
        TransferSyntax(uid=RLE_LOSSLESS, name="RLE Lossless"),
        TransferSyntax(uid=DEFLATED_IMAGE_FRAME, name="Deflated Image Frame Compression"),
        TransferSyntax(uid=JPEG_LS_LOSSLESS, name="JPEG-LS Lossless"),
        TransferSyntax(uid="1.2.840.10008.1.2.4.81", name="JPEG-LS Near-Lossless", lossy=True),
        TransferSyntax(uid=JPEG_2000_LOSSLESS, name="JPEG 2000 Lossless Only"),
        TransferSyntax(uid="1.2.840.10008.1.2.4.91", name="JPEG 2000", lossy=True),
        TransferSyntax(uid="1.2.840.10008.1.2.4.50", name="JPEG Baseline (Process 1)", lossy=True),
        TransferSyntax(uid="1.2.840.10008.1.2.4.51", name="JPEG Extended (Process 2 and 4)", lossy=True),
        TransferSyntax(uid="1.2.840.10008.1.2.4.57", name="JPEG Lossless (Process 14)"),
        TransferSyntax(uid="1.2.840.10008.1.2.4.70", name="JPEG Lossless (Process 14, Selection Value 1)"),
        TransferSyntax(uid="1.2.840.10008.1.2.4.201", name="High-Throughput JPEG 2000 Lossless Only"),
        TransferSyntax(uid="1.2.840.10008.1.2.4.202", name="High-Throughput JPEG 2000 with RPCL Lossless Only"),
        TransferSyntax(uid="1.2.840.10008.1.2.4.203", name="High-Throughput JPEG 2000", lossy=True),
    )
}

NOT_DECODED = frozenset(("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"))
"""JPEG Lossless is kept and served as it is: its only decoder is under a licence that does not suit."""

ACCEPTED: dict[Family, frozenset[str]] = {
    Family.SEGMENTATION: NATIVE_SYNTAXES | {RLE_LOSSLESS, JPEG_LS_LOSSLESS, JPEG_2000_LOSSLESS, DEFLATED_IMAGE_FRAME},
    Family.STRUCTURED_REPORT: NATIVE_SYNTAXES,
    Family.PARAMETRIC_MAP: NATIVE_SYNTAXES | {RLE_LOSSLESS, JPEG_LS_LOSSLESS, JPEG_2000_LOSSLESS, DEFLATED_IMAGE_FRAME},
    Family.PRESENTATION_STATE: NATIVE_SYNTAXES,
    Family.KEY_OBJECTS: NATIVE_SYNTAXES,
    Family.STRUCTURE_SET: NATIVE_SYNTAXES,
    Family.ANNOTATIONS: NATIVE_SYNTAXES,
    Family.SECONDARY_CAPTURE: frozenset(TRANSFER_SYNTAXES),
    Family.IMAGE: frozenset(TRANSFER_SYNTAXES),
}


def name_of(uid: str) -> str:
    """The name for people, the UID itself when the table has none."""
    row = TRANSFER_SYNTAXES.get(uid)
    return f"{row.name} ({uid})" if row else uid
