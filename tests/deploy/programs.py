"""Runs the proxy and the archive as ``deploy`` ships them, on free ports of the loopback interface, ended by process id."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.journeys.server import ROOT, free_port
from tests.real_parts import require, require_file

PROXY = ROOT / "deploy" / "proxy" / "nginx.conf"
START = PROXY.with_name("start")
ARCHIVE = ROOT / "deploy" / "archive" / "orthanc.json"
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
START_SECONDS = 30
PLACEHOLDER = re.compile(r"\$\{([A-Z_]+)\}")


@contextmanager
def running_nginx(folder: Path, **values: str) -> Iterator[str]:
    """Its origin. ``values`` fill the shipped configuration; where it listens is found here."""
    require("nginx")
    require("envsubst")
    port = free_port()
    environment = os.environ | {
        "RUN_DIR": str(folder),
        "LISTEN": f"127.0.0.1:{port}",
        "ARCHIVE_SCHEME": "http",
        "ARCHIVE_NAME": "archive",
        "ARCHIVE_CERTIFICATES": "/etc/ssl/certs/ca-certificates.crt",
        "SOURCE_SECONDS": "10",
    }
    folder.mkdir(exist_ok=True)
    with (folder / "nginx.log").open("ab") as log:
        process = subprocess.Popen([START], env=environment | values, stdout=log, stderr=log, cwd=folder)
    try:
        _wait(port, process, folder / "nginx.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(process)


@contextmanager
def running_archive(folder: Path, password: str) -> Iterator[str]:
    """Its origin: Orthanc, which lets nobody in without the password."""
    program = require("Orthanc")
    require_file(PLUGIN, "the DICOMweb plugin of Orthanc")
    port = free_port()
    environment = os.environ | {
        "ARCHIVE_DATA": str(folder),
        "ARCHIVE_PORT": str(port),
        "ARCHIVE_DICOM": "false",
        "ARCHIVE_REMOTE": "false",
        "ARCHIVE_PASSWORD": password,
    }
    with (folder / "archive.log").open("ab") as log:
        process = subprocess.Popen([program, str(ARCHIVE)], env=environment, stdout=log, stderr=log, cwd=folder)
    try:
        _wait(port, process, folder / "archive.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(process)


def store(origin: str, password: str, *instances: bytes) -> None:
    """Put instances into the archive."""
    for each in instances:
        requests.post(f"{origin}/instances", data=each, auth=("registry", password), timeout=30).raise_for_status()


def _wait(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    _end(process)
    raise AssertionError(f"it does not listen: {log.read_text()[-2000:]}")


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
