"""How long to wait: bounds that hold for every input."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.catalog import catalog
from runway_core.engine import waits
from runway_core.errors import (
    DeskError,
    NoAnswerError,
    NotOfferedError,
    NotReachedError,
    OverloadedError,
    RateLimitError,
    ServerError,
    StorageError,
)

failures = st.integers(0, 10_000)
floors = st.sampled_from([profile.poll_floor for profile in catalog().profiles])
asked = st.floats(1, 300)
TRIES = range(20)
"""Draws from chance for each input."""


@given(failures, st.floats(0.5, 30), st.floats(30, 600))
def test_a_back_off_is_never_shorter_than_half_a_second_nor_longer_than_its_cap(
    count: int, base: float, cap: float
) -> None:
    longest = min(cap, base * 2.0 ** min(count, 16))
    for _ in TRIES:
        wait = waits.backoff(count, base=base, cap=cap).total_seconds()
        assert 0.5 <= wait <= longest + 1e-6


def test_a_back_off_grows_and_is_spread_over_its_whole_span() -> None:
    def many(count: int) -> list[float]:
        return [waits.backoff(count, base=2, cap=60).total_seconds() for _ in range(400)]

    first, third, late = many(0), many(3), many(50)
    assert max(first) <= 2 < max(third) <= 16 < max(late) <= 60
    assert min(late) < 10 and sum(late) / len(late) == pytest.approx(30, abs=6)
    assert len(set(late)) > 300


@given(floors, st.floats(0, 1199), st.floats(1200, 10**7))
def test_a_look_never_comes_before_the_profiles_floor_and_is_rare_once_a_task_is_slow(
    floor: float, young: float, old: float
) -> None:
    for _ in TRIES:
        soon = waits.look_gap(floor, age=timedelta(seconds=young), give_up=1200)
        rare = waits.look_gap(floor, age=timedelta(seconds=old), give_up=1200)
        assert floor <= soon.total_seconds() <= floor * 1.25 + 1e-6
        assert waits.SLOW_GAP <= rare.total_seconds() <= waits.SLOW_GAP * 1.25 + 1e-6


def test_looks_of_many_tasks_do_not_fall_together() -> None:
    gaps = {waits.look_gap(5, age=timedelta(0), give_up=1200) for _ in range(100)}
    assert len(gaps) > 90


@given(asked, failures)
def test_what_the_provider_asks_for_wins(seconds: float, count: int) -> None:
    for error in (
        RateLimitError("x", retry_after=seconds),
        OverloadedError("x", retry_after=seconds),
    ):
        wanted = timedelta(seconds=seconds)
        assert waits.after_error(error, count, floor=1) == wanted
        assert waits.after_refused_create(error, count) == wanted


@pytest.mark.parametrize(
    "error",
    [
        NotReachedError("x"),
        NoAnswerError("x"),
        ServerError("x"),
        StorageError("x"),
        RateLimitError("x"),
    ],
)
@given(count=failures)
def test_any_other_error_backs_off_from_the_floor_by_up_to_two_minutes(
    error: DeskError, count: int
) -> None:
    for _ in TRIES:
        wait = waits.after_error(error, count, floor=6).total_seconds()
        assert 6.5 <= wait <= 6 + waits.LOOK_CAP


@given(failures)
def test_no_wish_of_the_provider_makes_looks_faster_than_its_floor(count: int) -> None:
    hurried = RateLimitError("x", retry_after=1)
    assert waits.after_error(hurried, count, floor=10) == timedelta(seconds=10)


@given(failures)
def test_a_refused_create_without_a_time_waits_five_minutes_at_most(count: int) -> None:
    for _ in TRIES:
        wait = waits.after_refused_create(RateLimitError("x"), count).total_seconds()
        assert 0.5 <= wait <= waits.RATE_CAP


@given(st.floats(1, 300), floors)
def test_a_provider_that_has_few_requests_left_is_left_alone(asked: float, floor: float) -> None:
    gap = waits.look_gap(floor, age=timedelta(0), give_up=1200, asked=asked).total_seconds()
    assert max(asked, floor) - 1e-6 <= gap <= max(asked, floor) * 1.25 + 1e-6


@given(failures)
def test_a_question_that_nobody_answers_is_asked_when_the_error_says(count: int) -> None:
    error = NotOfferedError("x", retry_after=900)
    assert waits.after_error(error, count, floor=10) == timedelta(seconds=900)
