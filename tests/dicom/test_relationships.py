"""Tests the tables of which content items may stand below which."""

import pytest

from overlays.dicom.rules.relationships import EVERY_TYPE, TABLES
from overlays.dicom.sop_classes import BASIC_TEXT_SR, COMPREHENSIVE_3D_SR, COMPREHENSIVE_SR, ENHANCED_SR


def may(sop_class: str, parent: str, relationship: str, child: str) -> bool:
    return child in TABLES[sop_class].get((parent, relationship), frozenset())


@pytest.mark.parametrize(
    ("row", "classes"),
    [
        (("CONTAINER", "CONTAINS", "TEXT"), (BASIC_TEXT_SR, ENHANCED_SR, COMPREHENSIVE_SR, COMPREHENSIVE_3D_SR)),
        (("CONTAINER", "CONTAINS", "CONTAINER"), (BASIC_TEXT_SR, ENHANCED_SR, COMPREHENSIVE_SR, COMPREHENSIVE_3D_SR)),
        (("CONTAINER", "CONTAINS", "NUM"), (ENHANCED_SR, COMPREHENSIVE_SR, COMPREHENSIVE_3D_SR)),
        (("CONTAINER", "CONTAINS", "SCOORD3D"), (COMPREHENSIVE_3D_SR,)),
        (("NUM", "INFERRED FROM", "SCOORD"), (ENHANCED_SR, COMPREHENSIVE_SR, COMPREHENSIVE_3D_SR)),
        (("NUM", "INFERRED FROM", "CONTAINER"), (COMPREHENSIVE_SR, COMPREHENSIVE_3D_SR)),
        (("TEXT", "INFERRED FROM", "IMAGE"), (BASIC_TEXT_SR, ENHANCED_SR, COMPREHENSIVE_SR, COMPREHENSIVE_3D_SR)),
        (("NUM", "HAS OBS CONTEXT", "CODE"), (COMPREHENSIVE_SR, COMPREHENSIVE_3D_SR)),
        (("CONTAINER", "HAS OBS CONTEXT", "IMAGE"), ()),
        (("SCOORD", "SELECTED FROM", "IMAGE"), (BASIC_TEXT_SR, ENHANCED_SR, COMPREHENSIVE_SR, COMPREHENSIVE_3D_SR)),
        (("TCOORD", "SELECTED FROM", "SCOORD3D"), (COMPREHENSIVE_3D_SR,)),
        (("IMAGE", "HAS ACQ CONTEXT", "DATE"), (BASIC_TEXT_SR, ENHANCED_SR, COMPREHENSIVE_SR, COMPREHENSIVE_3D_SR)),
        (("PNAME", "HAS PROPERTIES", "NUM"), ()),
    ],
)
def test_a_relationship_is_allowed_in_these_classes_and_no_other(row: tuple[str, str, str], classes: tuple) -> None:
    assert tuple(sop_class for sop_class in TABLES if may(sop_class, *row)) == classes


@pytest.mark.parametrize("sop_class", TABLES)
@pytest.mark.parametrize("parent", sorted(EVERY_TYPE))
def test_every_item_may_be_modified_by_text_and_codes_alone(sop_class: str, parent: str) -> None:
    assert TABLES[sop_class][parent, "HAS CONCEPT MOD"] == {"TEXT", "CODE"}
