"""What every test may lean on: actors by role, a store of its own, and databases whose append-only tables can be emptied."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.test import TransactionTestCase

from overlays.governance.actor import Actor, ActorKind
from overlays.governance.permissions import Scope
from overlays.governance.vocabulary import ModelStatus
from overlays.models import AIModel, ModelVersion, triggers
from overlays.services.change_status import set_status
from overlays.services.outcomes import Outcome
from overlays.services.posters import grant_poster
from overlays.services.register_model import register_model, register_model_version
from overlays.services.spool import Spool
from overlays.services.store_instance import store_instance

TESTS = Path(__file__).parent
FACES = ("admin", "api", "dicomweb")
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)

_empty_tables = TransactionTestCase._fixture_teardown


def _empty_guarded_tables(self: TransactionTestCase) -> None:
    """Tests with real transactions end by emptying every table, which the triggers would refuse."""
    for alias in self._databases_names(include_mirrors=False):
        with triggers.lifted(connections[alias]):
            _empty_tables(self)


TransactionTestCase._fixture_teardown = _empty_guarded_tables


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what stores objects before it asks a face to the whole suite: a quarter of a second each; the services' tests stay."""
    for item in items:
        if "post" in item.fixturenames and item.path.relative_to(TESTS).parts[0] in FACES:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path: Path) -> Path:
    """A byte store of the test's own."""
    folder = tmp_path / "bytes"
    settings.STORAGES = settings.STORAGES | {
        "bytes": {"BACKEND": "registry.storage.DurableFolder", "OPTIONS": {"location": folder}}
    }
    settings.WHITENOISE_AUTOREFRESH = True  # else every test client would list all static files again
    return folder


@pytest.fixture
def now() -> datetime:
    """The time at which the test happens."""
    return NOW


def _person(name: str, key: str, *scopes: Scope) -> Actor:
    return Actor(
        kind=ActorKind.PERSON,
        key=key,
        name=name,
        scopes=frozenset(scopes),
        correlation_id="test-request",
        client_id="viewer",
    )


@pytest.fixture
def pipeline() -> Actor:
    """A machine client that may post."""
    return Actor(
        kind=ActorKind.CLIENT,
        key="client:liver-pipeline",
        name="Liver pipeline",
        scopes=frozenset({Scope.STORE}),
        correlation_id="test-request",
        client_id="liver-pipeline",
    )


@pytest.fixture
def clinician() -> Actor:
    """A person who views."""
    return _person("C. Ward", "user:1", Scope.VIEW)


@pytest.fixture
def radiologist() -> Actor:
    """A person who reviews."""
    return _person("R. Lee", "user:2", Scope.REVIEW)


@pytest.fixture
def steward() -> Actor:
    """A person who manages models."""
    return _person("S. Stern", "user:3", Scope.MANAGE)


@pytest.fixture
def auditor() -> Actor:
    """A person who audits."""
    return _person("A. Odit", "user:4", Scope.AUDIT)


@pytest.fixture
def registered(db, steward: Actor, pipeline: Actor, now: datetime) -> Callable[..., ModelVersion]:
    """Registers a model version, walks it to a status, and lets the pipeline post for it."""

    def register(
        name: str = "LiverSeg", version: str = "2.1.0", manufacturer: str = "ACME AI", status: str = "approved"
    ) -> ModelVersion:
        model = AIModel.objects.filter(name=name, manufacturer=manufacturer).first()
        if model is None:
            model = register_model(actor=steward, at=now, name=name, manufacturer=manufacturer)
            grant_poster(actor=steward, at=now, model_id=model.pk, client_id=pipeline.client_id)
        found = register_model_version(actor=steward, at=now, model_id=model.pk, version=version)
        for step in STEPS_TO_STATUS[status]:
            set_status(
                actor=steward, at=now, model_version_id=found.pk, status=ModelStatus(step), reason="for the test"
            )
        found.refresh_from_db()
        return found

    return register


STEPS_TO_STATUS = {
    "registered": (),
    "shadow": ("shadow",),
    "approved": ("shadow", "approved"),
    "suspended": ("shadow", "approved", "suspended"),
    "retired": ("shadow", "approved", "suspended", "retired"),
    "recalled": ("recalled",),
}


@pytest.fixture
def post(db, pipeline: Actor, now: datetime, own_store: Path) -> Callable[..., Outcome]:
    """Stores the bytes of one instance, as the pipeline unless told otherwise."""

    def store(
        data: bytes,
        *,
        actor: Actor = pipeline,
        at: datetime = now,
        request: UUID | None = None,
        study: str | None = None,
    ) -> Outcome:
        with Spool(1 << 30) as spool:
            spool.write(data)
            return store_instance(actor=actor, at=at, received=spool.finish(), post=request or uuid4(), posted_to=study)

    return store


@pytest.fixture(scope="session", autouse=True)
def _decoders_end() -> Iterator[None]:
    """The children of the test process end with it."""
    yield
    from overlays.queries.decoder import decoder, encoder

    for pool in (decoder, encoder):
        if pool.cache_info().currsize:
            pool().close()
