"""Keys that are refused and mended, and creates that are sent again with a key that makes that harmless."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from runway_core.domain import (
    ArtifactState,
    Capability,
    Connection,
    Frame,
    Task,
    TaskStatus,
)
from runway_core.policy import EVERY, Do, Operation
from runway_core.pricing import WINDOW
from tests.builders import connections_at, request
from tests.engine.cells import reset, told
from tests.engine.faulty import Bench, Provider
from tests.http.raw_server import Connection as Line
from tests.http.raw_server import Handler, Request, answer

CREATE, LOOK, CANCEL = Operation.CREATE, Operation.LOOK, Operation.CANCEL
REFUSED = told("401 Unauthorized", '{"error": {"message": "no such token"}}')
LATER = timedelta(seconds=EVERY[Do.PAUSE])


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "home")
    yield made
    made.close()


def provider(
    bench: Bench, broken: Operation, fault: Handler | None = REFUSED, times: int | None = None
) -> Provider:
    return Provider(broken, fault, clock=bench.clock, times=times)


def running(bench: Bench, connection: Connection, **changes: object) -> Task:
    values = {"status": TaskStatus.RUNNING, "submitted_at": bench.clock.now} | changes
    return bench.task(connection, **values)


def test_one_create_fails_for_a_bad_key_and_all_others_wait_in_line(bench: Bench) -> None:
    with provider(bench, CREATE) as server:
        connection = bench.connect(server.url)
        first, *others = [bench.task(connection) for _ in range(5)]
        first = bench.step(first)
        others = [bench.step(task) for task in others]
    assert (first.status, first.failure_code) == (TaskStatus.FAILED, "Authentication")
    assert "Nothing was charged" in first.hint
    assert len(server.creates) == 1
    for task in others:
        assert task.status is TaskStatus.QUEUED
        assert "refused the API key. It goes on once the key works." in task.note
        assert "Nothing has been sent or charged" in task.hint
        assert bench.planned(task) >= EVERY[Do.PAUSE]
    assert bench.paused(connection) == others[0].note


def test_a_new_key_sends_what_waited_at_once(bench: Bench) -> None:
    with provider(bench, CREATE, times=1) as server:
        connection = bench.connect(server.url)
        first, second = bench.task(connection), bench.task(connection)
        bench.step(first)
        bench.step(second)
        bench.studio.connections.change(
            connection.id, name=connection.name, base_url=connection.base_url, key="key_" + "b" * 64
        )
        assert bench.paused(connection) == ""
        waiting = bench.studio.tasks.get(second.id)
        assert bench.planned(waiting) <= 5
        assert bench.step(waiting).status is TaskStatus.PENDING
    assert [r.header("authorization") for r in server.creates][-1] == "Bearer key_" + "b" * 64


def test_a_new_name_or_price_mends_no_key(bench: Bench) -> None:
    with provider(bench, CREATE) as server:
        connection = bench.connect(server.url)
        bench.step(bench.task(connection))
        bench.studio.connections.change(connection.id, name="Other", base_url=connection.base_url)
        assert bench.paused(connection)
        assert bench.step(bench.task(connection)).status is TaskStatus.QUEUED
    assert len(server.creates) == 1


def test_a_refusal_of_an_old_key_does_not_mark_the_new_one(bench: Bench) -> None:
    def replaced(line: Line, asked: Request) -> None:
        bench.studio.connections.change(
            connection.id, name="new", base_url=connection.base_url, key="key_" + "c" * 64
        )
        REFUSED(line, asked)

    with provider(bench, CREATE, replaced, times=1) as server:
        connection = bench.connect(server.url)
        task = bench.step(bench.task(connection))
        assert task.status is TaskStatus.QUEUED, "it was refused with a key that is gone"
        assert bench.paused(connection) == ""
        assert bench.step(task).status is TaskStatus.PENDING


def test_a_passing_refusal_mends_itself_and_ends_no_second_task(bench: Bench) -> None:
    with provider(bench, CREATE, times=2) as server:
        connection = bench.connect(server.url)
        tasks = [bench.task(connection) for _ in range(3)]
        assert bench.step(tasks[0]).status is TaskStatus.FAILED
        waiting = [bench.step(task) for task in tasks[1:]]
        again = bench.step(waiting[0])  # its free call goes well, its create is refused once more
        assert len(server.asked[Operation.BALANCE]) == 1
        assert again.status is TaskStatus.QUEUED
        assert len(server.creates) == 2
        assert bench.paused(connection)
        done = bench.steps(again, until=lambda t: t.status is TaskStatus.PENDING, most=4)
        assert bench.paused(connection) == ""
        assert bench.planned(bench.studio.tasks.get(waiting[1].id)) <= 0
    assert done.remote_id
    assert len(server.creates) == 3


def test_looks_with_a_refused_key_are_rare_however_many_tasks_there_are(bench: Bench) -> None:
    with provider(bench, LOOK) as server:
        connection = bench.connect(server.url)
        tasks = [running(bench, connection) for _ in range(6)]
        began = bench.clock.now
        for _ in range(4):
            tasks = [bench.step(task) for task in tasks]
        hours = (bench.clock.now - began) / timedelta(hours=1)
    assert {task.status for task in tasks} == {TaskStatus.RUNNING}
    assert all("refused the API key" in task.note for task in tasks)
    assert len(server.asked[LOOK]) <= hours * 6 + 1


def test_a_look_that_works_again_lets_everything_go_on(bench: Bench) -> None:
    with provider(bench, LOOK, told("403 Forbidden"), times=1) as server:
        connection = bench.connect(server.url)
        asking, other = running(bench, connection), running(bench, connection)
        assert "does not let this API key" in bench.step(asking).note
        unsent = bench.step(bench.task(connection))
        assert unsent.status is TaskStatus.QUEUED
        bench.step(other)
        found = bench.step(asking)
        assert (found.status, found.note) == (TaskStatus.RUNNING, "")
        assert bench.paused(connection) == ""
        assert bench.planned(bench.studio.tasks.get(unsent.id)) <= 0
        floor = bench.tools.profile(other).poll_floor
        assert bench.planned(bench.studio.tasks.get(other.id)) <= floor
    assert server.creates == []


def test_a_cancel_is_asked_for_although_the_key_was_refused(bench: Bench) -> None:
    with provider(bench, LOOK, times=1) as server:
        connection = bench.connect(server.url)
        task = bench.step(running(bench, connection))
        assert bench.paused(connection)
        bench.studio.tasks.cancel(task.id)
        assert bench.step(task).status is TaskStatus.CANCELLED
    assert server.deleted


def test_a_file_is_fetched_by_its_link_although_the_key_was_refused(bench: Bench) -> None:
    with provider(bench, CREATE, times=1) as server:
        connection = bench.connect(server.url)
        bench.step(bench.task(connection))
        task = running(
            bench,
            connection,
            status=TaskStatus.SUCCEEDED,
            artifact_state=ArtifactState.DOWNLOADING,
            outputs=(f"{server.url}/files/a.mp4",),
        )
        assert bench.step(task).artifact_state is ArtifactState.KEPT


def test_a_file_whose_fresh_link_needs_the_key_waits_for_it(bench: Bench) -> None:
    with provider(bench, LOOK) as server:
        connection = bench.connect(server.url)
        lost = {"status": TaskStatus.SUCCEEDED, "artifact_state": ArtifactState.DOWNLOADING}
        task = bench.step(running(bench, connection, **lost))
        assert bench.planned(task) >= EVERY[Do.PAUSE]
        assert "refused the API key" in task.note
        server.left, server.status = 0, "SUCCEEDED"
        assert bench.step(task).artifact_state is ArtifactState.KEPT
    assert bench.paused(connection) == ""


def test_a_task_whose_connection_has_no_key_here_is_watched_on_once_there_is_one(
    bench: Bench,
) -> None:
    with provider(bench, CREATE, times=0) as server:
        connection = bench.connect(server.url, profile="custom")
        task = running(bench, connection)
        bench.studio.store.connections.change(connection.id, key_sealed=None, key_hint="")
        task = bench.step(task)
        assert task.status is TaskStatus.RUNNING
        assert "No API key is saved" in task.note
        assert bench.planned(task) >= EVERY[Do.STUCK]
        connections_at(bench.studio, server.url).change(
            connection.id, name="again", base_url=server.url, key="key_" + "d" * 64
        )
        floor = bench.tools.profile(task).poll_floor
        assert bench.planned(bench.studio.tasks.get(task.id)) <= floor + 5
        assert bench.step(task).note == ""


def test_what_a_person_paused_is_not_lifted_by_a_look(bench: Bench) -> None:
    with provider(bench, LOOK, times=1) as server:
        connection = bench.connect(server.url)
        bench.studio.connections.pause(connection.id, "Too dear lately.")
        task = bench.step(running(bench, connection))
        bench.step(task)
        assert bench.paused(connection) == "Too dear lately."
        unsent = bench.step(bench.task(connection))
        assert (unsent.status, unsent.note) == (TaskStatus.QUEUED, "Too dear lately.")
    assert server.creates == []


@pytest.mark.parametrize(("fault", "works"), [(REFUSED, False), (None, True)])
def test_a_check_marks_a_refused_key_and_lifts_the_mark_of_a_good_one(
    bench: Bench, fault: Handler | None, works: bool
) -> None:
    def by_key(line: Line, asked: Request) -> None:
        if asked.header("authorization") is None or fault is not None:
            REFUSED(line, asked)
        else:
            line.send(answer('{"creditBalance": 7, "tier": {}, "usage": {}}'))

    with provider(bench, Operation.BALANCE, by_key) as server:
        connection = bench.connect(server.url, profile="runway")
        bench.studio.settings.__dict__["private_hosts"] = frozenset({("127.0.0.1", server.port)})
        task = bench.task(connection)
        if works:
            bench.studio.connections.refused(connection, "Refused.")
            task = bench.step(task)
            assert task.note == "Refused."
        bench.studio.doctor.examine(bench.studio.connections.get(connection.id))
    assert bool(bench.paused(connection)) is not works
    if works:
        assert bench.planned(bench.studio.tasks.get(task.id)) <= 1


# --- the same key ------------------------------------------------------------------------------


def proven(bench: Bench, server: Provider) -> Task:
    bench.tools.scale = 0.001
    return bench.task(bench.connect(server.url, profile="doitong", same_key="proven"))


def in_turn(*handlers: Handler) -> Handler:
    """One answer after the other."""
    left = list(handlers)
    return lambda line, asked: left.pop(0)(line, asked)


def made(line: Line, _: Request) -> None:
    task = {"id": "dt-1", "status": "queued"}
    line.send(answer(json.dumps({"data": {"generate": task}})))


def test_a_lost_answer_is_asked_for_again_with_the_same_key_and_bytes(bench: Bench) -> None:
    with provider(bench, CREATE, in_turn(reset, told("502 X"), made)) as server:
        task = bench.step(proven(bench, server))
    assert (task.status, task.remote_id) == (TaskStatus.PENDING, "dt-1")
    assert len(server.creates) == 3
    assert len({(r.header("idempotency-key"), r.body) for r in server.creates}) == 1
    assert bench.kinds(task).count("SUBMITTING") == 1
    assert bench.kinds(task).count("same key again") == 2


@pytest.mark.parametrize(
    "second",
    [
        *(told("401 X"), told("402 X"), told("400 X"), told("403 X"), told("404 X")),
        *(told("429 X", '{"error": "daily limit"}'), told("422 X", '{"message": "idempotency"}')),
    ],
    ids=["401", "402", "400", "403", "404", "day", "other-body"],
)
def test_a_refusal_after_a_lost_answer_does_not_prove_that_nothing_was_made(
    bench: Bench, second: Handler
) -> None:
    with provider(bench, CREATE, in_turn(reset, second)) as server:
        task = bench.step(proven(bench, server))
    assert task.status is TaskStatus.UNCERTAIN
    assert "may have been charged" in task.note
    assert len(server.creates) == 2


def test_a_wait_after_a_lost_answer_goes_on_with_the_same_key(bench: Bench) -> None:
    busy = told("429 X", "{}", "Retry-After: 1")
    bench.clock.running_since = time.monotonic()
    with provider(bench, CREATE, in_turn(reset, busy, made)) as server:
        task = bench.step(proven(bench, server))
    assert task.status is TaskStatus.PENDING
    assert len({r.header("idempotency-key") for r in server.creates}) == 1


def test_no_key_is_trusted_for_longer_than_five_minutes(bench: Bench) -> None:
    def slowly(line: Line, _: Request) -> None:
        bench.clock.now += timedelta(seconds=160)
        line.reset()

    with provider(bench, CREATE, slowly) as server:
        task = bench.step(proven(bench, server))
    assert task.status is TaskStatus.UNCERTAIN
    assert len(server.creates) == 2


def test_a_first_try_that_was_refused_is_no_lost_answer(bench: Bench) -> None:
    with provider(bench, CREATE, told("402 X")) as server:
        task = bench.step(proven(bench, server))
    assert (task.status, task.failure_code) == (TaskStatus.FAILED, "InsufficientCredits")


def test_a_create_that_is_held_back_here_has_met_nothing(bench: Bench) -> None:
    unknown = '{"errors": [{"message": "Field \\"imageUrl\\" is not defined by type \\"X\\"."}]}'
    with provider(bench, CREATE, in_turn(told("400 X", unknown))) as server:
        connection = bench.connect(server.url, profile="doitong", requests_a_minute="1")
        wish = request(
            capability=Capability.IMAGE_TO_VIDEO,
            model="runway-i2v",
            ratio="16:9",
            frames=(Frame(uri="https://example.com/a.jpg"),),
        )
        task = bench.step(bench.task(connection, request=wish))
    assert len(server.creates) == 1, "the second way to write it waits for the next minute"
    assert (task.status, task.attempts, task.note) == (TaskStatus.QUEUED, 0, "")
    assert bench.kinds(task) == ["QUEUED", "SUBMITTING"]
    assert 0 < bench.planned(task) <= WINDOW.total_seconds()


def test_a_key_is_not_trusted_unless_a_person_says_so(bench: Bench) -> None:
    with provider(bench, CREATE, reset) as server:
        task = bench.step(bench.task(bench.connect(server.url, profile="doitong")))
    assert task.status is TaskStatus.UNCERTAIN
    assert len(server.creates) == 1
