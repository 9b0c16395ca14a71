"""Loads the demonstration and pastes the commands that it prints into a shell, as a newcomer does."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from overlays.management.demo.logins import read_logins
from tests.journeys.server import ROOT, Server, running_server
from tests.journeys.steps import TIMEOUT

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Shown:
    """What the demonstration printed, and what each of the numbered pieces of it printed in a shell."""

    printed: str
    said: dict[int, str]


def _load(server: Server) -> str:
    return server.manage(["migrate", "--verbosity", "0"], ["ensure_signing_key"], ["load_demo"])


def _paste(server: Server, printed: str) -> dict[int, str]:
    """Run the commands in one shell, as one pastes them, and tell apart what each numbered piece said."""
    commands = printed[printed.index("\n# 0.") : printed.rindex("\n===")].replace(".venv/bin/python", sys.executable)
    script = re.sub(r"^# (\d)\..*$", r"echo '@@\1'", commands, flags=re.MULTILINE)
    done = subprocess.run(
        ["bash"], input=script, cwd=ROOT, env=server.environment(), capture_output=True, text=True, timeout=TIMEOUT
    )
    assert done.stderr == ""
    pieces = re.split(r"^@@(\d)\n", done.stdout, flags=re.MULTILINE)[1:]
    return {int(number): said for number, said in zip(pieces[::2], pieces[1::2], strict=True)}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A registry with the demonstration."""
    with running_server(tmp_path_factory.mktemp("demo"), prepare=_load) as running:
        yield running


@pytest.fixture(scope="module")
def shown(server: Server) -> Shown:
    """The five journeys, as printed when the demonstration is loaded for the second time."""
    folder = server.folder / "demo"
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    printed = server.manage(["load_demo"])
    assert before == {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}, "it made its files again"
    return Shown(printed, _paste(server, printed))


def test_it_says_that_nothing_of_it_is_real(shown: Shown):
    assert "DEMONSTRATION DATA" in shown.printed


def test_the_passwords_are_readable_by_their_owner_alone(server: Server, shown: Shown):
    assert (server.folder / "demo-logins").stat().st_mode & 0o777 == 0o600


def test_the_printed_password_is_the_one_that_was_made_here(server: Server, shown: Shown):
    assert read_logins(server.folder)["DEMO_PASSWORD"] in shown.printed


def test_loading_it_again_computes_nothing(shown: Shown):
    assert "Computing" not in shown.printed


def test_a_pipeline_posts_a_result(shown: Shown):
    assert (
        re.findall(r"^HTTP \d+$", shown.said[1], flags=re.MULTILINE)[0] == "HTTP 202"
    )  # stored, with warnings (PS3.18 10.5.3)


def test_a_pipeline_is_warned_of_what_viewers_misread(shown: Shown):
    told = re.findall(r"^\[([A-Z]{3}-\d{3}) ", shown.said[1].partition("HTTP 202")[0], flags=re.MULTILINE)
    assert told == ["PRV-005", "VIE-015"]


def test_a_broken_result_is_refused_with_every_fault(shown: Shown):
    rules = re.findall(r"^\[([A-Z]{3}-\d{3}) ", shown.said[1].partition("HTTP 202")[2], flags=re.MULTILINE)
    assert len(rules) >= 4
    assert shown.said[1].endswith("HTTP 409\n")


def test_the_accepted_version_is_shown_with_a_warning_while_a_newer_one_waits(shown: Shown):
    assert re.search(r'"show_with_warning".*LiverSeg 2\.1\.0 · accepted.*newer version', shown.said[2])


def test_every_state_stands_in_the_first_answer(shown: Shown):
    for words in ("superseded", "not reviewed", "quarantined", "rejected by Robin Lee", "accepted by Robin Lee"):
        assert words in shown.said[2]


def test_once_accepted_the_new_version_is_shown_without_reserve(shown: Shown):
    assert '"decision": "accept"' in shown.said[3]
    assert "show_with_warning" not in shown.said[3]
    assert shown.said[3].count('"show"') == 2


def test_what_is_shown_is_fetched_bit_for_bit_and_what_is_withheld_is_not_there(shown: Shown):
    assert shown.said[4] == "identical\n404\n"


def test_the_auditor_sees_where_overlays_came_from(shown: Shown):
    assert "wasDerivedFrom" in shown.said[5]
    assert "not registered" in shown.said[5]


def test_the_auditor_reads_who_accepted_and_who_fetched(shown: Shown):
    assert "Robin Lee accepted version 3." in shown.said[5]
    assert "Clara Ward retrieved 1 derived instance(s), purpose clinical." in shown.said[5]
