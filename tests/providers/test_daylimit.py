"""A limit of the day is told from one of a minute: by the wait that is asked for, else by words."""

from __future__ import annotations

import json
import time

import pytest

from runway_core.errors import DailyLimitError, RateLimitError
from runway_core.http import Reply
from runway_core.providers.refusals import Who, refusal

WHO = Who(title="Relay", kind="relay")


def refused(body: object, **headers: str) -> RateLimitError:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = Reply(429, given, json.dumps(body).encode(), 12)
    error = refusal(reply, WHO, "create")
    assert isinstance(error, RateLimitError)
    assert error.outcome == "refused"
    return error


@pytest.mark.parametrize(
    "body",
    [
        {"error": "You have reached your daily generation limit for gen4_turbo."},
        {"error": "Daily task limit exceeded"},
        {"error": {"message": "Too many requests", "code": "daily_limit_exceeded"}},
        {"error": "Maximum of 50 generations per day reached, try again tomorrow"},
        {"error": "200 generations in 24 hours are used up"},
        {"error": "Monthly spend limit reached"},
        {"error": {"message": "spending cap", "type": "spend_limit_reached"}},
        {"message": "今日额度已用完"},
        {"errors": [{"message": "Plan's day limit", "extensions": {"code": "RATE_LIMITED"}}]},
    ],
)
def test_words_and_codes_tell_a_limit_of_the_day(body: object) -> None:
    error = refused(body)
    assert isinstance(error, DailyLimitError)
    assert error.resets_in is None
    assert "limit for the day" in str(error)
    assert "Nothing was charged" in error.hint


@pytest.mark.parametrize(
    "body",
    [
        {"error": "Rate limit exceeded"},
        {"error": "Too many requests, 10 a minute are allowed"},
        {"message": "当前分组上游负载已饱和，请稍后再试"},
        {},
    ],
)
def test_other_limits_are_short(body: object) -> None:
    assert type(refused(body)) is RateLimitError


def test_a_long_wait_that_is_asked_for_is_believed_whatever_the_words() -> None:
    error = refused({"error": "slow down"}, retry_after="7200")
    assert isinstance(error, DailyLimitError)
    assert error.resets_in == 7200
    assert error.retry_after == 300, "what waits a moment still waits a moment"


def test_the_end_of_a_window_far_ahead_is_that_of_a_day() -> None:
    reset = str(int(time.time()) + 5 * 3600)
    error = refused({"errors": [{"message": "x"}]}, x_ratelimit_reset=reset)
    assert isinstance(error, DailyLimitError)
    assert error.resets_in == pytest.approx(5 * 3600, abs=5)


@pytest.mark.parametrize("wait", ["1", "60", "300", "3600"])
def test_a_short_wait_that_is_asked_for_counts_before_the_word_daily(wait: str) -> None:
    assert type(refused({"error": "daily limit"}, retry_after=wait)) is RateLimitError


@pytest.mark.parametrize("nonsense", ["1000000000", "banana", "-1", "172801"])
def test_a_wait_that_makes_no_sense_is_not_believed(nonsense: str) -> None:
    assert type(refused({"error": "slow down"}, retry_after=nonsense)) is RateLimitError
    worded = refused({"error": "daily limit"}, retry_after=nonsense)
    assert isinstance(worded, DailyLimitError)
    assert worded.resets_in is None


def test_a_limit_that_is_really_an_empty_account_is_told_as_that() -> None:
    body = {"error": {"message": "daily limit", "code": "insufficient_quota"}}
    reply = Reply(429, {}, json.dumps(body).encode(), 12)
    assert refusal(reply, WHO, "create").kind == "InsufficientCredits"
