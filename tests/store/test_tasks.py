"""Tasks: made once per draft, changed only from the state that was expected."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runway_core.domain import (
    ArtifactState,
    Estimate,
    Event,
    Frame,
    FramePosition,
    Task,
    TaskStatus,
)
from runway_core.errors import StorageError
from runway_core.store import Store, TaskQuery
from tests.builders import (
    NOW,
    RELAY,
    artifact,
    connection,
    estimate,
    exchange,
    new_task,
    request,
    store_with_relay,
)
from tests.children import add_task, at_once

QUEUED, SUBMITTING = TaskStatus.QUEUED, TaskStatus.SUBMITTING
LATER = NOW + timedelta(minutes=5)
AMOUNTS = st.decimals(min_value=0, allow_nan=False, allow_infinity=False)
TIMES = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone itself
    timezones=st.sampled_from([UTC]) | st.timezones(),
)


def _added(store: Store, **changes: Any) -> Task:
    new = new_task(**changes)
    assert store.tasks.add(new)
    return _found(store, new.id)


def _found(store: Store, task_id: str) -> Task:
    task = store.tasks.get(task_id)
    assert task is not None
    return task


def _in_threads(number: int, work: Callable[[int], bool]) -> list[bool]:
    barrier = threading.Barrier(number)

    def together(which: int) -> bool:
        barrier.wait(20)
        return work(which)

    with ThreadPoolExecutor(number) as pool:
        return sorted(pool.map(together, range(number)))


# --- made once ---------------------------------------------------------------------------------


def test_a_new_task_is_queued_due_at_once_and_holds_what_was_asked(store: Store) -> None:
    asked = request(
        prompt="line one\nline two “🦊”",
        frames=(
            Frame(uri="asset:" + "a" * 64, focus=(0.25, 1.0)),
            Frame(uri="https://example.com/x.jpg", position=FramePosition.LAST),
        ),
        seed=4294967295,
    )
    new = new_task("a draft", request=asked)
    assert store.tasks.add(new)
    task = _found(store, new.id)
    assert task.request == asked and task.estimate == new.estimate
    assert (task.status, task.artifact_state) == (QUEUED, ArtifactState.NONE)
    assert task.created_at == task.updated_at == task.next_at == NOW
    assert (task.remote_id, task.charge, task.outputs, task.artifacts) == (None, None, (), ())
    assert task.is_open and store.tasks.count_open() == 1
    assert store.journal.events(new.id) == [Event(at=NOW, kind="QUEUED")]
    assert store.tasks.by_token("a draft") == task


def test_the_same_draft_twice_is_one_task(store: Store) -> None:
    first = new_task("a draft", prompt="the first")
    assert store.tasks.add(first)
    assert not store.tasks.add(new_task("a draft", prompt="the second"))
    assert store.tasks.page(TaskQuery()).total == 1
    kept = store.tasks.by_token("a draft")
    assert kept is not None and (kept.id, kept.request.prompt) == (first.id, "the first")
    assert [event.kind for event in store.journal.events(first.id)] == ["QUEUED"]


def test_the_same_draft_from_eight_threads_is_one_task(store: Store) -> None:
    for token in ("one", "two", "three"):
        added = _in_threads(8, lambda _, token=token: store.tasks.add(new_task(token)))  # type: ignore[misc]  # mypy knows no default in a lambda
        assert added == [False] * 7 + [True]
    assert store.tasks.page(TaskQuery()).total == 3


def test_the_same_draft_from_four_processes_is_one_task(store: Store) -> None:
    url = store.database.engine.url.render_as_string(hide_password=False)
    home, url = (Path(store.database.name).parent, "") if "sqlite" in url else (Path(), url)
    assert sorted(at_once(4, add_task, home, "one draft", url)) == [False] * 3 + [True]
    assert store.tasks.page(TaskQuery()).total == 1


def test_a_task_of_a_connection_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(StorageError):
        store.tasks.add(new_task("lost", connection_id="nobody"))
    assert store.tasks.by_token("lost") is None


# --- guarded moves -----------------------------------------------------------------------------


def test_a_move_from_the_expected_state_changes_the_task_and_writes_its_journal(
    store: Store,
) -> None:
    task = _added(store)
    call = exchange(status_code=200, response_body='{"id": "é"}')
    assert store.tasks.move(
        task.id,
        [QUEUED],
        now=LATER,
        event="accepted",
        detail="remote-1",
        exchanges=[call],
        status=TaskStatus.PENDING,
        remote_id="remote-1",
        charge=Decimal("12.50"),
        outputs=("https://example.com/a.mp4", "https://example.com/b.mp4"),
        progress=0.25,
        attempts=1,
        next_at=LATER,
        submitted_at=LATER,
    )
    moved = _found(store, task.id)
    assert (moved.status, moved.remote_id, moved.progress) == (TaskStatus.PENDING, "remote-1", 0.25)
    assert str(moved.charge) == "12.50"
    assert moved.outputs == ("https://example.com/a.mp4", "https://example.com/b.mp4")
    assert (moved.created_at, moved.updated_at, moved.next_at) == (NOW, LATER, LATER)
    assert store.journal.events(task.id)[1:] == [
        Event(at=LATER, kind="accepted", detail="remote-1")
    ]
    assert store.exchanges.of(task.id) == [call]
    assert store.tasks.owner_of(RELAY, "remote-1") == task.id
    assert store.tasks.owner_of("another", "remote-1") is None


def test_a_move_from_another_state_changes_nothing(store: Store) -> None:
    task = _added(store)
    wrong = [status for status in TaskStatus if status is not QUEUED]
    assert not store.tasks.move(
        task.id, wrong, now=LATER, event="e", exchanges=[exchange()], status=TaskStatus.FAILED
    )
    assert _found(store, task.id) == task
    assert len(store.journal.events(task.id)) == 1 and store.exchanges.of(task.id) == []


def test_a_move_of_no_task_or_from_no_state_is_refused(store: Store) -> None:
    task = _added(store)
    assert not store.tasks.move("nobody", list(TaskStatus), now=LATER, note="x")
    assert not store.tasks.move(task.id, [], now=LATER, note="x")
    assert _found(store, task.id) == task


def test_of_two_moves_at_once_one_wins(store: Store) -> None:
    for _ in range(10):
        task = _added(store)
        ends = (SUBMITTING, TaskStatus.CANCELLED)

        def race(which: int, task: Task = task, ends: Any = ends) -> bool:
            status = ends[which]
            return store.tasks.move(task.id, [QUEUED], now=LATER, event=status.value, status=status)

        assert _in_threads(2, race) == [False, True]
        kinds = [event.kind for event in store.journal.events(task.id)]
        assert kinds == ["QUEUED", _found(store, task.id).status.value]


def test_two_tasks_of_a_connection_never_share_a_remote_id(store: Store) -> None:
    one, two = _added(store), _added(store)
    assert store.tasks.move(one.id, [QUEUED], now=LATER, remote_id="r")
    with pytest.raises(StorageError):
        store.tasks.move(two.id, [QUEUED], now=LATER, event="e", remote_id="r")
    assert _found(store, two.id) == two and len(store.journal.events(two.id)) == 1

    store.connections.add(connection(id="other", name="other"), key_sealed=None)
    three = _added(store, connection_id="other")
    assert store.tasks.move(three.id, [QUEUED], now=LATER, remote_id="r")


# --- kept and deleted --------------------------------------------------------------------------


def test_kept_files_are_listed_in_order_and_nothing_is_left_to_do(store: Store) -> None:
    task = _added(store)
    finished: dict[str, Any] = {
        "status": TaskStatus.SUCCEEDED,
        "artifact_state": ArtifactState.DOWNLOADING,
    }
    store.tasks.move(task.id, [QUEUED], now=LATER, note="waiting", looks=3, **finished)
    files = [artifact(b"a", width=1280, height=720, seconds=5.04), artifact(b"b")]
    store.tasks.attach(task.id, [artifact(b"old")], now=LATER)
    store.tasks.attach(task.id, files, now=LATER)
    kept = _found(store, task.id)
    assert list(kept.artifacts) == files
    assert (kept.artifact_state, kept.next_at) == (ArtifactState.KEPT, None)
    assert (kept.note, kept.looks, kept.is_open) == ("", 0, False)


def test_a_deleted_task_is_gone_but_its_draft_stays_spent(store: Store) -> None:
    task = _added(store, token="spent")
    store.tasks.move(task.id, [QUEUED], now=LATER, remote_id="r", status=TaskStatus.SUCCEEDED)
    store.tasks.attach(task.id, [artifact()], now=LATER)
    store.tasks.hide(task.id, LATER)

    assert store.tasks.get(task.id) is None
    assert store.tasks.by_token("spent") is None
    assert store.tasks.owner_of(RELAY, "r") == task.id  # its id stays taken
    assert store.tasks.page(TaskQuery()).total == 0
    assert not store.tasks.add(new_task("spent"))
    assert store.tasks.page(TaskQuery()).total == 0


def test_a_deleted_task_can_not_be_brought_back_to_work(store: Store) -> None:
    task = _added(store)
    store.tasks.hide(task.id, LATER)
    assert not store.tasks.move(task.id, list(TaskStatus), now=LATER, next_at=LATER)
    assert store.tasks.count_open() == 0
    assert store.workers.claim("w") == 0


# --- exactness ---------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(low=AMOUNTS, high=AMOUNTS, charge=AMOUNTS, first=TIMES, second=TIMES)
def test_amounts_and_times_come_back_exactly(
    low: Decimal, high: Decimal, charge: Decimal, first: datetime, second: datetime
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = store_with_relay(Path(folder))
        cost: Estimate = estimate(low=low, high=high, usd_low=low)
        task = _added(store, estimate=cost, created_at=first)
        move = partial(store.tasks.move, task.id, [QUEUED], now=second)
        assert move(charge=charge, finished_at=second)
        found = _found(store, task.id)
        store.close()
    assert str(found.charge) == str(charge)
    assert [str(found.estimate.low), str(found.estimate.high)] == [str(low), str(high)]
    # In UTC: two zones never agree about an hour that a clock change repeats.
    assert found.created_at == first.astimezone(UTC)
    assert found.finished_at == found.updated_at == second.astimezone(UTC)
    assert found.created_at.tzinfo is UTC


def test_an_unknown_price_comes_back_unknown(store: Store) -> None:
    task = _added(store, estimate=estimate(low=None, high=None))
    assert task.estimate.low is None and not task.estimate.is_known and task.charge is None
