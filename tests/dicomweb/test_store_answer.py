"""The Store Instances Response Module: codes, statuses and comments."""

import json
from dataclasses import replace

import pydicom
import pytest

from overlays.dicom.findings import Finding, Severity
from overlays.dicomweb.store_answer import (
    MOST_COMMENTS,
    PRIVATE_CREATOR,
    REASON_OF_REFUSAL,
    FailureReason,
    PartFailed,
    data_set,
    status_of,
)
from overlays.services.outcomes import Outcome, Refusal


def outcome(refusal: Refusal | None = None, findings: int = 0, uid: str = "1.2.3", sentence: str = "Gap.") -> Outcome:
    found = Finding(
        rule="SEG-004", severity=Severity.ERROR, path="(0062,0002)[2].(0062,0004) SegmentNumber", sentence=sentence
    )
    return Outcome(
        sop_class_uid="1.2" if uid else "",
        sop_instance_uid=uid,
        study_instance_uid="1.1",
        series_instance_uid="1.4",
        findings=(found,) * findings,
        refusal=refusal,
    )


def answer(*results) -> dict:
    return data_set(results, lambda **parts: "/".join(parts.values()))


FAILED = PartFailed(reason=FailureReason.CANNOT_UNDERSTAND, sentence="No.")


def test_every_refusal_has_a_failure_reason():
    assert set(REASON_OF_REFUSAL) == set(Refusal)


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (Refusal.NOT_UNDERSTOOD, 0xC000),
        (Refusal.CLASS_NOT_SUPPORTED, 0x0122),
        (Refusal.SYNTAX_NOT_SUPPORTED, 0xC122),
        (Refusal.RULES_BROKEN, 0xA900),
        (Refusal.DUPLICATE, 0x0111),
        (Refusal.NOT_PERMITTED, 0x0124),
        (Refusal.RESOURCES, 0xA700),
    ],
)
def test_a_refusal_is_told_by_its_code(refusal, code):
    (item,) = answer(outcome(refusal))["00081198"]["Value"]
    assert item["00081197"] == {"vr": "US", "Value": [code]}


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ([outcome()], 200),
        ([outcome(), outcome(findings=1)], 202),
        ([outcome(), outcome(Refusal.DUPLICATE)], 202),
        ([outcome(), FAILED], 202),
        ([outcome(Refusal.DUPLICATE)], 409),
        ([FAILED, outcome(Refusal.RULES_BROKEN)], 409),
    ],
)
def test_the_status_says_how_many_were_stored(results, status):
    assert status_of(results) == status


def test_a_comment_states_rule_place_and_sentence():
    (item,) = answer(outcome(Refusal.RULES_BROKEN, 1))["00081198"]["Value"]
    (comment,) = item["00741048"]["Value"]
    assert comment == {
        "00000902": {"vr": "LO", "Value": ["[SEG-004] Gap."]},
        "00770010": {"vr": "LO", "Value": ["99OVERLAYREG"]},
        "00771001": {"vr": "UT", "Value": ["[SEG-004 (0062,0002)[2].(0062,0004) SegmentNumber] Gap."]},
        "00720026": {"vr": "AT", "Value": ["00620004"]},
        "00720052": {"vr": "AT", "Value": ["00620002"]},
        "00741057": {"vr": "IS", "Value": [2]},
    }


@pytest.mark.parametrize(
    ("sentence", "comment"),
    [
        ("x" * 54, "[SEG-004] " + "x" * 54),
        ("x" * 55, "[SEG-004] " + "x" * 53 + "…"),
        ("x" * 52 + " and more", "[SEG-004] " + "x" * 52 + "…"),
        ("It is a\\b, not\r\nc.", "[SEG-004] It is a/b, not  c."),
    ],
    ids=["fits", "one too many", "ends at a word", "a backslash and a line break"],
)
def test_a_comment_is_one_value_of_at_most_64_characters_and_loses_nothing(sentence, comment):
    (item,) = answer(outcome(Refusal.RULES_BROKEN, 1, sentence=sentence))["00081198"]["Value"]
    (told,) = item["00741048"]["Value"]
    assert told["00000902"]["Value"] == [comment]
    assert told["00771001"]["Value"][0].endswith(f"] {sentence}")


def test_an_answer_is_read_by_pydicom_without_a_warning():
    long = outcome(Refusal.RULES_BROKEN, 1, sentence="Far too much, a\\b, to say. " * 50)
    read = pydicom.Dataset.from_json(json.dumps(answer(long, FAILED, outcome(findings=1))))
    (told,) = read.FailedSOPSequence[0].FailedAttributesSequence
    assert len(told.ErrorComment) <= 64
    assert told.private_block(0x0077, PRIVATE_CREATOR)[0x01].value.count("Far too much") == 50


def test_what_bears_no_uid_stands_among_the_other_failures():
    found = answer(outcome(Refusal.NOT_UNDERSTOOD, uid=""), FAILED)
    assert "00081198" not in found
    assert len(found["0008119A"]["Value"]) == 2


def test_the_study_is_located_where_there_is_one():
    assert answer(outcome())["00081190"]["Value"] == ["1.1"]


def test_an_answer_stays_within_a_bound_and_still_tells_of_each_instance():
    found = answer(*[outcome(Refusal.RULES_BROKEN, 1000) for _ in range(50)])
    counts = [len(item["00741048"]["Value"]) for item in found["00081198"]["Value"]]
    assert len(counts) == 50
    assert min(counts) == 1
    assert sum(counts) <= MOST_COMMENTS + 1000 + 50


def test_errors_come_before_warnings():
    mild = Finding(rule="SEG-025", severity=Severity.WARNING, path="", sentence="Mild.")
    grave = Finding(rule="FRM-018", severity=Severity.ERROR, path="", sentence="Grave.")
    (item,) = answer(replace(outcome(Refusal.RULES_BROKEN), findings=(mild, grave)))["00081198"]["Value"]
    told = [comment["00000902"]["Value"][0] for comment in item["00741048"]["Value"]]
    assert told == ["[FRM-018] Grave.", "[SEG-025] Mild."]
