"""Runs things in other processes, and what those processes do."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from runway_core.domain import ArtifactState, TaskStatus
from runway_core.engine.processes import this_worker
from runway_core.store import Limits
from runway_core.vault import Vault
from tests.builders import NOW, artifact, exchange, new_task, store_with_relay

PATIENCE = 60.0
"""Seconds within which a child has to do its work."""

# Forked from a server without threads: cheap, and safe whatever the test's own process runs.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.children", "alembic.command", "alembic.config"])


def start(work: Callable[..., Any], *arguments: Any) -> BaseProcess:
    """Run `work` in a process of its own."""
    child = _CONTEXT.Process(target=work, args=arguments, daemon=True)
    child.start()
    return child


def at_once(number: int, work: Callable[..., Any], *arguments: Any) -> list[Any]:
    """What `work` gave in each of `number` processes that began it together."""
    barrier, results = _CONTEXT.Barrier(number), _CONTEXT.Queue()
    children = [start(_together, barrier, results, work, arguments) for _ in range(number)]
    found = [results.get(timeout=PATIENCE) for _ in children]
    for child in children:
        child.join(PATIENCE)
    broken = [problem for problem, _ in found if problem]
    assert not broken, broken
    return [result for _, result in found]


def _together(barrier: Any, results: Any, work: Callable[..., Any], arguments: Any) -> None:
    barrier.wait(PATIENCE)
    try:
        results.put(("", work(*arguments)))
    except Exception as error:  # noqa: BLE001 - the test's own process tells it
        results.put((repr(error), None))


# --- what they do ------------------------------------------------------------------------------


def add_task(home: Path, token: str, url: str = "") -> bool:
    """Open a home, which may not be there yet, and record a draft."""
    store = store_with_relay(home, url=url)
    try:
        return store.tasks.add(new_task(token))
    finally:
        store.close()


def seal(master_key: Path) -> bytes:
    """Seal a key, making the master key if there is none."""
    return Vault(master_key).seal("sk-canary", connection_id="c", host="h")


def follow_nothing(home: Path) -> None:
    """Sign on as a worker, then hang."""
    store = store_with_relay(home)
    store.workers.beat(this_worker(NOW))
    store.close()
    os.read(os.pipe()[0], 1)


def write_until_killed(home: Path) -> None:
    """Take tasks through their lives, noting each id once its last write is said to be durable."""
    store = store_with_relay(home)
    noted = os.open(home / "noted", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in count():
        new = new_task(prompt=f"video {number} " + "x" * 900)
        store.tasks.add(new)
        store.tasks.move(
            new.id,
            [TaskStatus.QUEUED],
            now=NOW,
            event="SUCCEEDED",
            exchanges=[exchange(response_body="y" * 5000)],
            status=TaskStatus.SUCCEEDED,
            artifact_state=ArtifactState.DOWNLOADING,
        )
        store.tasks.attach(new.id, [artifact(b"1"), artifact(b"2")], now=NOW)
        os.write(noted, f"{new.id}\n".encode())


def start_all(home: Path, url: str, ids: list[str], limits: Limits) -> int:
    """Try to start each of these tasks three times; how many it started."""
    store = store_with_relay(home, url=url)
    try:
        return sum(
            store.line.start(task_id, limits, attempts=1, now=NOW).started for task_id in ids * 3
        )
    finally:
        store.close()
