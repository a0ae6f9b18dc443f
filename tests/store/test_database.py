"""One way to read, one way to write, and every fault of SQLite in plain words."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from runway_core.domain import TaskStatus
from runway_core.errors import DatabaseBusyError, DiskFullError, StorageError
from runway_core.store import Store, TaskQuery, open_store
from runway_core.store.schema import drafts
from runway_core.store.sqlite import SqliteDatabase, copy, set_journal_mode, wal_is_safe
from runway_core.store.workers import Worker
from tests.builders import (
    NOW,
    RELAY,
    artifact,
    connection,
    exchange,
    new_task,
    store_with_relay,
)
from tests.children import at_once

PATIENCE = 20.0


@contextmanager
def _locked_by_another(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def _says(error: BaseException) -> str:
    """The message, which is one plain sentence."""
    words = str(error)
    assert words.endswith(".") and "\n" not in words and "sqlite" not in words.lower()
    return words


def _read_all(path: Path) -> None:
    store = open_store(path)
    try:
        store.connections.all()
        store.tasks.page(TaskQuery(limit=1000))
    finally:
        store.close()


def _filled(home: Path) -> Path:
    store = store_with_relay(home)
    for _ in range(60):
        store.tasks.add(new_task(prompt="x" * 900))
    store.close()
    return home / "desk.db"


# --- how it is opened --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 7), True),
        ((3, 45, 0), False),
        ((3, 49, 2), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 50, 9), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((3, 100, 0), True),
        ((4, 0, 0), True),
        ((2, 99, 99), False),
    ],
)
def test_wal_is_used_only_where_its_bug_is_mended(
    version: tuple[int, int, int], safe: bool
) -> None:
    assert wal_is_safe(version) is safe


def test_every_connection_is_durable_and_strict(sqlite_store: Store) -> None:
    mode = "wal" if wal_is_safe(sqlite3.sqlite_version_info) else "truncate"
    wanted = {"journal_mode": mode, "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}
    wanted["busy_timeout"] = 5000
    with sqlite_store.database.read() as first, sqlite_store.database.read() as second:
        for sql in (first, second):
            for pragma, value in wanted.items():
                assert sql.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value, pragma


def _make_wal(path: Path) -> str:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        set_journal_mode(raw, "WAL", patience=PATIENCE)
        return str(raw.execute("PRAGMA journal_mode").fetchone()[0])


def test_several_processes_may_switch_to_wal_at_once(tmp_path: Path) -> None:
    for number in range(5):
        assert at_once(8, _make_wal, tmp_path / f"{number}.db") == ["wal"] * 8


def test_a_switch_of_the_journal_is_tried_until_the_others_are_done(tmp_path: Path) -> None:
    store_with_relay(tmp_path).close()
    path = tmp_path / "desk.db"
    done: list[str] = []

    def switch() -> None:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as raw:
            set_journal_mode(raw, "WAL", patience=PATIENCE)
            done.append(raw.execute("PRAGMA journal_mode").fetchone()[0])

    switching = threading.Thread(target=switch)
    with _locked_by_another(path):
        switching.start()
        switching.join(0.3)
        assert switching.is_alive()
    switching.join(PATIENCE)
    assert done == ["wal"]


def test_a_switch_of_the_journal_gives_up_when_the_file_stays_locked(tmp_path: Path) -> None:
    store_with_relay(tmp_path).close()
    path = tmp_path / "desk.db"
    with (
        _locked_by_another(path),
        closing(sqlite3.connect(path, timeout=0)) as raw,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        set_journal_mode(raw, "WAL", patience=0.05)


# --- how it is written -------------------------------------------------------------------------


def test_a_write_is_alone_from_its_first_moment(sqlite_store: Store) -> None:
    path = Path(sqlite_store.database.name)
    with (
        sqlite_store.database.write(),
        closing(sqlite3.connect(path, timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_a_second_write_waits_for_the_first_instead_of_failing(sqlite_store: Store) -> None:
    done: list[bool] = []
    writer = threading.Thread(
        target=lambda: done.append(sqlite_store.tasks.add(new_task("waiting")))
    )
    with _locked_by_another(Path(sqlite_store.database.name)) as other:
        writer.start()
        writer.join(0.3)
        assert writer.is_alive() and sqlite_store.tasks.by_token("waiting") is None
        other.execute("COMMIT")
    writer.join(PATIENCE)
    assert done == [True] and sqlite_store.tasks.by_token("waiting") is not None


def test_read_then_write_loses_no_update(sqlite_store: Store) -> None:
    sqlite_store.drafts.save({"n": 0}, NOW)
    mine = drafts.c.owner == "local"

    def count() -> None:
        for _ in range(25):
            with sqlite_store.database.write() as sql:
                number = sql.execute(sa.select(drafts.c.form).where(mine)).scalar_one()["n"]
                sql.execute(sa.update(drafts).where(mine).values(form={"n": number + 1}))

    writers = [threading.Thread(target=count) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(PATIENCE)
    assert sqlite_store.drafts.get() == {"n": 100}


def _change_everything(sqlite_store: Store) -> None:
    new = new_task()
    sqlite_store.connections.add(connection(id="2", name="two"), key_sealed=b"sealed")
    sqlite_store.connections.change("2", name="second")
    sqlite_store.connections.remove("2", NOW)
    sqlite_store.drafts.save({"prompt": "a"}, NOW)
    sqlite_store.tasks.add(new)
    sqlite_store.workers.beat(
        Worker(id="w", host="h", pid=1, process_started="1", heartbeat_at=NOW)
    )
    sqlite_store.workers.claim("w")
    expect = [TaskStatus.QUEUED]
    sqlite_store.tasks.move(new.id, expect, now=NOW, event="e", exchanges=[exchange()], note="n")
    sqlite_store.tasks.attach(new.id, [artifact()], now=NOW)
    sqlite_store.tasks.hide(new.id, NOW)
    sqlite_store.workers.leave("w")


def test_every_change_is_made_in_an_immediate_transaction(sqlite_store: Store) -> None:
    said: list[str] = []

    def listen(_c: Any, _x: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(sqlite_store.database.engine, "before_cursor_execute", listen)
    _change_everything(sqlite_store)
    begun, changes = "", 0
    for statement in said:
        word = statement.split()[0]
        if word == "BEGIN":
            begun = statement
        elif word not in ("SELECT", "PRAGMA"):
            changes += 1
            assert begun == "BEGIN IMMEDIATE", statement
    assert changes >= 16


def test_a_transaction_that_breaks_changes_nothing(sqlite_store: Store) -> None:
    new = new_task("broken")
    with pytest.raises(ZeroDivisionError), sqlite_store.database.write() as sql:
        row = {"owner": "local", "form": {}, "updated_at": NOW}
        sql.execute(sa.insert(drafts).values(row))
        _ = 1 / 0
    assert sqlite_store.drafts.get() is None
    assert sqlite_store.tasks.add(new)


# --- faults ------------------------------------------------------------------------------------


def test_a_full_disk_is_named_and_loses_nothing_that_was_written(sqlite_store: Store) -> None:
    def fill(raw: sqlite3.Connection, _record: Any) -> None:
        raw.execute("PRAGMA max_page_count=1")  # SQLite takes the present size instead

    sqlite_store.tasks.add(new_task("before"))
    sqlite_store.database.engine.dispose()
    event.listen(sqlite_store.database.engine, "connect", fill)
    added = 0
    with pytest.raises(DiskFullError) as full:
        while True:
            added += sqlite_store.tasks.add(new_task(f"{added}", prompt="x" * 900))
    assert str(Path(sqlite_store.database.name).parent) in _says(full.value)
    assert "Free some space" in full.value.hint and full.value.retryable

    assert sqlite_store.tasks.page(TaskQuery()).total == added + 1
    event.remove(sqlite_store.database.engine, "connect", fill)
    sqlite_store.database.engine.dispose()
    assert sqlite_store.tasks.add(new_task(f"{added}", prompt="x" * 900))
    with sqlite_store.database.read() as sql:
        assert sql.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_a_database_that_stays_locked_is_busy_and_can_still_be_read(tmp_path: Path) -> None:
    store = store_with_relay(tmp_path, busy_timeout=0.1)
    with _locked_by_another(Path(store.database.name)):
        with pytest.raises(DatabaseBusyError) as busy:
            store.tasks.add(new_task("late"))
        assert store.connections.get(RELAY) is not None
    assert _says(busy.value) and busy.value.retryable
    assert "Nothing was sent" in busy.value.hint
    assert store.tasks.add(new_task("late"))
    store.close()


def test_too_much_at_once_is_busy_as_well(tmp_path: Path) -> None:
    store = store_with_relay(tmp_path, busy_timeout=0.1)

    def nested(depth: int) -> None:
        with store.database.read():
            nested(depth + 1)

    with pytest.raises(DatabaseBusyError) as busy:
        nested(0)
    assert _says(busy.value)
    assert store.connections.get(RELAY) is not None
    store.close()


def _pages_overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))


def _header_overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\x00" * 4096)


def _cut(size: Callable[[int], int]) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, size(path.stat().st_size))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        pytest.param(_pages_overwritten, "is damaged", id="pages overwritten"),
        pytest.param(_header_overwritten, "is not a Runway Desk database", id="header overwritten"),
        pytest.param(
            lambda path: path.write_text("My diary. " * 500),
            "is not a Runway Desk database",
            id="a text file",
        ),
        pytest.param(_cut(lambda size: size // 2), "is damaged", id="cut in half"),
        pytest.param(_cut(lambda size: 4096), "is damaged", id="cut to one page"),
        pytest.param(_cut(lambda size: 100), "is damaged", id="cut to a header"),
        pytest.param(_cut(lambda size: size - 1), "is damaged", id="cut by one byte"),
    ],
)
def test_a_spoilt_file_is_refused_in_words_and_left_as_it_is(
    tmp_path: Path, harm: Callable[[Path], None], words: str
) -> None:
    path = _filled(tmp_path)
    harm(path)
    before = path.read_bytes()
    with pytest.raises(StorageError) as refused:
        _read_all(path)
    assert _says(refused.value) == f"The database {path} {words}."
    assert refused.value.hint and not refused.value.retryable
    assert path.read_bytes() == before


def test_a_folder_that_is_missing_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "desk.db"
    with pytest.raises(StorageError) as refused:
        open_store(path)
    assert _says(refused.value) == f"The database {path} can't be opened."
    assert not path.parent.exists()


def test_a_folder_in_the_place_of_the_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "desk.db").mkdir()
    with pytest.raises(StorageError, match=r"can't be opened\.$"):
        open_store(tmp_path / "desk.db")


def test_a_migration_lock_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "desk.lock").mkdir()
    with pytest.raises(StorageError) as refused:
        open_store(tmp_path / "desk.db")
    assert _says(refused.value) == f"{tmp_path / 'desk.lock'} can't be written: Is a directory."


def _as_nobody(home: Path, work: str) -> str:
    """What somebody is told who may only read this home."""
    home.chmod(0o555)
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    try:
        store = open_store(home / "desk.db")
        if work == "write":
            store.tasks.add(new_task())
        return f"{len(store.connections.all())} connection"
    except StorageError as error:
        return str(error)


def test_a_home_that_may_only_be_read_can_be_read_and_says_that_it_cannot_be_written() -> None:
    with tempfile.TemporaryDirectory() as folder:  # not tmp_path: nobody may enter that one
        home = Path(folder)
        store_with_relay(home).close()
        (home / "desk.db").chmod(0o444)
        assert at_once(1, _as_nobody, home, "read") == ["1 connection"]
        said = at_once(1, _as_nobody, home, "write")
        assert said == [f"The database {home / 'desk.db'} can't be written to."]
        home.chmod(0o755)


def test_a_new_home_that_may_not_be_written_says_so() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        said = at_once(1, _as_nobody, home, "read")
        assert said == [f"The database {home / 'desk.db'} can't be opened."]
        home.chmod(0o755)


def test_a_copy_of_a_database_in_use_is_whole(sqlite_store: Store, tmp_path: Path) -> None:
    sqlite_store.tasks.add(new_task("kept"))
    target = tmp_path / "copy.db"
    with sqlite_store.database.write() as sql:
        sql.execute(sa.insert(drafts).values(owner="local", form={}, updated_at=NOW))
        copy(Path(sqlite_store.database.name), target)
    other = Store(SqliteDatabase(target))
    assert other.tasks.by_token("kept") is not None and other.drafts.get() is None
    other.close()
