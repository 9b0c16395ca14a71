"""Runs a whole registry for a test: gunicorn with a port, a data folder and a database of its own, ended by process id."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import requests

from overlays.governance.permissions import GROUP_OF_SCOPE, Scope
from registry.oidc.code_flow import person_token

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
PEOPLE = {
    "clara": ("Clara", "Ward", Scope.VIEW),
    "robin": ("Robin", "Lee", Scope.REVIEW),
    "sam": ("Sam", "Stern", Scope.MANAGE),
    "odette": ("Odette", "Quist", Scope.AUDIT),
}
"""One person of each role: user name, names, scope. All are staff."""

PIPELINE = "liver-pipeline"
VIEWER = "viewer"
_COMMANDS = """
import json, sys
import django
from django.core.management import call_command
django.setup()
for command in json.load(sys.stdin):
    call_command(*command)
"""


def free_port() -> int:
    """A port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """A registry that can be started, killed and started again over the same data."""

    folder: Path
    database_url: str
    workers: int = 2
    threads: int = 4
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    process: subprocess.Popen | None = None

    @property
    def origin(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it said."""
        return self.folder / "server.log"

    def environment(self) -> dict[str, str]:
        """All that the server's processes are told."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "registry.settings",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "SITE_URL": self.origin,
            "PORT": str(self.port),
            "WEB_CONCURRENCY": str(self.workers),
            "WEB_THREADS": str(self.threads),
            "OVERLAYS_PERSON_PASSWORD": self.password,
            "OVERLAYS_CLIENT_SECRET": self.secret,
            **self.settings,
        }

    def manage(self, *commands: Sequence[str]) -> str:
        """Run management commands, all in one process; what they print."""
        done = subprocess.run(
            [sys.executable, "-c", _COMMANDS],
            cwd=ROOT,
            env=self.environment(),
            input=json.dumps(commands),
            text=True,
            check=True,
            stdout=subprocess.PIPE,
        )
        return done.stdout

    def prepare(self) -> None:
        """Migrate, and make the people and clients."""
        people = [
            ["create_person", name, "--staff", "--password-env", "--group", GROUP_OF_SCOPE[scope]]
            for name, (_, _, scope) in PEOPLE.items()
        ]
        for command, (first, last, _) in zip(people, PEOPLE.values(), strict=True):
            command += ["--first-name", first, "--last-name", last]
        scopes = ["openid", *(str(scope) for _, _, scope in PEOPLE.values())]
        viewer = ["create_client", "--client-id", VIEWER, "--name", "Viewer", "--type", "public", "--no-consent"]
        pipeline = ["create_client", "--client-id", PIPELINE, "--name", "Pipeline", "--type", "confidential"]
        self.manage(
            ["migrate", "--verbosity", "0"],
            ["ensure_signing_key"],
            *people,
            [*viewer, "--redirect-uri", f"{self.origin}/", "--scope", *scopes],
            [*pipeline, "--secret-env", "--scope", str(Scope.STORE)],
        )

    def start(self) -> None:
        """Start, and wait until it is ready. Raises AssertionError with its log when it is not in time."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "python:registry.gunicorn_conf", "registry.wsgi"],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if requests.get(f"{self.origin}/readyz", timeout=5).status_code == 200:
                    return
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(0.1)
        self.kill()
        raise AssertionError(f"the server is not ready: {self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """Kill the whole process group, as a power cut would."""
        with suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it as an operator does, and wait."""
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()

    def client_token(self, scope: str = str(Scope.STORE)) -> str:
        """A token of the pipeline, by client credentials."""
        form = {"grant_type": "client_credentials", "scope": scope}
        answer = requests.post(f"{self.origin}/oidc/token", data=form, auth=(PIPELINE, self.secret), timeout=30)
        answer.raise_for_status()
        return answer.json()["access_token"]

    def person_token(self, username: str, *scopes: str) -> str:
        """A token of a person, by authorization code with PKCE; without scopes, all that the person's group allows."""
        answer = person_token(
            site=self.origin,
            client_id=VIEWER,
            redirect_uri=f"{self.origin}/",
            username=username,
            password=self.password,
            scopes=scopes or [str(PEOPLE[username][2])],
            verifier=secrets.token_urlsafe(48),
            state=secrets.token_urlsafe(16),
        )
        return answer["access_token"]

    def session(self, token: str) -> requests.Session:
        """A connection that is kept, and bears the token."""
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token}"
        return session


@contextmanager
def scratch_database(url: str) -> Iterator[str]:
    """A database of its own beside the one that ``url`` names, dropped at the end; for SQLite, the empty URL (a file in DATA_DIR)."""
    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        yield ""
        return
    name = f"overlays_scratch_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def running_server(
    folder: Path, *, prepare: Callable[[Server], object] = Server.prepare, **options: object
) -> Iterator[Server]:
    """A started server whose data lie in the folder; options as for ``Server``. Its database is of the configured kind."""
    with scratch_database(os.environ.get("DATABASE_URL", "")) as url:
        server = Server(folder=folder, database_url=url, **options)
        prepare(server)
        server.start()
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.stop()
