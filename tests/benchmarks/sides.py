"""Brings up the servers that are compared, and asks both in the same way."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jwt
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.benchmarks import data
from tests.benchmarks.load import Connection, Measured, each_once, get, request
from tests.journeys.server import ROOT, Server, free_port
from tests.journeys.steps import release_model

BOUNDARY = b"benchmark-boundary"


@dataclass(frozen=True)
class Side:
    """A DICOMweb server: its origin, the root of its service, and the token it wants to see, if any."""

    name: str
    origin: str
    root: str
    token: str = ""

    def headers(self, **more: str) -> dict[str, str]:
        """The headers of every request."""
        return ({"Authorization": f"Bearer {self.token}"} if self.token else {}) | more

    def get(self, path: str, **more: str) -> bytes:
        """The request for a path below the root of the service."""
        return get(f"{self.origin}{self.root}{path}", **self.headers(**more))

    def _stow_head(self, length: int) -> bytes:
        kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY.decode()}'
        headers = self.headers(Content_Type=kind, Accept="application/dicom+json", Content_Length=str(length))
        return request("POST", f"{self.origin}{self.root}/studies", **headers)

    def stow_request(self, instance: bytes) -> tuple[bytes, bytes]:
        """Head and body that post one instance."""
        body = data.stow_body(instance, BOUNDARY)
        return self._stow_head(len(body)), body

    def stow_all(self, instances: list[bytes], *, clients: int) -> Measured:
        """Post every instance in a request of its own."""
        return each_once(self.origin, [self.stow_request(each) for each in instances], clients=clients)

    def stow_file(self, path: Path) -> None:
        """Post one instance from a file."""
        before, after = data.stow_frame(BOUNDARY)
        connection = Connection(self.origin)
        head = self._stow_head(len(before) + path.stat().st_size + len(after))
        connection.ask(head, before, file=path, tail=after)
        connection.close()


@dataclass(frozen=True)
class Ours:
    """The registry, as each of its users sees it."""

    server: Server
    pipeline: Side
    viewer: Side
    reviewer: requests.Session

    def accept(self, instance: str, sha256: str) -> None:
        """Accept a version."""
        answer = self.reviewer.post(
            f"{self.server.origin}/api/v1/versions/{instance}/reviews",
            json={"decision": "accept", "seen_sha256": sha256},
            timeout=60,
        )
        answer.raise_for_status()

    def settle(self, instance: str) -> None:
        """Wait until a version is no longer being validated, so that the work behind it does not disturb what is measured next."""
        version = f"{self.server.origin}/api/v1/versions/{instance}"
        while self.reviewer.get(version, timeout=60).json()["review_state"] == "validating":
            time.sleep(0.2)

    def decision(self, study: str, **headers: str) -> bytes:
        """The request for a render decision."""
        address = f"{self.server.origin}/api/v1/studies/{study}/render-decisions?purpose=clinical"
        return get(address, **self.viewer.headers(**headers))


def our_side(server: Server) -> Ours:
    """The registry with its model registered."""
    release_model(server.session(server.person_token("sam")), server, **data.MODEL)
    return Ours(
        server=server,
        pipeline=Side("registry", server.origin, "/dicom-web", server.client_token()),
        viewer=Side("registry", server.origin, "/dicom-web", server.person_token("clara")),
        reviewer=server.session(server.person_token("robin")),
    )


@contextmanager
def bare_server(server: Server) -> Iterator[str]:
    """The origin of the bare view, on the same database under the same kind of server."""
    port = free_port()
    public = jwt.PyJWK(requests.get(f"{server.origin}/oidc/jwks", timeout=10).json()["keys"][0]).key
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    environment = server.environment() | {
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.bare",
        "BARE_PUBLIC_KEY": pem,
    }
    options = {
        "bind": f"127.0.0.1:{port}",
        "worker-class": "registry.gunicorn_worker.FairThreadWorker",
        "workers": str(server.workers),
        "threads": str(server.threads),
        "keep-alive": "30",
        "access-logfile": "-",
    }
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket"]
    command += [word for name, value in options.items() for word in (f"--{name}", value)]
    with (server.folder / "bare.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "tests.benchmarks.bare:application"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=40)


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            requests.get(f"http://127.0.0.1:{port}/", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
            continue
        return
    raise RuntimeError("the bare server did not start")
