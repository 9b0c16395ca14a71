"""A signed decision is checked by the examples that the documentation gives, and by nothing that checks tokens."""

import base64
import hashlib
import hmac
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

import jwt
import pydicom
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from registry.oidc.code_flow import person_token
from tests.builders.files import to_bytes
from tests.builders.images import ct_series
from tests.builders.segmentations import segmentation
from tests.journeys.server import ROOT, VIEWER, Server, running_server
from tests.journeys.steps import TIMEOUT, release_model, stow
from tests.real_parts import require

pytestmark = pytest.mark.slow

EXAMPLES = ROOT / "docs" / "examples"
PYTHON, JAVASCRIPT = EXAMPLES / "verify_decision.py", EXAMPLES / "verify_decision.mjs"
OTHER_ISSUER = "https://other.example"


@dataclass
class Scene:
    """An accepted instance with its bytes, decisions on it, tokens, and the key set as it was published."""

    server: Server
    instance: bytes
    expired: str
    good: str
    named: str
    reviewing: str
    access_token: str
    id_token: str
    keys: dict
    folder: Path

    def file(self, name: str, content: str | bytes) -> str:
        """The path of a new file."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)


def _decision(session: requests.Session, server: Server, study: str, purpose: str = "clinical") -> str:
    answer = session.get(
        f"{server.origin}/api/v1/studies/{study}/render-decisions",
        params={"purpose": purpose},
        headers={"Accept": "application/jose"},
        timeout=TIMEOUT,
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/jose"), answer.text
    return answer.text


def _id_token(server: Server) -> str:
    """What the provider signs beside an access token."""
    answer = person_token(
        site=server.origin,
        client_id=VIEWER,
        redirect_uri=f"{server.origin}/",
        username="clara",
        password=server.password,
        scopes=["openid", "overlays.view"],
        verifier=token_urlsafe(48),
        state=token_urlsafe(16),
    )
    return answer["id_token"]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A registry of this module's own. The first decision lived for a second, under the process before this one."""
    folder = tmp_path_factory.mktemp("signed-decisions")
    images = ct_series(uid_seed="signed decisions")
    overlay = to_bytes(
        segmentation(sources=images, uid_seed="signed decisions result", model_name="SignSeg", manufacturer="Journeys")
    )
    uid = str(pydicom.dcmread(io.BytesIO(overlay), stop_before_pixels=True).SOPInstanceUID)
    study = str(images[0].StudyInstanceUID)
    with running_server(folder, settings={"DECISION_SECONDS": "1"}) as server:
        pipeline = server.session(server.client_token())
        assert stow(pipeline, server, *map(to_bytes, images)).status_code == 200
        assert stow(pipeline, server, overlay).ok
        steward, radiologist = (server.session(server.person_token(name)) for name in ("sam", "robin"))
        release_model(steward, server, name="SignSeg", version="2.1.0", manufacturer="Journeys")
        seen = {"decision": "accept", "seen_sha256": hashlib.sha256(overlay).hexdigest()}
        reviewed = radiologist.post(f"{server.origin}/api/v1/versions/{uid}/reviews", json=seen, timeout=TIMEOUT)
        assert reviewed.status_code == 201, reviewed.text
        expired = _decision(server.session(server.person_token("clara")), server, study)
        server.stop()
        server.settings["DECISION_SECONDS"] = "3600"
        server.start()
        token = server.person_token("clara")
        viewer = server.session(token)
        named = viewer.post(
            f"{server.origin}/api/v1/render-decisions",
            json={"purpose": "clinical", "instances": [{"sop_instance_uid": uid}]},
            headers={"Accept": "application/jose"},
            timeout=TIMEOUT,
        )
        yield Scene(
            server=server,
            instance=overlay,
            expired=expired,
            good=_decision(viewer, server, study),
            named=named.text,
            reviewing=_decision(server.session(server.person_token("robin")), server, study, "review"),
            access_token=token,
            id_token=_id_token(server),
            keys=requests.get(f"{server.origin}/api/v1/decision-keys", timeout=TIMEOUT).json(),
            folder=folder,
        )


def _part(value: bytes | dict) -> str:
    data = json.dumps(value).encode() if isinstance(value, dict) else value
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _changed_payload(scene: Scene) -> str:
    header, payload, signature = scene.good.split(".")
    claims = json.loads(_read(payload)) | {"exp": 4102444800}
    return f"{header}.{_part(claims)}.{signature}"


def _changed_signature(scene: Scene) -> str:
    head, _, signature = scene.good.rpartition(".")
    raw = bytearray(_read(signature))
    raw[-1] ^= 1
    return f"{head}.{_part(bytes(raw))}"


def _alg_none(scene: Scene) -> str:
    header, payload, _ = scene.good.split(".")
    return f"{_part(json.loads(_read(header)) | {'alg': 'none'})}.{payload}."


def _public_key_as_secret(scene: Scene) -> str:
    header, payload, _ = scene.good.split(".")
    head = f"{_part(json.loads(_read(header)) | {'alg': 'HS256'})}.{payload}"
    pem = jwt.PyJWK(scene.keys["keys"][0]).key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"{head}.{_part(hmac.digest(pem, head.encode(), 'sha256'))}"


def _signed_by_a_stranger(scene: Scene, kid: str) -> str:
    claims = json.loads(_read(scene.good.split(".")[1]))
    header = {"typ": "render-decision+jwt", "kid": kid}
    return jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), "ES256", headers=header)


FORGED: dict[str, tuple[Callable[[Scene], str], str]] = {
    "expired": (lambda scene: scene.expired, "has expired"),
    "changed payload": (_changed_payload, "does not verify"),
    "changed signature": (_changed_signature, "does not verify"),
    "alg none": (_alg_none, "no signed render decision"),
    "HS256 with the public key as secret": (_public_key_as_secret, "no signed render decision"),
    "other kid": (lambda scene: _signed_by_a_stranger(scene, "another"), "no key of this id"),
    "other key under the same kid": (
        lambda scene: _signed_by_a_stranger(scene, scene.keys["keys"][0]["kid"]),
        "does not verify",
    ),
    "for review": (lambda scene: scene.reviewing, "another purpose"),
    "access token instead": (lambda scene: scene.access_token, "no signed render decision"),
    "id_token instead": (lambda scene: scene.id_token, "no signed render decision"),
    "no JWS at all": (lambda scene: "{}", ""),
    "nothing": (lambda scene: "", ""),
}


def _in_python(decision: str, instance: str, issuer: str, *keys: str) -> subprocess.CompletedProcess:
    command = [
        sys.executable,
        str(PYTHON),
        decision,
        instance,
        "--issuer",
        issuer,
        *(["--keys", *keys] if keys else []),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)


def _in_javascript(decision: str, instance: str, issuer: str, *keys: str) -> subprocess.CompletedProcess:
    command = [require("node"), str(JAVASCRIPT), decision, instance, issuer, *keys]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)


VERIFIERS = [
    pytest.param(_in_python, id="Python"),
    pytest.param(_in_javascript, id="JavaScript", marks=pytest.mark.real),
]


@pytest.fixture(params=VERIFIERS)
def verify(request: pytest.FixtureRequest) -> Callable[..., subprocess.CompletedProcess]:
    """One of the examples, run as its first lines say."""
    return request.param


def _refused(done: subprocess.CompletedProcess, why: str) -> None:
    assert (done.returncode, done.stderr) == (1, ""), done.stdout
    assert why in done.stdout
    assert done.stdout.strip()


@pytest.mark.parametrize("which", ["good", "named"])
def test_a_good_decision_lets_the_instance_be_shown(scene, verify, which):
    done = verify(
        scene.file("good.jws", getattr(scene, which)), scene.file("held.dcm", scene.instance), scene.server.origin
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.startswith("show: AI · SignSeg 2.1.0 · accepted by Robin Lee")


def test_a_decision_is_checked_without_the_registry(scene, verify):
    keys = scene.file("keys.json", json.dumps(scene.keys))
    done = verify(scene.file("good.jws", scene.good), scene.file("held.dcm", scene.instance), scene.server.origin, keys)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("forge", "why"), FORGED.values(), ids=FORGED)
def test_what_is_no_good_decision_is_refused(scene, verify, forge, why):
    done = verify(scene.file("bad.jws", forge(scene)), scene.file("held.dcm", scene.instance), scene.server.origin)
    _refused(done, why)


def test_a_decision_of_another_issuer_is_refused(scene, verify):
    keys = f"{scene.server.origin}/api/v1/decision-keys"
    done = verify(scene.file("good.jws", scene.good), scene.file("held.dcm", scene.instance), OTHER_ISSUER, keys)
    _refused(done, "another issuer")


def test_an_access_token_is_refused_with_the_keys_of_the_provider_too(scene, verify):
    keys = f"{scene.server.origin}/oidc/jwks"
    token = scene.file("token.jws", scene.access_token)
    _refused(verify(token, scene.file("held.dcm", scene.instance), f"{scene.server.origin}/oidc", keys), "")


def test_other_bytes_than_those_decided_on_are_refused(scene, verify):
    held = scene.file("other.dcm", scene.instance + b"\0")
    _refused(verify(scene.file("good.jws", scene.good), held, scene.server.origin), "nothing of an instance")


def test_keys_that_cannot_be_read_let_nothing_be_shown(scene, verify):
    held = scene.file("held.dcm", scene.instance)
    for keys in (f"{scene.server.origin}/nowhere", scene.file("no-keys.json", "{}")):
        _refused(verify(scene.file("good.jws", scene.good), held, scene.server.origin, keys), "cannot be read")


@pytest.mark.real
def test_the_javascript_is_run_through_a_link_too(scene, tmp_path):
    link = tmp_path / "a link.mjs"
    link.symlink_to(JAVASCRIPT)
    arguments = [scene.file("bad.jws", scene.expired), scene.file("held.dcm", scene.instance), scene.server.origin]
    done = subprocess.run([require("node"), str(link), *arguments], capture_output=True, text=True, timeout=TIMEOUT)
    _refused(done, "has expired")


@pytest.mark.parametrize("which", ["good", "named"])
def test_a_decision_is_no_access_token(scene, which):
    session = scene.server.session(getattr(scene, which))
    for address in ("/api/v1/overlays", "/dicom-web/studies", "/oidc/userinfo"):
        assert session.get(f"{scene.server.origin}{address}", timeout=TIMEOUT).status_code == 401


def test_no_private_key_and_no_decision_is_logged(scene):
    log = scene.server.log.read_text()
    assert "PRIVATE KEY" not in log
    assert scene.good.split(".")[2] not in log


@pytest.mark.browser
@pytest.mark.real
def test_the_javascript_checks_a_decision_in_a_browser(scene):
    from playwright.sync_api import sync_playwright

    said = """async ([source, text, bad, issuer, keys]) => {
        const { decisionIn } = await import("data:text/javascript;base64," + source);
        const told = async (each) => {
            try { return (await decisionIn(each, { issuer, keys })).jti } catch (error) { return error.message }
        };
        return [await told(text), await told(bad)];
    }"""
    source = base64.b64encode(JAVASCRIPT.read_bytes()).decode()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=require("chromium"), args=["--no-sandbox"])
        try:
            page = browser.new_context(bypass_csp=True).new_page()
            page.goto(f"{scene.server.origin}/livez")
            arguments = [source, scene.good, _changed_payload(scene), scene.server.origin, scene.keys["keys"]]
            good, bad = page.evaluate(said, arguments)
        finally:
            browser.close()
    assert good == json.loads(_read(scene.good.split(".")[1]))["jti"]
    assert "does not verify" in bad
