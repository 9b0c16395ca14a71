"""How OHIF is fetched, and what happens where it cannot be."""

import base64
import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from registry.viewer import fetch as module
from registry.viewer.fetch import NotFetched, fetch, main, require_integrity, unpack


def packed(path: Path, files: dict[str, bytes]) -> Path:
    """An archive as npm makes it."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def with_npm(folder: Path, script: str) -> dict[str, str]:
    """An environment whose npm is this shell script."""
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


DIST = {"package/dist/index.html": b"<title>OHIF</title>", "package/dist/assets/logo.svg": b"<svg/>"}


def test_what_is_served_is_unpacked_and_nothing_else(tmp_path):
    others = {
        "package/package.json": b"{}",
        "package/dist/ort/large.wasm": b"",
        "package/dist/app-config.js": b"window.config = {}",
        "package/dist/../../outside.js": b"",
        "/package/dist/outside.js": b"",
    }
    unpack(packed(tmp_path / "ohif.tgz", DIST | others), tmp_path / "dist")
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"ohif.tgz", "dist/index.html", "dist/assets/logo.svg"}


def test_an_archive_with_the_digest_is_taken(tmp_path, monkeypatch):
    archive = packed(tmp_path / "source.tar", DIST)
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    monkeypatch.setattr(module, "INTEGRITY", digest)
    assert fetch(tmp_path / "ohif", with_npm(tmp_path, f"cp {archive} ohif.tgz"))
    assert (tmp_path / "ohif" / "index.html").read_bytes() == b"<title>OHIF</title>"
    assert not list(tmp_path.glob("ohif-*"))


def test_another_archive_is_refused_and_leaves_nothing(tmp_path):
    archive = packed(tmp_path / "source.tar", DIST)
    with pytest.raises(NotFetched, match="its SHA-512 differs"):
        fetch(tmp_path / "ohif", with_npm(tmp_path, f"cp {archive} ohif.tgz"))
    assert {path.name for path in tmp_path.iterdir()} == {"source.tar", "npm"}


def test_a_changed_byte_is_noticed(tmp_path):
    (tmp_path / "archive").write_bytes(b"one")
    integrity = base64.b64encode(hashlib.sha512(b"two").digest()).decode()
    with pytest.raises(NotFetched):
        require_integrity(tmp_path / "archive", integrity)


@pytest.mark.parametrize("script", ["exit 1", "true", "touch a.tgz b.tgz"])
def test_an_npm_that_fails_is_told(tmp_path, script):
    with pytest.raises(NotFetched, match="npm could not fetch"):
        fetch(tmp_path / "ohif", with_npm(tmp_path, script))


def test_what_is_there_is_left_alone(tmp_path):
    (tmp_path / "index.html").write_text("here")
    assert fetch(tmp_path, {"PATH": ""}) is False


def test_without_npm_the_registry_runs_and_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(module.shutil, "which", lambda *args, **kwargs: None)
    assert main([str(tmp_path / "ohif")]) == 0
    assert capsys.readouterr().err == (
        "OHIF is not set up: npm is not there. The registry runs without a viewer of its own.\n"
    )


def test_who_must_have_it_is_told_by_the_status(tmp_path, monkeypatch):
    monkeypatch.setattr(module.shutil, "which", lambda *args, **kwargs: None)
    assert main([str(tmp_path / "ohif"), "--must"]) == 1
