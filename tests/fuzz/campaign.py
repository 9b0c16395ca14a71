"""Draws broken objects until the time is over, and keeps each new kind of failure in its smallest form."""

import hashlib
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from overlays.dicom.sandbox import Sandbox, SandboxDied, SandboxFailure, Task
from tests.fuzz.measured import TooLarge, TooSlow, measured
from tests.fuzz.mutants import Mutant, mutants
from tests.fuzz.report import Broken, Report
from tests.fuzz.requests import Request, requests

Input = Mutant | Request
BATCH = 200
OPENED_EVERY = 20
"""One input in so many is given to the decoding child too, which is slower by far."""


@dataclass
class Failure:
    """One kind of failure: where it arose, and the smallest input that was found for it."""

    signature: str
    error: str
    mutant: str
    path: Path


@dataclass
class Campaign:
    """A run of the fuzzer. ``folder`` takes the failing inputs; the rest is what was seen so far."""

    folder: Path
    seed: int = 0
    real: bool = True
    runs: int = 0
    batches: int = 0
    accepted: int = 0
    slowest: float = 0.0
    largest: int = 0
    bases: Counter = field(default_factory=Counter)
    families: Counter = field(default_factory=Counter)
    rules: Counter = field(default_factory=Counter)
    unopened: Counter = field(default_factory=Counter)
    """What highdicom complained of in objects that no rule refuses: where the rules may have a gap."""
    failures: dict[str, Failure] = field(default_factory=dict)

    def run(
        self,
        seconds: float,
        *,
        sandbox: Sandbox | None = None,
        told: Callable[[str], None] = print,
        batches: int | None = None,
    ) -> None:
        """Go on for so long, or for so many batches; these follow from the seed and their number alone."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.batches != batches:
            known = frozenset(self.failures)
            try:
                self._batch(known, end, sandbox)
            except Exception:
                found = set(self.failures) - known
                if not found:
                    raise
                for signature in sorted(found):
                    told(f"  found: {signature}")
            self.batches += 1

    def _batch(self, known: frozenset[str], end: float, sandbox: Sandbox | None) -> None:
        @seed(self.seed * 1_000_003 + self.batches)
        @settings(
            max_examples=BATCH,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        )
        @given(inputs(real=self.real))
        def one(mutant: Input) -> None:
            if time.monotonic() < end:
                self.put(mutant, known, sandbox)

        one()

    def put(self, mutant: Input, known: frozenset[str] = frozenset(), sandbox: Sandbox | None = None) -> None:
        """Examine one input. Raises the failure when it is of a kind not yet known."""
        content = mutant.content()
        self.runs += 1
        self.bases[mutant.base] += 1
        path = self.folder / f"input{mutant.suffix}"
        path.write_bytes(content)
        try:
            report = self._examined(path, mutant)
            if sandbox is not None and self.runs % OPENED_EVERY == 0 and mutant.suffix == ".dcm":
                self._opened(path, report, sandbox)
        except Exception as error:
            signature = signature_of(error)
            if signature not in known:
                self._keep(signature, error, mutant, content)
                raise

    def _examined(self, path: Path, mutant: Input) -> Report:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            report, cost = measured(lambda: mutant.examined(path, self.folder))
        self.slowest, self.largest = max(self.slowest, cost.seconds), max(self.largest, cost.grown)
        self.rules.update(report.rules)
        self.families[report.family or "unreadable"] += 1
        self.accepted += report.accepted
        return report

    def _opened(self, path: Path, report: Report, sandbox: Sandbox) -> None:
        try:
            sandbox.run(Task.OPEN, path)
        except SandboxDied:
            raise
        except SandboxFailure as refused:
            if report.accepted:
                self.unopened[refused.sentence] += 1

    def _keep(self, signature: str, error: Exception, mutant: Input, content: bytes) -> None:
        path = self.folder / f"{hashlib.sha256(signature.encode()).hexdigest()[:12]}{mutant.suffix}"
        path.write_bytes(content)
        told = "".join(traceback.format_exception(error))
        self.failures[signature] = Failure(signature, told, repr(mutant), path)


def inputs(*, real: bool) -> st.SearchStrategy[Input]:
    """Any broken object, and now and then a broken request to encode one, which takes longer."""
    return st.integers(0, 15).flatmap(lambda number: requests() if number == 15 else mutants(real=real))


def signature_of(error: Exception) -> str:
    """The kind of a failure: its type and the innermost place in the core, so that one fault is told once."""
    if isinstance(error, TooSlow | TooLarge):
        return type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if "/overlays/" in frame.filename] or frames
    last = inside[-1]
    words = f" {error}" if isinstance(error, Broken) else ""
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno} in {last.name}{words}"[:200]
