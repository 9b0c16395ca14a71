"""What had been committed at a moment, as a text."""

import pytest

from overlays.governance.errors import Invalid
from overlays.queries.snapshots import Position, Snapshot, position

EARLY = Snapshot(10, frozenset({4, 7}))


@pytest.mark.parametrize(
    "written",
    [
        Position(Snapshot(0)),
        Position(Snapshot(10)),
        Position(EARLY),
        Position(Snapshot(9), EARLY, (8, 12)),
        Position(Snapshot(10**18 - 1, frozenset({10**18 - 2}))),
    ],
    ids=str,
)
def test_a_position_is_read_as_it_was_written(written):
    assert position(str(written)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "-",
        "10-",
        "-10",
        "010",
        "10--4",
        " 10",
        "10\n",
        "١٠",
        "1e3",
        "10~11",
        "10~11~3",
        "10~11~3.4~5",
        "9" * 19,
    ],
)
def test_what_no_answer_has_given_is_refused(text):
    with pytest.raises(Invalid):
        position(text)


@pytest.mark.parametrize(
    ("transaction", "seen"), [(3, True), (4, False), (5, True), (7, False), (9, True), (10, False)]
)
def test_a_snapshot_sees_what_was_done_by_then(transaction, seen):
    assert EARLY.sees(transaction) is seen


@pytest.mark.parametrize(
    ("later", "within"),
    [
        (EARLY, True),
        (Snapshot(10), True),
        (Snapshot(12, frozenset({7, 11})), True),
        (Snapshot(12, frozenset({8})), False),
        (Snapshot(9, frozenset({4, 7})), False),
    ],
    ids=str,
)
def test_a_later_snapshot_sees_all_that_an_earlier_one_does(later, within):
    assert EARLY.is_within(later) is within
