"""The local engine sleeps until something is due, hears of everything at once, and never wakes for nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event

from runway_core.domain import TaskStatus
from tests.engine.conftest import Desk
from tests.relay import Call, Relay

IDLE = 3.0
"""Seconds in which an idle engine must not wake; it looked every second before it could hear."""


def wakes(desk: Desk) -> int:
    """How often the engine's thread has gone to sleep, as the kernel counts."""
    thread = desk.engine._thread
    assert thread is not None
    status = Path(f"/proc/self/task/{thread.native_id}/status").read_text()
    return int(status.partition("voluntary_ctxt_switches:")[2].split()[0])


def until_it_sleeps(desk: Desk) -> int:
    """Wait until the engine's thread has slept through half a second; its count of sleeps."""
    pause, before = threading.Event(), -1
    for _ in range(100):
        now = wakes(desk)
        if now == before:
            return now
        before = now
        pause.wait(0.5)
    raise AssertionError("the engine never slept")


def test_an_engine_with_nothing_to_do_does_not_wake_and_hears_a_click_at_once(
    desk: Desk, relay: Relay
) -> None:
    desk.engine.start()
    slept = until_it_sleeps(desk)
    threading.Event().wait(IDLE)
    assert wakes(desk) == slept
    desk.until_settled(desk.submit("a click"))
    assert relay.posts == 1


def test_an_idle_engine_hears_of_a_task_that_another_process_recorded(
    desk: Desk, relay: Relay, tmp_path: Path
) -> None:
    desk.engine.start()
    until_it_sleeps(desk)
    other = Desk(tmp_path / "home", relay)  # its own connections to the same file
    task = other.submit("from elsewhere")
    assert desk.until_settled(task).status is TaskStatus.SUCCEEDED
    other.close()


def test_an_idle_engine_takes_over_the_tasks_of_one_that_stopped(
    desk: Desk, relay: Relay, tmp_path: Path
) -> None:
    relay.looks_needed = 3
    first = Desk(tmp_path / "home", relay)
    first.engine.start()
    task = first.submit("handed over")
    first.until(task, lambda found: found.status is TaskStatus.PENDING)
    desk.engine.start()
    first.engine.stop()
    assert desk.until_settled(task).status is TaskStatus.SUCCEEDED
    assert relay.posts == 1
    first.close()


def test_a_cancel_by_another_process_reaches_the_one_that_follows(
    desk: Desk, relay: Relay, tmp_path: Path
) -> None:
    relay.looks_needed = 10_000
    desk.engine.start()
    task = desk.submit("stop me")
    desk.until(task, lambda found: found.status is TaskStatus.PENDING)
    other = Desk(tmp_path / "home", relay)
    other.studio.tasks.cancel(task.id)
    assert desk.until_settled(task).status is TaskStatus.CANCELLED
    assert relay.deleted == [task.remote_id or desk.studio.tasks.get(task.id).remote_id]
    other.close()


def test_a_cancel_in_the_middle_of_a_look_is_seen_by_the_next_one(desk: Desk, relay: Relay) -> None:
    relay.looks_needed = 10_000
    task = desk.submit("stop me now")

    def cancel(call: Call) -> None:
        desk.studio.tasks.cancel(task.id)
        call.answer(200, relay.task(call.path.rsplit("/", 1)[-1], done=False))

    running: list[Any] = [
        lambda c: c.answer(200, relay.task(c.path.rsplit("/", 1)[-1], done=False))
    ]
    relay.looks = [*running, *running, cancel]
    desk.engine.start()
    assert desk.until_settled(task).status is TaskStatus.CANCELLED
    assert relay.seen.total() == 4


def test_looks_that_teach_nothing_new_read_and_write_no_row_of_their_own(
    desk: Desk, relay: Relay, record_property: Callable[[str, object], None]
) -> None:
    rows: list[str] = []

    def note(_sql: Any, _cursor: Any, statement: str, *_: Any) -> None:
        one = "WHERE tasks.deleted_at IS NULL AND tasks.id = ?" in statement
        if threading.current_thread().name == "runway-engine" and one:
            rows.append(statement)

    def look(progress: float) -> Any:
        def answer(call: Call) -> None:
            looked.append(len(rows))
            told = relay.task(call.path.rsplit("/", 1)[-1], done=False)
            call.answer(200, told | {"progress": progress})

        return answer

    looked: list[int] = []
    relay.looks_needed, relay.looks = 0, [look(share / 10) for share in (1, 2, 3, 4)]
    event.listen(desk.studio.store.database.engine, "before_cursor_execute", note)
    desk.engine.start()
    task = desk.submit("slow")
    desk.until(task, lambda found: found.progress == 0.3)
    assert desk.until_settled(task).status is TaskStatus.SUCCEEDED
    record_property("rows read between the 2nd and the 4th look", looked[3] - looked[1])
    assert looked[3] == looked[1] > 0
