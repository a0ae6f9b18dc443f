"""What went over the wire, kept within bounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from runway_core.domain import Exchange, TaskStatus
from runway_core.people import Actor, Right
from runway_core.store import NewTask, PutOff, Store
from runway_core.store.exchanges import FIRST, KEPT_FOR, MOST, NEWEST
from tests.builders import NOW, exchange, new_task

RUNNING = TaskStatus.RUNNING


def running(store: Store) -> NewTask:
    new = new_task()
    known: dict[str, Any] = {"remote_id": new.id, "status": RUNNING, "next_at": NOW}
    assert store.tasks.add_known(new, now=NOW, event="RUNNING", **known)
    return new


def numbered(number: int) -> Exchange:
    return exchange(request_id=str(number), started_at=NOW + timedelta(seconds=number))


def numbers(store: Store, task_id: str) -> list[int]:
    return [int(found.request_id) for found in store.exchanges.of(task_id)]


def test_of_many_requests_the_first_and_the_newest_are_kept(store: Store) -> None:
    task, other = running(store), running(store)
    for number in range(0, 300, 3):
        three = [numbered(number + place) for place in range(3)]
        store.tasks.move(task.id, [RUNNING], now=NOW, exchanges=three)
    store.tasks.move(other.id, [RUNNING], now=NOW, exchanges=[numbered(7)])
    found = numbers(store, task.id)
    assert len(found) == MOST == FIRST + NEWEST
    assert found == [*range(FIRST), *range(300 - NEWEST, 300)]
    assert numbers(store, other.id) == [7]


def test_two_thousand_looks_that_teach_nothing_leave_the_last_one(store: Store) -> None:
    task = running(store)
    store.tasks.move(task.id, [RUNNING], now=NOW, exchanges=[numbered(0)])
    for number in range(1, 40):
        off = PutOff(task.id, RUNNING, NOW, NOW, 0.5, NOW, numbered(number))
        store.tasks.put_off([off])
    store.tasks.put_off([PutOff(task.id, RUNNING, NOW, NOW, 0.5, NOW)])
    assert numbers(store, task.id) == [0, 39]
    store.exchanges.keep_last(task.id, numbered(41))
    assert numbers(store, task.id) == [0, 41]


def test_what_is_old_is_dropped_and_the_rest_stays(store: Store) -> None:
    task = running(store)
    ages = (KEPT_FOR + timedelta(days=1), KEPT_FOR - timedelta(days=1))
    old, young = (exchange(started_at=NOW - age, request_id=str(age.days)) for age in ages)
    store.tasks.move(task.id, [RUNNING], now=NOW, exchanges=[old, young])
    assert store.exchanges.prune(NOW - KEPT_FOR) == 1
    assert store.exchanges.of(task.id) == [young]


def test_what_is_open_is_told_to_whose_it_is(store: Store) -> None:
    mine = Actor(id="me", rights=frozenset({Right.LOOK, Right.MAKE}))
    admin = Actor(id="boss", rights=frozenset(Right))
    ours = [running(store.acting_as(mine)).id for _ in range(3)]
    closed = ours.pop()
    store.tasks.move(closed, [RUNNING], now=NOW, status=TaskStatus.FAILED, next_at=None)
    running(store)
    assert sorted(store.acting_as(mine).notices.open_ids(limit=9)) == sorted(ours)
    assert len(store.acting_as(mine).notices.open_ids(limit=1)) == 1
    assert store.acting_as(admin).notices.open_ids(limit=9) == ()
    assert len(store.notices.open_ids(limit=9)) == 3


def test_what_somebody_chooses_is_their_own(store: Store) -> None:
    one, other = (
        store.acting_as(Actor(id=name, rights=frozenset({Right.LOOK}))) for name in ("a", "b")
    )
    one.own_preferences.set("tone", "loud")
    other.own_preferences.set("tone", "none")
    one.own_preferences.set("tone", "soft")
    found = [rows.own_preferences.get("tone") for rows in (one, other, store)]
    assert found == ["soft", "none", ""]
