"""Runs Debian's Orthanc with its DICOMweb plugin on free ports of the loopback interface, ended by process id."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.journeys.server import free_port

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
START_SECONDS = 30


def is_installed() -> bool:
    """Whether there is something to run."""
    return shutil.which("Orthanc") is not None and PLUGIN.exists()


@contextmanager
def running_orthanc(folder: Path) -> Iterator[str]:
    """Its origin; the defaults are kept (SQLite index, files synced), only the network is closed to others."""
    port = free_port()
    configuration = {
        "Name": "benchmark",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "index"),
        "HttpPort": port,
        "DicomServerEnabled": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    path = folder / "orthanc.json"
    path.write_text(json.dumps(configuration), "ascii")
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen([shutil.which("Orthanc"), str(path)], stdout=log, stderr=log, cwd=folder)
    origin = f"http://127.0.0.1:{port}"
    try:
        _wait(origin, process)
        yield origin
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def version_of(origin: str) -> str:
    """What it calls itself."""
    return requests.get(f"{origin}/system", timeout=5).json()["Version"]


def _wait(origin: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{origin}/dicom-web/studies?limit=1", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError("Orthanc did not start")
