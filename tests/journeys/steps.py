"""Takes over HTTP the steps that several journeys share."""

from uuid import uuid4

import requests

from tests.journeys.server import PIPELINE, Server

TIMEOUT = 60


def stow(session: requests.Session, server: Server, *instances: bytes, timeout: float = TIMEOUT) -> requests.Response:
    """Post instances in one request (PS3.18 10.5)."""
    boundary = uuid4().hex
    parts = [b"--%s\r\nContent-Type: application/dicom\r\n\r\n%s\r\n" % (boundary.encode(), each) for each in instances]
    return session.post(
        f"{server.origin}/dicom-web/studies",
        data=b"".join([*parts, b"--%s--\r\n" % boundary.encode()]),
        headers={
            "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary}',
            "Accept": "application/dicom+json",
        },
        timeout=timeout,
    )


def release_model(
    steward: requests.Session,
    server: Server,
    *,
    name: str,
    version: str,
    manufacturer: str,
    statuses: tuple[str, ...] = ("shadow", "approved"),
) -> int:
    """Register a model and a version of it, walk the version through statuses, let the pipeline post; the version's id."""
    api = f"{server.origin}/api/v1"
    model = _posted(steward, f"{api}/models", {"name": name, "manufacturer": manufacturer})["id"]
    _posted(steward, f"{api}/models/{model}/posters", {"client_id": PIPELINE})
    released = _posted(steward, f"{api}/models/{model}/versions", {"version": version})["id"]
    for status in statuses:
        _posted(steward, f"{api}/model-versions/{released}/status", {"status": status, "reason": "for the journey"})
    return released


def verdicts(viewer: requests.Session, server: Server, study: str, purpose: str = "clinical") -> dict[str, str]:
    """What may be rendered of the study: the verdict of each SOP instance."""
    answer = viewer.get(
        f"{server.origin}/api/v1/studies/{study}/render-decisions", params={"purpose": purpose}, timeout=TIMEOUT
    )
    answer.raise_for_status()
    return {each["sop_instance_uid"]: each["verdict"] for each in answer.json()["overlays"]}


def _posted(session: requests.Session, address: str, body: dict) -> dict:
    answer = session.post(address, json=body, timeout=TIMEOUT)
    assert answer.ok, f"{address}: {answer.status_code} {answer.text}"
    return answer.json()
