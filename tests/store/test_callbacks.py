"""What calls said, preferences, and what is known beside a doubtful task: on each kind of database."""

from __future__ import annotations

from datetime import datetime, timedelta

from runway_core.domain import TaskStatus
from runway_core.store import Said, Store
from tests.builders import NOW, RELAY, new_task

LATER = NOW + timedelta(hours=1)
PENDING, SUBMITTING = TaskStatus.PENDING, TaskStatus.SUBMITTING


def sent(store: Store, *, status: TaskStatus = PENDING, at: datetime = NOW) -> str:
    new = new_task(created_at=at)
    store.tasks.add(new)
    store.tasks.move(new.id, [TaskStatus.QUEUED], now=at, event="SUBMITTING", status=SUBMITTING)
    due = LATER if status is PENDING else None
    store.tasks.move(new.id, [SUBMITTING], now=at, status=status, next_at=due, attempts=1)
    return new.id


def said(store: Store, task_id: str) -> list[str]:
    return [e.detail for e in store.journal.events(task_id) if e.kind == "called back"]


def test_each_thing_is_told_once_and_nothing_goes_back(store: Store) -> None:
    one, other = sent(store), sent(store)
    words = [PENDING, TaskStatus.RUNNING, TaskStatus.RUNNING, PENDING, None, TaskStatus.FAILED]
    store.callbacks.note([Said(task_id=one, status=word, remote_id="") for word in words], now=NOW)
    store.callbacks.note([Said(task_id=one, status=None, remote_id="late")], now=NOW)
    assert said(store, one) == ["PENDING", "RUNNING", "?", "FAILED"]
    found, left = store.tasks.get(one), store.tasks.get(other)
    assert found and (found.status, found.next_at) == (PENDING, NOW)
    assert left and left.next_at == LATER
    assert store.callbacks.told_id(one) == ""


def test_what_was_told_of_an_earlier_create_does_not_count(store: Store) -> None:
    task_id = sent(store, status=TaskStatus.UNCERTAIN)
    ended = Said(task_id=task_id, status=TaskStatus.SUCCEEDED, remote_id="first")
    store.callbacks.note([ended], now=NOW)
    assert store.callbacks.told_id(task_id) == "first"
    uncertain = [TaskStatus.UNCERTAIN]
    store.tasks.move(task_id, uncertain, now=NOW, event="SUBMITTING", status=SUBMITTING)
    assert store.callbacks.told_id(task_id) == ""
    again = ended.model_copy(update={"remote_id": "second"})
    store.callbacks.note([again, ended], now=NOW)
    assert store.callbacks.told_id(task_id) == "second"


def test_a_deleted_task_is_not_called(store: Store) -> None:
    one, gone = sent(store), sent(store)
    store.tasks.hide(gone, NOW)
    found = store.callbacks.called([one, gone, "nobody"])
    assert list(found) == [one]
    assert (found[one].connection_id, found[one].secrets_sealed) == (RELAY, None)
    store.callbacks.note([Said(task_id=gone, status=None, remote_id="")], now=NOW)
    assert said(store, gone) == []


def test_a_look_that_was_wanted_meanwhile_is_not_put_off(store: Store) -> None:
    task_id = sent(store)
    store.callbacks.note([Said(task_id=task_id, status=None, remote_id="")], now=NOW)
    further = LATER + timedelta(hours=1)
    store.tasks.move(task_id, [PENDING], now=NOW, seen=LATER, next_at=further)
    found = store.tasks.get(task_id)
    assert found and found.next_at == NOW
    store.tasks.move(task_id, [PENDING], now=NOW, seen=NOW, next_at=further)
    found = store.tasks.get(task_id)
    assert found and found.next_at == further


def test_a_preference_is_kept_changed_and_forgotten(store: Store) -> None:
    assert store.preferences.get("address") == ""
    for value in ("one", "two", ""):
        store.preferences.set("address", value)
        assert store.preferences.get("address") == value


def test_doubts_are_counted_and_what_went_on_beside_them(store: Store) -> None:
    assert store.doubts.count() == 0
    lost = sent(store, status=TaskStatus.UNCERTAIN)
    assert store.doubts.count() == 1
    hour = timedelta(hours=1)
    before, after = NOW - hour, NOW + hour
    for at, ended in ((NOW, None), (NOW - 3 * hour, NOW - 2 * hour), (NOW + 2 * hour, None)):
        task_id = sent(store, at=at)
        store.tasks.move(task_id, [PENDING], now=NOW, finished_at=ended)
    store.tasks.add(new_task())  # never sent
    assert store.doubts.beside(lost, RELAY, since=before, until=after) == 1
    assert store.doubts.beside(lost, "another", since=before, until=after) == 0
    store.tasks.move(lost, [TaskStatus.UNCERTAIN], now=NOW, status=TaskStatus.FAILED)
    assert store.doubts.count() == 0
