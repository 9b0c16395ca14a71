"""Finds the programs that some tests need beside the Python packages."""

import os
import shutil

import pytest


def require(program: str) -> str:
    """The path of the program.

    Without it the test is left out; where REQUIRE_REAL_PARTS is 1, as in the build, it fails.
    """
    found = shutil.which(program)
    if found is None:
        if os.environ.get("REQUIRE_REAL_PARTS") == "1":
            pytest.fail(f"the program {program} is not installed", pytrace=False)
        pytest.skip(f"the program {program} is not installed")
    return found
