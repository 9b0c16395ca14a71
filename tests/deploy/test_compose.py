"""What compose starts fits together: names of settings, addresses, secrets, files; nothing but the proxy is published."""

import json
import re
from urllib.parse import urlsplit

import pytest
import yaml

from registry.environment import VARIABLES, read
from tests.deploy.programs import ARCHIVE, PLACEHOLDER, PROXY
from tests.journeys.server import ROOT

GIVEN = {
    "POSTGRES_PASSWORD": "ofTheDatabase",
    "ARCHIVE_PASSWORD": "ofTheArchive",
    "SECRET_KEY": "k" * 50,
    "PROXY_SECRET": "s" * 40,
}
"""What a site has to choose."""


def interpolated(part: object) -> object:
    """As compose does: ``${NAME:-default}``, ``${NAME:?complaint}``, ``$$``. Raises KeyError for what has to be chosen and is not here."""
    if isinstance(part, dict):
        return {key: interpolated(value) for key, value in part.items()}
    if isinstance(part, list):
        return [interpolated(each) for each in part]
    if not isinstance(part, str):
        return part

    def value(found: re.Match) -> str:
        name, kind, word = found.groups()
        return GIVEN[name] if kind == "?" else GIVEN.get(name, word)

    return re.sub(r"\$\{([A-Z_]+):([-?])([^}]*)\}", value, part).replace("$$", "$")


COMPOSE = interpolated(yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8")))
SERVICES = COMPOSE["services"]
BUILT = {name: service["build"] for name, service in SERVICES.items() if "build" in service}


def context_and_file(build: str | dict) -> tuple:
    if isinstance(build, str):
        return ROOT / build, ROOT / build / "Dockerfile"
    return ROOT / build["context"], ROOT / build["dockerfile"]


def environment_of_image(name: str) -> dict[str, str]:
    """What its Dockerfile sets."""
    text = context_and_file(BUILT[name])[1].read_text("utf-8").replace("\\\n", " ")
    lines = re.findall(r"^ENV (.*)$", text, re.MULTILINE)
    return dict(pair.split("=", 1) for line in lines for pair in line.split())


@pytest.mark.parametrize("name", ["web", "migrate"])
def test_the_registry_starts_with_what_it_is_given(name):
    given = environment_of_image(name) | SERVICES[name]["environment"]
    own = {variable.name for variable in VARIABLES}
    assert set(SERVICES[name]["environment"]) <= own
    assert read({key: str(value) for key, value in given.items() if key in own})["SOURCE_STORE"] == "archive"


def test_what_is_chosen_beside_compose_is_named_in_its_head():
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    head = text.split("\nx-registry")[0]
    required = set(re.findall(r"\$\{([A-Z_]+):\?", text))
    assert required == set(GIVEN)
    assert all(name in head for name in required)


def test_the_proxy_alone_is_published_and_on_this_machine_alone():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"proxy": ["127.0.0.1:8000:8080"]}


def test_the_proxy_is_given_all_that_its_configuration_names():
    given = environment_of_image("proxy") | SERVICES["proxy"]["environment"]
    assert set(PLACEHOLDER.findall(PROXY.read_text("utf-8"))) == set(given)
    assert given["LISTEN"].endswith(SERVICES["proxy"]["ports"][0][-5:])


def test_proxy_and_registry_know_each_other():
    web, proxy = SERVICES["web"]["environment"], SERVICES["proxy"]["environment"]
    assert proxy["PROXY_SECRET"] == web["PROXY_SECRET"] == GIVEN["PROXY_SECRET"]
    assert proxy["REGISTRY"] == f"web:{environment_of_image('web')['PORT']}"
    assert str(web["TRUSTED_PROXIES"]) == "1"


def test_the_registry_and_the_proxy_reach_the_archive_that_is_there():
    web, proxy = SERVICES["web"]["environment"], SERVICES["proxy"]["environment"]
    found = urlsplit(web["SOURCE_DICOMWEB_URL"])
    assert (found.scheme, found.netloc) == (environment_of_image("proxy")["ARCHIVE_SCHEME"], proxy["ARCHIVE"])
    assert found.path + "/" == json.loads(archive_configuration())["DicomWeb"]["Root"]
    assert found.port == json.loads(archive_configuration())["HttpPort"]


def archive_configuration() -> str:
    """With the values of compose, else the defaults in it, as Orthanc fills it in."""
    given = SERVICES["archive"]["environment"]
    text = re.sub(r"\$\{([A-Z_]+):-([^}]*)\}", lambda found: given.get(found[1], found[2]), ARCHIVE.read_text("utf-8"))
    return PLACEHOLDER.sub(lambda found: given[found[1]], text)


def test_the_archive_lets_in_the_registry_and_nobody_else():
    archive = json.loads(archive_configuration())
    shown = json.loads(SERVICES["web"]["environment"]["SOURCE_DICOMWEB_AUTH"])
    assert archive["AuthenticationEnabled"] is True
    assert (
        archive["RegisteredUsers"] == {shown["username"]: shown["password"]} == {"registry": GIVEN["ARCHIVE_PASSWORD"]}
    )


def test_the_viewer_is_put_where_the_registry_looks_for_it():
    target = SERVICES["viewer"]["command"][-1].split()[-1]
    assert target == SERVICES["web"]["environment"]["VIEWER_DIR"]
    assert "viewer:/ohif" in SERVICES["viewer"]["volumes"]
    assert "viewer:/ohif:ro" in SERVICES["web"]["volumes"]


@pytest.mark.parametrize("name", sorted(BUILT))
def test_every_file_that_an_image_copies_is_there(name):
    folder, file = context_and_file(BUILT[name])
    copied = [words.split()[:-1] for words in re.findall(r"^COPY (.*)$", file.read_text("utf-8"), re.MULTILINE)]
    assert copied
    assert not [path for paths in copied for path in paths if not (folder / path).exists()]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"database"}))
def test_nothing_runs_as_root_or_may_become_it(name):
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
    assert re.search(r"^USER (?!root)\w", context_and_file(BUILT[name])[1].read_text("utf-8"), re.MULTILINE)


def test_every_volume_that_is_named_is_there():
    used = {each.split(":")[0] for service in SERVICES.values() for each in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])
