"""Opening tells sound selections and states from legal ones that the library cannot read, and from broken ones."""

from pathlib import Path

import pytest

from overlays.dicom.sandbox import Sandbox, SandboxRefused, Task
from tests.builders import key_objects, presentation, write
from tests.builders.presentations import KINDS


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(size=1) as pool:
        yield pool


@pytest.mark.parametrize("title", ["OF_INTEREST", "REJECTED"])
def test_every_reference_of_a_selection_is_resolved(sandbox: Sandbox, title: str, tmp_path: Path) -> None:
    result = sandbox.run(Task.OPEN, write(key_objects(title=title), tmp_path)).result
    assert (result["readable"], result["targets"]) == (True, 3)


def test_a_selection_without_template_is_legal_but_unreadable(sandbox: Sandbox, tmp_path: Path) -> None:
    made = key_objects()
    del made.ContentTemplateSequence
    result = sandbox.run(Task.OPEN, write(made, tmp_path)).result
    assert (result["readable"], result["known_limit"], result["targets"]) == (False, True, 3)
    assert "(0040,A504)" in result["reason"]


def test_a_selection_of_what_is_no_evidence_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    made = key_objects()
    made.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence.pop()
    with pytest.raises(SandboxRefused, match="evidence"):
        sandbox.run(Task.OPEN, write(made, tmp_path))


def test_a_missing_template_does_not_cover_missing_evidence(sandbox: Sandbox, tmp_path: Path) -> None:
    made = key_objects()
    del made.ContentTemplateSequence, made.CurrentRequestedProcedureEvidenceSequence
    with pytest.raises(SandboxRefused, match="CurrentRequestedProcedureEvidenceSequence"):
        sandbox.run(Task.OPEN, write(made, tmp_path))


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_is_parsed_to_its_end_though_no_reader_knows_it(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    made = presentation(kind=kind)
    result = sandbox.run(Task.OPEN, write(made, tmp_path)).result
    assert (result["readable"], result["known_limit"]) == (False, True)
    assert result["elements"] == sum(1 for _ in made.iterall())
