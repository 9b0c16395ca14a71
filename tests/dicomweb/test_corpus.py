"""Objects that other programs wrote, posted to a running server: what is accepted comes back bit for bit, what is not is explained."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from tests.corpus import CORPUS, objects, sources
from tests.dicomweb.conftest import MULTIPART, body_of
from tests.dicomweb.served import Served, served

pytestmark = pytest.mark.real

RELEASE = """
import django
django.setup()
import json
from datetime import UTC, datetime
from overlays.governance.actor import system
from overlays.governance.permissions import Scope
from overlays.models import OverlayVersion
from overlays.services.posters import grant_poster
from overlays.services.register_model import register_model, register_model_version

steward, now = system("corpus", Scope.MANAGE), datetime.now(UTC)
claims = set(OverlayVersion.objects.exclude(claimed_name="").values_list("claimed_name", "claimed_manufacturer", "claimed_version"))
models = {}
for name, manufacturer, version in sorted(claims):
    if not version:
        continue
    if (name, manufacturer) not in models:
        model = models[name, manufacturer] = register_model(actor=steward, at=now, name=name, manufacturer=manufacturer)
        grant_poster(actor=steward, at=now, model_id=model.pk, client_id="pipeline")
    register_model_version(actor=steward, at=now, model_id=models[name, manufacturer].pk, version=version)
print(json.dumps(list(OverlayVersion.objects.filter(review_state="pending").values_list("sop_instance_uid", flat=True))))
"""
"""Registers every model version that the stored objects claim, so that they wait for review."""


@dataclass(frozen=True)
class Archive:
    """The running registry with everything posted: the answers by path, and which instances a reviewer may see."""

    server: Served
    answers: dict[str, requests.Response]
    released: frozenset[str]
    headers: dict[str, str]


def post(server: Served, token: str, data: bytes) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": MULTIPART}
    return requests.post(f"{server.address}/dicom-web/studies", body_of(data), headers=headers, timeout=60)


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Iterator[Archive]:
    """The images are posted before the objects that were computed from them."""
    with served(tmp_path_factory.mktemp("corpus")) as server:
        token = server.token("pipeline")
        for source in sources():
            post(server, token, source.read_bytes())
        answers = {path: post(server, token, (CORPUS / path).read_bytes()) for path in objects()}
        released = frozenset(json.loads(server.run(RELEASE)))
        headers = {
            "Authorization": f"Bearer {server.token('reviewer')}",
            "Accept": "application/dicom; transfer-syntax=*",
        }
        yield Archive(server, answers, released, headers)


@pytest.mark.parametrize("path", objects())
def test_an_object_is_kept_bit_for_bit_or_refused_with_reasons(archive, path):
    data, answer = (CORPUS / path).read_bytes(), archive.answers[path]
    told = answer.json()
    if answer.status_code == 409:
        (failed,) = told.get("00081198", {}).get("Value", []) + told.get("0008119A", {}).get("Value", [])
        assert all(item["00000902"]["Value"][0] for item in failed["00741048"]["Value"])
        return
    assert answer.status_code in (200, 202), answer.text
    digest = hashlib.sha256(data).hexdigest()
    (kept,) = [file for file in archive.server.files() if file.name == digest]
    assert kept.read_bytes() == data


def test_accepted_objects_of_both_kinds_are_retrieved_bit_for_bit(archive):
    retrieved = set()
    for path, answer in archive.answers.items():
        for item in answer.json().get("00081199", {}).get("Value", []):
            if item["00081155"]["Value"][0] not in archive.released:
                continue
            clinical = item["00081190"]["Value"][0]
            address = clinical.replace("/dicom-web/", "/review/dicom-web/")
            got = requests.get(address, headers=archive.headers, timeout=60)
            assert got.content == (CORPUS / path).read_bytes(), path
            assert requests.get(clinical, headers=archive.headers, timeout=60).status_code == 404
            retrieved.add(item["00081150"]["Value"][0])
    assert len(retrieved) >= 2


def test_source_images_are_retrieved_bit_for_bit(archive):
    series = {}
    kept = {hashlib.sha256(path.read_bytes()).hexdigest() for path in sources()}
    found = requests.get(
        f"{archive.server.address}/dicom-web/instances?limit=1000",
        headers=archive.headers | {"Accept": "application/dicom+json"},
        timeout=60,
    ).json()
    for instance in found:
        series.setdefault(instance["00081190"]["Value"][0].rsplit("/instances/", 1)[0], []).append(instance)
        got = requests.get(instance["00081190"]["Value"][0], headers=archive.headers, timeout=60)
        assert hashlib.sha256(got.content).hexdigest() in kept
    assert len(series) >= 2
