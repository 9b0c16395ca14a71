"""The logic of the extension for OHIF, without a browser: its own tests, run by node."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from overlays.dicom.instance import Family
from overlays.dicom.sop_classes import SOP_CLASSES
from registry.viewer.serve import EXTENSION
from tests.real_parts import require

pytestmark = pytest.mark.real

TESTS = Path(__file__).parent / "extension"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The modules and their tests, in a folder where node takes them for modules."""
    shutil.copytree(EXTENSION, tmp_path / "extension")
    shutil.copytree(TESTS, tmp_path / "tests")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    return tmp_path


def node(folder: Path, *words: str) -> subprocess.CompletedProcess:
    """What node says."""
    return subprocess.run(
        [require("node"), *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("name", sorted(path.name for path in TESTS.glob("*.test.js")))
def test_its_own_tests_pass(name: str, folder: Path) -> None:
    done = node(folder, "--test", "--test-reporter=spec", f"tests/{name}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_takes_for_images_what_the_registry_does(folder: Path) -> None:
    script = "import { IMAGES } from './extension/derived.js'; console.log(JSON.stringify([...IMAGES]))"
    done = node(folder, "--input-type=module", "--eval", script)
    images = {uid for uid, row in SOP_CLASSES.items() if row.family is Family.IMAGE}
    assert set(json.loads(done.stdout)) == images


def test_it_names_kinds_as_the_registry_does(folder: Path) -> None:
    derived = {uid: str(row.family) for uid, row in SOP_CLASSES.items() if row.family is not Family.IMAGE}
    script = (
        "import { kindOf } from './extension/derived.js'; const named = JSON.parse(process.argv[1]); "
        "console.log(JSON.stringify(Object.fromEntries(named.map(uid => [uid, kindOf({ SOPClassUID: uid })]))))"
    )
    done = node(folder, "--input-type=module", "--eval", script, json.dumps(list(derived)))
    assert json.loads(done.stdout) == derived
