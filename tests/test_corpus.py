"""The real objects that a build names are really there, and are found where the module says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import corpus

ROOT = Path(__file__).resolve().parents[1]


def test_a_corpus_that_is_owed_is_there():
    assert corpus.is_there() or not corpus.is_owed(), (
        f"OVERLAYS_CORPUS names {corpus.CORPUS}, which holds no MANIFEST.tsv"
    )


def told(**variables: str) -> str:
    """Folder, whether it is there and whether it is owed, as a process with these variables finds them."""
    script = (
        "from tests import corpus as c; print(c.CORPUS, c.is_there(), c.is_owed(), len(c.objects()), len(c.files()))"
    )
    kept = {name: value for name, value in os.environ.items() if name not in ("OVERLAYS_CORPUS", "REQUIRE_REAL_PARTS")}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=kept | variables, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_folder_that_is_named_is_the_one(tmp_path):
    (tmp_path / "MANIFEST.tsv").write_text("path\tsha256\nliver.dcm\t0\n")
    (tmp_path / "liver.dcm").write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"")
    assert told(OVERLAYS_CORPUS=str(tmp_path)) == f"{tmp_path} True False 1 1"


def test_without_a_manifest_every_part_10_file_is_an_object(tmp_path):
    (tmp_path / "liver").write_bytes(bytes(128) + b"DICM")
    (tmp_path / "notes.txt").write_bytes(b"")
    assert told(OVERLAYS_CORPUS=str(tmp_path)) == f"{tmp_path} False False 0 1"


@pytest.mark.parametrize(("required", "owed"), [("1", "True"), ("", "False")])
def test_a_named_folder_that_is_absent_is_owed_only_where_every_test_has_to_run(tmp_path, required, owed):
    absent = tmp_path / "absent"
    assert told(OVERLAYS_CORPUS=str(absent), REQUIRE_REAL_PARTS=required) == f"{absent} False {owed} 0 0"


def test_an_empty_name_is_no_name():
    beside = ROOT.parent / "shared" / "corpus"
    assert told(OVERLAYS_CORPUS="", REQUIRE_REAL_PARTS="1").startswith(f"{beside} ")
