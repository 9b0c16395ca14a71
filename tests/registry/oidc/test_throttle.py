"""The failure limit: a sliding minute, in bounded memory."""

from datetime import UTC, datetime, timedelta

from registry.oidc.throttle import FailureLimit

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def failing(limit: FailureLimit, times: int, key: str = "a") -> FailureLimit:
    for number in range(times):
        limit.failed(key, after(number))
    return limit


def test_fewer_failures_than_the_limit_need_no_wait():
    assert failing(FailureLimit(limit=3), 2).wait("a", after(2)) == 0


def test_the_wait_ends_when_the_oldest_failure_is_a_minute_old():
    assert failing(FailureLimit(limit=3), 3).wait("a", after(10)) == 50


def test_after_the_minute_the_key_is_heard_again():
    assert failing(FailureLimit(limit=3), 3).wait("a", after(60)) == 0


def test_a_further_failure_prolongs_the_wait():
    limit = failing(FailureLimit(limit=3), 3)
    limit.failed("a", after(60))
    assert limit.wait("a", after(60)) == 1


def test_other_keys_are_not_touched():
    assert failing(FailureLimit(limit=3), 3).wait("b", after(3)) == 0


def test_the_least_recent_key_is_forgotten_when_there_are_too_many():
    limit = failing(FailureLimit(limit=1, keys=2), 1, "a")
    failing(limit, 1, "b")
    failing(limit, 1, "c")
    assert [limit.wait(key, after(1)) > 0 for key in "abc"] == [False, True, True]
