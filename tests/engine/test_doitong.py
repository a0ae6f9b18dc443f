"""Tasks at Doitong: credits booked and given back, and a state that nobody tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runway_core.domain import ArtifactState, Capability, Connection, Task, TaskStatus
from tests.builders import request
from tests.engine.conftest import Desk
from tests.relay import Call, Relay

FOLLOWED = (TaskStatus.PENDING, TaskStatus.THROTTLED, TaskStatus.RUNNING)


class DoitongServer(Relay):
    """GraphQL that makes tasks for 120 credits, and tells of them only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.tells = True
        self.states: list[dict[str, Any]] = []
        """What the next looks see; the last one stays."""
        self.keys: list[str | None] = []
        self.questions = 0
        self.headers_of_looks: dict[str, str] = {}
        self.at_first_question: Callable[[], object] = lambda: None
        """Called before the first question is answered."""

    def on_create(self, call: Call, body: dict[str, Any]) -> None:
        if body["query"].startswith("mutation"):
            self.keys.append(call.headers.get("Idempotency-Key"))
            if self.creates:
                self.posts += 1
                self.creates.pop(0)(call)
                return
            self.posts += 1
            task = {"id": f"dt-{self.posts}", "status": "processing", "creditCost": 120}
            call.answer(200, {"data": {"generate": task}})
            return
        self.questions += 1
        if self.questions == 1:
            self.at_first_question()
        if not self.tells or "generation(id" not in body["query"]:
            call.answer(400, {"errors": [{"message": 'Cannot query field "x" on type "Query".'}]})
            return
        told = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        task = {"id": body["variables"]["id"]} | told
        call.answer(200, {"data": {"generation": task}}, **self.headers_of_looks)

    def on_get(self, call: Call) -> None:
        if call.path.startswith("/files/"):
            super().on_get(call)
        else:
            self.questions += 1
            call.answer(404, {"message": "Not Found"})


@pytest.fixture
def server() -> Iterator[DoitongServer]:
    made = DoitongServer()
    yield made
    made.close()


class DoitongDesk(Desk):
    """A home with one Doitong connection; `look` makes the next look happen now."""

    def ask(self, prompt: str = "a lake") -> Task:
        wish = request(
            capability=Capability.TEXT_TO_VIDEO, model="runway", prompt=prompt, ratio="16:9"
        )
        return self.studio.tasks.submit(wish, connection=self.connection, token=f"draft {prompt}")

    def look(self, task: Task) -> None:
        before = self.studio.tasks.get(task.id).updated_at
        assert self.studio.store.tasks.move(
            task.id, FOLLOWED, now=before, next_at=datetime.now(UTC)
        )
        self.until(task, lambda found: found.updated_at > before)

    def balance(self, left: int) -> None:
        self.studio.store.connections.set_balance(
            self.connection.id, Decimal(left), "credit", datetime.now(UTC)
        )

    def until_left(self, task: Task, left: int) -> None:
        """Wait for the balance, which is booked just after the task has moved."""
        self.until(task, lambda _found: self.saved.balance == Decimal(left))

    @property
    def saved(self) -> Connection:
        return self.studio.connections.get(self.connection.id)


@pytest.fixture
def doitong(tmp_path: Path, server: DoitongServer) -> Iterator[DoitongDesk]:
    made = DoitongDesk(tmp_path / "home", server, profile="doitong", plan="enterprise")
    made.engine.start()
    yield made
    made.close()


def accepted(task: Task) -> bool:
    return task.status in FOLLOWED


def finished(server: DoitongServer, **more: Any) -> dict[str, Any]:
    return {"status": "completed", "url": f"{server.url}/files/a.mp4"} | more


def test_what_a_create_costs_is_booked_at_once_and_the_file_is_kept(
    doitong: DoitongDesk, server: DoitongServer
) -> None:
    doitong.balance(500)
    server.states = [{"status": "queued"}, finished(server, creditCost=120)]
    task = doitong.until(doitong.ask(), accepted)
    assert task.charge == Decimal(120)
    doitong.until_left(task, 380)
    assert (task.estimate.low, task.estimate.high) == (Decimal(100), Decimal(200))
    assert task.next_at is not None
    assert task.submitted_at is not None
    assert (task.next_at - task.submitted_at).total_seconds() >= 10
    doitong.look(task)
    doitong.look(task)
    kept = doitong.until_settled(task)
    assert (kept.status, kept.artifact_state) == (TaskStatus.SUCCEEDED, ArtifactState.KEPT)
    assert kept.charge == Decimal(120)
    doitong.until_left(task, 380)
    assert server.posts == len(set(server.keys)) == 1


def test_what_a_failed_task_did_not_cost_is_given_back(
    doitong: DoitongDesk, server: DoitongServer
) -> None:
    doitong.balance(150)
    error = {"code": "CONTENT_POLICY", "message": "Not this one"}
    server.states = [{"status": "failed", "creditCost": 0, "metadata": {"error": error}}]
    task = doitong.until(doitong.ask(), accepted)
    doitong.until_left(task, 30)
    doitong.look(task)
    ended = doitong.until_settled(task)
    assert (ended.status, ended.failure) == (TaskStatus.FAILED, "Not this one")
    assert ended.charge == Decimal(0)
    doitong.until_left(task, 150)


def test_too_little_credit_tells_how_much_there_is_and_that_is_remembered(
    doitong: DoitongDesk, server: DoitongServer
) -> None:
    extensions = {"code": "INSUFFICIENT_CREDITS", "creditsRequired": 320, "creditsAvailable": 47}
    poor = {"errors": [{"message": "Not enough", "extensions": extensions}]}
    server.creates = [lambda call: call.answer(402, poor)]
    task = doitong.until_settled(doitong.ask())
    assert task.status is TaskStatus.FAILED
    assert "It needs 320 and 47 are left." in task.failure
    assert task.charge is None
    assert doitong.saved.balance == Decimal(47)
    assert doitong.saved.balance_at is not None
    assert server.posts == 1


def test_a_complaint_beside_a_task_is_kept_with_it(
    doitong: DoitongDesk, server: DoitongServer
) -> None:
    body = {
        "data": {"generate": {"id": "dt-9", "creditCost": 10}},
        "errors": [{"message": "no thumbnail"}],
    }
    server.creates = [lambda call: call.answer(200, body)]
    task = doitong.until(doitong.ask(), accepted)
    assert (task.remote_id, task.said) == ("dt-9", "no thumbnail")
    details = [e.detail for e in doitong.studio.tasks.events(task.id) if e.kind == "accepted"]
    assert details == ["dt-9 · no thumbnail"]


def test_a_request_that_was_had_before_is_left_to_a_person(
    doitong: DoitongDesk, server: DoitongServer
) -> None:
    server.creates = [lambda call: call.answer(409, {"errors": [{"message": "in progress"}]})]
    task = doitong.until_settled(doitong.ask())
    assert task.status is TaskStatus.UNCERTAIN
    doitong.studio.tasks.send_again(task.id)
    doitong.until(task, accepted)
    assert len(server.keys) == 2
    assert len(set(server.keys)) == 1, "the same wish has the same key"


def test_a_state_that_nobody_tells_ends_no_task(
    doitong: DoitongDesk, server: DoitongServer, record_property: Callable[[str, object], None]
) -> None:
    server.tells = False
    task = doitong.until(doitong.ask(), accepted)
    for _ in range(6):
        doitong.look(task)
    found = doitong.studio.tasks.get(task.id)
    assert found.status in FOLLOWED
    assert "does not say how this task stands" in found.note
    assert found.looks == 6
    assert found.next_at is not None
    assert (found.next_at - datetime.now(UTC)).total_seconds() > 45
    server.tells, server.states = True, [finished(server)]
    doitong.look(task)
    assert doitong.until_settled(task).artifact_state is ArtifactState.KEPT
    record_property("questions_asked", server.questions)


def test_a_task_that_tells_nothing_can_be_let_go_and_taken_up_again(
    doitong: DoitongDesk, server: DoitongServer
) -> None:
    server.tells = False
    task = doitong.until(doitong.ask(), accepted)
    doitong.studio.tasks.cancel(task.id)
    found = doitong.until_settled(task)
    assert found.status is TaskStatus.UNCERTAIN
    assert "can't be cancelled" in found.note
    assert "may still be made and charged" in found.hint
    assert not found.cancel_requested
    again = doitong.studio.tasks.adopt(task.id, found.remote_id or "")
    assert again.status is TaskStatus.PENDING
    doitong.studio.tasks.cancel(task.id)
    doitong.until_settled(task)
    assert doitong.studio.tasks.write_off(task.id).status is TaskStatus.FAILED
    assert server.posts == 1


def test_a_cancel_in_the_middle_of_a_look_is_not_put_off_with_the_next_one(
    doitong: DoitongDesk, server: DoitongServer
) -> None:
    server.tells = False
    task = doitong.until(doitong.ask(), accepted)
    server.at_first_question = lambda: doitong.studio.tasks.cancel(task.id)
    doitong.look(task)
    assert doitong.until_settled(task).status is TaskStatus.UNCERTAIN


def test_a_cancel_that_there_is_not_is_said_and_the_task_goes_on(
    doitong: DoitongDesk, server: DoitongServer
) -> None:
    server.states = [{"status": "processing"}, finished(server)]
    task = doitong.until(doitong.ask(), accepted)
    doitong.studio.tasks.cancel(task.id)
    found = doitong.until(task, lambda seen: not seen.cancel_requested and bool(seen.note))
    assert found.status is TaskStatus.RUNNING
    assert "no way to cancel" in found.note
    assert "can't be cancelled" in doitong.kinds(task)
    doitong.look(task)
    assert doitong.until_settled(task).status is TaskStatus.SUCCEEDED


def test_few_requests_left_put_off_the_next_look(
    doitong: DoitongDesk, server: DoitongServer
) -> None:
    server.states = [{"status": "processing"}]
    server.headers_of_looks = {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "55"}
    task = doitong.until(doitong.ask(), accepted)
    doitong.look(task)
    found = doitong.studio.tasks.get(task.id)
    assert found.next_at is not None
    assert (found.next_at - found.updated_at).total_seconds() >= 54
    assert found.note == ""
