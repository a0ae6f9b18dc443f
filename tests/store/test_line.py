"""The waiting line: what a plan allows is never passed, whoever asks and however many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from runway_core.domain import Task, TaskStatus
from runway_core.pricing import WINDOW
from runway_core.store import Limits, Store, TaskQuery
from runway_core.store.line import ASK_AGAIN
from runway_core.store.schema import tasks as table
from tests.builders import NOW, RELAY, new_task, request, store_with_relay
from tests.children import at_once, start_all


def added(store: Store, number: int, **changes: Any) -> list[str]:
    """Ids of that many QUEUED tasks, the first one oldest."""
    ids = []
    for position in range(number):
        made = NOW + timedelta(seconds=position)
        new = new_task(created_at=made, **changes)
        assert store.tasks.add(new)
        ids.append(new.id)
    return ids


def state(store: Store, task_id: str) -> TaskStatus:
    task = store.tasks.get(task_id)
    assert task is not None
    return task.status


def ahead(store: Store, *ids: str) -> list[int]:
    """How many stand before each of them."""
    found = [store.line.standing(task_id, Limits()) for task_id in ids]
    return [standing.ahead for standing in found if standing]


def end(store: Store, task_id: str) -> None:
    open_ones = (TaskStatus.SUBMITTING, TaskStatus.PENDING, TaskStatus.UNCERTAIN)
    assert store.tasks.move(task_id, open_ones, now=NOW, status=TaskStatus.FAILED)


def test_without_limits_everything_starts_and_says_so(store: Store) -> None:
    ids = added(store, 3)
    for task_id in reversed(ids):
        assert store.line.start(task_id, Limits(), attempts=1, now=NOW).started
    found = store.tasks.page(TaskQuery()).tasks
    assert {(t.status, t.attempts) for t in found} == {(TaskStatus.SUBMITTING, 1)}
    kinds = [event.kind for event in store.journal.events(ids[0])]
    assert kinds == ["QUEUED", "SUBMITTING"]


def test_a_task_is_started_once_only(store: Store) -> None:
    (task_id,) = added(store, 1)
    assert store.line.start(task_id, Limits(), attempts=1, now=NOW).started
    again = store.line.start(task_id, Limits(), attempts=2, now=NOW)
    assert (again.started, again.waits_for) == (False, "gone")
    assert store.line.start("nobody", Limits(), attempts=1, now=NOW).waits_for == "gone"


def test_nothing_is_started_with_a_connection_that_was_paused_a_moment_ago(store: Store) -> None:
    (task_id,) = added(store, 1)
    store.connections.change(RELAY, paused="It charged too much.")
    refused = store.line.start(task_id, Limits(), attempts=1, now=NOW)
    assert (refused.started, refused.waits_for, refused.until) == (False, "pause", NOW)
    store.connections.change(RELAY, paused="")
    assert store.line.start(task_id, Limits(), attempts=1, now=NOW).started


def test_a_place_is_free_again_only_when_a_task_has_ended(store: Store) -> None:
    one, two, three = added(store, 3)
    limits = Limits(running=2)
    assert store.line.start(one, limits, attempts=1, now=NOW).started
    assert store.line.start(two, limits, attempts=1, now=NOW).started
    for status in (TaskStatus.PENDING, TaskStatus.RUNNING, TaskStatus.UNCERTAIN):
        expect = (TaskStatus.SUBMITTING, TaskStatus.PENDING, TaskStatus.RUNNING)
        assert store.tasks.move(one, expect, now=NOW, status=status)
        assert store.line.start(three, limits, attempts=1, now=NOW).waits_for == "place"
    end(store, one)
    assert store.line.start(three, limits, attempts=1, now=NOW).started


def test_the_line_is_kept_and_can_be_changed(store: Store) -> None:
    one, two, three = added(store, 3)
    limits = Limits(running=1)
    assert ahead(store, one, two, three) == [0, 1, 2]
    assert store.line.start(two, limits, attempts=1, now=NOW).waits_for == "line"
    assert store.line.move(three, -2, NOW)
    assert ahead(store, three, one, two) == [0, 1, 2]
    assert store.line.move(two, -99, NOW)
    assert ahead(store, two, three, one) == [0, 1, 2]
    assert store.line.move(three, +1, NOW)
    assert ahead(store, two, one, three) == [0, 1, 2]
    (newcomer,) = added(store, 1)
    assert ahead(store, three, newcomer) == [2, 3]
    assert store.line.start(one, limits, attempts=1, now=NOW).waits_for == "line"
    assert store.line.start(two, limits, attempts=1, now=NOW).started
    assert not store.line.move(two, -1, NOW)
    assert store.line.standing(two, limits) is None
    standing = store.line.standing(newcomer, limits)
    assert standing is not None and (standing.ahead, standing.busy) == (2, 1)


def test_a_day_has_24_hours_from_each_create(store: Store) -> None:
    ids = added(store, 4)
    limits = Limits(per_day=2)
    times = (NOW, NOW + timedelta(hours=3))
    for task_id, time in zip(ids, times, strict=False):
        assert store.line.start(task_id, limits, attempts=1, now=time).started
        end(store, task_id)
    later = NOW + timedelta(hours=4)
    refused = store.line.start(ids[2], limits, attempts=1, now=later)
    assert (refused.waits_for, refused.until) == ("day", NOW + timedelta(hours=24))
    assert refused.until is not None
    assert store.line.start(ids[2], limits, attempts=1, now=refused.until).started
    assert store.line.start(ids[3], limits, attempts=1, now=refused.until).waits_for == "day"


def test_no_window_of_60_seconds_holds_more_than_the_plan(store: Store) -> None:
    limits = Limits(per_minute=5)
    taken = []
    now = NOW
    for _ in range(40):
        until = store.line.take(RELAY, limits, now=now)
        if until is None:
            taken.append(now)
            now += timedelta(seconds=1)
        else:
            assert until > now
            now = until
    windows = [sum(1 for t in taken if s <= t < s + timedelta(seconds=60)) for s in taken]
    assert max(windows) == 5
    assert len(taken) > 25


def test_each_of_those_who_wait_for_a_minute_is_given_a_time_of_its_own(store: Store) -> None:
    limits, soon = Limits(per_minute=2), timedelta(seconds=10)
    for time in (NOW, NOW + soon):
        assert store.line.take(RELAY, limits, now=time) is None
    ids = added(store, 5)
    waits = [store.line.start(i, limits, attempts=1, now=NOW + soon).until for i in ids]
    first, second = NOW + WINDOW, NOW + soon + WINDOW
    assert waits == [first, second, first + WINDOW, second + WINDOW, first + 2 * WINDOW]


def test_some_requests_of_the_minute_are_kept_for_what_matters_more(store: Store) -> None:
    limits = Limits(per_minute=3)
    assert store.line.take(RELAY, limits, now=NOW, keep_free=2) is None
    assert store.line.take(RELAY, limits, now=NOW, keep_free=2) is not None
    (task_id,) = added(store, 1)
    assert store.line.start(task_id, limits, attempts=1, now=NOW).started
    assert store.line.take(RELAY, limits, now=NOW) is None
    assert store.line.take(RELAY, limits, now=NOW) == NOW + WINDOW


def test_who_is_refused_is_put_off_in_the_same_breath_so_that_a_freed_place_wakes_them(
    store: Store,
) -> None:
    one, two = added(store, 2)
    limits = Limits(running=1)
    assert store.line.start(one, limits, attempts=1, now=NOW).started
    for ask in (
        store.line.refusal(two, limits, now=NOW),
        store.line.start(two, limits, attempts=1, now=NOW),
    ):
        assert ask is not None and ask.waits_for == "place"
        assert store.tasks.open_ones()[two].due == NOW + ASK_AGAIN
    end(store, one)
    assert store.tasks.open_ones()[two].due == NOW
    assert store.line.refusal(two, limits, now=NOW) is None


def line_of(store: Store, number: int) -> tuple[str, str]:
    """The first and the last of a line of that many, recorded at once."""
    (task_id,) = added(store, 1)
    with store.database.write() as sql:
        row = dict(sql.execute(sa.select(table).where(table.c.id == task_id)).mappings().one())
        one = {k: v for k, v in row.items() if v is not None and k != "number"}
        copies = [
            one | {"id": f"copy {n:05}", "draft_token": f"copy {n}", "created_at": made}
            for n in range(1, number)
            for made in [NOW + timedelta(seconds=n)]
        ]
        sql.execute(sa.insert(table), copies)
    return task_id, str(copies[-1]["id"])


def steps(store: Store, work: Callable[[], object]) -> int:
    """What SQLite does for it, in steps of its own machine."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    with store.database.engine.connect() as one:
        raw = one.connection.driver_connection
    assert raw is not None
    raw.set_progress_handler(count, 1)
    work()
    raw.set_progress_handler(None, 1)
    return counted


@pytest.mark.parametrize(
    ("limits", "each"),
    [
        (Limits(running=3), 0),
        (Limits(running=3, model="gen4.5"), 0),
        (Limits(per_day=3), 0),
        (Limits(per_minute=3), 11),
    ],
    ids=str,
)
def test_a_long_line_makes_nobody_slow(tmp_path: Path, limits: Limits, each: int) -> None:
    """Every task of a line asks: whoever waits for a minute has the others counted, in `each` steps a task."""
    short, long = (_costs(tmp_path / str(number), number, limits) for number in (20, 2020))
    assert min(short) > 40
    assert long[0] <= short[0] * 1.2 + 2000 * each
    assert long[1] <= short[1] * 1.2


def _costs(folder: Path, number: int, limits: Limits) -> tuple[int, int]:
    """Steps for the last of a line, which is refused, and for the first, which starts."""
    folder.mkdir()
    store = store_with_relay(folder)
    first, last = line_of(store, number)
    for _ in range(3):
        store.line.take(RELAY, limits, now=NOW)
    later = NOW + 2 * WINDOW
    waits = steps(store, lambda: store.line.refusal(last, limits, now=NOW))
    starts = steps(store, lambda: store.line.start(first, limits, attempts=1, now=later))
    assert state(store, first) is TaskStatus.SUBMITTING
    store.close()
    return waits, starts


def test_models_may_be_counted_apart(store: Store) -> None:
    slow = added(store, 2, request=request(model="gen4.5"))
    quick = added(store, 1, request=request(model="veo3.1"))
    one = Limits(model="gen4.5", running=1)
    assert store.line.start(slow[0], one, attempts=1, now=NOW).started
    assert store.line.start(slow[1], one, attempts=1, now=NOW).waits_for == "place"
    third = store.line.standing(slow[1], one)
    assert third is not None and (third.ahead, third.busy) == (0, 1)
    other = Limits(model="veo3.1", running=1)
    assert store.line.start(quick[0], other, attempts=1, now=NOW).started


def test_the_first_in_line_is_looked_at_when_a_place_is_free(store: Store) -> None:
    one, two = added(store, 2)
    later = NOW + timedelta(hours=1)
    for task_id in (one, two):
        assert store.tasks.move(task_id, [TaskStatus.QUEUED], now=NOW, next_at=later)
    other = new_task(created_at=NOW + timedelta(minutes=1), request=request(model="veo3.1"))
    assert store.tasks.add(other)
    assert store.tasks.move(other.id, [TaskStatus.QUEUED], now=NOW, next_at=later)
    store.line.wake_next(RELAY, NOW)
    found = {t.id: t.next_at for t in store.tasks.page(TaskQuery()).tasks}
    assert found == {one: NOW, two: later, other.id: NOW}  # each model's line has its own first


def test_a_place_that_is_free_wakes_the_first_for_its_own_model_wherever_that_stands(
    store: Store,
) -> None:
    slow = added(store, 2, request=request(model="gen4.5"))
    quick = added(store, 3, request=request(model="veo3.1"))
    slow_one, quick_one = (Limits(model=model, running=1) for model in ("gen4.5", "veo3.1"))
    assert store.line.start(slow[0], slow_one, attempts=1, now=NOW).started
    assert store.line.start(quick[0], quick_one, attempts=1, now=NOW).started
    assert store.line.start(slow[1], slow_one, attempts=1, now=NOW).waits_for == "place"
    for waiting in quick[1:]:
        assert not store.line.start(waiting, quick_one, attempts=1, now=NOW).started
    end(store, quick[0])
    due = {task_id: found.due for task_id, found in store.tasks.open_ones().items()}
    assert due[quick[1]] == NOW
    assert due[quick[2]] == NOW + ASK_AGAIN


def test_four_processes_together_never_pass_the_plan(store: Store, tmp_path: Path) -> None:
    url = store.database.engine.url.render_as_string(hide_password=False)
    home, url = (tmp_path, "") if "sqlite" in url else (Path(), url)
    ids = added(store, 24)
    limits = Limits(running=3, per_day=7, per_minute=100)
    started = at_once(4, start_all, home, url, ids, limits)
    assert sum(started) == 3
    found: tuple[Task, ...] = store.tasks.page(TaskQuery(limit=100)).tasks
    assert sum(1 for task in found if task.status is TaskStatus.SUBMITTING) == 3
    assert {state(store, task_id) for task_id in ids[:3]} == {TaskStatus.SUBMITTING}
