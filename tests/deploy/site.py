"""Builds a whole site on this machine: a registry, an archive, and the proxy in front of both, as ``deploy`` ships them."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3
from pydicom.dataset import Dataset

from overlays.governance.permissions import Scope
from tests.builders import ct_series, segmentation, to_bytes
from tests.deploy.programs import running_archive, running_nginx, store
from tests.journeys.server import PIPELINE, ROOT, Server, running_server
from tests.journeys.steps import release_model, stow

PASSWORD, SECRET = "of-the-archive-0123456789", "s" * 40
ACCEPT = """
import django
django.setup()
from overlays.models import OverlayVersion
OverlayVersion.objects.filter(sop_instance_uid={uid!r}).update(review_state="accepted", reviewed_by="R. Lee", reviewer_key="user:2")
"""
MACHINES = {"clinician": Scope.VIEW, "reviewer": Scope.REVIEW, "steward": Scope.MANAGE}


@dataclass
class Site:
    """All of it, and what lies in the archive: two images, one result that nobody posted here, one accepted, one that waits."""

    server: Server
    archive: str
    origin: str
    folder: Path
    images: list[Dataset]
    unknown: Dataset
    accepted: Dataset
    waiting: Dataset
    _tokens: dict = field(default_factory=dict)

    def token(self, client: str, study: str = "") -> str:
        """An access token of a machine client, narrowed to the study if one is named."""
        if (client, study) not in self._tokens:
            form = {"grant_type": "client_credentials", "scope": str(MACHINES[client])} | (
                {"studies": study} if study else {}
            )
            answer = requests.post(
                f"{self.server.origin}/oidc/token", data=form, auth=(client, self.server.secret), timeout=30
            )
            answer.raise_for_status()
            self._tokens[client, study] = answer.json()["access_token"]
        return self._tokens[client, study]

    @property
    def archive_authorization(self) -> str:
        """What the archive wants to be shown."""
        return urllib3.make_headers(basic_auth=f"registry:{PASSWORD}")["authorization"]

    def registry_lines(self, request_id: str) -> list[str]:
        """The lines of the registry's access log about one request. A line is written after its answer has left."""
        lines, deadline = [], time.monotonic() + 10
        while time.monotonic() < deadline:
            before = lines
            lines = [line for line in self.server.log.read_text().splitlines() if line.endswith(request_id)]
            if lines and lines == before:
                break
            time.sleep(0.1)
        return lines

    def registry_log(self, request_id: str) -> list[str]:
        """The same as methods, paths and statuses."""
        return [line.split('"')[1] + line.split('"')[2][:4] for line in self.registry_lines(request_id)]


def _prepare(server: Server) -> None:
    clients = [
        [
            "create_client",
            "--client-id",
            name,
            "--name",
            name,
            "--type",
            "confidential",
            "--secret-env",
            "--scope",
            scope,
        ]
        for name, scope in ({PIPELINE: Scope.STORE} | MACHINES).items()
    ]
    server.manage(
        ["migrate", "--verbosity", "0"], ["ensure_signing_key"], *[[str(word) for word in c] for c in clients]
    )


@contextmanager
def running_site(folder: Path, *, side: int = 64) -> Iterator[Site]:
    """All of it, with images of so many rows and columns."""
    for name in ("archive", "registry", "proxy", "ohif"):
        (folder / name).mkdir()
    (folder / "ohif" / "index.html").write_text("OHIF")
    with ExitStack() as stack:
        archive = stack.enter_context(running_archive(folder / "archive", PASSWORD))
        settings = {
            "SOURCE_STORE": "archive",
            "SOURCE_DICOMWEB_URL": f"{archive}/dicom-web",
            "SOURCE_DICOMWEB_AUTH": json.dumps({"kind": "basic", "username": "registry", "password": PASSWORD}),
            "PROXY_SECRET": SECRET,
            "TRUSTED_PROXIES": "1",
            "TOKEN_SECONDS": "3600",
            "CORS_ALLOWED_ORIGINS": "https://other-viewer.example",
            "ALLOWED_HOSTS": "registry.example",
            "VIEWER_URL": "http://viewer.example",
            "VIEWER_DIR": str(folder / "ohif"),
        }
        server = stack.enter_context(running_server(folder / "registry", prepare=_prepare, settings=settings))
        origin = stack.enter_context(
            running_nginx(folder / "proxy", REGISTRY=place(server.origin), ARCHIVE=place(archive), PROXY_SECRET=SECRET)
        )
        images = ct_series(slices=2, rows=side, columns=side)
        results = [segmentation(sources=images, uid_seed=name) for name in ("unknown", "accepted", "waiting")]
        found = Site(server, archive, origin, folder, images, *results)
        store(archive, PASSWORD, *(to_bytes(each) for each in (*images, *results)))
        release_model(
            server.session(found.token("steward")), server, name="LiverSeg", version="2.1.0", manufacturer="ACME AI"
        )
        posted = stow(server.session(server.client_token()), server, to_bytes(found.accepted), to_bytes(found.waiting))
        assert posted.status_code in (200, 202), posted.text
        subprocess.run(
            [sys.executable, "-c", ACCEPT.format(uid=found.accepted.SOPInstanceUID)],
            cwd=ROOT,
            env=server.environment(),
            check=True,
        )
        yield found


def place(origin: str) -> str:
    """Host and port."""
    return urlsplit(origin).netloc
