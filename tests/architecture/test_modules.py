"""Every module says what it is for, and is small enough to be one room."""

import ast
import re

import pytest

from tests.architecture.tree import ROOT, modules, name_of, tree

OURS = modules("registry", "overlays")
LONGEST = 500
DECLARATIONS = {"Meta", "Media"}  # of Django: tables, not things


@pytest.mark.parametrize("path", [path for path in OURS if path.stat().st_size], ids=name_of)
def test_a_module_opens_with_its_purpose(path):
    assert ast.get_docstring(tree(path))


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_a_module_is_one_room(path):
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


def _undocumented(body: list[ast.stmt], at: str = ""):
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            if not ast.get_docstring(node) and node.name not in DECLARATIONS:
                yield f"{at}{node.name}"
            if isinstance(node, ast.ClassDef) and node.name not in DECLARATIONS:
                yield from _undocumented(node.body, f"{node.name}.")


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_what_is_public_is_documented(path):
    assert not list(_undocumented(tree(path).body))


@pytest.mark.parametrize("path", sorted(ROOT.glob("*")), ids=lambda path: path.name)
def test_no_top_level_name_is_a_stranger(path):
    known = {
        ".ci", ".dockerignore", ".git", ".gitignore", ".pytest_cache", ".ruff_cache", ".venv", ".artefacts", "Dockerfile",
        "Makefile", "README.md", "deploy", "docker-compose.yml", "docs", "manage.py", "overlays", "pyproject.toml", "registry",
        "requirements.txt", "static-collected", "tests", "var", "LICENSE",
    }  # fmt: skip
    assert path.name in known


def test_every_requirement_is_pinned_exactly():
    for file in (ROOT / "requirements.txt", ROOT / "tests" / "requirements.txt"):
        lines = [line for line in file.read_text().splitlines() if line and not line.startswith(("#", "-r"))]
        loose = [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[A-Za-z0-9.]+", line)]
        assert not loose
