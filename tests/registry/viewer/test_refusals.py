"""What OHIF says of a save that was refused: its own configuration, run by node."""

import json
import subprocess

import pytest

from overlays.dicom.findings import Finding, Severity
from overlays.dicomweb.store_answer import data_set
from overlays.services.outcomes import Outcome, Refusal
from registry.viewer.app_config import app_config
from tests.real_parts import require

pytestmark = pytest.mark.real

_SAID = """
const answer = JSON.parse(require('fs').readFileSync(0, 'utf8'));
globalThis.window = { location: { search: '' } };
eval(answer.script);
const error = new Error('request failed');
error.response = answer.response;
window.config.httpErrorHandler(error);
console.log(error.message);
"""


def said(response: str) -> str:
    """The message of the error that OHIF shows, for the text of an answer."""
    given = json.dumps(
        {"script": app_config(origin="https://v.example", issuer="https://i.example"), "response": response}
    )
    done = subprocess.run(
        [require("node"), "--eval", _SAID], input=given, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.removesuffix("\n")


def refused(*findings: tuple[str, Severity, str, str]) -> str:
    """The answer of STOW-RS to an instance with these findings: rule, severity, path, sentence."""
    found = tuple(Finding(rule=rule, severity=grave, path=path, sentence=text) for rule, grave, path, text in findings)
    outcome = Outcome(
        sop_class_uid="1.2.3",
        sop_instance_uid="1.2.4",
        study_instance_uid="1.2.5",
        series_instance_uid="1.2.6",
        findings=found,
        refusal=Refusal.RULES_BROKEN,
    )
    return json.dumps(data_set([outcome], lambda **_: "https://r.example"))


LONG = "Frames 2 and 3 show the same segment at the same place, " * 3 + "[as it seems] to the registry."


def test_the_whole_sentence_of_the_first_error_is_said_without_its_place():
    answer = refused(
        ("SEG-025", Severity.WARNING, "(0062,0013) SegmentsOverlap", "A warning."),
        ("FRM-018", Severity.ERROR, "(5200,9230)[3]", LONG),
    )
    assert said(answer) == LONG


def test_a_problem_is_said_by_its_detail():
    assert said(json.dumps({"title": "Forbidden", "detail": "The token's scopes do not allow this."})) == (
        "The token's scopes do not allow this."
    )


@pytest.mark.parametrize("response", ["", "<html>", "null", "[]", '{"00081198": {"vr": "SQ"}}'])
def test_where_the_answer_says_nothing_ohif_says_what_it_always_says(response):
    assert said(response) == "request failed"
