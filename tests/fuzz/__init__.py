"""Breaks valid objects in ways nobody thought of and sees whether the core answers as it should; ``make fuzz`` runs it."""

import tempfile
from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "hypothesis")  # not the folder it is started in
