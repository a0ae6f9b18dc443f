"""A whole copy holds everything, and comes back into either kind of database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from runway_core.domain import TaskStatus
from runway_core.errors import StorageError
from runway_core.store import Limits, Store, TaskQuery, open_store
from runway_core.store.copies import load, save
from runway_core.store.schema import metadata
from tests.builders import NOW, artifact, exchange, new_task
from tests.postgres import postgres


def filled(store: Store) -> None:
    """One of everything, and more tasks than are copied at once."""
    for number in range(3):
        new = new_task(f"draft {number}")
        store.tasks.add(new)
        store.line.start(new.id, Limits(per_minute=100), attempts=1, now=NOW)
        store.tasks.move(
            new.id,
            [TaskStatus.SUBMITTING],
            now=NOW,
            event="SUCCEEDED",
            exchanges=[exchange()],
            status=TaskStatus.SUCCEEDED,
            remote_id=f"remote {number}",
        )
        store.tasks.attach(new.id, [artifact()], now=NOW)
    store.drafts.save({"prompt": "猫 🦊"}, NOW)
    with store.database.write() as sql:
        rows = [{"task_id": new.id, "at": NOW, "kind": str(n), "detail": ""} for n in range(1200)]
        sql.execute(sa.insert(metadata.tables["events"]), rows)


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with store.database.read() as sql:
        return {
            table.name: sorted(
                (tuple(row) for row in sql.execute(sa.select(table))), key=lambda row: str(row)
            )
            for table in metadata.sorted_tables
        }


@pytest.mark.parametrize("into", ["sqlite", "postgres"])
def test_a_copy_comes_back_whole(store: Store, tmp_path: Path, into: str) -> None:
    filled(store)
    save(store.database, tmp_path / "copy.db")
    (tmp_path / "new").mkdir()
    url = postgres().empty() if into == "postgres" else ""
    back = open_store(tmp_path / "new" / "desk.db", url=url)
    load(tmp_path / "copy.db", back.database)
    assert everything(back) == everything(store)
    assert len(back.journal.events(store.tasks.page(TaskQuery()).tasks[0].id)) > 3
    assert back.tasks.add(new_task("a new draft after the copy"))
    back.close()


def test_a_copy_is_never_mixed_into_what_is_there(store: Store, tmp_path: Path) -> None:
    filled(store)
    save(store.database, tmp_path / "copy.db")
    before = everything(store)
    with pytest.raises(StorageError, match="is not empty"):
        load(tmp_path / "copy.db", store.database)
    assert everything(store) == before
    with pytest.raises(StorageError, match="is there already"):
        save(store.database, tmp_path / "copy.db")


def test_a_damaged_copy_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    filled(sqlite_store)
    save(sqlite_store.database, tmp_path / "copy.db")
    with (tmp_path / "copy.db").open("r+b") as file:
        file.seek(5000)
        file.write(b"\xff" * 9000)
    (tmp_path / "new").mkdir()
    back = open_store(tmp_path / "new" / "desk.db")
    with pytest.raises(StorageError, match="damaged"):
        load(tmp_path / "copy.db", back.database)
    assert back.tasks.page(TaskQuery()).total == 0
    back.close()


def test_a_copy_of_a_database_in_use_passes_sqlites_own_check(
    sqlite_store: Store, tmp_path: Path
) -> None:
    filled(sqlite_store)
    save(sqlite_store.database, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as sql:
        assert sql.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert sql.execute("PRAGMA foreign_key_check").fetchall() == []
