"""Workers that share one PostgreSQL database: each task is sent once, whoever is killed or stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runway_core.catalog import catalog
from runway_core.domain import Task, TaskStatus
from runway_core.engine.cluster import Reminders
from runway_core.settings import Settings
from runway_core.store import TaskQuery
from runway_core.studio import Studio, open_studio
from tests.builders import request
from tests.cli.conftest import CommandLine, stop
from tests.killing import Harm, WatchedRelay, figures, harm, records_of
from tests.postgres import Postgres
from tests.relay import Relay

DEADLINE = 280.0
FLOOR = catalog().profile("sandbox").poll_floor


class Cluster:
    """A database, a folder that all machines share, and workers as processes."""

    def __init__(self, folder: Path, relay: Relay, server: Postgres) -> None:
        folder.mkdir()
        self.server = server
        url = server.fresh()
        hosts = frozenset({("127.0.0.1", relay.port)})
        self.settings = Settings(home=folder, private_hosts=hosts, database_url=url)
        self.studio: Studio = open_studio(self.settings)
        self.reminders = Reminders(self.studio)
        self.reminders.start()
        self.relay = self.studio.connections.add(
            "relay", profile="sandbox", base_url=relay.url, key="hk-canary-key-0001"
        )
        self._command = CommandLine(
            folder, RUNWAY_DATABASE_URL=url, RUNWAY_PRIVATE_HOSTS=f"127.0.0.1:{relay.port}"
        )
        self.workers: list[subprocess.Popen[str]] = []
        self.asked = 0

    def work(self, number: int) -> None:
        for _ in range(number):
            worker = self._command.start("worker")
            assert worker.stderr is not None
            assert "Following" in worker.stderr.readline()
            threading.Thread(target=worker.stderr.read, daemon=True).start()
            self.workers.append(worker)

    def submit(self, number: int) -> None:
        for position in range(number):
            wish = request(prompt=f"task {position}", seed=7)
            self.studio.tasks.submit(wish, connection=self.relay, token=f"token {position}")
        self.asked = max(self.asked, number)

    def tasks(self) -> list[Task]:
        return list(self.studio.tasks.page(TaskQuery(limit=10_000)).tasks)

    def until(self, wanted: Callable[[], bool]) -> None:
        ends, pause = time.monotonic() + DEADLINE, threading.Event()
        while not wanted():
            assert time.monotonic() < ends, [(t.status, t.note) for t in self.tasks() if t.is_open]
            pause.wait(0.2)

    def until_settled(self) -> list[Task]:
        self.until(lambda: self.studio.tasks.count_open() == 0)
        return self.tasks()

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.communicate()
        self.studio.close()


@pytest.fixture
def relay() -> Iterator[WatchedRelay]:
    server = WatchedRelay()
    yield server
    server.close()


@pytest.fixture
def cluster(in_memory: Path, relay: WatchedRelay) -> Iterator[Cluster]:
    server = Postgres()
    made = Cluster(in_memory / "home", relay, server)
    yield made
    made.close()
    server.close()


def _harm(cluster: Cluster, relay: WatchedRelay, tasks: list[Task]) -> Harm:
    asked = [f"task {number}" for number in range(cluster.asked)]
    return harm(relay, asked, records_of(cluster.studio, tasks))


@pytest.mark.timeout(300)
def test_three_workers_send_each_of_500_tasks_once(
    cluster: Cluster, relay: WatchedRelay, record_property: Callable[[str, object], None]
) -> None:
    cluster.work(3)
    began = time.monotonic()
    cluster.submit(500)
    tasks = cluster.until_settled()
    words = f"{figures(relay, tasks)}, gaps of {min(relay.gaps):.2f} s or more"
    record_property("3 workers on one PostgreSQL", f"{words}, {time.monotonic() - began:.0f} s")
    assert _harm(cluster, relay, tasks) == Harm(doubled=[], lost=[], torn=[])
    assert {task.status for task in tasks} == {TaskStatus.SUCCEEDED}
    assert relay.posts == 500
    assert relay.beside == 0
    assert min(relay.gaps) >= FLOOR
    assert [stop(worker) for worker in cluster.workers] == [0, 0, 0]


def test_a_worker_that_is_killed_loses_nothing(
    cluster: Cluster, relay: WatchedRelay, record_property: Callable[[str, object], None]
) -> None:
    cluster.work(2)
    cluster.submit(40)
    cluster.until(lambda: relay.posts >= 5)
    os.kill(cluster.workers[0].pid, signal.SIGKILL)
    cluster.submit(60)
    tasks = cluster.until_settled()
    assert len(tasks) == 60
    assert _harm(cluster, relay, tasks) == Harm(doubled=[], lost=[], torn=[])
    assert relay.beside == 0
    record_property("a worker of two killed", figures(relay, tasks))


def test_a_database_that_is_stopped_and_started_again_loses_nothing(
    cluster: Cluster, relay: WatchedRelay, record_property: Callable[[str, object], None]
) -> None:
    cluster.work(2)
    cluster.submit(40)
    cluster.until(lambda: relay.posts >= 5)
    cluster.server.stop()
    cluster.server.start()
    tasks = cluster.until_settled()
    assert _harm(cluster, relay, tasks) == Harm(doubled=[], lost=[], torn=[])
    record_property("PostgreSQL stopped and started", figures(relay, tasks))


def test_a_queue_that_is_lost_is_written_again(cluster: Cluster, relay: WatchedRelay) -> None:
    cluster.submit(5)
    with cluster.studio.store.database.write() as sql:
        sql.exec_driver_sql("DELETE FROM procrastinate_jobs")
    cluster.work(1)
    tasks = cluster.until_settled()
    assert {task.status for task in tasks} == {TaskStatus.SUCCEEDED}
    assert relay.posts == 5
