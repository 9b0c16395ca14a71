"""Labels, sentences, reasons and events: every word has its text."""

from datetime import date

import pytest
from pydicom.sr.codedict import codes

from overlays.governance.errors import Invalid
from overlays.governance.events import SENTENCES, Event, sentence
from overlays.governance.labels import REASON_SENTENCES, STATE_WORDS, Naming, label, reason_text, warning
from overlays.governance.policy import Reason
from overlays.governance.reasons import PRIVATE_SCHEME, REJECTION_REASONS, rejection_reason
from overlays.governance.vocabulary import RENDERING_INTENT, ModelStatus, ReviewState, Verdict, Verification


def naming(**changes) -> Naming:
    known = {"model_name": "LiverSeg", "model_version": "2.1.0", "review_state": ReviewState.ACCEPTED}
    return Naming(**(known | changes))


@pytest.mark.parametrize("event", Event)
def test_every_event_has_a_sentence(event):
    assert SENTENCES[event]


def test_a_sentence_names_the_actor_and_what_was_done():
    assert sentence("version:accepted", "R. Lee", {"number": 2}) == "R. Lee accepted version 2."


def test_a_sentence_that_ends_in_somebodys_words_has_one_full_stop():
    data = {"number": 2, "reason_meaning": "False positive."}
    assert sentence("version:rejected", "R. Lee", data) == "R. Lee rejected version 2: False positive."


def test_data_that_lack_a_field_of_the_sentence_raise():
    with pytest.raises(KeyError):
        sentence("version:accepted", "R. Lee", {})


def test_an_unknown_event_raises():
    with pytest.raises(ValueError, match="version:painted"):
        sentence("version:painted", "R. Lee", {})


@pytest.mark.parametrize("state", ReviewState)
def test_every_state_has_words_and_a_label(state):
    assert STATE_WORDS[state] in label(naming(review_state=state))


def test_an_accepted_overlay_is_labelled_with_model_reader_and_day():
    found = label(naming(reviewer="R. Lee", reviewed=date(2026, 11, 20)))
    assert found == "AI · LiverSeg 2.1.0 · accepted by R. Lee, 2026-11-20"


def test_an_overlay_of_no_known_model_is_labelled_all_the_same():
    found = label(naming(model_name="", model_version="", review_state=ReviewState.QUARANTINED))
    assert found == "AI · unknown model · quarantined, model version not registered"


def test_a_correction_is_labelled_with_its_author():
    found = label(naming(author="R. Lee", review_state=ReviewState.PENDING))
    assert found == "Corrected by R. Lee · not reviewed"


@pytest.mark.parametrize(
    "code",
    [
        *(str(state) for state in ReviewState),
        *(f"sources_{word}" for word in Verification),
        *(f"model_{status}" for status in ModelStatus),
        "model_not_registered",
        "newer_version_waits",
        "digest_differs",
        "not_registered",
        "internal_fault",
    ],
)
def test_every_reason_a_verdict_can_have_has_a_sentence(code):
    assert reason_text(Reason(code=code, allows=Verdict.WITHHOLD), naming()).endswith(".")


def test_no_sentence_is_left_over():
    assert len(REASON_SENTENCES) == len(ReviewState) + len(Verification) + len(ModelStatus) + 5


def test_only_what_is_shown_with_a_warning_has_one():
    assert [warning(verdict, ["Look twice."]) for verdict in Verdict] == [None, "Look twice.", None]


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_its_code_of_cid_6034(verdict):
    known = {code.value: code.meaning for code in codes.cid6034.concepts.values()}
    intent = RENDERING_INTENT[verdict]
    assert known[intent["code"]].startswith(intent["meaning"])


@pytest.mark.parametrize("reason", REJECTION_REASONS.values(), ids=lambda reason: reason.code)
def test_a_rejection_reason_fits_the_attributes_that_will_carry_it(reason):
    assert len(reason.code) <= 16
    assert len(reason.scheme) <= 16
    assert len(reason.meaning) <= 64


@pytest.mark.parametrize(
    "reason",
    [reason for reason in REJECTION_REASONS.values() if reason.scheme == "DCM"],
    ids=lambda reason: reason.code,
)
def test_a_dicom_reason_is_one_of_cid_7011(reason):
    assert (reason.code, reason.meaning) in {(code.value, code.meaning) for code in codes.cid7011.concepts.values()}


def test_what_is_not_of_dicom_is_of_the_private_scheme():
    assert {reason.scheme for reason in REJECTION_REASONS.values()} == {"DCM", PRIVATE_SCHEME}


def test_an_unknown_reason_is_refused_with_the_codes_there_are():
    with pytest.raises(Invalid, match="FALSE-POSITIVE"):
        rejection_reason("BECAUSE")
