"""Each verdict of ours on an object of another writer is explained, and the command says so by its exit status."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from overlays.dicom.findings import Finding, Severity
from tests import corpus
from tests.builders.mutations import base_bytes
from tests.third_party.__main__ import verdicts
from tests.third_party.dciodvfy import errors_of
from tests.third_party.explained import explanations
from tests.third_party.reasons import RIGHT
from tests.third_party.table import HEAD, explained, table
from tests.third_party.verdicts import OK, Readers, Verdicts, judged

ROOT = Path(__file__).resolve().parents[2]
SOUND = Verdicts(name="a/liver.dcm", family="SEG", size=10, highdicom=OK, dciodvfy=(), findings=())
FAULT = Finding(rule="SEG-001", severity=Severity.ERROR, path="(0062,0002)", sentence="There is no segment.")


def command(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "tests.third_party"],
        cwd=ROOT,
        env=os.environ | {"OVERLAYS_CORPUS": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


if corpus.is_there():

    @pytest.mark.real
    @pytest.mark.slow
    def test_no_row_of_the_corpus_is_unexplained_and_no_object_does_harm():
        rows = [*verdicts()]
        told, _ = explained(rows)
        assert [line for line in told.splitlines() if "UNEXPLAINED" in line] == []
        assert [(row.name, row.failure) for row in rows if row.failure] == []


def test_without_objects_the_command_says_so(tmp_path):
    done = command(tmp_path / "absent")
    assert done.returncode == 2
    assert "holds no DICOM object; name another folder" in done.stderr


@pytest.mark.slow
def test_a_folder_without_a_manifest_is_judged_too(tmp_path):
    (tmp_path / "notes.txt").write_text("no object")
    (tmp_path / "liver.dcm").write_bytes(base_bytes("single"))
    done = command(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 objects, 1 accepted; 0 unexplained, 0 failed" in done.stdout


@pytest.mark.slow
def test_the_readers_answer_about_a_sound_object_and_a_broken_one(tmp_path):
    sound, broken = tmp_path / "sound.dcm", tmp_path / "broken.dcm"
    sound.write_bytes(base_bytes("deflated"))
    broken.write_bytes(base_bytes("single")[:-1])
    with Readers() as readers:
        first, second = judged(sound, "sound.dcm", readers), judged(broken, "broken.dcm", readers)
    assert (first.highdicom, first.dciodvfy, first.accepted, first.failure) == (OK, (), True, "")
    assert (second.accepted, second.rules, second.highdicom_refuses) == (False, ("FIL-004",), True)


def test_dciodvfy_is_given_a_deflated_object_inflated(tmp_path):
    path = tmp_path / "deflated.dcm"
    path.write_bytes(base_bytes("deflated"))
    assert errors_of(path, tmp_path) == ()


def test_readers_that_agree_need_no_explanation():
    assert explanations(SOUND) == ()


def missing(verdicts: Verdicts) -> bool:
    return any(explanation.missing for explanation in explanations(verdicts))


@pytest.mark.parametrize(
    ("verdicts", "unexplained"),
    [
        pytest.param(replace(SOUND, highdicom="KeyError: (0062,000A)"), True, id="highdicom refuses what is sound"),
        pytest.param(replace(SOUND, highdicom="ValueError", opened="highdicom does not know it."), False, id="limit"),
        pytest.param(replace(SOUND, dciodvfy=("</Rows(0028,0010)> - Bad",)), True, id="dciodvfy alone refuses"),
        pytest.param(
            replace(SOUND, dciodvfy=("</StudyID(0020,0010)> - Missing attribute for Type 2 Required",)),
            False,
            id="known",
        ),
        pytest.param(replace(SOUND, dciodvfy=("</Rows(0028,0010)> - Bad",), family="IMAGE"), False, id="an image"),
        pytest.param(replace(SOUND, findings=(FAULT,)), True, id="we alone refuse"),
        pytest.param(replace(SOUND, findings=(replace(FAULT, rule="REF-001"),)), False, id="we alone, rightly"),
        pytest.param(replace(SOUND, findings=(FAULT,), highdicom="KeyError"), False, id="highdicom minds too"),
        pytest.param(replace(SOUND, refused_on_opening=True, opened="KeyError"), True, id="refused on opening"),
    ],
)
def test_a_difference_without_a_reason_is_told(verdicts, unexplained):
    assert missing(verdicts) is unexplained


def test_a_refusal_is_explained_by_its_finding_and_the_standard():
    (told,) = explanations(replace(SOUND, findings=(FAULT,), highdicom="KeyError"))
    assert told.sentence.startswith("ours: SEG-001 (0062,0002) There is no segment. [PS3.3 ")


def test_the_rules_that_are_right_exist():
    from overlays.dicom.rules.table import TABLE

    assert set(RIGHT) <= {rule.id for rule in TABLE}


def test_the_table_is_aligned_and_counts_what_is_unexplained():
    rows = [SOUND, replace(SOUND, name="b/spleen.dcm", size=1_000_000, dciodvfy=("</Rows(0028,0010)> - Bad",))]
    head, rule, *lines = table(rows).splitlines()
    assert head.split() == [*HEAD]
    assert {line.index("SEG") for line in lines} == {head.index("family")}
    assert len(rule) >= len(lines[0])
    assert explained(rows)[1] == 1
