"""Finds real objects of other writers: in the folder that OVERLAYS_CORPUS names, else in shared/corpus beside the checkout."""

import csv
import os
from pathlib import Path

NAMED = os.environ.get("OVERLAYS_CORPUS", "")
CORPUS = Path(NAMED) if NAMED else Path(__file__).resolve().parents[2] / "shared" / "corpus"
_MANIFEST = CORPUS / "MANIFEST.tsv"


def is_there() -> bool:
    """Whether there is such a folder; without it the tests about it do not exist."""
    return _MANIFEST.is_file()


def is_owed() -> bool:
    """Whether it was named where every test has to run (REQUIRE_REAL_PARTS=1): it must be there then."""
    return bool(NAMED) and os.environ.get("REQUIRE_REAL_PARTS") == "1"


def objects() -> list[str]:
    """The paths, below the folder, of all derived objects in the manifest; none without the folder."""
    if not is_there():
        return []
    with _MANIFEST.open(encoding="utf-8") as file:
        return [row["path"] for row in csv.DictReader(file, delimiter="\t")]


def files() -> list[Path]:
    """Every DICOM object of the folder: those of the manifest, then the images that came with them; without a manifest, whatever
    is a Part 10 file.
    """
    if is_there():
        return [*(CORPUS / name for name in objects()), *sources()]
    return sorted(path for path in CORPUS.rglob("*") if _is_part10(path))


def sources() -> list[Path]:
    """The images that came with the objects."""
    return sorted(path for path in CORPUS.rglob("*") if "_sources" in path.parts and path.is_file())


def _is_part10(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"
