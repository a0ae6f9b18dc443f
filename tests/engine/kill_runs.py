"""Runs of a program that end by kill -9: what each does, and who kills it when."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

from runway_core.domain import Connection, Task, TaskStatus
from runway_core.engine import LocalEngine
from runway_core.settings import Settings
from runway_core.store import TaskQuery
from runway_core.studio import open_studio
from tests.builders import request
from tests.children import PATIENCE, start
from tests.engine.points import POINTS, Point, Trap, watch_files, watch_rows
from tests.killing import (
    Harm,
    KillRelay,
    figures,
    half_written,
    harm,
    integrity,
    records_of,
)

RANDOM_KILLS = 200
FOLLOWED = (TaskStatus.PENDING, TaskStatus.THROTTLED, TaskStatus.RUNNING)
_KEYED = {
    "api": "rest",
    "status_ladder": "GET /v1/text_to_video/{id}",
    "plan": "enterprise",
    "same_key": "proven",
}
"""How the provider with keys is set up: asked for one thing only, without a limit."""


class Place(NamedTuple):
    """Where a program works: its home, and the provider that it pays."""

    home: Path
    port: int
    keyed: bool

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.home / "desk.db"


Program = Callable[[Place, list[str]], None]
"""Goes on with what earlier runs have left, makes a video of each prompt, and ends when all is done.

It writes each prompt that it has taken on to ``taken`` in its home, as it would tell a person.
"""


class Client:
    """Runway Desk with a connection to a `KillRelay`."""

    def __init__(self, place: Place) -> None:
        hosts = frozenset({("127.0.0.1", place.port)})
        self.studio = open_studio(Settings(home=place.home, private_hosts=hosts))
        self.engine = LocalEngine(self.studio)
        self._keyed = place.keyed
        known = (c for c in self.studio.connections.all() if c.name == "Relay")
        self.connection = next(known, None) or self._connected(place)

    def _connected(self, place: Place) -> Connection:
        return self.studio.connections.add(
            "Relay",
            profile="doitong" if place.keyed else "sandbox",
            base_url=place.url,
            key="hk-canary-key-0001",
            options=_KEYED if place.keyed else None,
        )

    def ask(self, prompt: str) -> Task:
        words = {"model": "runway", "ratio": "16:9"} if self._keyed else {}
        wish = request(prompt=prompt, **words)
        return self.studio.tasks.submit(wish, connection=self.connection, token=prompt)

    def hurry(self) -> bool:
        """Have every task looked at now, as a provider's callback does; whether any is still open."""
        tasks, now = self.open_tasks(), datetime.now(UTC)
        for task in tasks:
            if task.next_at is not None and task.next_at > now:
                self.studio.store.tasks.move(task.id, FOLLOWED, now=now, next_at=now)
        return bool(tasks)

    def open_tasks(self) -> list[Task]:
        """What is still worked on."""
        rows = self.studio.store.tasks
        found = (rows.get(task_id) for task_id in rows.open_ones())
        return [task for task in found if task is not None and task.is_open]

    def close(self) -> None:
        self.engine.stop()
        self.studio.close()

    def finish(self) -> list[Task]:
        """Work until nothing is open any more; every task there is."""
        self.engine.start()
        ends, pause = time.monotonic() + PATIENCE, threading.Event()
        while self.hurry():
            assert time.monotonic() < ends
            pause.wait(0.01)
        return list(self.studio.tasks.page(TaskQuery(limit=100_000)).tasks)


def runway_desk(place: Place, prompts: list[str]) -> None:
    """One run of the program, with the engine that the app has."""
    client = Client(place)
    client.engine.start()
    for prompt in prompts:
        client.ask(prompt)
        take(place, prompt)
    client.finish()


def take(place: Place, prompt: str) -> None:
    """Say to whoever asked that a prompt was taken."""
    file = os.open(place.home / "taken", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(file, f"{prompt}\n".encode())
    os.close(file)


class Runs:
    """Kills one program again and again in one place, and looks at its database after each kill."""

    def __init__(self, program: Program, place: Place, relay: KillRelay, *, seed: int = 1) -> None:
        self.place = place
        self.kills = 0
        self.ended_first = 0
        """Runs that had ended before their time came."""
        self._program = program
        self._relay = relay
        self._chance = random.Random(seed)
        self._number = 0
        self._length = 1.0

    def undisturbed(self) -> None:
        """Two runs without a kill; the second tells how long one takes."""
        for _ in range(2):
            began = time.monotonic()
            process = self._start(None)
            process.join(PATIENCE)
            self._length = time.monotonic() - began
            assert process.exitcode == 0

    def kill_at_random(self) -> None:
        """A run that is killed at any moment of it."""
        began = time.monotonic()
        process = self._start(None, wishes=self._chance.choice((1, 1, 2)))
        process.join(self._chance.uniform(0, self._length))
        # How long a run takes changes with whatever else the machine does.
        self._length = self._length * 1.01 if process.is_alive() else time.monotonic() - began
        process.kill()
        self._buried(process)

    def kill_at(self, point: Point) -> None:
        """A run that is killed when it gets to a point.

        Raises:
            AssertionError: it never did.
        """
        if not point.is_on_the_wire:
            process = self._start(point)
        else:
            known = threading.Event()

            def spring() -> None:
                known.wait(PATIENCE)
                process.kill()

            trap = Trap(point, spring)
            self._relay.large = "file" in point.name
            self._relay.at = lambda moment: trap.reached(f"wire {moment}")
            process = self._start(None)
            known.set()
        process.join(PATIENCE)
        self._relay.at, self._relay.large = (lambda _moment: None), False
        assert process.exitcode == -signal.SIGKILL, f"{point} was not reached"
        self._buried(process)

    def taken(self) -> list[str]:
        """The prompts that the program has said to have taken."""
        return (self.place.home / "taken").read_text().splitlines()

    def _start(self, point: Point | None, *, wishes: int = 2) -> BaseProcess:
        self._number += 1
        prompts = [f"run {self._number} video {k}" for k in range(wishes)]
        return start(_run, self._program, self.place, prompts, point)

    def _buried(self, process: BaseProcess) -> None:
        process.join(PATIENCE)
        if process.exitcode == 0:
            self.ended_first += 1
            return
        assert process.exitcode == -signal.SIGKILL
        self.kills += 1
        if self.place.database.exists():
            assert integrity(self.place.database) == "ok"


def _run(program: Program, place: Place, prompts: list[str], point: Point | None) -> None:
    if point is not None:
        trap = Trap(point, lambda: os.kill(os.getpid(), signal.SIGKILL))
        watch_rows(trap)
        watch_files(trap)
    program(place, prompts)
    os._exit(0)


def kill_and_judge(place: Place, relay: KillRelay) -> tuple[Harm, str]:
    """Kill Runway Desk 200 times at random and at each of the 40 points; the harm, and the figures in a line.

    Raises:
        AssertionError: a kill left a database or a file that is not whole, or a task without an end.
    """
    place.home.mkdir()
    Client(place).close()
    runs = Runs(runway_desk, place, relay)
    runs.undisturbed()
    points = list(POINTS)
    while runs.kills < RANDOM_KILLS + len(POINTS):
        runs.kill_at_random()
        if points and runs.kills % 6 == 0:
            runs.kill_at(points.pop(0))
    client = Client(place)
    try:
        tasks = client.finish()
        found = harm(relay, runs.taken(), records_of(client.studio, tasks))
        assert half_written(client.studio.settings.media) == []
    finally:
        client.close()
    assert {task.status for task in tasks} <= {TaskStatus.SUCCEEDED, TaskStatus.UNCERTAIN}
    return found, f"{runs.kills} ({runs.ended_first} runs ended first), {figures(relay, tasks)}"
