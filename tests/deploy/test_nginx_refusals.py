"""What is not an image that may leave does not leave through nginx, however its address is written."""

import io
import re

import pydicom
import pytest

from overlays.dicomweb import urls
from tests.archive.double import Answer, running_double
from tests.builders import to_bytes
from tests.deploy.asking import FILES, below
from tests.deploy.site import SECRET, place

pytestmark = [pytest.mark.slow, pytest.mark.real]


def test_without_a_token_nothing_comes(ask, site):
    reply = ask(below(site.images[0]), who=None)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert reply.json()["code"] == "not_authenticated"


def test_a_token_that_is_none_opens_nothing(ask, site):
    assert ask(below(site.images[0]), who=None, Authorization="Bearer nonsense").status == 401


def test_a_token_for_another_study_opens_nothing(ask, site):
    assert ask(below(site.images[0]), study="1.2.3").status == 404
    assert ask(below(site.images[0]), study=site.images[0].StudyInstanceUID, accept=FILES).straight


def test_the_review_mount_is_for_reviewers(ask, site):
    assert ask(below(site.images[0], "/review/dicom-web")).status == 403


@pytest.mark.parametrize("which", ["unknown", "waiting"])
def test_what_is_withheld_leaves_by_no_address(ask, site, which):
    hidden = getattr(site, which)
    named = {"study": hidden.StudyInstanceUID, "series": hidden.SeriesInstanceUID}
    named |= {"instance": hidden.SOPInstanceUID, "frames": "1", "tag": "7FE00010"}
    secrets = (hidden.SOPInstanceUID.encode(), hidden.SeriesInstanceUID.encode())
    walked = 0
    for pattern in urls.urlpatterns:
        path = re.sub(r"<str:(\w+)>", lambda found: named[found[1]], str(pattern.pattern))
        reply = ask(f"/dicom-web/{path}", "*/*")
        of_it = "series" in pattern.pattern.converters and pattern.name != "instances-of-series"
        assert reply.status == (404 if of_it else 405 if not path else 200), path
        assert not any(secret in reply.content for secret in secrets), path
        walked += of_it
    assert walked >= 10


def test_what_is_accepted_comes_from_the_registry(ask, site):
    reply = ask(below(site.accepted), FILES)
    assert reply.seen == ["GET /proxy/image 403", f"GET {below(site.accepted)} 200"]
    (part,) = reply.parts()
    assert part.get_payload(decode=True) == to_bytes(site.accepted)


def test_frames_that_there_are_not_are_not_found(ask, site):
    assert ask(below(site.images[0]) + "/frames/2").status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_is_written_there(ask, site, method):
    reply = ask(below(site.images[0]), method=method)
    assert reply.status in (403, 405)


def test_the_address_of_the_proxy_is_closed(ask, site):
    told = {"X-Proxy-Secret": SECRET, "X-Original-Method": "GET", "X-Original-URI": below(site.images[0])}
    for path in ("/proxy/image", "/proxy/./image", "/%70roxy/image", "//proxy/image"):
        reply = ask(path, **told)
        assert (reply.status, reply.seen) == (404, []) or reply.status in (301, 404), path
        assert not [name for name in reply.headers if name.startswith("X-Archive")]


def test_a_client_cannot_say_what_it_asked_for(ask, site):
    told = {"X-Original-URI": below(site.images[0]), "X-Original-Method": "GET", "X-Archive-Path": "system"}
    assert ask(below(site.unknown), **told).status == 404


def test_an_address_written_in_another_way_opens_nothing(ask, site):
    image, hidden = below(site.images[0]), site.unknown
    steps = f"series/{hidden.SeriesInstanceUID}/instances/{hidden.SOPInstanceUID}"
    up = "/../../../../"
    for path in (
        image + up + steps,
        image + up.replace("/", "%2f") + steps,
        image + up.replace("..", "%2e%2e") + steps,
        image + up.replace("..", "..;a=b") + steps,
        image + "/frames/1/.." + up + steps,
        below(hidden) + "?",
        below(hidden) + "?x=" + image,
        below(hidden) + "#" + image,
        below(hidden) + "%23" + image,
        "/dicom-web//studies/" + below(hidden).removeprefix("/dicom-web/studies/"),
        "//dicom-web/" + below(hidden).removeprefix("/dicom-web/"),
        below(hidden).replace("/series/", "%2Fseries%2F"),
        below(hidden).replace("/instances/", "/%69nstances/"),
        below(hidden) + "/",
        below(hidden) + "/.",
        below(hidden) + "%00",
        below(hidden) + "/frames/1/",
        below(hidden) + "/frames/1%2c1",
        "/dicom-web/../proxy/../dicom-web/" + below(hidden).removeprefix("/dicom-web/"),
        "/dicom-web/../instances",
        f"{site.archive}{below(hidden)}",
    ):
        reply = ask(path, "*/*")
        assert reply.status in (400, 404), (path, reply.status)
        assert hidden.PixelData not in reply.content


def test_an_image_written_in_another_way_comes_through_the_registry_or_not_at_all(ask, site):
    image = below(site.images[0])
    for path in (
        image.replace("/series/", "/%73eries/"),
        image + "?",
        "//dicom-web/" + image[11:],
        image + "/../" + image[-40:],
    ):
        reply = ask(path, FILES)
        assert not reply.straight, path
        if reply.status == 200:
            (part,) = reply.parts()
            assert pydicom.dcmread(io.BytesIO(part.get_payload(decode=True))).Modality == "CT"


def test_a_yes_without_a_path_fetches_nothing(ask, site, proxied):
    with running_double() as registry, running_double() as archive:
        registry.answers = archive.answers = lambda asked: Answer(b"a page", headers={"Content-Type": "text/html"})
        reply = ask(below(site.images[0]), at=proxied(REGISTRY=place(registry.origin), ARCHIVE=place(archive.origin)))
    assert (reply.status, [asked.path for asked in registry.asked], archive.asked) == (502, ["/proxy/image"], [])
