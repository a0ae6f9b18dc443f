"""A worker that is told to stop: what is on the wire is finished and recorded, nothing new is sent, within 10 s."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runway_core.domain import Task, TaskStatus
from runway_core.engine.cluster import Reminders
from runway_core.settings import Settings
from runway_core.store import TaskQuery
from runway_core.studio import Studio, open_studio
from tests.builders import request
from tests.cli.conftest import CommandLine, Listened
from tests.postgres import postgres
from tests.relay import Relay

PATIENCE = 60.0


class Held:
    """A home with more tasks than are sent at once, and a relay that holds each create until it is let go."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir()
        self.relay, self.go = Relay(), threading.Event()
        self.started: list[Listened] = []
        self.relay.hold = self._wait
        hosts = frozenset({("127.0.0.1", self.relay.port)})
        settings = Settings(home=folder, private_hosts=hosts, database_url=url)
        self.studio: Studio = open_studio(settings)
        if url:
            Reminders(self.studio).start()
        connection = self.studio.connections.add(
            "relay", profile="sandbox", base_url=self.relay.url, key="hk-canary-0001"
        )
        for number in range(12):
            wish = request(prompt=f"task {number}")
            self.studio.tasks.submit(wish, connection=connection, token=f"{number}")
        self.command = CommandLine(
            folder,
            RUNWAY_DATABASE_URL=url,
            RUNWAY_PRIVATE_HOSTS=f"127.0.0.1:{self.relay.port}",
            RUNWAY_LOG="text",
        )

    def _wait(self) -> None:
        self.go.wait(PATIENCE)

    def start(self, *words: str) -> Listened:
        self.started.append(Listened(self.command.start(*words)))
        return self.started[-1]

    def worker(self) -> Listened:
        """A worker with a create on the wire."""
        worker = self.start("worker")
        self.until(lambda: self.relay.posts > 0)
        return worker

    def until(self, happened: Callable[[], bool]) -> None:
        ends, pause = time.monotonic() + PATIENCE, threading.Event()
        while not happened():
            assert time.monotonic() < ends, "\n".join(worker.said for worker in self.started)
            pause.wait(0.02)

    def tasks(self) -> list[Task]:
        return list(self.studio.tasks.page(TaskQuery(limit=100)).tasks)

    def close(self) -> None:
        self.go.set()
        for worker in self.started:
            worker.process.kill()
            worker.end()
        self.studio.close()
        self.relay.close()


@pytest.fixture(params=["sqlite", "postgres"])
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Held]:
    made = Held(tmp_path / "home", postgres().fresh() if request.param == "postgres" else "")
    yield made
    made.close()


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Held]:
    """On SQLite alone."""
    made = Held(tmp_path / "home", "")
    yield made
    made.close()


def test_what_is_on_the_wire_is_finished_and_nothing_new_is_sent(
    held: Held, record_property: Callable[[str, object], None]
) -> None:
    worker = held.worker()
    asked = time.monotonic()
    worker.process.send_signal(signal.SIGTERM)
    held.until(lambda: "Stopping" in worker.said)
    # Only now may the creates be answered, and others wait for their turn.
    held.go.set()
    assert worker.end() == 0
    record_property("seconds to stop with creates on the wire", round(time.monotonic() - asked, 2))
    statuses = [task.status for task in held.tasks()]
    assert TaskStatus.UNCERTAIN not in statuses and TaskStatus.SUBMITTING not in statuses
    sent = [task for task in held.tasks() if task.remote_id is not None]
    assert {task.remote_id for task in sent} == held.relay.created.keys()
    assert len(sent) == held.relay.posts and TaskStatus.QUEUED in statuses
    assert "Traceback" not in worker.said


def test_a_create_that_never_ends_keeps_no_worker_for_ever(held: Held) -> None:
    worker = held.worker()
    worker.process.send_signal(signal.SIGTERM)
    assert worker.end() == 0
    # What nobody knows is not sent again by whoever comes next: a person decides.
    again, before = held.start("worker"), set(held.relay.prompts())
    held.go.set()
    held.until(lambda: not any(task.is_open for task in held.tasks()))
    again.process.send_signal(signal.SIGTERM)
    assert again.end() == 0
    uncertain = {t.request.prompt for t in held.tasks() if t.status is TaskStatus.UNCERTAIN}
    assert uncertain == before
    assert set(held.relay.prompts().values()) == {1}


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(local: Held, second: signal.Signals) -> None:
    worker = local.worker()
    worker.process.send_signal(signal.SIGTERM)
    local.until(lambda: "Stopping" in worker.said)
    asked = time.monotonic()
    worker.process.send_signal(second)
    assert worker.end() == -second
    assert time.monotonic() - asked < 2


def test_a_command_that_waits_finishes_what_is_on_the_wire_too(local: Held) -> None:
    task = local.tasks()[-1].id
    waiting = local.start("wait", task)
    local.until(lambda: local.relay.posts > 0)
    waiting.process.send_signal(signal.SIGTERM)
    sent = local.relay.posts
    threading.Timer(0.3, local.go.set).start()
    assert waiting.end() == 128 + signal.SIGTERM
    assert len([t for t in local.tasks() if t.remote_id is not None]) == local.relay.posts >= sent
    assert TaskStatus.UNCERTAIN not in {t.status for t in local.tasks()}
