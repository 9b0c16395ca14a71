"""Measures each row of the table: what the registry does, and beside it what a bare view or Orthanc does."""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pydicom

from tests.benchmarks import data
from tests.benchmarks.load import repeat
from tests.benchmarks.processes import watched
from tests.benchmarks.sides import Ours, Side
from tests.benchmarks.table import Bar, Row
from tests.builders.files import to_bytes
from tests.builders.large import large_segmentation, large_sources
from tests.journeys.server import ROOT
from tests.journeys.steps import stow

SECONDS = 3.0
CLIENTS = 8
LARGE_POSTS = 2
FEW, MANY = 10_000, 1_000_000
MEGABYTE = 1 << 20
ANY_SYNTAX = 'multipart/related; type="application/dicom"; transfer-syntax=*'
ANY_FRAME = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'


@dataclass
class Bench:
    """What is measured, and against whom; ``orthanc`` is None where it is not installed."""

    ours: Ours
    bare: str
    orthanc: Side | None
    folder: Path


def decisions(bench: Bench) -> Iterator[Row]:
    """Render decisions on a study of ten overlays, recorded, against QIDO-RS and against a bare view."""
    study, images, overlays = data.study_of_ten()
    for side in filter(None, (bench.ours.pipeline, bench.orthanc)):
        side.stow_all([*images, *(each for _, each in overlays)], clients=1)
    for instance, each in overlays[:8]:
        bench.ours.accept(instance, hashlib.sha256(each).hexdigest())
    origin, ask = bench.ours.server.origin, [bench.ours.decision(study)]
    alone = repeat(origin, ask, clients=1, seconds=SECONDS)
    signed_ask = [bench.ours.decision(study, Accept="application/jose")]
    signed = repeat(origin, signed_ask, clients=1, seconds=SECONDS)
    bare_ask = [Side("bare", bench.bare, "", bench.ours.viewer.token).get(f"/bare/{study}")]
    many = repeat(origin, ask, clients=CLIENTS, seconds=SECONDS)
    bare = repeat(bench.bare, bare_ask, clients=CLIENTS, seconds=SECONDS)
    bare_alone = repeat(bench.bare, bare_ask, clients=1, seconds=SECONDS)
    if bench.orthanc:
        query = [bench.orthanc.get(f"/studies/{study}/series?Modality=SEG", Accept="application/dicom+json")]
        theirs = repeat(bench.orthanc.origin, query, clients=1, seconds=SECONDS)
        yield Row(
            what="render decision, 10 overlays: median, one client",
            unit="ms",
            ours=alone.p50 * 1000,
            other=theirs.p50 * 1000,
            other_name="Orthanc, QIDO-RS of the SEG series",
            bar=1 / 3,
            side=Bar.AT_MOST,
        )
        yield Row(
            what="the same, signed",
            unit="ms",
            ours=signed.p50 * 1000,
            other=theirs.p50 * 1000,
            other_name="Orthanc, QIDO-RS of the SEG series",
            bar=1 / 3,
            side=Bar.AT_MOST,
        )
    yield Row(
        what="render decision, signed, beside the plain one",
        unit="ms",
        ours=signed.p50 * 1000,
        other=alone.p50 * 1000,
        other_name="application/json",
    )
    yield Row(
        what="render decision, plain, beside the bare view",
        unit="ms",
        ours=alone.p50 * 1000,
        other=bare_alone.p50 * 1000,
        other_name="bare view",
    )
    yield Row(
        what=f"render decisions a second, {CLIENTS} clients",
        unit="/s",
        ours=many.rate,
        other=bare.rate,
        other_name="bare view",
        bar=1 / 2,
        side=Bar.AT_LEAST,
    )


def token_check(bench: Bench) -> Iterator[Row]:
    """The processor time of checking a token that was seen before."""
    command = [sys.executable, "-m", "tests.benchmarks.token_check", bench.ours.viewer.token]
    said = subprocess.run(
        command, cwd=ROOT, env=bench.ours.server.environment(), check=True, capture_output=True, text=True
    )
    yield Row(what="token check, warm, processor time", unit="ms", ours=float(said.stdout), bar=0.5, side=Bar.AT_MOST)


def small_posts(bench: Bench) -> Iterator[Row]:
    """STOW-RS of small segmentations."""
    for name, prototype, numbers in (
        ("7 kB", data.Prototype("small", slices=4, edge=64), (60, 240)),
        ("1.3 MB", data.Prototype("middle", slices=40, edge=512), (24, 96)),
    ):
        pipeline = bench.ours.server.session(bench.ours.pipeline.token)
        stow(pipeline, bench.ours.server, *prototype.sources).raise_for_status()
        bench.ours.pipeline.stow_all(list(prototype.copies(CLIENTS)), clients=CLIENTS)  # wakes every decoder
        for clients, number in zip((1, CLIENTS), numbers, strict=True):
            ours = bench.ours.pipeline.stow_all(list(prototype.copies(number)), clients=clients)
            if bench.orthanc:
                theirs = bench.orthanc.stow_all(list(prototype.copies(number)), clients=clients)
                yield Row(
                    what=f"STOW-RS, {name} ({prototype.size:,} bytes), {clients} client{'s' * (clients > 1)}",
                    unit="/s",
                    ours=ours.rate,
                    other=theirs.rate,
                    other_name="Orthanc",
                    bar=1 / 2,
                    side=Bar.AT_LEAST,
                )


def large(bench: Bench) -> Iterator[Row]:
    """Everything about a segmentation of 8,000 frames: post, fetch, one frame, metadata, decision."""
    path = bench.folder / "large.dcm"
    large_segmentation(path)
    pipeline = bench.ours.server.session(bench.ours.pipeline.token)
    frames = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["NumberOfFrames"]).NumberOfFrames
    for image in large_sources(slices=-(-frames // 64), with_pixels=True):
        stow(pipeline, bench.ours.server, to_bytes(image)).raise_for_status()
    head = pydicom.dcmread(path, stop_before_pixels=True, defer_size=1024)
    study, series, instance = str(head.StudyInstanceUID), str(head.SeriesInstanceUID), str(head.SOPInstanceUID)
    size = path.stat().st_size
    with watched(bench.ours.server.process.pid) as memory:
        ours = []
        for _ in range(LARGE_POSTS):
            instance, series = data.give_new_uids(path, instance, series)
            ours.append(_timed(bench.ours.pipeline, path))
            bench.ours.settle(instance)
    theirs = _timed(bench.orthanc, path) if bench.orthanc else 0.0
    bench.ours.accept(instance, _digest(path))
    yield Row(
        what="STOW-RS of the large SEG: memory of the web process above idle",
        unit="MB",
        ours=memory.web / MEGABYTE,
        bar=150,
        side=Bar.AT_MOST,
    )
    yield Row(
        what="the same with every process of the service, decoders too",
        unit="MB",
        ours=memory.all / MEGABYTE,
    )
    if not bench.orthanc:
        return
    yield Row(
        what=f"STOW-RS of the large SEG ({size:,} bytes, {frames:,} frames)",
        unit="s",
        ours=median(ours),
        other=theirs,
        other_name="Orthanc",
        bar=1,
        side=Bar.AT_MOST,
    )
    here = f"/studies/{study}/series/{series}"
    ask = [bench.ours.decision(study)]
    decision = repeat(bench.ours.server.origin, ask, clients=1, seconds=1.0)
    query = _both_times(bench, f"/studies/{study}/series?Modality=SEG", "application/dicom+json", times=2)[1]
    yield Row(
        what="render decision on the study with the large SEG, beside QIDO-RS of it",
        unit="ms",
        ours=decision.p50 * 1000,
        other=query * 1000,
        other_name="Orthanc, QIDO-RS of the SEG series",
        bar=1 / 200,
        side=Bar.AT_MOST,
    )
    fetched = _both_times(bench, f"{here}/instances/{instance}", ANY_SYNTAX, times=3)
    yield Row(
        what="WADO-RS of the large SEG",
        unit="MB/s",
        ours=size / fetched[0] / 1e6,
        other=size / fetched[1] / 1e6,
        other_name="Orthanc",
        bar=3,
        side=Bar.AT_LEAST,
    )
    frame = _both_times(bench, f"{here}/instances/{instance}/frames/10", ANY_FRAME, times=3)
    yield Row(
        what="one frame of the large SEG",
        unit="ms",
        ours=frame[0] * 1000,
        other=frame[1] * 1000,
        other_name="Orthanc",
        bar=1 / 200,
        side=Bar.AT_MOST,
    )
    metadata = _both_times(bench, f"{here}/metadata", "application/dicom+json", times=3)
    yield Row(
        what="series metadata of the large SEG",
        unit="ms",
        ours=metadata[0] * 1000,
        other=metadata[1] * 1000,
        other_name="Orthanc",
        bar=1 / 5,
        side=Bar.AT_MOST,
    )


def _timed(side: Side, path: Path) -> float:
    began = time.perf_counter()
    side.stow_file(path)
    return time.perf_counter() - began


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _both_times(bench: Bench, path: str, accept: str, *, times: int) -> tuple[float, float]:
    """The medians, in seconds, of the same GET asked of both so many times, after one that does not count."""
    found = []
    for side in (bench.ours.viewer, bench.orthanc):
        connection_seconds = []
        head = side.get(path, Accept=accept)
        for _ in range(times + 1):
            connection_seconds.append(repeat(side.origin, [head], clients=1, seconds=0.001, warm=0).p50)
        found.append(median(connection_seconds[1:]))
    return found[0], found[1]


def inspection(bench: Bench) -> Iterator[Row]:
    """What all rules cost on a segmentation of 8,000 frames, beside what nobody can do without: reading and hashing its bytes."""
    path = bench.folder / "inspected.dcm"
    large_segmentation(path)
    command = [sys.executable, "-m", "tests.benchmarks.inspection", str(path)]
    said = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    yield Row(
        what=f"inspecting the large SEG by {said['rules']} rules, processor time",
        unit="s",
        ours=said["inspecting"],
        other=said["hashing"],
        other_name="reading and SHA-256 of its bytes",
    )
    yield Row(
        what="the same: memory above idle, mapped pages of the file counted",
        unit="MB",
        ours=said["kib"] * 1024 / MEGABYTE,
        bar=150,
        side=Bar.AT_MOST,
    )
    path.unlink()


def crowd(bench: Bench) -> Iterator[Row]:
    """Render decisions with few and with very many overlay versions in the database."""
    study, images, overlays = data.study_of_ten("crowd")
    bench.ours.pipeline.stow_all([*images, *(each for _, each in overlays)], clients=1)
    origin, ask = bench.ours.server.origin, [bench.ours.decision(study)]
    found = []
    for first, last in ((0, FEW), (FEW, MANY)):
        command = [sys.executable, "-m", "tests.benchmarks.crowd", str(first), str(last)]
        subprocess.run(command, cwd=ROOT, env=bench.ours.server.environment(), check=True)
        found.append(repeat(origin, ask, clients=1, seconds=SECONDS).p50 * 1000)
    yield Row(
        what=f"render decision with {MANY:,} overlay versions in the database",
        unit="ms",
        ours=found[1],
        other=found[0],
        other_name=f"with {FEW:,}",
        bar=1.2,
        side=Bar.AT_MOST,
    )


SCENARIOS = (decisions, token_check, small_posts, inspection, large, crowd)
