"""Runs the inspection over objects of other writers, where a folder of them lies beside the checkout."""

from pathlib import Path

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.findings import Severity, refuses
from overlays.dicom.inspect import inspect
from tests.corpus import CORPUS, files, is_there

FILES = files() if is_there() else []

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
    "reportsi.dcm": {"UID-001", "SR-006"},  # UIDs of "0", no evidence
    "reportsi_with_empty_number_tags.dcm": {"UID-001", "SR-006"},
    "rtstruct_contour.dcm": {"IDN-003", "REF-001"},  # no patient, no image
    # Hardly more than a list of points: no patient, equipment, coded properties or referenced image.
    "wsi_annotation.dcm": {
        *("IDN-002", "IDN-003", "PRV-001", "REF-001", "ANN-002", "ANN-006", "ANN-008", "ANN-009", "ANN-010", "ANN-011"),
    },
}


def _expected(path: Path) -> set[str]:
    if "PHOENIX" in str(path):
        return REFUSED["phoenix"]
    return REFUSED.get(path.name, REFUSED.get(path.parent.name, set()))


if FILES:

    @pytest.mark.real
    @pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CORPUS)))
    def test_an_object_of_another_writer_is_refused_only_for_known_faults(path: Path) -> None:
        found = inspect(path, bounds=Bounds())
        if found.instance is None:
            assert refuses(found.findings)
        else:
            assert {f.rule for f in found.findings if f.severity is Severity.ERROR} == _expected(path)
