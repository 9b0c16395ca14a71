"""A folder is encoded in a child process, and whatever is wrong in it comes back as a sentence."""

import json
import zipfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from overlays.dicom.sandbox import Sandbox, SandboxRefused, Task
from tests.builders.files import from_bytes, to_bytes, write_series
from tests.dicom.encode import files
from tests.dicom.encode.wishes import IDENTITY, PREDECESSOR, affine, document, labels, segment, sources, work

pytestmark = pytest.mark.slow

IDENTITY_SAID = asdict(IDENTITY) | {"created": IDENTITY.created.isoformat()}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(size=1, file_bytes=1 << 24, seconds=60) as pool:
        yield pool


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("masks", "sources"):
        (tmp_path / name).mkdir()
    (tmp_path / "description.json").write_text(json.dumps(document()))
    files.nifti(tmp_path / "masks", labels(), affine())
    write_series(sources(), tmp_path / "sources")
    return tmp_path


def encode(sandbox: Sandbox, folder: Path, **arguments: object) -> dict:
    return sandbox.run(Task.ENCODE, folder, identity=IDENTITY_SAID, **arguments).result


def test_the_object_lies_in_the_folder(sandbox: Sandbox, folder: Path) -> None:
    from overlays.dicom.encode.segmentation import encode_mask
    from tests.dicom.encode.wishes import placed

    result = encode(sandbox, folder)
    assert result == {"path": str(folder / "encoded.dcm"), "remarks": []}
    made = from_bytes((folder / "encoded.dcm").read_bytes())
    assert made == from_bytes(to_bytes(encode_mask(placed(labels()), work()).dataset))


def test_remarks_come_along(sandbox: Sandbox, folder: Path) -> None:
    description = document()
    description["segmentation"]["segments"].append(segment(3, "Nothing"))
    (folder / "description.json").write_text(json.dumps(description))
    assert [remark["code"] for remark in encode(sandbox, folder)["remarks"]] == ["empty-segment"]


def test_a_predecessor_is_handed_on(sandbox: Sandbox, folder: Path) -> None:
    encode(sandbox, folder, predecessor=asdict(PREDECESSOR))
    made = from_bytes((folder / "encoded.dcm").read_bytes())
    assert made.SourceInstanceSequence[0].ReferencedSOPInstanceUID == PREDECESSOR.sop_instance_uid


def test_a_refusal_has_reason_sentence_and_faults(sandbox: Sandbox, folder: Path) -> None:
    (folder / "description.json").write_text(json.dumps(document() | {"x": 1}))
    refused = encode(sandbox, folder)["refused"]
    assert (refused["reason"], refused["faults"][0]["path"]) == ("description", "$")
    assert 'The key "x"' in refused["sentence"]
    assert not (folder / "encoded.dcm").exists()


def test_a_broken_source_is_refused(sandbox: Sandbox, folder: Path) -> None:
    next((folder / "sources").iterdir()).write_bytes(b"broken")
    assert encode(sandbox, folder)["refused"]["reason"] == "sources"


def test_an_object_larger_than_its_limit_is_not_left_behind(folder: Path) -> None:
    noise = np.random.default_rng(1).integers(1, 3, labels().shape, np.uint8)
    files.nifti(folder / "masks", noise, affine())
    with Sandbox(size=1, file_bytes=4096, seconds=60) as narrow, pytest.raises(SandboxRefused):
        encode(narrow, folder)
    assert not (folder / "encoded.dcm").exists()


def test_memory_that_is_not_there_is_refused_and_the_next_task_served(folder: Path) -> None:
    with Sandbox(size=1, file_bytes=1 << 24, memory_bytes=600 << 20, seconds=60) as small:
        path = folder / "masks" / "mask.nii.gz"
        good = path.read_bytes()
        path.unlink()
        large = folder / "masks" / "mask.npz"
        with zipfile.ZipFile(large, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("array.npy", files.npy(folder, np.zeros((250, 1000, 1000), np.uint8)).read_bytes())
        assert encode(small, folder)["refused"]["sentence"] == "The mask needs more memory than there is."
        large.unlink()
        path.write_bytes(good)
        assert "path" in encode(small, folder)
