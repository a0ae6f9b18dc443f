"""How long videos take under a plan: what its limits promise, for any plan and any number."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from runway_core.pricing import (
    DAY,
    WINDOW,
    Batch,
    Limits,
    Load,
    Pace,
    Past,
    Run,
    as_told,
    pace_of,
    schedule,
    timetable,
)

SECOND = timedelta(seconds=1)
FLOOR = 5 * SECOND


def paced(seconds: int) -> Pace:
    return as_told(seconds * SECOND, floor=FLOOR)


def of(videos: int, seconds: int = 60, *, model: str = "m", **limits: int | None) -> Batch:
    return Batch(model=model, count=videos, pace=paced(seconds), limits=Limits(**limits))


def starts(runs: list[Run]) -> list[int]:
    return [run.starts // SECOND for run in runs]


def test_places_are_taken_in_turn() -> None:
    runs = schedule([of(5, running=2)])
    assert starts(runs) == [0, 0, 60, 60, 120]
    assert [run.held for run in runs] == ["", "", "place", "place", "place"]
    table = timetable(runs, Limits(running=2), who="Small plan")
    assert table.ends == 180 * SECOND
    assert table.says == "5 videos are finished after about 3 min 0 s."
    assert [m.says for m in table.moments] == [
        "Small plan runs 2 at a time; the others wait in line."
    ]
    assert [(w.first, w.last) for w in table.waves] == [(1, 5)]


def test_a_day_s_worth_is_followed_by_a_pause_until_the_first_is_a_day_old() -> None:
    runs = schedule([of(7, running=1, per_day=3)])
    day = DAY // SECOND
    assert starts(runs) == [0, 60, 120, day, day + 60, day + 120, 2 * day]
    table = timetable(runs, Limits(running=1, per_day=3), who="Ours")
    assert [(w.first, w.last) for w in table.waves] == [(1, 3), (4, 6), (7, 7)]
    days = [moment for moment in table.moments if moment.limit == "day"]
    assert [moment.at // SECOND for moment in days] == [120, day + 120]
    assert "Ours makes 3 in 24 hours" in days[0].says
    assert "used up after 3 of these, and the next is sent 23 h 58 min later" in days[0].says


def test_models_whose_places_are_counted_apart_do_not_wait_for_one_another() -> None:
    two = [Batch(model=m, count=2, pace=paced(60), limits=Limits(model=m, running=1)) for m in "ab"]
    assert starts(schedule(two)) == [0, 60, 0, 60]
    shared = [each.model_copy(update={"limits": Limits(running=1)}) for each in two]
    assert starts(schedule(shared)) == [0, 60, 120, 180]


def test_what_a_key_does_already_comes_first() -> None:
    busy = Load(running=(30 * SECOND,), waiting=1, sent=(30 * SECOND,))
    (run,) = schedule([of(1, running=1)], [busy])
    assert starts([run]) == [90]  # the rest of one, and a whole one
    (late,) = schedule([of(1, per_day=1)], [Load(sent=(DAY - 7 * SECOND,))])
    assert (starts([late]), late.held) == ([7], "day")


def test_requests_of_a_minute_hold_the_rest_back() -> None:
    runs = schedule([of(10, 600, per_minute=4)])
    assert starts(runs)[:5] == [0, 0, 0, 0, 62]
    assert runs[4].held == "minute"
    table = timetable(runs, Limits(per_minute=4), who="Ours")
    assert table.moments[0].says.startswith("Ours leaves 4 requests in 62 s")


def test_nothing_to_make_takes_no_time() -> None:
    assert timetable(schedule([of(0)]), Limits(), who="").says == "Nothing is to be made."


def test_the_pace_is_known_after_three_and_looking_is_taken_off() -> None:
    past = [Past(took=s * SECOND, followed=10) for s in (60, 80, 100, 200)]
    assert pace_of(past[:2], floor=FLOOR, per_minute=None) is None
    free = pace_of(past, floor=FLOOR, per_minute=None)
    assert free is not None and free.typical == 100 * SECOND
    assert free.own[0] == past[0].took - FLOOR * 9 // 16
    held = pace_of(past, floor=FLOOR, per_minute=54)
    assert held is not None and held.own[0] < free.own[0]
    same = pace_of([Past(took=s * SECOND) for s in (60, 61, 62)], floor=FLOOR, per_minute=None)
    assert same is not None and len(same.own) == 1


batches = st.builds(
    of,
    st.integers(1, 40),
    st.integers(1, 400),
    per_minute=st.none() | st.integers(1, 60),
    running=st.none() | st.integers(1, 12),
    per_day=st.none() | st.integers(1, 30),
)
loads = st.builds(
    Load,
    running=st.lists(st.integers(0, 900).map(lambda s: s * SECOND), max_size=5).map(tuple),
    waiting=st.integers(0, 5),
    sent=st.lists(st.integers(0, 86_399).map(lambda s: s * SECOND), max_size=8).map(tuple),
)


@settings(deadline=None, max_examples=40)
@given(batch=batches, load=loads)
def test_no_limit_is_ever_passed(batch: Batch, load: Load) -> None:
    runs, limits = schedule([batch], [load]), batch.limits
    assert [run.number for run in runs] == list(range(1, batch.count + 1))
    begun = sorted(run.starts for run in runs)
    for run in runs:
        assert timedelta(0) <= run.starts < run.ends
        assert run.ends - run.starts >= batch.pace.own[0]
        within = [at for at in begun if run.starts - WINDOW < at <= run.starts]
        assert limits.per_minute is None or len(within) <= limits.per_minute
        today = [at for at in begun if run.starts - DAY < at <= run.starts]
        today += [-ago for ago in load.sent if -ago > run.starts - DAY]
        assert limits.per_day is None or len(today) <= limits.per_day
        held = [r for r in runs if r.starts <= run.starts < r.ends]
        assert limits.running is None or len(held) <= limits.running


@settings(deadline=None, max_examples=40)
@given(batch=batches)
def test_more_videos_are_never_done_sooner(batch: Batch) -> None:
    runs = schedule([batch])
    if (
        batch.limits.per_minute is None
    ):  # else more looks share the requests, and by chance one comes first
        more = schedule([batch.model_copy(update={"count": batch.count + 1})])
        assert [run.ends for run in more[:-1]] == [run.ends for run in runs]
    assert max(run.ends for run in runs) >= batch.pace.seen[0]
