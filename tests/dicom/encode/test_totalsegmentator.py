"""Every class name of the main task is understood, by codes that are sound."""

import pytest
from pydicom.sr.codedict import codes

from overlays.dicom.encode.totalsegmentator import STRUCTURES, Structure, structure_of
from overlays.dicom.instance import Code

_SINGLE = (
    "spleen gallbladder liver stomach pancreas lung_middle_lobe_right esophagus trachea thyroid_gland small_bowel duodenum colon "
    "urinary_bladder prostate sacrum heart aorta pulmonary_vein brachiocephalic_trunk atrial_appendage_left superior_vena_cava "
    "inferior_vena_cava portal_vein_and_splenic_vein spinal_cord brain skull sternum costal_cartilages vertebrae_S1"
)
_PAIRS = (
    "kidney adrenal_gland lung_upper_lobe lung_lower_lobe kidney_cyst subclavian_artery common_carotid_artery brachiocephalic_vein "
    "iliac_artery iliac_vena humerus scapula clavicula femur hip gluteus_maximus gluteus_medius gluteus_minimus autochthon iliopsoas"
)
SINGLE, PAIRS = _SINGLE.split(), _PAIRS.split()
SIDES = ("left", "right")
VERTEBRAE = [f"vertebrae_{part}{n}" for part, last in (("C", 7), ("T", 12), ("L", 5)) for n in range(1, last + 1)]
RIBS = [f"rib_{side}_{number}" for side in SIDES for number in range(1, 13)]
TOTAL = [*SINGLE, *VERTEBRAE, *RIBS, *(f"{name}_{side}" for name in PAIRS for side in SIDES)]

_PRODUCT = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]  # fmt: skip
_STEP = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]


def verhoeff(digits: str) -> bool:
    """Whether the check digit of a SNOMED CT identifier is right."""
    permutation, check = list(range(10)), 0
    for place, digit in enumerate(reversed(digits)):
        row = permutation if place else list(range(10))
        check = _PRODUCT[check][row[int(digit)]]
        permutation = [_STEP[value] for value in permutation]
    return check == 0


def all_codes() -> set[Code]:
    found = set()
    for item in STRUCTURES.values():
        parts = (item.category, item.property_type, item.type_modifier, item.anatomic_region, item.region_modifier)
        found |= {part for part in parts if part}
    return found


def known() -> dict[str, set[str]]:
    """Meanings by value in the context groups that pydicom carries."""
    found: dict[str, set[str]] = {}
    for keyword in codes.SCT.dir():
        concept = getattr(codes.SCT, keyword)
        found.setdefault(concept.value, set()).add(concept.meaning)
    return found


def test_the_main_task_has_117_classes_and_all_are_understood() -> None:
    assert len(TOTAL) == len(set(TOTAL)) == 117
    assert [name for name in TOTAL if not isinstance(structure_of(name), Structure)] == []


@pytest.mark.parametrize("code", sorted(all_codes(), key=lambda code: code.value), ids=lambda code: code.meaning)
def test_a_code_has_the_right_check_digit(code: Code) -> None:
    assert verhoeff(code.value)


def test_a_code_that_the_standard_lists_bears_a_meaning_of_the_standard() -> None:
    meanings = known()
    assert {
        code for code in all_codes() if code.value in meanings and code.meaning not in meanings[code.value]
    } == set()


def test_most_codes_are_listed_by_the_standard() -> None:
    meanings = known()
    assert len([code for code in all_codes() if code.value not in meanings]) == 20


@pytest.mark.parametrize(
    "name", [name for name in STRUCTURES if name.endswith(("_left", "_right")) or name.startswith("rib")]
)
def test_a_name_with_a_side_tells_it(name: str) -> None:
    item, side = STRUCTURES[name], "Left" if "left" in name else "Right"
    modifier = item.type_modifier or item.region_modifier
    assert side == modifier.meaning if modifier else side.lower() in item.property_type.meaning.lower()


def test_two_classes_never_have_the_same_codes() -> None:
    assert len(set(STRUCTURES.values())) == len(STRUCTURES)


def test_a_stranger_is_refused_by_name() -> None:
    assert '"unicorn"' in structure_of("unicorn")
