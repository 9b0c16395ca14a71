"""Inspects objects in a child process that may crash, and measures there what it costs."""

import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from overlays.dicom.bounds import Bounds
from overlays.dicom.findings import Finding
from overlays.dicom.inspect import inspect
from tests.cost import Cost, cost_of

ADDRESS_SPACE = 2 << 30
PATIENCE = 60.0


class InspectionFailed(Exception):
    """The inspection raised, crashed or never ended: what it must never do."""


@dataclass(frozen=True)
class Inspected:
    """What the inspection found, and what it cost: processor seconds, and peak memory above that of the idle child."""

    family: str
    findings: tuple[Finding, ...]
    cost: Cost


class Inspector:
    """One child process, replaced when it dies."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def inspected(self, path: Path) -> Inspected:
        """The findings on one object. Raises InspectionFailed."""
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_limit)
        try:
            return self._pool.submit(_inspected, path).result(PATIENCE)
        except BrokenProcessPool:
            self._pool = None
            raise InspectionFailed("our inspection crashed") from None
        except TimeoutError:
            self.close()
            raise InspectionFailed(f"our inspection did not end within {PATIENCE:g} s") from None
        except Exception as error:
            raise InspectionFailed(f"our inspection raised {type(error).__name__}") from error

    def close(self) -> None:
        """End the child."""
        pool, self._pool = self._pool, None
        if pool is not None:
            for process in pool._processes.values():
                process.kill()
            pool.shutdown()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def _inspected(path: Path) -> Inspected:
    found, cost = cost_of(lambda: inspect(path, bounds=Bounds()))
    return Inspected(found.instance.family if found.instance else "", found.findings, cost)
