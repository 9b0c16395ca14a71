"""Fetches OHIF with npm into a folder: ``python -m registry.viewer.fetch [FOLDER]``."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from registry.viewer.package import FOLDER, INTEGRITY, LEFT_OUT, NAME, VERSION, is_there

SECONDS = 300


class NotFetched(Exception):
    """OHIF could not be had; the message says why."""


def fetch(folder: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Put OHIF into the folder; False where it is there already. Raises NotFetched, and then leaves nothing behind."""
    if is_there(folder):
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="ohif-") as scratch:
        archive = _packed(Path(scratch), environ)
        require_integrity(archive, INTEGRITY)
        unpack(archive, Path(scratch) / "dist")
        try:
            (Path(scratch) / "dist").rename(folder)
        except OSError:
            if not is_there(folder):  # else another process was faster
                raise
    return True


def _packed(scratch: Path, environ: Mapping[str, str]) -> Path:
    npm = shutil.which("npm", path=environ.get("PATH", ""))
    if npm is None:
        raise NotFetched("npm is not there")
    command = [npm, "pack", f"{NAME}@{VERSION}", "--ignore-scripts", "--silent"]
    try:
        done = subprocess.run(  # noqa: S603 -- nothing of it comes from outside
            command, cwd=scratch, env=dict(environ), capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotFetched(f"npm did not answer ({type(error).__name__})") from None
    found = list(scratch.glob("*.tgz"))
    if done.returncode or len(found) != 1:
        raise NotFetched(f"npm could not fetch {NAME} {VERSION} (status {done.returncode})")
    return found[0]


def require_integrity(archive: Path, integrity: str) -> None:
    """Raise NotFetched unless the archive is the one that was tested (SHA-512, Base64)."""
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha512").digest()
    if base64.b64encode(digest).decode("ascii") != integrity:
        raise NotFetched(f"what npm fetched is not the {NAME} {VERSION} that was tested: its SHA-512 differs")


def unpack(archive: Path, folder: Path) -> None:
    """Write the files of ``package/dist`` that are served into the folder."""
    with tarfile.open(archive) as packed:
        for member in packed:
            parts = PurePosixPath(member.name).parts
            wanted = member.isfile() and parts[:2] == ("package", "dist") and len(parts) > 2 and ".." not in parts
            if not wanted or parts[2] in LEFT_OUT:
                continue
            path = folder.joinpath(*parts[2:])
            path.parent.mkdir(parents=True, exist_ok=True)
            with packed.extractfile(member) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)


def main(words: list[str]) -> int:
    """Fetch, and say how it went; without OHIF the registry runs all the same, so that this is no failure unless ``--must``."""
    must = "--must" in words
    folder = Path(next((word for word in words if not word.startswith("--")), "") or FOLDER)
    try:
        if fetch(folder):
            sys.stdout.write(f"OHIF {VERSION} is in {folder}\n")
    except NotFetched as reason:
        sys.stderr.write(f"OHIF is not set up: {reason}. The registry runs without a viewer of its own.\n")
        return int(must)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
