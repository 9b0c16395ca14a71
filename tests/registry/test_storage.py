"""Bytes are stored whole, or not at all."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from overlays.services.spool import Spool, sweep
from registry.storage import DurableFolder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def store(tmp_path: Path) -> DurableFolder:
    """A store in a folder of the test's own."""
    return DurableFolder(location=tmp_path / "store")


def files(store: DurableFolder) -> list[str]:
    root = Path(store.base_location)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_what_is_stored_is_read_back(store):
    store.save("ab/cd/name", ContentFile(b"bytes"))
    with store.open("ab/cd/name") as file:
        assert file.read() == b"bytes"


def test_a_second_save_of_a_name_leaves_what_is_there(store):
    store.save("name", ContentFile(b"first"))
    assert store.save("name", ContentFile(b"second")) == "name"
    with store.open("name") as file:
        assert file.read() == b"first"


def test_stored_bytes_are_read_only(store):
    store.save("name", ContentFile(b"bytes"))
    assert not os.stat(store.path("name")).st_mode & 0o222


def test_what_fails_half_way_leaves_no_object(store):
    class Breaking(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"half"
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        store.save("name", Breaking(b""))
    assert not store.exists("name")


def test_bytes_are_synced_before_they_have_their_name(store, monkeypatch):
    acts = []
    sync, rename = os.fsync, Path.rename

    def noted_sync(handle):
        acts.append("sync")
        sync(handle)

    def noted_rename(self, target):
        acts.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    store.save("ab/name", ContentFile(b"bytes"))
    assert acts[:2] == ["sync", "rename"]
    assert set(acts[2:]) == {"sync"}
    assert len(acts) > 2


def test_a_spooled_file_is_renamed_not_copied(settings, own_store):
    from django.core.files.storage import storages

    with Spool(100) as spool:
        spool.write(b"bytes")
        received = spool.finish()
        before = received.path.stat().st_ino
        with received.as_file() as file:
            storages["bytes"].save("name", file)
    assert os.stat(storages["bytes"].path("name")).st_ino == before


def test_an_abandoned_spool_leaves_nothing(own_store):
    with Spool(100) as spool:
        spool.write(b"bytes")
    assert not [path for path in own_store.rglob("*") if path.is_file()]


UPLOAD = """
import sys
import django
django.setup()
from overlays.services.spool import Spool, sweep

spool = Spool(100)
spool.write(b"bytes of a patient")
print(spool.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def uploading(tmp_path) -> Iterator[tuple[subprocess.Popen, Path]]:
    """Another process in the midst of an upload into this test's store, and its file."""
    environment = os.environ | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "registry.settings"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", UPLOAD], cwd=ROOT, env=environment, **pipes) as process:
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def test_what_a_killed_process_left_is_swept_away(uploading, own_store):
    process, left = uploading
    process.kill()
    process.wait()
    assert left.read_bytes() == b"bytes of a patient"
    assert sweep() == 1
    assert not left.exists()


def test_what_another_process_is_writing_is_left_to_it(uploading):
    _, file = uploading
    assert sweep() == 0
    assert file.exists()


def test_an_upload_of_this_process_is_not_swept_away():
    with Spool(100) as spool:
        spool.write(b"bytes")
        assert sweep() == 0
        assert spool.finish().path.exists()


def test_a_spool_knows_size_and_digest():
    with Spool(100) as spool:
        spool.write(b"by")
        spool.write(b"tes")
        received = spool.finish()
    assert (received.size, received.sha256) == (
        5,
        "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9",
    )
