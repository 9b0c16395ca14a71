"""Tests what a deployment may change of the table of rules."""

from pathlib import Path

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.findings import Severity
from overlays.dicom.inspect import inspect
from overlays.dicom.model_identity import claimed_model
from overlays.dicom.rules.policy import AS_WRITTEN, FIXED, rule_policy, why_fixed
from overlays.dicom.rules.rule import Stage
from overlays.dicom.rules.table import BY_ID, TABLE
from tests.builders import segmentation, to_bytes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An object that breaks two rules that may be changed: a warning and an error."""
    broken = segmentation()
    del broken.SegmentsOverlap
    broken.ContentLabel = ""
    path = tmp_path / "object.dcm"
    path.write_bytes(to_bytes(broken))
    return path


def told(path: Path, **words: str) -> dict[str, Severity]:
    policy = rule_policy({name.replace("_", "-"): word for name, word in words.items()})
    return {finding.rule: finding.severity for finding in inspect(path, bounds=Bounds(), policy=policy).findings}


def test_without_a_change_rules_are_as_grave_as_written(path: Path) -> None:
    assert told(path) == {"SEG-025": Severity.WARNING, "SEG-021": Severity.ERROR}


def test_a_rule_is_made_graver_and_another_milder(path: Path) -> None:
    found = told(path, SEG_025="error", SEG_021="warning")
    assert found == {"SEG-025": Severity.ERROR, "SEG-021": Severity.WARNING}


def test_a_rule_that_is_switched_off_is_not_told(path: Path) -> None:
    assert told(path, SEG_021="off") == {"SEG-025": Severity.WARNING}


def test_the_model_is_believed_where_its_rule_is_switched_off(path: Path) -> None:
    instance = inspect(path, bounds=Bounds()).instance
    assert claimed_model(instance, None, policy=rule_policy({"MOD-001": "off"})) == claimed_model(instance, None)


@pytest.mark.parametrize(
    ("name", "word", "sentence"),
    [
        ("SEG-999", "off", "'SEG-999' is no rule"),
        ("SEG-023", "off", "'SEG-023' is no rule"),
        ("SEG-018", "fatal", "SEG-018 must be error, warning, off; found 'fatal'"),
        ("SEG-018", "", "SEG-018 must be error, warning, off; found ''"),
        ("FIL-004", "off", "FIL-004 may not be made milder: behind such a fault the bytes cannot be read"),
        ("FIL-013", "off", "FIL-013 may not be made milder"),
        ("LIM-006", "warning", "LIM-006 may not be made milder"),
        ("SRC-014", "off", "SRC-014 may not be made milder: a frame would be drawn at another's place"),
        ("RTS-010", "off", "RTS-010 may not be made milder: contours would be drawn at no place"),
        ("SRC-001", "warning", "SRC-001 may not be made milder: the result would be shown for another patient"),
    ],
)
def test_what_may_not_be_changed_is_refused_with_the_reason(name: str, word: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        rule_policy({name: word})


def test_every_fault_is_told() -> None:
    with pytest.raises(ValueError, match="'A' is no rule; 'B' is no rule"):
        rule_policy({"A": "off", "B": "off"})


def test_a_fixed_rule_may_be_made_graver() -> None:
    assert rule_policy({"FIL-013": "error"}).severity(BY_ID["FIL-013"]) is Severity.ERROR


def test_a_fixed_rule_may_be_named_as_it_is_written() -> None:
    assert rule_policy({"IMG-004": "error"}).severity(BY_ID["IMG-004"]) is Severity.ERROR


def test_reasons_are_given_for_rules_that_exist() -> None:
    assert FIXED.keys() <= BY_ID.keys()


@pytest.mark.parametrize("rule", [rule for rule in TABLE if rule.stage in (Stage.BYTES, Stage.LIMITS)])
def test_rules_about_bytes_and_limits_are_fixed(rule) -> None:
    assert why_fixed(rule)


def test_the_table_as_written_changes_nothing() -> None:
    assert [rule.id for rule in TABLE if AS_WRITTEN.severity(rule) is not rule.severity] == []
