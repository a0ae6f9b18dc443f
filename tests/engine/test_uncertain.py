"""What the engine finds out about a create whose answer was lost, and what it never does about it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runway_core.domain import Capability, Connection, Frame, Task, TaskStatus
from runway_core.engine.uncertain import ASK_AFTER, PATIENCE
from runway_core.studio.calls import UNKNOWN_ID, Call
from tests.builders import request
from tests.engine.faulty import Bench
from tests.relay import Call as RelayCall
from tests.relay import Relay

UNCERTAIN, PENDING = TaskStatus.UNCERTAIN, TaskStatus.PENDING
ADDRESS = "https://desk.example.com"


class Desk(Bench):
    """A bench with one relay that tells its balance."""

    def __init__(self, folder: Path, relay: Relay) -> None:
        super().__init__(folder)
        self.relay = relay
        self.connection: Connection = self.connect(relay.url, profile="custom")

    def queued(self, connection: Connection | None = None) -> Task:
        wish = request(
            capability=Capability.IMAGE_TO_VIDEO,
            model="gen4_turbo",
            frames=(Frame(uri="https://example.com/harbour.jpg"),),
        )
        return self.task(connection or self.connection, request=wish)

    def lost(self, answer: Any = RelayCall.reset) -> Task:
        """A task whose create got no answer."""
        self.relay.creates.append(answer)
        task = self.step(self.queued())
        assert task.status is UNCERTAIN
        return task

    def called(self, task: Task, **body: str) -> None:
        """Let its provider call."""
        raw = json.dumps(body).encode()
        self.studio.calls.receive([Call(task.profile, task.id, {}, raw)])


@pytest.fixture
def relay() -> Iterator[Relay]:
    server = Relay()
    server.left = 500
    yield server
    server.close()


@pytest.fixture
def desk(tmp_path: Path, relay: Relay) -> Iterator[Desk]:
    made = Desk(tmp_path / "home", relay)
    yield made
    made.close()


def balances(task: Task) -> tuple[Decimal | None, Decimal | None]:
    return task.balance_before, task.balance_after


# --- the balance ---------------------------------------------------------------------------------


def charged(relay: Relay, amount: float) -> Any:
    """A create that is charged and then gets no answer."""

    def answer(call: RelayCall) -> None:
        relay.make({})
        relay.left = (relay.left or 0) - amount
        call.reset()

    return answer


def test_the_balance_before_and_after_is_known_once_it_has_gone_down(
    desk: Desk, relay: Relay
) -> None:
    task = desk.lost(charged(relay, 25))
    assert balances(task) == (Decimal(500), None)
    assert desk.planned(task) == ASK_AFTER[0]
    task = desk.step(task)
    assert balances(task) == (Decimal(500), Decimal(475))
    assert task.balance_before_at is not None and task.balance_after_at is not None
    assert task.balance_before_at < task.balance_after_at
    assert (task.status, task.next_at) == (UNCERTAIN, None)
    assert relay.balance_calls == 2 and relay.posts == 1
    assert "475 units left" in [event.detail for event in desk.events(task)]


def test_a_balance_that_did_not_change_is_asked_for_again_because_some_book_late(
    desk: Desk, relay: Relay
) -> None:
    task = desk.lost()
    waits = []
    while task.next_at is not None:
        waits.append(desk.planned(task))
        if len(waits) == len(ASK_AFTER):
            relay.left = 499.5
        task = desk.step(task)
    assert waits == list(ASK_AFTER)
    assert balances(task) == (Decimal(500), Decimal("499.5"))
    assert task.status is UNCERTAIN and relay.posts == 1


@pytest.mark.parametrize("fault", ["broken", "silent"])
def test_a_balance_that_can_t_be_had_does_no_harm(desk: Desk, relay: Relay, fault: str) -> None:
    relay.left = None if fault == "silent" else 500
    task = desk.lost()
    if fault == "broken":
        relay.balances = [lambda call: call.answer(500, {"error": "no"})] * 9
    for _ in range(len(ASK_AFTER)):
        if task.next_at is not None:
            task = desk.step(task)
    assert (task.status, task.next_at, task.balance_after) == (UNCERTAIN, None, None)
    assert relay.posts == 1


def test_before_creates_the_balance_is_asked_once_in_a_quarter_of_an_hour(
    desk: Desk, relay: Relay
) -> None:
    for told in (500, None):
        relay.left, calls = told, relay.balance_calls
        for _ in range(3):
            assert desk.step(desk.queued()).status is PENDING
        assert relay.balance_calls == calls + 1
        desk.clock.now += timedelta(minutes=15)


def test_practice_is_never_asked_for_a_balance(desk: Desk, relay: Relay) -> None:
    practice = desk.connect(relay.url, profile="sandbox")
    relay.creates.append(RelayCall.reset)
    task = desk.step(desk.queued(practice))
    assert task.status is UNCERTAIN
    assert desk.step(task).next_at is None
    assert relay.balance_calls == 0


def test_a_provider_that_is_slow_to_tell_holds_up_no_create(desk: Desk, relay: Relay) -> None:
    hold = threading.Event()
    relay.balances = [lambda call: call.answer(404 if hold.wait(30) else 500, {})]
    began = time.monotonic()
    assert desk.step(desk.queued()).status is PENDING
    assert time.monotonic() - began < PATIENCE + 1.5
    hold.set()
    assert relay.posts == 1


def test_a_balance_in_another_unit_is_not_compared(desk: Desk, relay: Relay) -> None:
    task = desk.lost()
    desk.studio.store.connections.set_balance(desk.connection.id, Decimal(9), "USD", desk.clock.now)
    task = desk.step(task)
    assert balances(task) == (None, Decimal(500))


# --- calls ---------------------------------------------------------------------------------------


def test_a_create_tells_where_to_call_and_nothing_we_keep_tells_it(
    desk: Desk, relay: Relay
) -> None:
    assert desk.step(desk.queued()).status is PENDING
    desk.studio.callbacks.set_address(ADDRESS)
    task = desk.step(desk.queued())
    first, second = relay.created.values()
    assert "notify_hook" not in first
    url = second["notify_hook"]
    assert url == desk.studio.callbacks.url_for(task)
    place, _, token = url.removeprefix(f"{ADDRESS}/webhooks/").partition("/")
    assert place == "custom" and desk.studio.callbacks.subject(place, token) == task.id
    proof = token.partition(".")[2]
    assert proof not in json.dumps([e.model_dump_json() for e in desk.studio.exchanges.of(task.id)])
    own = {"callback_url": "https://elsewhere.example/hook"}
    other = desk.connect(relay.url, profile="custom", **own)
    desk.step(desk.queued(other))
    assert list(relay.created.values())[-1]["notify_hook"] == own["callback_url"]


def test_an_id_that_was_told_while_the_create_was_on_the_wire_is_taken(
    desk: Desk, relay: Relay
) -> None:
    made: list[str] = []

    def answer(call: RelayCall) -> None:
        made.append(relay.make({}))
        (task,) = desk.studio.tasks.page(_everything()).tasks
        assert task.status is TaskStatus.SUBMITTING
        desk.called(task, id=made[0], status="RUNNING")
        call.reset()

    task = desk.lost(answer)
    task = desk.step(task)
    assert (task.status, task.remote_id) == (PENDING, made[0])
    assert desk.steps(task, until=lambda t: t.status is TaskStatus.SUCCEEDED).artifacts == ()
    assert relay.posts == 1


def _everything() -> Any:
    from runway_core.store import TaskQuery

    return TaskQuery()


def test_a_call_during_a_look_is_not_lost(desk: Desk, relay: Relay) -> None:
    relay.looks_needed = 2
    task = desk.step(desk.queued())

    def answer(call: RelayCall) -> None:
        desk.clock.now += timedelta(seconds=1)
        desk.called(task, id=task.remote_id or "", status="SUCCEEDED")
        call.answer(200, relay.task(task.remote_id or "", done=False))

    relay.looks.append(answer)
    after = desk.step(task)
    assert after.status is TaskStatus.RUNNING and desk.planned(after) <= 0
    assert desk.step(after).status is TaskStatus.SUCCEEDED


def test_a_cancel_during_a_look_is_not_put_off(desk: Desk, relay: Relay) -> None:
    relay.looks_needed = 9
    task = desk.step(desk.queued())

    def answer(call: RelayCall) -> None:
        desk.clock.now += timedelta(seconds=1)
        desk.studio.tasks.cancel(task.id)
        call.answer(200, relay.task(task.remote_id or "", done=False))

    relay.looks.append(answer)
    after = desk.step(task)
    assert after.next_at is not None and after.next_at - desk.clock.now < timedelta(seconds=5)
    assert desk.step(after).status is TaskStatus.CANCELLED


# --- an id that a person found -------------------------------------------------------------------


def test_a_wrong_id_brings_the_decision_back_and_never_ends_the_task(
    desk: Desk, relay: Relay
) -> None:
    task = desk.lost()
    desk.studio.tasks.adopt(task.id, "mistyped-1")
    task = desk.steps(task, until=lambda t: t.status is not PENDING)
    assert (task.status, task.remote_id, task.next_at) == (UNCERTAIN, None, None)
    assert "knows no video with the id mistyped-1" in task.note
    assert UNKNOWN_ID in desk.kinds(task)
    remote_id = relay.make({})
    desk.studio.tasks.adopt(task.id, remote_id)
    assert desk.step(task).status is TaskStatus.SUCCEEDED
    assert relay.posts == 1


def test_an_id_from_the_provider_s_own_answer_may_end_a_task(desk: Desk, relay: Relay) -> None:
    task = desk.step(desk.queued())
    relay.deleted.append(task.remote_id or "")
    task = desk.steps(task, until=lambda t: t.status is not PENDING)
    assert (task.status, task.failure_code) == (TaskStatus.FAILED, "TASK_GONE")
