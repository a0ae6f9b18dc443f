"""kill -9 at random moments between the click and the kept file: nothing paid twice, nothing lost, no torn file."""

from __future__ import annotations

import hashlib
import multiprocessing as mp
import os
import random
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from runway_core.domain import ArtifactState, Task, TaskStatus
from runway_core.store import TaskQuery
from tests.engine.conftest import Desk
from tests.relay import Call, Relay, small_video

KILLS = 60
TASKS_A_RUN = 3
LIVES = (0.0, 1.9)
"""Seconds after its first breath at which a run is killed."""


class SlowRelay(Relay):
    """Takes its time over creates and files, so that many kills hit them half done."""

    def __init__(self) -> None:
        super().__init__()
        self.pause = threading.Event()  # never set: a wait that can be no busy loop
        self.hold = lambda: self.dawdle(0.08)

    def dawdle(self, most: float) -> None:
        self.pause.wait(random.uniform(0, most))

    def _file(self, call: Call) -> None:
        data = small_video()
        call.send_response(200)
        call.send_header("Content-Type", "video/mp4")
        call.send_header("Content-Length", str(len(data)))
        call.end_headers()
        for start in range(0, len(data), 400):
            call.wfile.write(data[start : start + 400])
            self.dawdle(0.03)


@pytest.fixture
def relay() -> Iterator[SlowRelay]:
    server = SlowRelay()
    yield server
    server.close()


class Address:
    """What a run needs of the relay that lives in the test's own process."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"


def run(folder: str, port: int, prompts: list[str], breath: str) -> None:
    """One run of the program: record some tasks, then work until killed."""
    desk = Desk(Path(folder), Address(port))  # type: ignore[arg-type] # only its address is used
    Path(breath).touch()
    desk.engine.start()
    for prompt in prompts:
        desk.submit(prompt)
    threading.Event().wait(60)


def kill_after(process: mp.process.BaseProcess, breath: Path, seconds: float) -> None:
    waiter = threading.Event()
    while not breath.exists():
        assert process.is_alive()
        waiter.wait(0.005)
    waiter.wait(seconds)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    assert process.exitcode == -signal.SIGKILL


def integrity(database: Path) -> str:
    with closing(sqlite3.connect(database)) as raw:
        return str(raw.execute("PRAGMA integrity_check").fetchone()[0])


def all_tasks(desk: Desk) -> list[Task]:
    return list(desk.studio.tasks.page(TaskQuery(limit=100_000)).tasks)


@pytest.mark.timeout(400)
def test_sixty_kills_double_nothing_lose_nothing_and_tear_nothing(
    tmp_path: Path, relay: SlowRelay, record_property: Callable[[str, object], None]
) -> None:
    random.seed(20261122)
    home, prompts = tmp_path / "home", []
    context = mp.get_context("forkserver")
    context.set_forkserver_preload(["tests.engine.conftest", "av"])
    Desk(home, relay).close()
    for number in range(KILLS):
        breath = tmp_path / f"breath-{number}"
        wanted = [f"run {number} task {k}" for k in range(TASKS_A_RUN)]
        prompts += wanted
        process = context.Process(target=run, args=(str(home), relay.port, wanted, str(breath)))
        process.start()
        kill_after(process, breath, random.uniform(*LIVES))
        assert integrity(home / "desk.db") == "ok"
    desk = Desk(home, relay)
    desk.engine.start()
    for task in all_tasks(desk):
        desk.until_settled(task)
    tasks = all_tasks(desk)
    record_property("60 kills", figures(relay, tasks))
    check_money(relay, tasks)
    check_files(desk, tasks)
    desk.close()


def check_money(relay: Relay, tasks: list[Task]) -> None:
    paid_twice = {prompt: n for prompt, n in relay.prompts().items() if n > 1}
    assert paid_twice == {}
    by_prompt = {task.request.prompt: task for task in tasks}
    assert len(by_prompt) == len(tasks)
    for remote_id, body in relay.created.items():
        task = by_prompt[body["promptText"]]
        assert task.remote_id == remote_id or task.status is TaskStatus.UNCERTAIN, task


def check_files(desk: Desk, tasks: list[Task]) -> None:
    for task in tasks:
        assert task.status in (TaskStatus.SUCCEEDED, TaskStatus.UNCERTAIN)
        if task.status is TaskStatus.SUCCEEDED:
            assert task.artifact_state is ArtifactState.KEPT
            kept = desk.studio.archive.path(task.artifacts[0].path).read_bytes()
            assert hashlib.sha256(kept).hexdigest() == task.artifacts[0].sha256
    for file in desk.studio.settings.media.rglob("*.mp4"):
        assert file.read_bytes() == small_video()


def figures(relay: Relay, tasks: list[Task]) -> str:
    """What the kills led to, in one line."""
    uncertain = [task for task in tasks if task.status is TaskStatus.UNCERTAIN]
    really = [t for t in uncertain if t.request.prompt in relay.prompts()]
    return (
        f"{len(tasks)} tasks, {len(relay.created)} paid, "
        f"{len(uncertain)} flagged UNCERTAIN ({len(really)} of them really paid)"
    )
