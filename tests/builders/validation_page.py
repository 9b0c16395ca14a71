"""Writes docs/validation-rules.md: the table of rules, each with a mutation that breaks it (`make rules`)."""

import tempfile
from pathlib import Path

from overlays.dicom.inspect import inspect
from overlays.dicom.rules.page import Example, page
from tests.builders.contradictions import CONTRADICTIONS
from tests.builders.mutations import MUTATIONS

PAGE = Path(__file__).parents[2] / "docs" / "validation-rules.md"


def written() -> str:
    """The page as it must be."""
    with tempfile.TemporaryDirectory() as folder:
        return page(_examples(Path(folder)))


def _examples(folder: Path) -> dict[str, Example]:
    """For each rule the first mutation that breaks it, those first that break no other."""
    found: dict[str, Example] = {}
    for mutation in sorted(MUTATIONS, key=lambda mutation: len(mutation.rules)):
        if any(rule not in found for rule in mutation.rules):
            path = folder / "object.dcm"
            path.write_bytes(mutation.content())
            for finding in inspect(path, bounds=mutation.bounds, scratch=folder).findings:
                if finding.rule in mutation.rules:
                    found.setdefault(finding.rule, Example(mutation=mutation.name, finding=finding))
    for contradiction in CONTRADICTIONS:
        (finding,) = contradiction.findings(folder)[:1]
        found.setdefault(contradiction.rule, Example(mutation=contradiction.name, finding=finding))
    return found


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
