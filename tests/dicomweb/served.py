"""Runs the registry under gunicorn on a free port of this machine, with a database and a store of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-secret-of-some-length"
PREPARE = f"""
import django
django.setup()
from datetime import UTC, datetime
from django.core.management import call_command
from overlays.governance.actor import system
from overlays.governance.permissions import Scope
from overlays.governance.vocabulary import ModelStatus
from registry.oidc.clients import create_client
from registry.oidc.keys import create_key
from overlays.services.change_status import set_status
from overlays.services.posters import grant_poster
from overlays.services.register_model import register_model, register_model_version

call_command("migrate", verbosity=0)
create_key()
for client, scope in (("pipeline", "overlays.store"), ("reviewer", "overlays.review")):
    create_client(client_id=client, name=client, confidential=True, scopes=[scope], secret={SECRET!r})
steward, now = system("prepare", Scope.MANAGE), datetime.now(UTC)
model = register_model(actor=steward, at=now, name="LiverSeg", manufacturer="ACME AI")
grant_poster(actor=steward, at=now, model_id=model.pk, client_id="pipeline")
version = register_model_version(actor=steward, at=now, model_id=model.pk, version="2.1.0")
for status in ("shadow", "approved"):
    set_status(actor=steward, at=now, model_version_id=version.pk, status=ModelStatus(status), reason="for the test")
"""


@dataclass(frozen=True)
class Served:
    """A running registry."""

    address: str
    folder: Path
    environment: dict[str, str]

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])

    @property
    def store(self) -> Path:
        """The folder of the bytes."""
        return self.folder / "bytes"

    @property
    def log(self) -> str:
        """What the server has written."""
        return (self.folder / "server.log").read_text()

    def token(self, client: str) -> str:
        """An access token of a machine client."""
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": SECRET}
        answer = requests.post(f"{self.address}/oidc/token", form, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    def run(self, program: str) -> str:
        """What a program prints that runs with the settings, the database and the store of the server."""
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True)
        return done.stdout

    def files(self) -> list[Path]:
        """Every file of the store."""
        return [path for path in self.store.rglob("*") if path.is_file()]


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """The registry, prepared and started; ended by its process id."""
    environment = {
        key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "PYTHONWARNINGS", "SITE_URL")
    }
    with socket.create_server(("127.0.0.1", 0)) as listening, (folder / "server.log").open("w") as log:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        environment |= {
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "registry.settings",
            "SITE_URL": address,
        }
        subprocess.run([sys.executable, "-c", PREPARE], cwd=ROOT, env=environment, check=True, capture_output=True)
        command = [
            *(sys.executable, "-m", "gunicorn", "registry.wsgi:application", "--bind", f"fd://{listening.fileno()}"),
            *("--worker-class", "gthread", "--threads", "4", "--no-control-socket"),
        ]
        inherited = (listening.fileno(),)
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, pass_fds=inherited)
    try:
        _wait_until_ready(address)
        yield Served(address, folder, environment)
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_ready(address: str) -> None:
    for _ in range(300):
        try:
            if requests.get(f"{address}/livez", timeout=5).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")
