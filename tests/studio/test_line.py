"""Where a waiting task stands, why, and about how long, as its own history tells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from runway_core.domain import Connection, Task, TaskStatus
from runway_core.errors import InvalidInputError
from runway_core.settings import Settings
from runway_core.store import Limits
from runway_core.studio import Studio, open_studio
from runway_core.studio.clock import now
from runway_core.studio.line import Place
from tests.builders import request


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = open_studio(Settings(home=tmp_path))
    yield made
    made.close()


@pytest.fixture
def relay(studio: Studio) -> Connection:
    return studio.connections.add(
        "Relay",
        profile="sandbox",
        base_url="https://relay.example",
        key="hk-12345678",
        options={"plan": "free"},
        allow_host=True,
    )


def ask(studio: Studio, connection: Connection, name: str, **changes: Any) -> Task:
    return studio.tasks.submit(request(prompt=name, **changes), connection=connection, token=name)


def place(studio: Studio, task: Task) -> Place:
    found = studio.line.place(studio.tasks.get(task.id))
    assert found is not None
    return found


def start(studio: Studio, task: Task) -> None:
    assert studio.store.line.start(task.id, Limits(), attempts=1, now=now()).started


def made(studio: Studio, connection: Connection, name: str, *, seconds: int) -> None:
    """A task that took so long."""
    task = ask(studio, connection, name)
    start(studio, task)
    end = now()
    studio.store.tasks.move(
        task.id,
        [TaskStatus.SUBMITTING],
        now=end,
        status=TaskStatus.SUCCEEDED,
        submitted_at=end - timedelta(seconds=seconds),
        finished_at=end,
        next_at=None,
    )


def test_each_place_says_why_it_waits_and_without_history_not_how_long(
    studio: Studio, relay: Connection
) -> None:
    running, one, two = (ask(studio, relay, name) for name in ("running", "one", "two"))
    start(studio, running)
    assert place(studio, one) == Place(
        number=1, last=2, wait=None, why="Free plan runs 1 at a time"
    )
    assert place(studio, two).number == 2
    assert studio.line.place(studio.tasks.get(running.id)) is None


def test_history_tells_about_how_long_it_takes(studio: Studio, relay: Connection) -> None:
    for number, seconds in enumerate((60, 90, 400)):
        made(studio, relay, f"made {number}", seconds=seconds)
    running, one, two = (ask(studio, relay, name) for name in ("running", "one", "two"))
    assert place(studio, running).wait == timedelta(0)
    assert place(studio, running).why == ""
    start(studio, running)
    assert place(studio, one).wait == timedelta(seconds=90)
    assert place(studio, two).wait == timedelta(seconds=180)
    other = ask(studio, relay, "another model", model="veo3.1", duration=8)
    assert studio.line.typical("sandbox", "no such model") is None
    assert place(studio, other).number == 3


def test_a_wider_plan_sends_several_at_once(studio: Studio, relay: Connection) -> None:
    for number in range(3):
        made(studio, relay, f"made {number}", seconds=60)
    studio.connections.change(
        relay.id, name="Relay", base_url=relay.base_url, options={"plan": "starter"}
    )
    waiting = [ask(studio, relay, f"wish {number}") for number in range(7)]
    for task in waiting[:3]:
        start(studio, task)
    waits = [place(studio, task).wait for task in waiting[3:]]
    assert waits == [timedelta(seconds=s) for s in (60, 60, 60, 120)]


def test_a_waiting_task_changes_places_and_one_that_was_sent_does_not(
    studio: Studio, relay: Connection
) -> None:
    one, two, three = (ask(studio, relay, name) for name in ("one", "two", "three"))
    studio.line.move(three.id, -2)
    assert [place(studio, task).number for task in (three, one, two)] == [1, 2, 3]
    studio.line.move(three.id, 1)
    assert [place(studio, task).number for task in (one, three, two)] == [1, 2, 3]
    start(studio, one)
    with pytest.raises(InvalidInputError, match="not waiting any more"):
        studio.line.move(one.id, -1)
