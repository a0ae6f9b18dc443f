"""A minute with two thousand open tasks over real sockets: what the process holds does not grow."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import linear_regression
from typing import NamedTuple

import pytest

from runway_core.domain import TaskStatus
from runway_core.engine import LocalEngine
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from tests.builders import new_task, request
from tests.children import start
from tests.engine.virtual import BadDays

OPEN = 2_000
YOUNG = 500
"""Of these; the others take longer than usual and are looked at once a minute."""
WARM_UP, SECONDS = 20, 40
KIB_A_SECOND = 120.0
"""How much more memory may be held each second: about a kilobyte for each request."""


class Held(NamedTuple):
    """What a process holds at one moment."""

    descriptors: int
    threads: int
    kib: int

    @classmethod
    def by(cls, pid: int) -> Held:
        facts = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - names alone, quickly
        return cls(descriptors, int(facts["Threads"]), int(facts["VmRSS"].split()[0]))


class Provider:
    """A `BadDays` in a thread, whose tasks end now and then.

    It always answers, and never asks to wait: either would keep the looks of the whole key off for long.
    """

    def __init__(self) -> None:
        self.days = BadDays(
            faults={"5xx": 0.05, "reset": 0.03}, travel=(0.0, 0.02), ends_after=(20, 4_000)
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self.days.start(), self._loop).result(10)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.days.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


def work(home: Path, port: int) -> None:
    """Follow the tasks of a home, and ask for another video every second."""
    os.nice(10)
    studio = _opened(home, port)
    connection = studio.connections.by_name("Bad days")
    engine, pause = LocalEngine(studio), threading.Event()
    engine.start()
    for number in count():
        pause.wait(1)
        wish = request(prompt=f"video {number}")
        studio.tasks.submit(wish, connection=connection, token=f"video {number}")


def _opened(home: Path, port: int) -> Studio:
    return open_studio(Settings(home=home, private_hosts=frozenset({("127.0.0.1", port)})))


def _fill(home: Path, provider: Provider) -> None:
    """A home with tasks that were sent before."""
    studio, now = _opened(home, provider.port), datetime.now(UTC)
    connection = studio.connections.add(
        "Bad days", profile="runway", base_url=provider.days.url, key="key_canary_0001"
    )
    for number in range(OPEN):
        remote_id = provider.days.make(f"older {number}")
        sent = now - timedelta(seconds=0 if number < YOUNG else 3_000)
        studio.store.tasks.add_known(
            new_task(
                prompt=f"older {number}",
                connection_id=connection.id,
                connection="Bad days",
                profile="runway",
                created_at=sent,
            ),
            now=sent,
            status=TaskStatus.PENDING,
            remote_id=remote_id,
            event="accepted",
            submitted_at=sent,
            next_at=now + timedelta(seconds=number % (6 if number < YOUNG else 60)),
        )
    studio.close()


@pytest.mark.timeout(200)
def test_a_minute_of_two_thousand_open_tasks_holds_no_more_at_its_end(
    in_memory: Path, provider: Provider, record_property: Callable[[str, object], None]
) -> None:
    _fill(in_memory, provider)
    child, pause = start(work, in_memory, provider.port), threading.Event()
    assert child.pid is not None
    held: list[Held] = []
    try:
        pause.wait(WARM_UP)
        before = len(provider.days.times)
        for _ in range(SECONDS):
            pause.wait(1)
            held.append(Held.by(child.pid))
    finally:
        child.kill()
        child.join()
    asked = (len(provider.days.times) - before) / SECONDS
    descriptors, threads, kib = (
        linear_regression(range(SECONDS), column).slope for column in zip(*held, strict=True)
    )
    record_property(
        "a minute of 2,000 open tasks",
        f"{asked:.0f} requests a second, at most {max(h.descriptors for h in held)} descriptors, "
        f"{max(h.threads for h in held)} threads, {held[-1].kib // 1024} MiB, "
        f"{kib:+.1f} KiB a second",
    )
    assert asked > 5
    assert abs(descriptors) < 0.1
    assert abs(threads) < 0.05
    assert kib < KIB_A_SECOND
