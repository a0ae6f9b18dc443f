"""Batches: recorded once, asked for row by row in one transaction each, held up and asked for again."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from runway_core.domain import Budget, Period, TaskStatus
from runway_core.errors import BudgetExceededError
from runway_core.people import ANYBODY, Actor, Person, Role
from runway_core.store import Batch, BatchRow, CellQuery, NewRow, NewTask, Store
from tests.builders import NOW, RELAY, estimate, new_task, request
from tests.store.recount import of_store, of_tasks


def price(amount: int) -> Any:
    return estimate(low=Decimal(amount), high=Decimal(amount))


def made(store: Store, *prices: int, token: str = "one list") -> Batch:
    """A batch with a row for each price."""
    batch = Batch(
        id=str(uuid.uuid4()),
        connection_id=RELAY,
        connection="Our relay",
        name="A list",
        state="running",
        size=len(prices),
        created_at=NOW,
        updated_at=NOW,
    )
    rows = [
        NewRow(position=n, row=n + 1, request=request(prompt=f"row {n}"), estimate=price(amount))
        for n, amount in enumerate(prices, start=1)
    ]
    assert store.batches.add(batch, rows, token=token)
    return batch


def task_of(row: BatchRow) -> NewTask:
    return new_task(row.token, prompt=row.request.prompt, estimate=row.estimate)


def ask(store: Store, row: BatchRow) -> bool:
    return store.feeding.ask(row, task_of(row), NOW)


def states(store: Store, batch: Batch) -> list[str]:
    return [row.state for row in store.batches.rows(batch.id)]


def state(store: Store, batch: Batch) -> str:
    found = store.batches.get(batch.id)
    assert found is not None
    return found.state


def test_a_list_is_recorded_once_however_often_it_is_confirmed(store: Store) -> None:
    batch = made(store, 5, 5)
    again = batch.model_copy(update={"id": "another"})
    row = NewRow(position=1, row=1, request=request(), estimate=price(5))
    assert not store.batches.add(again, [row], token="one list")
    assert store.batches.page(offset=0, limit=9) == ([batch], 1)
    assert store.batches.by_token("one list") == batch
    assert [row.token for row in store.batches.rows(batch.id)] == [
        f"batch:{batch.id}:1:1",
        f"batch:{batch.id}:2:1",
    ]


def test_a_row_becomes_one_task_and_the_last_one_feeds_its_batch(store: Store) -> None:
    batch = made(store, 5, 7)
    first, second = store.batches.rows(batch.id)
    assert ask(store, first)
    assert not ask(store, first)
    assert not store.feeding.ask(first, new_task("another token"), NOW)
    assert store.feeding.unsent(batch.id) == 1
    assert [one.id for one in store.feeding.hungry()] == [batch.id]
    assert ask(store, second)
    assert (states(store, batch), state(store, batch)) == (["asked", "asked"], "fed")
    assert store.feeding.hungry() == []
    tasks = [row.task for row in store.batches.rows(batch.id)]
    assert [task.request.prompt for task in tasks if task] == ["row 1", "row 2"]


def test_a_row_that_no_hard_budget_has_room_for_stays_as_it_was(store: Store) -> None:
    store.budgets.set(
        Budget(
            connection_id=RELAY,
            period=Period.DAY,
            amount=Decimal(11),
            unit="credit",
            hard=True,
            created_at=NOW,
        )
    )
    batch = made(store, 7, 7, 4)
    first, second, third = store.batches.rows(batch.id)
    assert ask(store, first)
    with pytest.raises(BudgetExceededError):
        ask(store, second)
    assert store.tasks.by_token(second.token) is None
    assert states(store, batch) == ["asked", "waiting", "waiting"]
    assert ask(store, third)


def test_the_next_rows_are_the_first_of_those_costs_that_fit(store: Store) -> None:
    batch = made(store, 7, 4, 7, 4, 9)
    costs = store.feeding.costs(batch.id)
    assert [(c.position, c.most) for c in costs] == [
        (1, Decimal(7)),
        (2, Decimal(4)),
        (5, Decimal(9)),
    ]
    cheap = [cost for cost in costs if cost.most == 4]
    assert [row.position for row in store.feeding.next(batch.id, cheap, 9)] == [2, 4]
    assert [row.position for row in store.feeding.next(batch.id, costs, 3)] == [1, 2, 3]
    assert store.feeding.next(batch.id, [], 9) == []
    assert [w.position for w in store.batches.waiting(batch.id)] == [1, 2, 3, 4, 5]


def test_a_pause_takes_back_what_was_not_sent_and_frees_its_budget(store: Store) -> None:
    batch = made(store, 5, 7, 9)
    sent, unsent, _waits = store.batches.rows(batch.id)
    ask(store, sent)
    ask(store, unsent)
    task_id = task_of(sent).id
    found = store.tasks.by_token(sent.token)
    assert found is not None and found.id != task_id
    gone: dict[str, Any] = {"status": TaskStatus.PENDING, "submitted_at": NOW}
    store.tasks.move(found.id, [TaskStatus.QUEUED], now=NOW, sent_at=NOW, **gone)
    assert store.batches.halt(batch.id, "paused", NOW)
    assert (states(store, batch), state(store, batch)) == (
        ["asked", "waiting", "waiting"],
        "paused",
    )
    assert store.feeding.hungry() == []
    assert not ask(store, store.batches.rows(batch.id)[1])
    assert store.tasks.by_token(unsent.token) is None
    assert of_store(store) == of_tasks(store)
    cells = store.tallies.cells(CellQuery())
    assert sum((cell.tally.amount for cell in cells), Decimal(0)) == 5
    assert store.batches.resume(batch.id, NOW)
    assert not store.batches.resume(batch.id, NOW)
    back = store.batches.rows(batch.id)[1]
    assert back.attempt == 2 and ask(store, back)


def test_a_task_that_was_ever_on_the_wire_is_not_taken_back(store: Store) -> None:
    batch = made(store, 5)
    (row,) = store.batches.rows(batch.id)
    ask(store, row)
    task = store.tasks.by_token(row.token)
    assert task is not None
    store.tasks.move(task.id, [TaskStatus.QUEUED], now=NOW, sent_at=NOW, note="sent again by hand")
    assert not store.batches.halt(batch.id, "stopped", NOW)
    assert states(store, batch) == ["asked"]


def test_what_is_stopped_or_failed_is_asked_for_again_once(store: Store) -> None:
    batch = made(store, 5, 7)
    failed, _stopped = store.batches.rows(batch.id)
    ask(store, failed)
    task = store.tasks.by_token(failed.token)
    assert task is not None
    store.tasks.move(task.id, [TaskStatus.QUEUED], now=NOW, status=TaskStatus.FAILED, next_at=None)
    assert store.batches.halt(batch.id, "stopped", NOW)
    rows = store.batches.rows(batch.id)
    assert [row.state for row in rows] == ["asked", "stopped"]
    dearer = [row.model_copy(update={"estimate": price(8)}) for row in rows]
    assert store.batches.again(batch.id, dearer, NOW) == 2
    assert store.batches.again(batch.id, dearer, NOW) == 0
    assert state(store, batch) == "running"
    anew = store.batches.rows(batch.id)
    assert [(row.state, row.attempt, row.estimate.high) for row in anew] == [
        ("waiting", 2, Decimal(8)),
        ("waiting", 2, Decimal(8)),
    ]
    assert ask(store, anew[0])
    assert store.batches.again(batch.id, store.batches.rows(batch.id)[:1], NOW) == 0


def test_rows_are_found_by_how_they_stand(store: Store) -> None:
    batch = made(store, 5, 5, 5, 5)
    rows = store.batches.rows(batch.id)
    for row in rows[:2]:
        ask(store, row)
    task = store.tasks.by_token(rows[0].token)
    assert task is not None
    store.tasks.move(
        task.id, [TaskStatus.QUEUED], now=NOW, status=TaskStatus.SUCCEEDED, next_at=None
    )
    store.feeding.refuse(rows[2], "it can't be", NOW)
    groups = {
        group: [row.position for row in store.batches.rows(batch.id, group=group)]
        for group in ("all", "waiting", "open", "done", "failed")
    }
    assert groups == {
        "all": [1, 2, 3, 4],
        "waiting": [4],
        "open": [2],
        "done": [1],
        "failed": [3],
    }
    stands = {(s.state, s.status): s.rows for s in store.batches.stands([batch.id])}
    assert stands == {
        ("asked", TaskStatus.SUCCEEDED): 1,
        ("asked", TaskStatus.QUEUED): 1,
        ("refused", None): 1,
        ("waiting", None): 1,
    }
    assert store.batches.rows(batch.id)[2].why == "it can't be"


def test_a_batch_is_its_owners_alone(store: Store) -> None:
    persons = [Person(id=name, name=name, role=Role.MAKER, created_at=NOW) for name in ("a", "b")]
    one, other = (store.acting_as(Actor.of(person)) for person in persons)
    batch = made(one, 5)
    (row,) = one.batches.rows(batch.id)
    assert other.batches.get(batch.id) is None
    assert other.batches.page(offset=0, limit=9) == ([], 0)
    assert other.batches.rows(batch.id) == []
    assert other.batches.stands([batch.id]) == []
    assert not other.batches.halt(batch.id, "stopped", NOW)
    assert not ask(other, row)
    assert ask(one, row)
    (mine,) = one.batches.rows(batch.id)
    assert mine.task is not None and mine.task.owner_id == "a"
    admin = store.batches.get(batch.id)
    assert admin is not None and admin.owner_id == "a"
    assert ANYBODY.rights == frozenset()


def test_what_nobody_owned_becomes_the_first_admins(store: Store) -> None:
    batch = made(store, 5)
    first = Person(id="first", name="Ann", role=Role.ADMIN, created_at=NOW)
    assert store.people.add(first, password_hash="hash")
    found = store.batches.get(batch.id)
    assert found is not None and found.owner_id == "first"
