"""The README says what the registry does."""

from pathlib import Path

from overlays.management.demo.journeys import instructions

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_journeys_of_the_readme_are_the_ones_that_are_printed():
    printed = instructions(
        site="http://127.0.0.1:8000",
        folder=Path("var"),
        secrets={"DEMO_PASSWORD": "any", "PIPELINE_SECRET": "any"},
    )
    shell = printed[printed.index("# 0.") :].rstrip().rstrip("=").rstrip()
    assert f"```sh\n{shell}\n```" in README


def test_every_file_that_the_readme_names_is_there():
    import re

    named = re.findall(r"`((?:overlays|registry|docs|tests)/[a-z_/]+\.(?:py|md))`", README)
    named += re.findall(r"\]\((docs/[a-z_.-]+)\)", README)
    assert len(named) > 10
    assert not [name for name in named if not (ROOT / name).exists()]
