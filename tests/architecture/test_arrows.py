"""A folder imports only what lies to its right."""

import pytest

from tests.architecture.tree import imports, modules, name_of

MAY_IMPORT = {
    "overlays.dicom": {"overlays.dicom"},
    "overlays.governance": {"overlays.governance"},
    "overlays.http": {"overlays.http"},
    "overlays.archive": {"overlays.archive", "overlays.http", "overlays.dicom", "overlays.governance"},
    "overlays.models": {"overlays.models", "overlays.governance"},
    "overlays.queries": {
        "overlays.queries",
        "overlays.archive",
        "overlays.models",
        "overlays.governance",
        "overlays.dicom",
    },
    "overlays.services": {
        "overlays.services",
        "overlays.archive",
        "overlays.queries",
        "overlays.models",
        "overlays.governance",
        "overlays.dicom",
    },
}
FACES = ("overlays.api", "overlays.dicomweb", "overlays.admin", "overlays.management")
for face in FACES:
    MAY_IMPORT[face] = {face, "overlays.http"} | MAY_IMPORT["overlays.services"]
PURE = ("overlays.dicom", "overlays.governance")
STANDARD_LIBRARY_ONLY = ("overlays.governance",)


def room(name: str) -> str:
    """The folder of a module: its first two names."""
    return ".".join(name.split(".")[:2])


SOURCES = [path for path in modules("overlays") if room(name_of(path)) in MAY_IMPORT]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_folder_imports_only_what_lies_to_its_right(path):
    here = room(name_of(path))
    wrong = {name for name in imports(path) if name.startswith("overlays.") and room(name) not in MAY_IMPORT[here]}
    assert not wrong


@pytest.mark.parametrize("path", modules("overlays"), ids=name_of)
def test_the_app_never_imports_the_project(path):
    assert not [name for name in imports(path) if name.split(".")[0] == "registry"]


@pytest.mark.parametrize("path", [path for path in SOURCES if room(name_of(path)) in PURE], ids=name_of)
def test_the_pure_folders_import_no_web_framework(path):
    assert not [name for name in imports(path) if name.split(".")[0] in {"django", "rest_framework"}]


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if room(name_of(path)) in STANDARD_LIBRARY_ONLY], ids=name_of
)
def test_governance_needs_the_standard_library_alone(path):
    import sys

    allowed = set(sys.stdlib_module_names) | {"overlays"}
    assert {name.split(".")[0] for name in imports(path)} <= allowed


def test_every_folder_of_the_app_has_its_arrows():
    folders = {room(name_of(path)) for path in modules("overlays") if len(name_of(path).split(".")) > 2}
    assert folders == set(MAY_IMPORT)
