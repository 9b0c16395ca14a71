"""Tests every rule: it is silent on valid objects, and the mutation made for it fires it and nothing else."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.findings import Severity
from overlays.dicom.inspect import inspect
from overlays.dicom.rules.rule import Stage
from overlays.dicom.rules.table import TABLE
from tests.builders.mutations import BASES, MUTATIONS, Mutation, base_bytes
from tests.builders.mutations.mutation import segment

VIEWER_WARNINGS = {
    "fractional": {"VIE-004"},
    "labelmap": {"VIE-001"},
    "rle": {"VIE-001"},
    "enhanced": {"VIE-016"},
    "comprehensive": {"VIE-016"},
    "report": {"VIE-016"},
}
TOLD_OF_SOUND_ONES = {**VIEWER_WARNINGS, "rejection note": {"KO-003"}}
"""Beside what viewers cannot draw: that the registry does not act on a note."""


def fired(content: bytes, folder: Path, bounds: Bounds) -> set[str]:
    path = folder / "object.dcm"
    path.write_bytes(content)
    return {finding.rule for finding in inspect(path, bounds=bounds, scratch=folder).findings}


@cache
def fired_by_base(name: str, folder: Path) -> frozenset[str]:
    return frozenset(fired(base_bytes(name), folder, Bounds()))


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bases")


@pytest.mark.parametrize("name", BASES)
def test_a_valid_object_breaks_no_rule_but_warnings_about_viewers(name: str, base_folder: Path) -> None:
    assert fired_by_base(name, base_folder) == TOLD_OF_SOUND_ONES.get(name, set())


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in BASES if name != "deflated"])  # the program does not inflate
def test_a_valid_object_passes_an_independent_validator(name: str, tmp_path: Path) -> None:
    path = tmp_path / "object.dcm"
    path.write_bytes(base_bytes(name))
    validator = Path(sys.executable).with_name("dciodvfy")
    answer = subprocess.run([validator, "-new", path], capture_output=True, text=True, check=False)
    assert [line for line in answer.stderr.splitlines() if line.startswith("Error")] == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_fires_exactly_its_rules(mutation: Mutation, tmp_path: Path, base_folder: Path) -> None:
    found = fired(mutation.content(), tmp_path, mutation.bounds)
    assert found - fired_by_base(mutation.base, base_folder) == set(mutation.rules)


def test_mutations_have_names_of_their_own() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)


@pytest.mark.parametrize(
    "rule", [rule.id for rule in TABLE if rule.stage in (Stage.BYTES, Stage.LIMITS, Stage.CONTENT)]
)
def test_every_rule_about_one_object_has_a_mutation(rule: str) -> None:
    assert any(rule in mutation.rules for mutation in MUTATIONS)


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: rule.id)
def test_a_rule_has_a_stable_id_a_title_and_a_reference(rule) -> None:
    area, number = rule.id.split("-")
    assert area.isupper()
    assert len(number) == 3
    assert rule.title.endswith(".")
    assert rule.reference


def test_a_long_text_may_have_lines_and_pages(tmp_path: Path) -> None:
    broken = Mutation(name="", rules=(), base="single", change=segment(0, "SegmentDescription", "a\r\n\tb\x0c\x1b(Bc"))
    assert fired(broken.content(), tmp_path, Bounds()) == set()


def test_findings_of_one_rule_are_capped_and_the_rest_counted(tmp_path: Path) -> None:
    mutation = next(mutation for mutation in MUTATIONS if mutation.name == "no source at all")
    path = tmp_path / "object.dcm"
    wanted = next(mutation for mutation in MUTATIONS if mutation.name == "frames without a segment")
    path.write_bytes(wanted.content())
    found = [f for f in inspect(path, bounds=Bounds(max_findings_per_rule=3)).findings if f.rule == "FRM-013"]
    assert len(found) == 4
    assert found[-1].sentence == "The same in 5 more places."
    assert mutation.rules == ("REF-001",)


def test_errors_refuse_and_warnings_do_not() -> None:
    assert {rule.severity for rule in TABLE} == {Severity.ERROR, Severity.WARNING}
