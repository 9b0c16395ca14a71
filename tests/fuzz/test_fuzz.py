"""Broken objects without number are answered as they should be, and the tools that break them do so faithfully."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from overlays.dicom.bounds import Bounds
from overlays.dicom.findings import Finding, Severity
from overlays.dicom.inspect import inspect
from tests.builders.mutations import BASES
from tests.fuzz import examination
from tests.fuzz.campaign import Campaign, Input, inputs, signature_of
from tests.fuzz.changes import CHANGES, Change
from tests.fuzz.damages import Damage
from tests.fuzz.encoding import examine_request
from tests.fuzz.masks import MASK_NAMES, broken_mask
from tests.fuzz.measured import TooSlow, measured
from tests.fuzz.mutants import Mutant
from tests.fuzz.report import Broken, Report
from tests.fuzz.requests import IN_PLANES, Request, documents
from tests.fuzz.seeds import seed

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = 120


def unchanged(base: str) -> Mutant:
    return Mutant(base, (), base, "as it is", 0, ())


def test_the_core_answers_broken_objects_in_its_own_words(tmp_path):
    """The same few hundred at every run; ``make fuzz`` goes further."""

    @settings(
        max_examples=EXAMPLES,
        phases=(Phase.generate,),  # `make fuzz` makes small what fails
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(real=False))
    def answered(mutant: Input) -> None:
        path = tmp_path / f"input{mutant.suffix}"
        path.write_bytes(mutant.content())
        mutant.examined(path, tmp_path)

    answered()


@pytest.mark.parametrize("base", [name for name in BASES if name != "deflated"])  # another compressor, other bytes
def test_a_tree_is_written_as_it_was_read(base):
    assert unchanged(base).content() == seed(base).content


@pytest.mark.parametrize("base", ["binary", "report"])
@pytest.mark.parametrize("form", ["implicit", "explicit", "deflated"])
def test_an_object_in_another_encoding_is_still_sound(base, form, tmp_path):
    recoded, path = tmp_path / "recoded.dcm", tmp_path / "object.dcm"
    recoded.write_bytes(Mutant(base, (), base, form, 0, ()).content())
    path.write_bytes(seed(base).content)
    assert inspect(recoded, bounds=Bounds()).findings == inspect(path, bounds=Bounds()).findings


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_changes_something_and_is_the_same_at_every_call(name):
    changes = [Change(name, tag, place, choice) for tag in range(0, 60, 4) for place in (0, 5) for choice in (1, 600)]
    made = [Mutant("rle", (change,), "report", "as it is", 0, ()).content() for change in changes]
    assert any(content != seed("rle").content for content in made)
    assert made == [Mutant("rle", (change,), "report", "as it is", 0, ()).content() for change in changes]


def test_a_failure_is_kept_in_its_smallest_form_and_told_once(tmp_path, monkeypatch):
    def fails(path: Path, **_: object) -> None:
        raise ZeroDivisionError(path.name)

    monkeypatch.setattr("tests.fuzz.mutants.examine", fails)
    campaign = Campaign(folder=tmp_path, real=False)
    with pytest.raises(ZeroDivisionError):
        campaign.put(unchanged("report"))
    campaign.put(unchanged("report"), frozenset(campaign.failures))
    (failure,) = campaign.failures.values()
    assert failure.path.read_bytes() == seed("report").content
    assert "ZeroDivisionError" in failure.signature


def test_a_campaign_shrinks_what_it_finds(tmp_path, monkeypatch):
    told = []

    def fails_on_segmentations(path: Path, **_: object) -> Report:
        if b"SEG" in path.read_bytes():
            raise KeyError("shrunk")
        return Report(frozenset(), False, "")

    monkeypatch.setattr("tests.fuzz.mutants.examine", fails_on_segmentations)
    campaign = Campaign(folder=tmp_path, real=False)
    campaign.run(20, batches=1, told=told.append)
    (failure,) = campaign.failures.values()
    assert told == [f"  found: {failure.signature}"]
    assert failure.mutant.count("Change(") == 0


def test_one_fault_has_one_signature():
    def signature(word: str) -> str:
        try:
            raise TooSlow(word)
        except TooSlow as error:
            return signature_of(error)

    assert signature("3.1 s") == signature("5.0 s") == "TooSlow"


def test_what_takes_too_long_or_too_much_is_a_failure(monkeypatch):
    monkeypatch.setattr("tests.fuzz.measured.MOST_SECONDS", -1.0)
    with pytest.raises(TooSlow):
        measured(lambda: None)


@pytest.mark.parametrize(
    ("sentence", "law"),
    [
        ("The patient is Doe^Jane.", "secrets"),
        ("A bell \x07.", "a finding can be read"),
        ("No full stop", "a finding is a sentence"),
        ("x" * 6000 + ".", "a finding is short"),
    ],
)
def test_a_finding_keeps_the_laws(sentence, law):
    finding = Finding(rule="SEG-001", severity=Severity.ERROR, path="", sentence=sentence)
    with pytest.raises(Broken, match=law):
        examination._of_findings([finding], confidential=True)


def test_nothing_that_no_database_keeps_is_accepted(tmp_path):
    path = tmp_path / "object.dcm"
    path.write_bytes(seed("single").content)
    instance = inspect(path, bounds=Bounds()).instance
    instance.attributes["00100020"] = {"vr": "LO", "Value": ["a\x00b"]}
    with pytest.raises(Broken, match="NUL"):
        examination._storable(instance)
    instance.attributes["00100020"] = {"vr": "DS", "Value": [float("nan")]}
    with warnings.catch_warnings(), pytest.raises(ValueError, match="JSON"):
        examination._storable(instance)
    assert json.dumps(instance.attributes)


@pytest.mark.parametrize("base", documents())
def test_a_sound_request_is_encoded(base, tmp_path):
    path = tmp_path / "request.zip"
    mask = {"segmentation fractional": "fractions.npz", **dict.fromkeys(IN_PLANES, "mask.npy")}.get(base, "mask.nii.gz")
    path.write_bytes(Request(base, (), mask, False, (), ()).content())
    report = examine_request(path, folder=tmp_path)
    assert (report.family, report.accepted) == ("encoded", True)


@pytest.mark.parametrize("name", MASK_NAMES)
def test_a_mask_is_damaged_in_front_of_its_compression_or_behind_it(name):
    damage = Damage("inserted", 40, b"abc")
    assert (
        len({broken_mask(name, (), False), broken_mask(name, (damage,), False), broken_mask(name, (damage,), True)})
        >= 2
    )


def command(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_command_tells_what_it_reached():
    done = command("--seconds", "2", "--seed", "7", "--own-only")
    assert (done.returncode, done.stderr) == (0, "")
    for told in ("a second", "bases used:", "rules seen:", "0 kinds of failure"):
        assert told in done.stdout


def test_one_file_is_examined_again(tmp_path):
    path = tmp_path / "object.dcm"
    path.write_bytes(seed("binary").content)
    done = command("--replay", str(path))
    assert done.returncode == 0
    assert done.stdout.startswith("Nothing wrong: accepted")
    assert command("--replay", str(tmp_path / "absent.dcm")).returncode == 1
