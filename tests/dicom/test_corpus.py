"""Runs the inspection over objects of other writers, where a folder of them lies beside the checkout."""

from pathlib import Path

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.findings import Severity, refuses
from overlays.dicom.inspect import inspect
from tests.corpus import CORPUS, files

FILES = files()

REFUSED = {
    # A fixture of an image library: no patient, equipment, functional groups, dimensions or sources.
    "seg_binary.dcm": {
        *("IDN-003", "PRV-001", "SEG-002", "SEG-013", "FRM-003", "FRM-004", "FRM-005", "FRM-012", "GEO-008", "REF-001"),
    },
    "liver_1frame.dcm": {"FRM-001"},  # Number of Frames is missing
    "structured_report.dcm": {"SR-005"},  # Measured Value Sequence is missing
    "sr_ctliver.dcm": {"SR-006"},  # a source image is not in evidence
    "test-SR.dcm": {"SR-006"},  # four references, no evidence
    "phoenix": {"REF-001"},  # protocol reports that name no image
}


def _expected(path: Path) -> set[str]:
    return REFUSED["phoenix"] if "PHOENIX" in str(path) else REFUSED.get(path.name, set())


if FILES:

    @pytest.mark.real
    @pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CORPUS)))
    def test_an_object_of_another_writer_is_refused_only_for_known_faults(path: Path) -> None:
        found = inspect(path, bounds=Bounds())
        if found.instance is None:
            assert refuses(found.findings)
        else:
            assert {f.rule for f in found.findings if f.severity is Severity.ERROR} == _expected(path)
