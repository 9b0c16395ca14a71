"""Writes down who can sign in to the demonstration, and five journeys as commands to paste into a shell."""

from pathlib import Path

from overlays.governance.permissions import GROUP_OF_SCOPE
from overlays.management.demo import objects
from overlays.management.demo.logins import FILE, PEOPLE, PIPELINE

_TEXT = Path(__file__).with_suffix(".txt")
"""The text with values as ``@{name}``: the dollar is the shell's."""


def instructions(*, site: str, folder: Path, secrets: dict[str, str]) -> str:
    """The text; ``folder`` is the installation's data folder, ``secrets`` are its logins."""
    values = {
        "site": site,
        "people": ", ".join(f"{person.username} ({person.name}, {GROUP_OF_SCOPE[person.scope]})" for person in PEOPLE),
        "password": secrets["DEMO_PASSWORD"],
        "secret": secrets["PIPELINE_SECRET"],
        "pipeline": PIPELINE,
        "folder": str(folder),
        "logins": FILE,
        "study": objects.STUDY.uid("study"),
        "new": objects.NEXT.sop_instance_uid,
        "new_series": objects.STUDY.uid(objects.NEXT.key),
        "rejected": objects.REJECTED.sop_instance_uid,
        "rejected_series": objects.STUDY.uid(objects.REJECTED.key),
    }
    text = _TEXT.read_text("utf-8")
    for name, value in values.items():
        text = text.replace("@{" + name + "}", value)
    return text
