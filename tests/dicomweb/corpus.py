"""Finds real objects of other programs: in the folder that OVERLAYS_CORPUS names, or beside the checkout."""

import csv
import os
from pathlib import Path

CORPUS = Path(os.environ.get("OVERLAYS_CORPUS") or Path(__file__).resolve().parents[3] / "shared" / "corpus")


def is_there() -> bool:
    """Whether there is such a folder; without it the tests about it do not exist."""
    return (CORPUS / "MANIFEST.tsv").exists()


def objects() -> list[str]:
    """The paths of all objects in the manifest."""
    with (CORPUS / "MANIFEST.tsv").open(encoding="utf-8") as file:
        return [row["path"] for row in csv.DictReader(file, delimiter="\t")]


def sources() -> list[Path]:
    """The images that came with the objects."""
    return sorted(path for path in CORPUS.rglob("*") if "_sources" in path.parts and path.is_file())
