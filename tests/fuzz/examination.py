"""Puts one input through everything in the core that reads objects, and says what no input may bring about."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from itertools import islice
from pathlib import Path

from overlays.dicom.against_sources import compare
from overlays.dicom.bounds import Bounds
from overlays.dicom.compare.figures import NotComparable
from overlays.dicom.dicomjson import NoBulkValue, bulk_value, metadata
from overlays.dicom.faults import Unreadable
from overlays.dicom.findings import Finding, refuses
from overlays.dicom.frames import FrameBroken, FrameNotFound, iter_frames, read_frame
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import AlgorithmClaim, Instance, KnownSource
from overlays.dicom.laying import SourcePlane, laid
from overlays.dicom.model_identity import claimed_model
from overlays.dicom.pictures_pixels import NoPicture
from overlays.dicom.placement import frame_places
from overlays.dicom.stored import open_stored
from tests.builders import ct_series, sources_of
from tests.fuzz.comparisons import comparisons
from tests.fuzz.drawings import GRID, drawings, planes_of
from tests.fuzz.report import Report, demand

BOUNDS = Bounds(
    max_bytes=1 << 24,
    max_inflated_bytes=1 << 24,
    max_frames=5000,
    max_pixels_per_frame=1 << 20,
    max_volume_voxels=1 << 24,
)
"""Smaller than a registry's, so that an input comes up against them; a limit that fails to hold shows all the same."""

NARROW = Bounds(
    max_bytes=60_000,
    max_inflated_bytes=60_000,
    max_depth=5,
    max_items=300,
    max_elements=2000,
    max_frames=20,
    max_pixels_per_frame=5000,
    max_volume_voxels=200_000,
    max_segments=2,
    max_elements_of_one_data_set=100,
    max_value_bytes=1000,
    max_findings_per_rule=2,
)
"""So low that most objects come up against one."""

REFUSALS = (Unreadable, NoPicture, FrameNotFound, FrameBroken, NoBulkValue, NotComparable)
"""All that the core may raise on the bytes of a stored object."""

SECRETS = ("Doe^Jane", "PAT-1")
"""Of the patient in the bases: never in a finding."""

DECLARED = AlgorithmClaim(rank=4, place="", name="LiverSeg", version="2.1.0", manufacturer="ACME AI")
MOST_FRAMES = 40


def examine(path: Path, *, folder: Path, confidential: bool, bounds: Bounds = BOUNDS, looked_at: bool = True) -> Report:
    """Ask the core everything about the file.

    ``confidential``: the patient's values stand where they belong, and must not be found in any sentence; ``looked_at``: it is drawn and
    compared too. Raises Broken, and whatever
    the core raises that is not its own.
    """
    found = inspect(path, bounds=bounds, scratch=folder)
    instance, findings = found.instance, [*found.findings]
    if instance is None:
        demand(refuses(found.findings), "an object that cannot be read is refused by a rule")
    else:
        findings += _about(instance)
        _frames_and_json(path, folder, instance)
        if looked_at:
            _looked_at(path, instance)
    _of_findings(findings, confidential)
    accepted = not refuses(found.findings)
    if accepted:
        _storable(instance)
    return Report(frozenset(finding.rule for finding in findings), accepted, instance.family if instance else "")


def _about(instance: Instance) -> list[Finding]:
    """What can be asked of the instance alone."""
    _, of_model = claimed_model(instance, DECLARED)
    claimed_model(instance, None)
    known = [*_sources(), *(_as_known(instance, index) for index in range(min(len(instance.references), 8)))]
    return [*of_model, *compare(instance, known)]


@cache
def _sources() -> tuple[KnownSource, ...]:
    return sources_of(ct_series()[:2])


def _as_known(instance: Instance, index: int) -> KnownSource:
    """A source that a registry might know under the UID of a reference, ever less like what the object says."""
    reference = instance.references[index]
    return KnownSource(
        sop_instance_uid=reference.sop_instance_uid,
        sop_class_uid=reference.sop_class_uid if index % 2 else "1.2.840.10008.5.1.4.1.1.2",
        series_instance_uid=reference.series_instance_uid,
        study_instance_uid=instance.study_instance_uid,
        patient_id=instance.patient.patient_id if index % 3 else "another",
        patient_name=instance.patient.name,
        frame_of_reference_uid=instance.frame_of_reference_uid if index % 4 else "1.2.3",
        grid=(instance.grid, GRID, None)[index % 3],
        number_of_frames=(None, 1, 3)[index % 3],
    )


def _frames_and_json(path: Path, folder: Path, instance: Instance) -> None:
    with _allowed():
        written = metadata(path, bulk_data_uri="https://example.org/bulk", bounds=BOUNDS, scratch=folder)
        json.dumps(written, allow_nan=False).encode()
        for tag in [*islice((tag for tag, value in written.items() if "BulkDataURI" in value), 3), "00100010", "x"]:
            with _allowed():
                bulk_value(path, tag, bounds=BOUNDS, scratch=folder)
    with _allowed():
        places = frame_places(path, bounds=BOUNDS, scratch=folder)
        planes = planes_of(instance)
        laid(planes, places)
        laid([SourcePlane("1.2", instance.grid), SourcePlane("1.3", None), *planes], places)
    if instance.pixels is not None:
        _pixels(path, folder, instance)


def _looked_at(path: Path, instance: Instance) -> None:
    for call in (*drawings(path, BOUNDS, instance), *comparisons(path, BOUNDS, instance)):
        with _allowed():
            call()


def _pixels(path: Path, folder: Path, instance: Instance) -> None:
    with _allowed(), open_stored(path, bounds=BOUNDS, scratch=folder) as stored:
        for number in (0, 1, 2, instance.pixels.frames, instance.pixels.frames + 1):
            with _allowed():
                read_frame(stored.data, instance.pixels, number)
        for _ in islice(iter_frames(stored.data, instance.pixels), MOST_FRAMES):
            pass


@contextmanager
def _allowed() -> Iterator[None]:
    """The core may say no, in its own words."""
    try:
        yield
    except REFUSALS as refusal:
        demand(bool(str(refusal)), "a refusal says why")


def _of_findings(findings: list[Finding], confidential: bool) -> None:
    for finding in findings:
        text = json.dumps(finding.as_json(), ensure_ascii=False)
        text.encode()
        demand(finding.sentence.isprintable(), f"a finding can be read: {finding.rule}")
        demand(len(text) < 3000, f"a finding is short: {finding.rule}")
        demand(finding.sentence.endswith((".", "…")), f"a finding is a sentence: {finding}")
        if confidential:
            demand(
                not any(secret in text for secret in SECRETS), f"a finding keeps the patient's secrets: {finding.rule}"
            )


def _storable(instance: Instance) -> None:
    """What is taken in is kept in a database, as text without NUL and as JSON without NaN."""
    kept = asdict(instance)
    text = json.dumps(kept["attributes"], allow_nan=False, ensure_ascii=False) + json.dumps(kept, ensure_ascii=False)
    text.encode()
    demand("\\u0000" not in text, "no NUL is kept")
