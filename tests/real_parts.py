"""Finds the programs and folders that some tests need beside the Python packages."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def require(program: str) -> str:
    """The path of the program.

    Without it the test is left out; where REQUIRE_REAL_PARTS is 1, as in the build, it fails.
    """
    return shutil.which(program) or _is_missing(f"the program {program} is not installed")


def require_file(path: Path, name: str) -> Path:
    """The path, where a file or folder is; without it as without a program. ``name`` is what people call it."""
    return path if path.exists() else _is_missing(f"{name} is not there")


def _is_missing(sentence: str) -> NoReturn:
    if os.environ.get("REQUIRE_REAL_PARTS") == "1":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
