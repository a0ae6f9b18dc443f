"""Tasks that were made elsewhere: looked at, followed and kept, and never paid for."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from runway_core.domain import ArtifactState, Task, TaskStatus
from runway_core.errors import (
    AuthenticationError,
    DeskError,
    InvalidInputError,
    NotReachedError,
    TaskNotFoundError,
)
from runway_core.store import TaskQuery
from tests.engine.conftest import Desk
from tests.relay import Call, Relay, small_video


def adopt(desk: Desk, remote_id: str) -> Task:
    return desk.studio.adopting.adopt(desk.connection, remote_id)


def total(desk: Desk) -> int:
    return desk.studio.tasks.page(TaskQuery()).total


def answering(status: int, body: object) -> Any:
    return lambda call: call.answer(status, body)


def test_a_finished_video_is_fetched_and_kept_without_a_payment(desk: Desk, relay: Relay) -> None:
    remote_id = relay.make({"model": "gen4_turbo"})
    task = adopt(desk, f"  {remote_id}\n")
    assert (task.status, task.remote_id) == (TaskStatus.SUCCEEDED, remote_id)
    assert task.artifact_state is ArtifactState.DOWNLOADING
    assert task.created_at == datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert (task.request.capability, task.request.model) == (None, "")
    assert (task.estimate.low, task.charge, task.attempts) == (None, None, 0)
    (exchange,) = desk.studio.exchanges.of(task.id)
    assert exchange.method == "GET"
    desk.engine.start()
    kept = desk.until_settled(task)
    assert kept.artifact_state is ArtifactState.KEPT
    path = desk.studio.archive.path(kept.artifacts[0].path)
    assert path.read_bytes() == small_video()
    assert relay.posts == 0
    assert desk.kinds(kept) == ["adopted", "KEPT"]


def test_a_running_video_is_followed_to_its_end(desk: Desk, relay: Relay) -> None:
    relay.looks_needed = 2
    desk.engine.start()
    task = adopt(desk, relay.make({}))
    assert (task.status, task.progress) == (TaskStatus.RUNNING, 0.5)
    assert desk.until_settled(task).artifact_state is ArtifactState.KEPT
    assert relay.posts == 0


def test_what_the_provider_says_of_cost_and_failure_is_kept(desk: Desk, relay: Relay) -> None:
    failed = {"id": "t-1", "status": "FAILED", "failure": "too dark", "failureCode": "INTERNAL"}
    relay.looks = [answering(200, failed | {"cost": {"credits": 25}})]
    task = adopt(desk, "t-1")
    assert (task.status, task.failure, task.failure_code) == (
        TaskStatus.FAILED,
        "too dark",
        "INTERNAL",
    )
    assert task.charge == Decimal(25)
    assert task.hint
    assert not task.is_open
    assert desk.studio.tasks.count_open() == 0


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answering(404, {"error": "Could not find Task"}), TaskNotFoundError),
        (
            answering(400, {"code": "task_not_exist", "message": "task_not_exist"}),
            TaskNotFoundError,
        ),
        (answering(401, {"error": "no"}), AuthenticationError),
        (answering(200, b"<html></html>"), DeskError),
        (answering(500, b"oops"), DeskError),
        (lambda call: call.reset(), DeskError),
    ],
)
def test_nothing_is_recorded_when_the_provider_does_not_tell(
    desk: Desk, relay: Relay, answer: Any, error: type[DeskError]
) -> None:
    relay.looks = [answer]
    with pytest.raises(error):
        adopt(desk, "t-1")
    assert total(desk) == 0


@pytest.mark.parametrize("remote_id", ["", "  ", "x" * 201, "two\nlines"])
def test_what_is_no_id_is_refused_without_a_look(desk: Desk, relay: Relay, remote_id: str) -> None:
    with pytest.raises(InvalidInputError, match="remote_id"):
        adopt(desk, remote_id)
    assert relay.seen == {}


def test_a_task_that_is_known_here_is_given_back_as_it_is(desk: Desk, relay: Relay) -> None:
    desk.engine.start()
    own = desk.until_settled(desk.submit("mine"))
    looks = relay.seen[own.remote_id or ""]
    assert adopt(desk, own.remote_id or "") == own
    remote_id = relay.make({})
    assert adopt(desk, remote_id).id == adopt(desk, remote_id).id
    assert relay.seen[own.remote_id or ""] == looks
    assert (total(desk), relay.posts) == (2, 1)


def test_an_uncertain_task_is_not_guessed_to_be_it(desk: Desk, relay: Relay) -> None:
    def made_and_lost(call: Call) -> None:
        relay.make({})
        call.reset()

    relay.creates = [made_and_lost]
    desk.engine.start()
    lost = desk.until(desk.submit("lost"), lambda t: t.status is TaskStatus.UNCERTAIN)
    (remote_id,) = relay.created
    adopted = adopt(desk, remote_id)
    assert adopted.id != lost.id
    assert desk.studio.tasks.get(lost.id).status is TaskStatus.UNCERTAIN
    assert relay.posts == 1


def test_a_deleted_task_comes_back_when_it_is_adopted(desk: Desk, relay: Relay) -> None:
    desk.engine.start()
    own = desk.until_settled(desk.submit("mine"))
    desk.studio.tasks.delete(own.id)
    assert total(desk) == 0
    again = adopt(desk, own.remote_id or "")
    assert (again.id, again.request.prompt) == (own.id, "mine")
    kept = desk.until_settled(again)
    assert kept.artifact_state is ArtifactState.KEPT
    assert desk.studio.archive.path(kept.artifacts[0].path).is_file()
    assert relay.posts == 1


def test_two_adoptions_at_once_make_one_task(desk: Desk, relay: Relay) -> None:
    remote_id = relay.make({})
    both_look = threading.Barrier(2, timeout=20)
    found: list[str] = []

    def together(call: Any) -> None:
        both_look.wait()
        call.answer(200, relay.task(remote_id, done=True))

    relay.looks = [together, together]
    people = [
        threading.Thread(target=lambda: found.append(adopt(desk, remote_id).id)) for _ in "12"
    ]
    for person in people:
        person.start()
    for person in people:
        person.join(20)
    assert len(found) == 2
    assert len(set(found)) == 1
    assert total(desk) == 1


def test_the_sandbox_that_does_not_run_says_so(desk: Desk) -> None:
    sandbox = desk.studio.connections.by_name("Sandbox")
    with pytest.raises(NotReachedError, match="not running"):
        desk.studio.adopting.adopt(sandbox, "t-1")
    assert total(desk) == 0


def test_an_adopted_task_can_be_cancelled_and_deleted(desk: Desk, relay: Relay) -> None:
    relay.looks_needed = 1000
    remote_id = relay.make({})
    task = adopt(desk, remote_id)
    desk.engine.start()
    desk.studio.tasks.cancel(task.id)
    ended = desk.until_settled(task)
    assert ended.status is TaskStatus.CANCELLED
    assert relay.deleted == [remote_id]
    desk.studio.tasks.delete(task.id)
    assert total(desk) == 0
