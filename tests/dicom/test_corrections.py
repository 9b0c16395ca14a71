"""Tests which faults a reader's correction is stored with."""

from pathlib import Path

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.child_open import open_instance
from overlays.dicom.findings import Severity, refuses
from overlays.dicom.inspect import inspect
from overlays.dicom.rules.corrections import LENIENT, STRICT, for_corrections
from overlays.dicom.rules.policy import AS_WRITTEN, rule_policy, why_fixed
from overlays.dicom.rules.rule import RESULTS
from overlays.dicom.rules.table import TABLE
from tests.builders import ct_series, saved_report, saved_segmentation, to_bytes
from tests.builders.mutations import MUTATIONS

BROKEN = [mutation for mutation in MUTATIONS if set(mutation.rules) & LENIENT.keys()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "object.dcm"


def test_of_every_rule_that_may_be_made_milder_it_is_said_whether_it_refuses_a_reader() -> None:
    errors = (rule for rule in TABLE if rule.severity is Severity.ERROR and rule.applies & RESULTS)
    assert sorted([*LENIENT, *STRICT]) == sorted(rule.id for rule in errors if not why_fixed(rule))


@pytest.mark.parametrize("mutation", BROKEN, ids=lambda mutation: mutation.name)
def test_what_is_lenient_keeps_no_correction_out(path: Path, mutation) -> None:
    path.write_bytes(mutation.content())
    assert not refuses(inspect(path, bounds=Bounds(), policy=for_corrections(AS_WRITTEN)).findings)


@pytest.mark.parametrize("mutation", BROKEN, ids=lambda mutation: mutation.name)
def test_what_is_lenient_is_read(path: Path, mutation) -> None:
    path.write_bytes(mutation.content())
    answer, _ = open_instance(path)
    assert answer["readable"] or answer["known_limit"]


def test_every_lenient_rule_has_been_broken() -> None:
    assert LENIENT.keys() <= {rule for mutation in BROKEN for rule in mutation.rules}


def test_the_word_of_the_deployment_goes_before() -> None:
    graver = for_corrections(rule_policy({"FRM-012": "error", "PRV-001": "off"}))
    assert (graver.changes["FRM-012"], graver.changes["PRV-001"]) == (Severity.ERROR, None)


@pytest.mark.parametrize(
    "saved", [saved_segmentation, lambda sources: saved_segmentation(sources=sources, kind="LABELMAP"), saved_report]
)
def test_what_ohif_saves_breaks_nothing_that_refuses_a_reader(path: Path, saved) -> None:
    path.write_bytes(to_bytes(saved(sources=ct_series())))
    assert not refuses(inspect(path, bounds=Bounds(), policy=for_corrections(AS_WRITTEN)).findings)


def test_a_label_map_as_ohif_saves_it_is_refused_of_a_pipeline(path: Path) -> None:
    path.write_bytes(to_bytes(saved_segmentation(sources=ct_series(), kind="LABELMAP")))
    found = inspect(path, bounds=Bounds()).findings
    assert {each.rule for each in found if each.severity is Severity.ERROR} == {"FRM-012"}
