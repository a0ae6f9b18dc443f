"""How long to wait: bounds that hold for every input."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.catalog import catalog
from runway_core.engine import pace
from runway_core.policy import EVERY, TABLE, Cell, Do, duration, rarely, until_reset
from tests.builders import NOW

tries = st.integers(1, 10_000)
floors = st.sampled_from([profile.poll_floor for profile in catalog().profiles])
asked = st.floats(1, 300)
cells = st.sampled_from(sorted({cell for row in TABLE.values() for cell in row[:7]}, key=repr))
DRAWS = range(20)
"""From chance, for each input."""


@given(cells, tries, floors)
def test_a_wait_is_never_shorter_than_half_a_second_nor_longer_than_its_cap(
    cell: Cell, count: int, floor: float
) -> None:
    longest = min(cell.cap, cell.base * 2.0 ** min(count - 1, 16))
    for _ in DRAWS:
        wait = cell.wait(count, spent=cell.over, floor=floor)
        assert floor + 0.5 <= wait <= floor + max(longest, 0.5) + 1e-6


def test_a_back_off_grows_and_is_spread_over_its_whole_span() -> None:
    cell = Cell(Do.AGAIN, base=2, cap=60)

    def many(count: int) -> list[float]:
        return [cell.wait(count) for _ in range(400)]

    first, fourth, late = many(1), many(4), many(50)
    assert max(first) <= 2 < max(fourth) <= 16 < max(late) <= 60
    assert min(late) < 10 and sum(late) / len(late) == pytest.approx(30, abs=6)
    assert len(set(late)) > 300


@given(cells, tries, asked, floors)
def test_what_the_other_side_asks_for_wins_unless_it_is_less_than_the_floor(
    cell: Cell, count: int, seconds: float, floor: float
) -> None:
    assert cell.wait(count, asked=seconds, floor=floor) == max(seconds, floor)


@given(cells, st.floats(0, 10_000))
def test_tries_end_where_the_cell_says_and_never_before(cell: Cell, spent: float) -> None:
    if not cell.is_limited:
        assert cell.after(10_000, spent=spent) is cell.do
    elif cell.tries:
        assert cell.after(cell.tries, spent=max(cell.over, spent)) is cell.then
        early = min(spent, (cell.within or spent + 1) - 1)
        assert cell.after(cell.tries - 1, spent=early) is cell.do


def test_three_lost_looks_end_a_task_only_after_two_minutes() -> None:
    cell = Cell(Do.AGAIN, tries=3, over=120, then=Do.GONE)
    assert cell.wait(1) < 3
    assert cell.wait(2, spent=5) >= 115
    assert cell.after(3, spent=119) is Do.AGAIN
    assert cell.after(3, spent=120) is Do.GONE


@given(st.floats(0.001, 1))
def test_the_scale_shortens_our_own_waits_and_nobody_elses(scale: float) -> None:
    cell = Cell(Do.AGAIN, base=100, cap=100)
    assert cell.wait(1, scale=scale) <= 100 * scale
    assert cell.wait(1, asked=9, scale=scale) == 9
    assert EVERY[Do.PAUSE] * scale <= rarely(Do.PAUSE, scale=scale) <= EVERY[Do.PAUSE] * scale * 1.1


@given(st.floats(0, 10**8))
def test_a_day_starts_again_at_midnight_of_utc_unless_the_provider_says_when(age: float) -> None:
    now = NOW + timedelta(seconds=age)
    starts = now + timedelta(seconds=until_reset(now, told=None))
    assert starts > now
    assert (starts.hour, starts.minute) in ((0, 0), (0, 1))
    assert starts - now <= timedelta(hours=24, minutes=1)
    assert 9000 <= until_reset(now, told=9000) <= 9060


@given(floors, st.floats(0, 1199), st.floats(1200, 10**7))
def test_a_look_never_comes_before_the_profiles_floor_and_is_rare_once_a_task_is_slow(
    floor: float, young: float, old: float
) -> None:
    for _ in DRAWS:
        soon = pace.gap(floor, age=timedelta(seconds=young), give_up=1200)
        rare = pace.gap(floor, age=timedelta(seconds=old), give_up=1200)
        assert floor <= soon.total_seconds() <= floor * 1.25 + 1e-6
        assert pace.SLOW_GAP <= rare.total_seconds() <= pace.SLOW_GAP * 1.25 + 1e-6


def test_looks_of_many_tasks_do_not_fall_together() -> None:
    gaps = {pace.gap(5, age=timedelta(0), give_up=1200) for _ in range(100)}
    assert len(gaps) > 90


@given(st.floats(1, 300), floors)
def test_a_provider_that_has_few_requests_left_is_left_alone(asked: float, floor: float) -> None:
    gap = pace.gap(floor, age=timedelta(0), give_up=1200, asked=asked).total_seconds()
    assert max(asked, floor) - 1e-6 <= gap <= max(asked, floor) * 1.25 + 1e-6


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (40, "40 s"), (300, "5 min"), (600, "10 min"), (7200, "2 h")],
)
def test_a_length_of_time_is_said_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words
