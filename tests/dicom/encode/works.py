"""Makes things to encode, and judges what was encoded by every validator at hand."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pydicom import Dataset

from overlays.dicom.bounds import Bounds
from overlays.dicom.encode.description import parse_description
from overlays.dicom.encode.provenance import Identity, Predecessor
from overlays.dicom.encode.work import Encoded, Work
from overlays.dicom.findings import Finding, Severity
from overlays.dicom.inspect import inspect
from tests.builders.uids import uid

CREATED = datetime(2026, 11, 20, 10, 0)
MODEL = {"name": "LiverSeg", "version": "2.1.0", "manufacturer": "ACME AI", "parameters": {"weights": "sha256:1234"}}


def code(value: str, scheme: str, meaning: str) -> dict[str, str]:
    """A coded concept as descriptions write it."""
    return {"value": value, "scheme": scheme, "meaning": meaning}


LIVER = code("10200004", "SCT", "Liver")
VOLUME = code("118565006", "SCT", "Volume")
CUBIC_MILLIMETRE = code("mm3", "UCUM", "mm3")


def work(
    kind: str,
    section: Mapping,
    *,
    sources: Sequence[Dataset],
    files: Sequence[Path] = (),
    others: Sequence[Dataset] = (),
    predecessor: Predecessor | None = None,
    seed: str = "encoded",
    **description: object,
) -> Work:
    """One thing to encode, by the model of most tests."""
    document = {
        "kind": kind,
        "model": MODEL,
        "sources": [str(source.SOPInstanceUID) for source in sources],
        kind: section,
    }
    read, faults = parse_description(document | description)
    assert read is not None, faults
    return Work(
        description=read,
        identity=Identity(
            sop_instance_uid=uid(seed, "instance"),
            series_instance_uid=uid(seed, "series"),
            series_number=900,
            instance_number=1,
            created=CREATED,
            encoder_version="1.0",
        ),
        sources=tuple(sources),
        files=tuple(files),
        others=tuple(others),
        predecessor=predecessor,
    )


def predecessor_of(data_set: Dataset) -> Predecessor:
    """The object as one that is corrected."""
    return Predecessor(
        sop_class_uid=str(data_set.SOPClassUID),
        sop_instance_uid=str(data_set.SOPInstanceUID),
        series_instance_uid=str(data_set.SeriesInstanceUID),
        study_instance_uid=str(data_set.StudyInstanceUID),
    )


def written(encoded: Encoded, folder: Path) -> Path:
    """The Part 10 file."""
    path = folder / "encoded.dcm"
    encoded.dataset.save_as(path, enforce_file_format=True)
    return path


def errors(path: Path) -> list[Finding]:
    """What our own rules refuse it for."""
    inspection = inspect(path, bounds=Bounds(), scratch=path.parent)
    return [finding for finding in inspection.findings if finding.severity is Severity.ERROR]


def errors_of_dciodvfy(path: Path) -> list[str]:
    """What dciodvfy calls an error; it does not inflate."""
    validator = Path(sys.executable).with_name("dciodvfy")
    answer = subprocess.run([validator, "-new", path], capture_output=True, text=True, check=False)
    return [line for line in answer.stderr.splitlines() if line.startswith("Error")]
