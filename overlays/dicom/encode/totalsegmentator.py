"""Knows the anatomy behind the class names of TotalSegmentator.

The names are those of its tasks "total" of version 2 (all 117) and of version 1. The codes are those that its authors publish for them
(``totalsegmentator_snomed_mapping.csv``), each compared with the context groups of PS3.16 and, where those lack it, with a second
publication. Three differ from the authors' table: the subclavian arteries, for which it has the code of the right one on both sides; the
left atrial appendage, which has a code of its own in PS3.16; the gluteus maximus, whose usual code is another one. The category is that of
PS3.16 CID 7150.
"""

from dataclasses import dataclass

from overlays.dicom.instance import Code


@dataclass(frozen=True, slots=True)
class Structure:
    """A class as SNOMED CT codes it: category and type, a side where the name has one, and the organ that a lesion lies in."""

    category: Code
    property_type: Code
    type_modifier: Code | None = None
    anatomic_region: Code | None = None
    region_modifier: Code | None = None


def sct(value: str, meaning: str) -> Code:
    """A concept of SNOMED CT."""
    return Code(value=value, scheme="SCT", meaning=meaning)


ANATOMICAL_STRUCTURE = sct("91723000", "Anatomical Structure")
ABNORMAL_STRUCTURE = sct("49755003", "Morphologically Abnormal Structure")
SIDES = {"left": sct("7771000", "Left"), "right": sct("24028007", "Right")}
CYST = sct("367643001", "Cyst")
KIDNEY = sct("64033007", "Kidney")

UNPAIRED = {
    "spleen": sct("78961009", "Spleen"),
    "gallbladder": sct("28231008", "Gallbladder"),
    "liver": sct("10200004", "Liver"),
    "stomach": sct("69695003", "Stomach"),
    "pancreas": sct("15776009", "Pancreas"),
    "lung_middle_lobe_right": sct("72481006", "Middle lobe of right lung"),
    "esophagus": sct("32849002", "Esophagus"),
    "trachea": sct("44567001", "Trachea"),
    "thyroid_gland": sct("69748006", "Thyroid"),
    "small_bowel": sct("30315005", "Small intestine"),
    "duodenum": sct("38848004", "Duodenum"),
    "colon": sct("71854001", "Colon"),
    "urinary_bladder": sct("89837001", "Bladder"),
    "prostate": sct("41216001", "Prostate"),
    "sacrum": sct("54735007", "Sacrum"),
    "heart": sct("80891009", "Heart"),
    "aorta": sct("15825003", "Aorta"),
    "pulmonary_vein": sct("122972007", "Pulmonary vein"),
    "brachiocephalic_trunk": sct("12691009", "Innominate artery"),
    "atrial_appendage_left": sct("33626005", "Left auricular appendage"),
    "superior_vena_cava": sct("48345005", "Superior vena cava"),
    "inferior_vena_cava": sct("64131007", "Inferior vena cava"),
    "portal_vein_and_splenic_vein": sct("110765007", "Portal vein and splenic vein"),
    "spinal_cord": sct("2748008", "Spinal cord"),
    "brain": sct("12738006", "Brain"),
    "skull": sct("89546000", "Skull"),
    "sternum": sct("56873002", "Sternum"),
    "costal_cartilages": sct("50016007", "Costal Cartilage"),
    "vertebrae_S1": sct("65985001", "S1 vertebra"),
    "vertebrae_L5": sct("49668003", "L5 vertebra"),
    "vertebrae_L4": sct("11994002", "L4 vertebra"),
    "vertebrae_L3": sct("36470004", "L3 vertebra"),
    "vertebrae_L2": sct("14293000", "L2 vertebra"),
    "vertebrae_L1": sct("66794005", "L1 vertebra"),
    "vertebrae_T12": sct("23215003", "T12 vertebra"),
    "vertebrae_T11": sct("12989004", "T11 vertebra"),
    "vertebrae_T10": sct("7610001", "T10 vertebra"),
    "vertebrae_T9": sct("82687006", "T9 vertebra"),
    "vertebrae_T8": sct("11068009", "T8 vertebra"),
    "vertebrae_T7": sct("62487009", "T7 vertebra"),
    "vertebrae_T6": sct("45296009", "T6 vertebra"),
    "vertebrae_T5": sct("56401006", "T5 vertebra"),
    "vertebrae_T4": sct("73071006", "T4 vertebra"),
    "vertebrae_T3": sct("1626008", "T3 vertebra"),
    "vertebrae_T2": sct("53733008", "T2 vertebra"),
    "vertebrae_T1": sct("64864005", "T1 vertebra"),
    "vertebrae_C7": sct("87391001", "C7 vertebra"),
    "vertebrae_C6": sct("36054005", "C6 vertebra"),
    "vertebrae_C5": sct("36978003", "C5 vertebra"),
    "vertebrae_C4": sct("5329002", "C4 vertebra"),
    "vertebrae_C3": sct("113205007", "C3 vertebra"),
    "vertebrae_C2": sct("39976000", "C2 vertebra"),
    "vertebrae_C1": sct("14806007", "C1 vertebra"),
    # Of version 1 only.
    "face": sct("89545001", "Face"),
    "heart_myocardium": sct("74281007", "Myocardium"),
    "heart_atrium_left": sct("82471001", "Left atrium"),
    "heart_atrium_right": sct("73829009", "Right atrium"),
    "heart_ventricle_left": sct("87878005", "Left ventricle"),
    "heart_ventricle_right": sct("53085002", "Right ventricle"),
    "pulmonary_artery": sct("81040000", "Pulmonary artery"),
}
"""Names that have no side, or whose code says it."""

PAIRED = {
    "kidney": KIDNEY,
    "adrenal_gland": sct("23451007", "Adrenal gland"),
    "lung_upper_lobe": sct("45653009", "Upper lobe of lung"),
    "lung_lower_lobe": sct("90572001", "Lower lobe of lung"),
    "subclavian_artery": sct("36765005", "Subclavian artery"),
    "common_carotid_artery": sct("32062004", "Common carotid artery"),
    "brachiocephalic_vein": sct("8887007", "Innominate vein"),
    "iliac_artery": sct("73634005", "Common iliac artery"),
    "iliac_vena": sct("46027005", "Common iliac vein"),
    "humerus": sct("85050009", "Humerus"),
    "scapula": sct("79601000", "Scapula"),
    "clavicula": sct("51299004", "Clavicle"),
    "femur": sct("71341001", "Femur"),
    "hip": sct("29836001", "Hip"),
    "gluteus_maximus": sct("206007", "Gluteus maximus muscle"),
    "gluteus_medius": sct("78333006", "Gluteus medius muscle"),
    "gluteus_minimus": sct("75297007", "Gluteus minimus muscle"),
    "autochthon": sct("244849004", "Deep muscle of back"),
    "iliopsoas": sct("68455001", "Iliopsoas muscle"),
}
"""Names that end in ``_left`` and ``_right``."""

RIBS = (
    sct("48535007", "First rib"),
    sct("78247007", "Second rib"),
    sct("25888004", "Third rib"),
    sct("25523003", "Fourth rib"),
    sct("15339008", "Fifth rib"),
    sct("59558009", "Sixth rib"),
    sct("24915002", "Seventh rib"),
    sct("5953002", "Eighth rib"),
    sct("22565002", "Ninth rib"),
    sct("77644006", "Tenth rib"),
    sct("58830002", "Eleventh rib"),
    sct("43993008", "Twelfth rib"),
)


def _structures() -> dict[str, Structure]:
    found = {name: Structure(ANATOMICAL_STRUCTURE, code) for name, code in UNPAIRED.items()}
    for side, modifier in SIDES.items():
        for name, code in PAIRED.items():
            found[f"{name}_{side}"] = Structure(ANATOMICAL_STRUCTURE, code, modifier)
        for number, code in enumerate(RIBS, start=1):
            found[f"rib_{side}_{number}"] = Structure(ANATOMICAL_STRUCTURE, code, modifier)
        found[f"kidney_cyst_{side}"] = Structure(ABNORMAL_STRUCTURE, CYST, None, KIDNEY, modifier)
    return found


STRUCTURES = _structures()
"""Every class name that is understood."""


def structure_of(name: str) -> Structure | str:
    """The codes of a class name, or a sentence that says why there are none."""
    return STRUCTURES.get(name) or (
        f'No code is known here for the class name "{name[:64]}" of TotalSegmentator; describe the segment by its codes.'
    )
