"""Names the edition of OHIF that is served, and looks whether it is there."""

from pathlib import Path

NAME, VERSION = "@ohif/app", "3.13.2"
INTEGRITY = "WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA=="
"""SHA-512 of the package's archive, Base64: what was tested is what runs, whatever a registry of packages hands out."""

LEFT_OUT = frozenset({"ort", "dicom-microscopy-viewer", "app-config.js", "_headers", "_redirects"})
"""Drawing tools with a neural network of their own (136 MB), the microscopy mode (20 MB), and what configures it for other servers."""

FOLDER = Path(f".venv/ohif-{VERSION}")
"""Where it is put, beside the Python packages; another edition goes into another folder."""


def is_there(folder: Path) -> bool:
    """Whether the folder holds OHIF; it is moved to its place when it is whole."""
    return (folder / "index.html").is_file()
