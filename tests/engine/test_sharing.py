"""Several processes on one home folder: each task is sent once and followed by one of them at a time."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from runway_core.catalog import catalog
from runway_core.domain import TaskStatus
from runway_core.errors import DatabaseBusyError
from runway_core.store import TaskQuery
from tests.children import PATIENCE, start
from tests.engine.kill_runs import Client, Place, take
from tests.killing import Harm, WatchedRelay, figures, harm, integrity, records_of

FLOOR = catalog().profile("sandbox").poll_floor


@pytest.fixture
def relay() -> Iterator[WatchedRelay]:
    server = WatchedRelay()
    yield server
    server.close()


@pytest.fixture
def place(in_memory: Path, relay: WatchedRelay) -> Place:
    made = Place(in_memory / "home", relay.port, keyed=False)
    made.home.mkdir()
    Client(made).close()
    return made


def share(place: Place, name: str, number: int) -> None:
    """Ask for videos, and work until no task of the home is open, whoever asked for it."""
    client = Client(place)
    client.engine.start()
    for count in range(number):
        _patiently(client.ask, f"{name} video {count}")
        take(place, f"{name} video {count}")
    pause = threading.Event()
    while _patiently(client.studio.tasks.count_open):
        pause.wait(0.25)
    client.close()
    os._exit(0)


def _patiently(do: Callable[..., Any], *arguments: Any) -> Any:
    """Do it again as often as the database is busy, as its message asks a person to."""
    while True:
        try:
            return do(*arguments)
        except DatabaseBusyError:
            continue


def _share(place: Place, processes: int, tasks: int) -> list[BaseProcess]:
    return [start(share, place, f"process {n}", tasks // processes) for n in range(processes)]


def _judge(place: Place, relay: WatchedRelay) -> tuple[Harm, set[TaskStatus], str]:
    client = Client(place)
    tasks = client.studio.tasks.page(TaskQuery(limit=10_000)).tasks
    asked = (place.home / "taken").read_text().splitlines()
    found = harm(relay, asked, records_of(client.studio, tasks))
    client.close()
    assert integrity(place.database) == "ok"
    statuses = {task.status for task in tasks}
    return (
        found,
        statuses,
        f"{figures(relay, list(tasks))}, gaps of {min(relay.gaps):.2f} s or more",
    )


@pytest.mark.timeout(300)
def test_four_processes_send_each_of_500_tasks_once(
    place: Place, relay: WatchedRelay, record_property: Callable[[str, object], None]
) -> None:
    began = time.monotonic()
    for child in _share(place, 4, 500):
        child.join(280)
        assert child.exitcode == 0
    found, statuses, words = _judge(place, relay)
    record_property("4 processes on one home", f"{words}, {time.monotonic() - began:.0f} s")
    assert found == Harm(doubled=[], lost=[], torn=[])
    assert statuses == {TaskStatus.SUCCEEDED}
    assert len(relay.paid()) == relay.posts == 500
    assert relay.beside == 0
    assert min(relay.gaps) >= FLOOR


@pytest.mark.timeout(300)
def test_a_process_that_is_killed_leaves_its_tasks_to_the_others(
    place: Place, relay: WatchedRelay, record_property: Callable[[str, object], None]
) -> None:
    children, pause = _share(place, 3, 120), threading.Event()
    ends = time.monotonic() + PATIENCE
    while relay.posts < 30:
        assert time.monotonic() < ends
        pause.wait(0.01)
    children[0].kill()
    for child in children:
        child.join(280)
    assert [child.exitcode for child in children] == [-signal.SIGKILL, 0, 0]
    found, statuses, words = _judge(place, relay)
    record_property("one of 3 processes on one home killed", words)
    assert found == Harm(doubled=[], lost=[], torn=[])
    assert statuses <= {TaskStatus.SUCCEEDED, TaskStatus.UNCERTAIN}
    assert relay.beside == 0
