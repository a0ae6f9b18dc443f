"""Connections, pictures, forms and workers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from runway_core.domain import Asset, TaskStatus
from runway_core.people import LOCAL, Actor
from runway_core.store import Store
from runway_core.store.workers import Worker
from tests.builders import NOW, RELAY, connection, new_task


def _worker(name: str, **changes: object) -> Worker:
    values = {"id": name, "host": "h", "pid": 7, "process_started": "1", "heartbeat_at": NOW}
    return Worker.model_validate(values | changes)


# --- connections -------------------------------------------------------------------------------


def test_a_connection_comes_back_as_it_was_saved_without_its_key(store: Store) -> None:
    made = connection(id="2", name="Mine", unit_price=Decimal("0.10"), unit="CNY", key_hint="…1234")
    assert store.connections.add(made, key_sealed=b"\x00sealed")
    assert store.connections.get("2") == made
    assert str(store.connections.all()[-1].unit_price) == "0.10"
    assert store.connections.key_sealed("2") == b"\x00sealed"
    assert store.connections.key_sealed(RELAY) is None


@pytest.mark.parametrize("name", ["our relay", "OUR  RELAY", " Our Relay "])
def test_a_name_is_taken_in_any_case_and_spacing(store: Store, name: str) -> None:
    assert not store.connections.add(connection(id="2", name=name), key_sealed=None)
    assert [found.id for found in store.connections.all()] == [RELAY]
    found = store.connections.by_name(name)
    assert found is not None and found.id == RELAY

    assert store.connections.add(connection(id="2", name="free"), key_sealed=None)
    assert not store.connections.change("2", name=name, unit="CNY")
    unchanged = store.connections.get("2")
    assert unchanged is not None and (unchanged.name, unchanged.unit) == ("free", "")
    assert store.connections.change(RELAY, name=name)


def test_a_removed_connection_forgets_its_key_and_frees_its_name(store: Store) -> None:
    made = connection(id="2", name="Mine", key_hint="…1234")
    store.connections.add(made, key_sealed=b"sealed")
    store.connections.remove("2", NOW)
    assert [found.id for found in store.connections.all()] == [RELAY]
    assert store.connections.by_name("Mine") is None
    assert store.connections.key_sealed("2") is None
    removed = store.connections.get("2")
    assert removed is not None and (removed.name, removed.key_hint) == ("Mine", "")
    assert store.connections.add(connection(id="3", name="mine"), key_sealed=None)


# --- pictures and forms ------------------------------------------------------------------------


def test_a_picture_is_kept_once(store: Store) -> None:
    made = Asset(
        sha256="a" * 64,
        filename="猫.png",
        mime="image/png",
        width=64,
        height=48,
        size=1234,
        created_at=NOW,
    )
    store.assets.add(made)
    store.assets.add(made.model_copy(update={"filename": "again.png"}))
    assert store.assets.get("a" * 64) == made
    assert store.assets.get("b" * 64) is None


def test_a_form_is_replaced_as_a_whole_and_each_person_has_one(store: Store) -> None:
    ann, bob = (store.acting_as(Actor(id=name, rights=LOCAL.rights)) for name in ("ann", "bob"))
    assert ann.drafts.get() is None
    ann.drafts.save({"prompt": "“雪”", "seed": None, "count": 2}, NOW)
    bob.drafts.save({}, NOW)
    ann.drafts.save({"prompt": "new"}, NOW)
    assert ann.drafts.get() == {"prompt": "new"}
    assert bob.drafts.get() == {}
    assert store.drafts.get() is None


# --- workers -----------------------------------------------------------------------------------


def _queue(store: Store, number: int) -> list[str]:
    made = [new_task(created_at=NOW + timedelta(seconds=i)) for i in range(number)]
    for new in made:
        assert store.tasks.add(new)
    return [new.id for new in made]


def _due(store: Store, worker: str) -> list[str]:
    found = store.tasks.open_ones(worker)
    return sorted(found, key=lambda task_id: found[task_id].due)


def test_a_heartbeat_keeps_one_row_for_each_worker(store: Store) -> None:
    later = NOW + timedelta(seconds=5)
    store.workers.beat(_worker("a"))
    store.workers.beat(_worker("b"))
    store.workers.beat(_worker("a", heartbeat_at=later))
    beats = {worker.id: worker.heartbeat_at for worker in store.workers.all()}
    assert beats == {"a": later, "b": NOW}


def test_a_worker_takes_the_open_tasks_that_nobody_follows(store: Store) -> None:
    first = _queue(store, 2)
    assert store.workers.claim("a") == 2
    ended, mine = _queue(store, 2)
    store.tasks.move(ended, [TaskStatus.QUEUED], now=NOW, status=TaskStatus.FAILED, next_at=None)
    assert store.workers.claim("b") == 1
    assert store.workers.claim("a") == store.workers.claim("b") == 0
    assert _due(store, "a") == first and _due(store, "b") == [mine]


def test_a_task_given_to_a_worker_stays_with_it_when_it_is_opened_again(store: Store) -> None:
    (task,) = _queue(store, 1)
    store.workers.claim("a")
    store.tasks.move(task, [TaskStatus.QUEUED], now=NOW, next_at=None)
    store.tasks.move(task, [TaskStatus.QUEUED], now=NOW, next_at=NOW)
    assert store.workers.claim("b") == 0 and _due(store, "a") == [task]


def test_a_worker_that_leaves_frees_its_tasks_and_no_others(store: Store) -> None:
    first = _queue(store, 2)
    store.workers.claim("a")
    second = _queue(store, 1)
    store.workers.claim("b")
    for name in "ab":
        store.workers.beat(_worker(name))
    store.workers.leave("a")
    assert [worker.id for worker in store.workers.all()] == ["b"]
    assert _due(store, "a") == [] and _due(store, "b") == second
    assert store.workers.claim("c") == 2
    assert _due(store, "c") == first


def test_workers_that_claim_at_once_never_share_a_task(store: Store) -> None:
    ids = _queue(store, 40)
    names = [f"worker {number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(store.workers.claim, names))
    assert sum(claimed) == 40
    assert sorted(task for name in names for task in _due(store, name)) == sorted(ids)


def test_open_tasks_are_told_with_when_they_are_due(store: Store) -> None:
    ids = _queue(store, 3)
    assert store.tasks.open_ones("a") == {}
    store.workers.claim("a")
    late = NOW + timedelta(seconds=10)
    store.tasks.move(ids[0], [TaskStatus.QUEUED], now=NOW, next_at=late)
    store.tasks.move(ids[1], [TaskStatus.QUEUED], now=NOW, next_at=None)
    last, queued = NOW + timedelta(seconds=2), TaskStatus.QUEUED
    wanted = {ids[0]: (late, queued), ids[2]: (last, queued)}
    assert store.tasks.open_ones("a") == store.tasks.open_ones() == wanted
    assert store.tasks.open_ones("b") == {}


def test_open_tasks_are_counted_for_all_and_for_one_connection(store: Store) -> None:
    store.connections.add(connection(id="other", name="other"), key_sealed=None)
    one, _ = _queue(store, 2)
    store.tasks.add(new_task(connection_id="other"))
    counts = [store.tasks.count_open(which) for which in ("", RELAY, "other", "nobody")]
    assert counts == [3, 2, 1, 0]
    # What waits here in line is no task that looks are shared with.
    assert store.tasks.count_open(RELAY, sent=True) == 0
    store.tasks.move(one, [TaskStatus.QUEUED], now=NOW, status=TaskStatus.PENDING)
    assert store.tasks.count_open(RELAY, sent=True) == 1
