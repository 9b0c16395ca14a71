"""Tables the SOP classes that the registry takes in, with what each implies."""

from dataclasses import dataclass

from overlays.dicom.instance import Family

_STORAGE = "1.2.840.10008.5.1.4.1.1"

SEGMENTATION = f"{_STORAGE}.66.4"
LABEL_MAP_SEGMENTATION = f"{_STORAGE}.66.7"
PARAMETRIC_MAP = f"{_STORAGE}.30"
GRAYSCALE_PRESENTATION_STATE = f"{_STORAGE}.11.1"
COLOR_PRESENTATION_STATE = f"{_STORAGE}.11.2"
PSEUDO_COLOR_PRESENTATION_STATE = f"{_STORAGE}.11.3"
BLENDING_PRESENTATION_STATE = f"{_STORAGE}.11.4"
ADVANCED_BLENDING_PRESENTATION_STATE = f"{_STORAGE}.11.8"
KEY_OBJECT_SELECTION = f"{_STORAGE}.88.59"
RT_STRUCTURE_SET = f"{_STORAGE}.481.3"
BULK_SIMPLE_ANNOTATIONS = f"{_STORAGE}.91.1"
SECONDARY_CAPTURE = f"{_STORAGE}.7"
BASIC_TEXT_SR = f"{_STORAGE}.88.11"
ENHANCED_SR = f"{_STORAGE}.88.22"
COMPREHENSIVE_SR = f"{_STORAGE}.88.33"
COMPREHENSIVE_3D_SR = f"{_STORAGE}.88.34"
SLIDE_MICROSCOPY = f"{_STORAGE}.77.1.6"


@dataclass(frozen=True, kw_only=True)
class SOPClass:
    """One row: the name of PS3.4 B.5, the family, the modality it demands (several where it leaves a choice, empty where any)."""

    uid: str
    name: str
    family: Family
    modalities: tuple[str, ...]


def _row(suffix: str, name: str, family: Family, *modalities: str) -> SOPClass:
    return SOPClass(uid=f"{_STORAGE}.{suffix}", name=name, family=family, modalities=modalities)


_IMAGE = Family.IMAGE
_CAPTURE = Family.SECONDARY_CAPTURE
_STATE = Family.PRESENTATION_STATE

SOP_CLASSES: dict[str, SOPClass] = {
    row.uid: row
    for row in (
        _row("66.4", "Segmentation", Family.SEGMENTATION, "SEG"),
        _row("66.7", "Label Map Segmentation", Family.SEGMENTATION, "SEG"),
        _row("30", "Parametric Map", Family.PARAMETRIC_MAP),
        _row("11.1", "Grayscale Softcopy Presentation State", _STATE, "PR"),
        _row("11.2", "Color Softcopy Presentation State", _STATE, "PR"),
        _row("11.3", "Pseudo-Color Softcopy Presentation State", _STATE, "PR"),
        _row("11.4", "Blending Softcopy Presentation State", _STATE, "PR"),
        _row("11.8", "Advanced Blending Presentation State", _STATE, "PR"),
        _row("88.59", "Key Object Selection Document", Family.KEY_OBJECTS, "KO"),
        _row("481.3", "RT Structure Set", Family.STRUCTURE_SET, "RTSTRUCT"),
        _row("91.1", "Microscopy Bulk Simple Annotations", Family.ANNOTATIONS, "ANN"),
        _row("7", "Secondary Capture Image", _CAPTURE),
        _row("7.1", "Multi-frame Single Bit Secondary Capture Image", _CAPTURE),
        _row("7.2", "Multi-frame Grayscale Byte Secondary Capture Image", _CAPTURE),
        _row("7.3", "Multi-frame Grayscale Word Secondary Capture Image", _CAPTURE),
        _row("7.4", "Multi-frame True Color Secondary Capture Image", _CAPTURE),
        _row("88.11", "Basic Text SR", Family.STRUCTURED_REPORT, "SR"),
        _row("88.22", "Enhanced SR", Family.STRUCTURED_REPORT, "SR"),
        _row("88.33", "Comprehensive SR", Family.STRUCTURED_REPORT, "SR"),
        _row("88.34", "Comprehensive 3D SR", Family.STRUCTURED_REPORT, "SR"),
        _row("1", "Computed Radiography Image", _IMAGE, "CR"),
        _row("1.1", "Digital X-Ray Image, For Presentation", _IMAGE, "DX"),
        _row("1.1.1", "Digital X-Ray Image, For Processing", _IMAGE, "DX"),
        _row("1.2", "Digital Mammography X-Ray Image, For Presentation", _IMAGE, "MG"),
        _row("1.2.1", "Digital Mammography X-Ray Image, For Processing", _IMAGE, "MG"),
        _row("1.3", "Digital Intra-Oral X-Ray Image, For Presentation", _IMAGE, "IO"),
        _row("1.3.1", "Digital Intra-Oral X-Ray Image, For Processing", _IMAGE, "IO"),
        _row("2", "CT Image", _IMAGE, "CT"),
        _row("2.1", "Enhanced CT Image", _IMAGE, "CT"),
        _row("2.2", "Legacy Converted Enhanced CT Image", _IMAGE, "CT"),
        _row("3.1", "Ultrasound Multi-frame Image", _IMAGE, "US", "IVUS"),
        _row("4", "MR Image", _IMAGE, "MR"),
        _row("4.1", "Enhanced MR Image", _IMAGE, "MR"),
        _row("4.3", "Enhanced MR Color Image", _IMAGE, "MR"),
        _row("4.4", "Legacy Converted Enhanced MR Image", _IMAGE, "MR"),
        _row("6.1", "Ultrasound Image", _IMAGE, "US", "IVUS"),
        _row("6.2", "Enhanced US Volume", _IMAGE, "US"),
        _row("12.1", "X-Ray Angiographic Image", _IMAGE, "XA"),
        _row("12.1.1", "Enhanced XA Image", _IMAGE, "XA"),
        _row("12.2", "X-Ray Radiofluoroscopic Image", _IMAGE, "RF"),
        _row("12.2.1", "Enhanced XRF Image", _IMAGE, "RF"),
        _row("13.1.1", "X-Ray 3D Angiographic Image", _IMAGE, "XA"),
        _row("13.1.3", "Breast Tomosynthesis Image", _IMAGE, "MG"),
        _row("20", "Nuclear Medicine Image", _IMAGE, "NM"),
        _row("77.1.1", "VL Endoscopic Image", _IMAGE, "ES"),
        _row("77.1.2", "VL Microscopic Image", _IMAGE, "GM"),
        _row("77.1.3", "VL Slide-Coordinates Microscopic Image", _IMAGE, "SM"),
        _row("77.1.4", "VL Photographic Image", _IMAGE, "XC", "DMS"),
        _row("77.1.5.1", "Ophthalmic Photography 8 Bit Image", _IMAGE, "OP"),
        _row("77.1.5.2", "Ophthalmic Photography 16 Bit Image", _IMAGE, "OP"),
        _row("77.1.5.4", "Ophthalmic Tomography Image", _IMAGE, "OPT"),
        _row("77.1.6", "VL Whole Slide Microscopy Image", _IMAGE, "SM"),
        _row("128", "Positron Emission Tomography Image", _IMAGE, "PT"),
        _row("128.1", "Legacy Converted Enhanced PET Image", _IMAGE, "PT"),
        _row("130", "Enhanced PET Image", _IMAGE, "PT"),
        _row("481.1", "RT Image", _IMAGE, "RTIMAGE"),
    )
}


def name_of(uid: str) -> str:
    """The name for people, the UID itself when the table has none."""
    row = SOP_CLASSES.get(uid)
    return row.name if row else uid
