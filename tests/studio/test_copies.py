"""Copies of the database that are made by themselves, and the way back to one."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from runway_core.domain import TaskStatus
from runway_core.errors import DatabaseDamagedError, StorageError
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from runway_core.studio.backups import back_up
from runway_core.studio.copies import (
    KEPT,
    bring_back,
    daily,
    how_back,
    keep_daily,
    last_backup,
    newest_good,
)
from runway_core.studio.upkeep import Upkeep
from tests.builders import NOW, new_task
from tests.postgres import postgres
from tests.store.test_migrations import _stamp as stamp

NEXT_DAY = timedelta(days=1, seconds=1)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    (tmp_path / "home").mkdir()
    made = open_studio(Settings(home=tmp_path / "home"))
    made.connections.add("Relay", profile="openai-hk", key="hk-CANARY-0123456789")
    return made


def add(studio: Studio, token: str, status: TaskStatus = TaskStatus.QUEUED) -> str:
    new = new_task(token, connection_id=studio.connections.by_name("relay").id)
    studio.store.tasks.add(new)
    if status is not TaskStatus.QUEUED:
        studio.store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, status=status)
    return new.id


def test_one_copy_a_day_is_kept_for_a_week(studio: Studio) -> None:
    settings, database = studio.settings, studio.store.database
    start = datetime.now(UTC)
    for day in range(KEPT + 3):
        with time_machine.travel(start + day * NEXT_DAY, tick=False):
            assert keep_daily(settings, database) is not None
            assert keep_daily(settings, database) is None
    kept = daily(settings)
    assert [copy.made_at.date() for copy in kept] == sorted(
        {(start + day * NEXT_DAY).date() for day in range(3, KEPT + 3)}, reverse=True
    )
    for copy in kept:
        with closing(sqlite3.connect(copy.path)) as sql:
            assert sql.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert sql.execute("SELECT name FROM connections").fetchall() == [("Relay",)]
            assert b"CANARY" not in copy.path.read_bytes()
    studio.close()


def test_a_copy_that_fails_leaves_the_older_ones_and_no_half_one(studio: Studio) -> None:
    settings, start = studio.settings, datetime.now(UTC)
    first = keep_daily(settings, studio.store.database)
    assert first is not None
    before = first.path.read_bytes()
    studio.close()
    with settings.database.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (settings.database.stat().st_size - 8192))
    with time_machine.travel(start + NEXT_DAY), pytest.raises(DatabaseDamagedError):
        keep_daily(settings, studio.store.database)
    assert [copy.path.read_bytes() for copy in daily(settings)] == [before]
    assert [path.name for path in first.path.parent.iterdir()] == [first.path.name]


def test_postgresql_is_left_to_its_own_tools(tmp_path: Path) -> None:
    studio = open_studio(Settings(home=tmp_path, database_url=postgres().fresh()))
    assert keep_daily(studio.settings, studio.store.database) is None
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StorageError, match="PostgreSQL"):
        bring_back(studio.settings, tmp_path / "any.db")
    studio.close()


def test_what_runs_makes_its_copy_by_itself_and_stops_at_once(studio: Studio) -> None:
    upkeep, ends = Upkeep(studio, first=0), time.monotonic() + 20
    upkeep.start()
    while not daily(studio.settings):
        assert time.monotonic() < ends
        threading.Event().wait(0.01)
    upkeep.stop()
    assert "runway-upkeep" not in [thread.name for thread in threading.enumerate()]
    studio.close()


def test_a_copy_comes_back_into_its_place_and_sends_nothing_by_itself(studio: Studio) -> None:
    settings = studio.settings
    waiting, running = add(studio, "waiting"), add(studio, "running", TaskStatus.RUNNING)
    made = keep_daily(settings, studio.store.database)
    assert made is not None
    add(studio, "later")
    studio.close()
    later = settings.database.read_bytes()
    assert bring_back(settings, made.path)[0] == 1
    (old,) = settings.home.glob("desk.replaced-*.db")
    assert old.read_bytes() == later
    back = open_studio(settings)
    assert back.tasks.get(waiting).status is TaskStatus.UNCERTAIN
    assert back.tasks.get(running).status is TaskStatus.RUNNING
    assert back.store.tasks.by_token("later") is None
    assert back.connections.by_name("relay").key_hint == "…6789"
    back.close()
    assert not [path for path in settings.home.iterdir() if path.is_dir() and "tmp" in path.name]


def test_a_copy_comes_back_over_a_damaged_database(studio: Studio) -> None:
    settings = studio.settings
    task_id = add(studio, "running", TaskStatus.RUNNING)
    made = keep_daily(settings, studio.store.database)
    assert made is not None
    studio.close()
    settings.database.write_bytes(b"\xff" * 40_960)
    assert f"restore {made.path}" in how_back(settings)
    _, old = bring_back(settings, made.path)
    assert old is not None and old.read_bytes() == b"\xff" * 40_960
    back = open_studio(settings)
    assert back.tasks.get(task_id).status is TaskStatus.RUNNING
    back.close()


@pytest.mark.parametrize("fault", ["damaged", "newer"])
def test_a_copy_that_is_no_good_changes_nothing(studio: Studio, fault: str) -> None:
    settings = studio.settings
    made = keep_daily(settings, studio.store.database)
    assert made is not None
    studio.close()
    before = settings.database.read_bytes()
    if fault == "newer":
        stamp(made.path, "9999")
    else:
        made.path.write_bytes(made.path.read_bytes()[:-5000])
        assert newest_good(settings) is None
    with pytest.raises(StorageError):
        bring_back(settings, made.path)
    assert settings.database.read_bytes() == before
    assert not list(settings.home.glob("desk.replaced-*"))


def test_a_backup_is_remembered_while_its_file_is_what_it_was(
    studio: Studio, tmp_path: Path
) -> None:
    assert last_backup(studio.settings) is None
    back_up(studio.settings, tmp_path / "desk.tar")
    found = last_backup(studio.settings)
    assert found is not None and found.path == tmp_path / "desk.tar" and found.whole
    assert f"restore {tmp_path / 'desk.tar'}" in how_back(studio.settings)
    with (tmp_path / "desk.tar").open("ab") as file:
        file.write(b"more")
    assert last_backup(studio.settings) is None
    studio.close()
