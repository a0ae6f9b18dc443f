"""Runs things in other processes, and what those processes do."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from runway_core.domain import ArtifactState, Estimate, TaskStatus
from runway_core.engine.processes import this_worker
from runway_core.errors import BudgetExceededError, Problem
from runway_core.store import Limits, NewTask, Store
from runway_core.store.bells import Bells
from runway_core.vault import Vault
from tests.builders import NOW, RELAY, artifact, exchange, new_task, store_with_relay

PATIENCE = 60.0
"""Seconds within which a child has to do its work."""

# Forked from a server without threads: cheap, and safe whatever the test's own process runs.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.children", "tests.warm", "tests.engine.kill_runs"])


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


def listen_and_die(folder: Path) -> None:
    """Listen for a bell, and be killed."""
    assert Bells(folder).listen() is not None
    os.kill(os.getpid(), signal.SIGKILL)


def barrier(number: int) -> Any:
    """Where that many processes wait for one another."""
    return _CONTEXT.Barrier(number)


def spend(
    home: Path,
    url: str,
    tries: int,
    meeting: Any,
    in_two_steps: bool,
    turns: Sequence[tuple[str, int]] = ((RELAY, 7),),
) -> int:
    """Ask that often for a task of 7 credits, beginning together; how many were let in.

    `turns` are connections and prices that are asked for in turn.
    `in_two_steps` is the naive way: the budget is looked at in one transaction and the task recorded
    in another; the first two times, all meet in between.
    """
    store = store_with_relay(home, url=url)
    let_in = 0
    try:
        meeting.wait(PATIENCE)
        for number in range(tries):
            connection_id, price = turns[number % len(turns)]
            told = Estimate(low=Decimal(price), high=Decimal(price), unit="credit")
            new = new_task(connection_id=connection_id, estimate=told)
            try:
                if in_two_steps:
                    _add_in_two_steps(store, new, meeting if number < 2 else None)
                else:
                    store.tasks.add(new)
                let_in += 1
            except BudgetExceededError:
                continue
        return let_in
    finally:
        store.close()


def settle(home: Path, url: str, ids: list[str]) -> int:
    """Take tasks through quotes and charges to their end, whoever is first; how many moves were made."""
    store = store_with_relay(home, url=url)
    quoted = {"status": TaskStatus.PENDING, "quoted": Decimal(9)}
    ended = {"status": TaskStatus.SUCCEEDED, "charge": Decimal("8.5")}
    try:
        return sum(
            store.tasks.move(task_id, expect, now=NOW, **changes)
            for task_id in ids
            for expect, changes in (
                ([TaskStatus.QUEUED], quoted),
                ([TaskStatus.PENDING], {"charge": Decimal(8)}),
                ([TaskStatus.PENDING], ended),
            )
        )
    finally:
        store.close()


def _add_in_two_steps(store: Store, new: NewTask, meeting: Any) -> None:
    wait = (lambda: None) if meeting is None else (lambda: meeting.wait(PATIENCE))
    wait()
    (found,) = store.budgets.outlooks(new.connection_id, new.created_at, new.estimate)
    wait()
    if found.refused:
        raise BudgetExceededError(Problem("budget", "is used up."))
    # Recorded as one that counts and is never refused.
    store.tasks.add_known(new, now=NOW, status=TaskStatus.QUEUED, remote_id=new.id, event="QUEUED")
