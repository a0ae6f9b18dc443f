"""kill -9 in the middle of writes: the file stays whole, and what was said to be written is there."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from runway_core.domain import TaskStatus
from runway_core.store.sqlite import wal_is_safe
from tests.builders import new_task, store_with_relay
from tests.children import PATIENCE, start, write_until_killed

KILLS = 32


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _kill_while_it_writes(home: Path, after: float) -> None:
    before = _size(home / "noted")
    child = start(write_until_killed, home)
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while _size(home / "noted") == before:
        assert child.is_alive() and time.monotonic() < deadline
        pause.wait(0.005)
    child.join(after)
    child.kill()
    child.join(PATIENCE)


def _problems(home: Path) -> list[str]:
    """Rows that only half a transaction could have left."""
    with closing(sqlite3.connect(home / "desk.db")) as sql:
        found = [row[0] for row in sql.execute("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"reference: {row}" for row in sql.execute("PRAGMA foreign_key_check")]
        rows = sql.execute(
            "SELECT status, artifact_state,"
            " (SELECT group_concat(kind) FROM events WHERE task_id = tasks.id),"
            " (SELECT count(*) FROM exchanges WHERE task_id = tasks.id),"
            " (SELECT count(*) FROM artifacts WHERE task_id = tasks.id) FROM tasks"
        )
        whole = {
            ("QUEUED", "none", "QUEUED", 0, 0),
            ("SUCCEEDED", "downloading", "QUEUED,SUCCEEDED", 1, 0),
            ("SUCCEEDED", "kept", "QUEUED,SUCCEEDED,KEPT", 1, 2),
        }
        return found + [f"half a row: {row}" for row in rows if row not in whole]


def test_a_kill_at_any_moment_leaves_whole_rows_and_loses_none(tmp_path: Path) -> None:
    chance, in_the_middle = random.Random(20261122), 0
    for _ in range(KILLS):
        _kill_while_it_writes(tmp_path, chance.uniform(0, 0.05))
        in_the_middle += _size(tmp_path / "desk.db-journal") > 0
        assert _problems(tmp_path) == []
    noted = set((tmp_path / "noted").read_text().split())
    store = store_with_relay(tmp_path)
    kept = {task_id for task_id in noted if store.tasks.get(task_id) is not None}
    store.close()
    assert len(noted) >= KILLS
    assert kept == noted
    # Else the kills came between the writes and have shown nothing.
    assert in_the_middle or wal_is_safe(sqlite3.sqlite_version_info)


def test_a_kill_while_a_new_home_is_made_leaves_one_that_opens(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    for number in range(12):
        home = tmp_path / str(number)
        home.mkdir()
        child = start(write_until_killed, home)
        child.join(chance.uniform(0, 0.2))
        child.kill()
        child.join(PATIENCE)
        store = store_with_relay(home)
        assert store.tasks.add(new_task("after")) and _problems(home) == []
        task = store.tasks.by_token("after")
        assert task is not None and task.status is TaskStatus.QUEUED
        store.close()
