"""What a plan allows holds on the wire: tasks wait here in line, go on by themselves, and cost nothing meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from runway_core.domain import Task, TaskStatus
from runway_core.engine import LocalEngine
from runway_core.studio import open_studio
from runway_core.studio.clock import now
from tests.engine.conftest import Desk
from tests.relay import Call, Relay


class BusyRelay(Relay):
    """Counts how many of its tasks are in the making whenever it is asked for one more."""

    def __init__(self) -> None:
        super().__init__(looks_needed=2)
        self.at_once: list[int] = []
        self.hold = self._count
        self.account: dict[str, Any] | None = None
        self.asked_account = 0

    def _count(self) -> None:
        unfinished = [i for i in list(self.created) if self.seen[i] < self.looks_needed]
        self.at_once.append(len(unfinished))

    def on_get(self, call: Call) -> None:
        if not call.path.endswith("/organization"):
            super().on_get(call)
            return
        self.asked_account += 1
        if self.account is None:
            call.answer(404, {"error": "Not found"})
        else:
            call.answer(200, self.account)

    def order(self) -> list[str]:
        """Prompts in the order in which they were paid for."""
        return [body["promptText"] for body in self.created.values()]


@pytest.fixture
def relay() -> Iterator[BusyRelay]:
    server = BusyRelay()
    yield server
    server.close()


def desk_with(folder: Path, relay: Relay, *, profile: str = "sandbox", **figures: str) -> Desk:
    """A home whose connection has a plan with these figures."""
    desk = Desk(folder / "home", relay, profile=profile)
    own = desk.connection
    desk.studio.connections.change(own.id, name=own.name, base_url=own.base_url, options=figures)
    return desk


def test_a_plan_for_one_makes_one_at_a_time_in_the_order_of_the_line(
    tmp_path: Path, relay: BusyRelay
) -> None:
    desk = desk_with(tmp_path, relay, running_at_once="1")
    tasks = [desk.submit(name) for name in ("one", "two", "three")]
    desk.studio.line.move(tasks[2].id, -1)
    desk.engine.start()
    for task in tasks:
        assert desk.until_settled(task).status is TaskStatus.SUCCEEDED
    assert relay.order() == ["one", "three", "two"]
    assert relay.at_once == [1, 1, 1]
    desk.close()


def test_a_wider_plan_lets_those_go_on_who_wait(tmp_path: Path, relay: BusyRelay) -> None:
    relay.looks_needed = 10_000
    desk = desk_with(tmp_path, relay, running_at_once="1")
    desk.engine.start()
    one, two = desk.submit("one"), desk.submit("two")
    desk.until(one, lambda found: found.status is TaskStatus.RUNNING)
    assert desk.studio.tasks.get(two.id).status is TaskStatus.QUEUED
    own = desk.connection
    wider = {"running_at_once": "2"}
    desk.studio.connections.change(own.id, name=own.name, base_url=own.base_url, options=wider)
    desk.until(two, lambda found: found.status is TaskStatus.RUNNING)
    desk.close()


def test_two_processes_keep_one_plan_together(tmp_path: Path, relay: BusyRelay) -> None:
    desk = desk_with(tmp_path, relay, running_at_once="3")
    other = LocalEngine(open_studio(desk.settings))
    tasks = [desk.submit(f"wish {number}") for number in range(9)]
    desk.engine.start()
    other.start()
    for task in tasks:
        assert desk.until_settled(task).status is TaskStatus.SUCCEEDED
    assert relay.posts == 9
    assert max(relay.at_once) == 3
    other.stop()
    desk.close()


def test_a_waiting_task_is_cancelled_for_nothing_and_the_next_one_takes_its_turn(
    tmp_path: Path, relay: BusyRelay
) -> None:
    relay.looks_needed = 4
    desk = desk_with(tmp_path, relay, running_at_once="1")
    desk.engine.start()
    one, two, three = (desk.submit(name) for name in ("one", "two", "three"))
    desk.until(one, lambda found: found.status is TaskStatus.RUNNING)
    assert desk.studio.tasks.cancel(two.id).status is TaskStatus.CANCELLED
    assert desk.until_settled(three).status is TaskStatus.SUCCEEDED
    assert relay.order() == ["one", "three"]
    desk.close()


def test_one_that_may_have_been_charged_holds_its_place_until_a_person_decides(
    tmp_path: Path, relay: BusyRelay
) -> None:
    relay.creates.append(lambda call: call.reset())
    desk = desk_with(tmp_path, relay, running_at_once="1")
    desk.engine.start()
    lost = desk.submit("lost")
    desk.until(lost, lambda found: found.status is TaskStatus.UNCERTAIN)
    waiting = desk.submit("waiting")
    place = desk.studio.line.place(desk.studio.tasks.get(waiting.id))
    assert place is not None and (place.number, place.why) == (1, "relay runs 1 at a time")
    assert relay.posts == 1
    desk.studio.tasks.write_off(lost.id)
    assert desk.until_settled(waiting).status is TaskStatus.SUCCEEDED
    desk.close()


def test_the_plan_of_a_day_is_said_and_waits_for_its_time(tmp_path: Path, relay: BusyRelay) -> None:
    desk = desk_with(tmp_path, relay, tasks_a_day="1")
    desk.engine.start()
    first = desk.until_settled(desk.submit("first"))
    assert first.status is TaskStatus.SUCCEEDED
    second = desk.until(desk.submit("second"), lambda found: bool(found.note))
    assert second.status is TaskStatus.QUEUED
    assert "1 in 24 hours" in second.note and "Nothing has been charged" in second.hint
    assert second.next_at is not None
    assert timedelta(hours=23) < second.next_at - now() < timedelta(hours=24)
    assert relay.posts == 1
    desk.close()


def test_a_minutes_requests_are_counted_for_creates_and_looks_alike(
    tmp_path: Path, relay: BusyRelay
) -> None:
    relay.looks_needed = 10_000
    desk = desk_with(tmp_path, relay, requests_a_minute="5")  # 4 of them are used
    desk.engine.start()
    tasks = [desk.submit(f"wish {number}") for number in range(6)]

    def held(found: Task) -> bool:
        return found.next_at is not None and found.next_at - now() > timedelta(seconds=30)

    for task in tasks[4:]:
        assert desk.until(task, held).status is TaskStatus.QUEUED
    for task in tasks[:4]:
        desk.until(task, lambda found: held(found) or found.status is TaskStatus.QUEUED)
    assert relay.posts + sum(relay.seen.values()) == 4
    assert all("429" not in desk.kinds(task) for task in tasks)
    desk.close()


def test_runway_itself_says_what_the_plan_allows(tmp_path: Path, relay: BusyRelay) -> None:
    model = {"maxConcurrentGenerations": 1, "maxDailyGenerations": 200}
    relay.account = {
        "tier": {"maxMonthlyCreditSpend": 9_000, "models": {"gen4.5": model}},
        "creditBalance": 500,
        "usage": {"models": {"gen4.5": {"dailyGenerations": 3}}},
    }
    desk = desk_with(tmp_path, relay, profile="runway")
    desk.engine.start()
    one, two = desk.submit("one"), desk.submit("two")
    desk.until(one, lambda found: found.status is TaskStatus.PENDING)
    place = desk.studio.line.place(desk.studio.tasks.get(two.id))
    assert place is not None and place.why == "relay runs 1 of gen4.5 at a time"
    (limit,) = desk.studio.connections.get(desk.connection.id).model_limits
    assert (limit.model, limit.concurrent, limit.daily) == ("gen4.5", 1, 200)
    assert relay.posts == 1
    desk.close()


def test_a_provider_that_does_not_say_holds_nobody_up(tmp_path: Path, relay: BusyRelay) -> None:
    desk = desk_with(tmp_path, relay, profile="runway")
    desk.engine.start()
    for task in (desk.submit("one"), desk.submit("two")):
        desk.until(task, lambda found: found.status is TaskStatus.PENDING)
    assert relay.posts == 2
    desk.close()
