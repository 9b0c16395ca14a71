"""Lists of studies: read strictly, combined to the narrower."""

import pytest

from registry.oidc.studies import MOST, from_column, from_parameter, narrowed


def test_a_parameter_is_separated_by_spaces():
    assert from_parameter("1.2.3 1.2.4") == {"1.2.3", "1.2.4"}


@pytest.mark.parametrize("text", ["", "  "])
def test_an_absent_parameter_does_not_narrow(text):
    assert from_parameter(text) is None


@pytest.mark.parametrize("uid", ["1.2.03", "1..2", ".1", "1.", "1." + "2" * 63, "1.2\n", "1,2", "١.٢"])
def test_what_is_no_uid_is_refused(uid):
    with pytest.raises(ValueError, match=r"PS3\.5 9\.1"):
        from_column([uid])


def test_more_studies_than_fit_a_header_are_refused():
    with pytest.raises(ValueError, match=str(MOST)):
        from_parameter(" ".join(f"1.2.{number}" for number in range(MOST + 1)))


def test_an_empty_list_is_refused_rather_than_read_as_everything():
    with pytest.raises(ValueError, match="between 1"):
        from_column([])


def test_a_text_is_no_list():
    with pytest.raises(ValueError, match="list"):
        from_column("1.2.3")


def test_two_grants_reach_what_both_reach():
    assert narrowed(frozenset({"1", "2"}), None, frozenset({"2", "3"})) == {"2"}


def test_grants_without_a_common_study_reach_nothing():
    assert narrowed(frozenset({"1"}), frozenset({"2"})) == frozenset()


def test_no_narrowing_at_all_reaches_everything():
    assert narrowed(None, None) is None
