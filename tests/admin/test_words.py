"""Values are written as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from overlays.admin import badges
from overlays.admin.words import day, person_name, size
from overlays.governance.vocabulary import Decision, ModelStatus, ReviewState, Verdict, Verification


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("Doe^Jane^Mary^Dr^", "Doe, Jane Mary"),
        ("Yamada^Tarou=山田^太郎", "Yamada, Tarou"),
        ("Doe", "Doe"),
        ("", ""),
    ],
)
def test_a_name_reads_family_first(value: str, words: str) -> None:
    assert person_name(value) == words


@pytest.mark.parametrize(("value", "words"), [("20261120", "2026-11-20"), ("", ""), ("2026", "2026")])
def test_a_date_reads_as_iso(value: str, words: str) -> None:
    assert day(value) == words


@pytest.mark.parametrize(
    ("count", "words"), [(999, "999 bytes"), (1400, "1.4 kB"), (268_000_000, "268 MB"), (2_500_000_000, "2.5 GB")]
)
def test_a_size_has_a_unit(count: int, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=3), "3 d"),
    ],
)
def test_an_age_is_told_in_the_unit_that_says_something(passed: timedelta, words: str) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)

    assert badges.age(now - passed, now) == words


@pytest.mark.parametrize(
    ("table", "vocabulary"),
    [
        (badges.REVIEW_STATES, ReviewState),
        (badges.MODEL_STATUSES, ModelStatus),
        (badges.VERIFICATIONS, Verification),
        (badges.VERDICTS, Verdict),
        (badges.DECISIONS, Decision),
    ],
)
def test_every_word_of_a_vocabulary_has_a_badge_with_text(table, vocabulary) -> None:
    assert set(table) == set(vocabulary)
    assert all(text for text, _ in table.values())
