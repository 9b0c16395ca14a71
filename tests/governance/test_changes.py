"""Which events viewers are told."""

import pytest

from overlays.governance.changes import CHANGES_DECISIONS, TOLD, changes_decisions
from overlays.governance.events import Event


@pytest.mark.parametrize("event", Event)
def test_of_every_event_it_is_said_whether_it_is_told(event):
    assert changes_decisions(event) is (event in TOLD)


def test_the_table_has_no_other_words():
    assert set(CHANGES_DECISIONS) == set(Event)


def test_an_unknown_event_raises():
    with pytest.raises(ValueError, match="version:painted"):
        changes_decisions("version:painted")


@pytest.mark.parametrize("event", [event for event in Event if event.startswith("version:")])
def test_whatever_is_done_to_a_version_is_told_unless_it_was_only_looked_at(event):
    assert changes_decisions(event) is (event is not Event.VERSION_SEEN)
