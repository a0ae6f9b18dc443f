"""SQLite: one file in the home folder, and no server."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

from runway_core.errors import (
    DatabaseBusyError,
    DatabaseDamagedError,
    DiskFullError,
    StorageError,
)
from runway_core.store.bells import Bells
from runway_core.store.database import Database

# WAL can corrupt a database with two writers in every SQLite before these (sqlite.org/wal.html).
WAL_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
# What was sealed with an old master key is overwritten, and not only unlinked (secure_delete).
_PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF", "secure_delete=ON")


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset bug."""
    return version >= WAL_FIXED[0] or any(
        version[:2] == fixed[:2] and version >= fixed for fixed in WAL_FIXED[1:]
    )


class _Compiler(SQLiteCompiler):
    """Also writes which index SQLite is to use; SQLAlchemy does so for other databases only."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        return text


class SqliteDatabase(Database):
    """One database file."""

    kind = "SQLite"
    raw_faults = (sqlite3.Error,)

    def __init__(self, path: Path, *, busy_timeout: float = 5.0) -> None:
        """`busy_timeout` is how many seconds to wait for another program's write."""
        self.path = path
        self.name = str(path)
        self.busy_timeout = busy_timeout
        self._writing = threading.Lock()
        self.bells = Bells(path.with_name("bells"))
        # Made from parts: a path may hold characters that mean something in a URL.
        url = sa.URL.create("sqlite", database=str(path))
        self.engine = sa.create_engine(
            url,
            connect_args={"timeout": busy_timeout},
            pool_timeout=busy_timeout,
            hide_parameters=True,  # values, such as prompts, stay out of errors and logs
        )
        self.engine.dialect.statement_compiler = _Compiler
        event.listen(self.engine, "connect", self._on_connect)
        event.listen(self.engine, "begin", _on_begin)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the writes of other threads: SQLite itself lets a thread that writes on and on starve the rest."""
        if not self._writing.acquire(timeout=self.busy_timeout):
            raise DatabaseBusyError("The database is busy with other work of this program.")
        try:
            yield
        finally:
            self._writing.release()

    def insert(self, table: sa.Table) -> Any:
        return insert(table)

    def fault(self, error: BaseException | None) -> StorageError:
        return translate(error, self.path)

    def keep_others_out(self, connection: sa.Connection) -> None:
        """Nothing to do: a write is alone from its first statement."""

    @contextmanager
    def upgrading(self) -> Iterator[None]:
        path = self.path.with_suffix(".lock")
        try:
            file = path.open("w")
        except OSError as error:
            raise StorageError(f"{path} can't be written: {error.strerror}.") from None
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def keep_copy(self, head: str) -> None:
        copy(self.path, self.path.with_name(f"desk.before-{head}.db"))

    def size(self) -> int:
        return self.path.stat().st_size if self.path.is_file() else 0

    def _on_connect(self, raw: sqlite3.Connection, _record: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves
        wal = wal_is_safe(sqlite3.sqlite_version_info)
        set_journal_mode(raw, "WAL" if wal else "TRUNCATE", patience=self.busy_timeout)
        for pragma in _PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")
        if not _ends_with_a_page(raw, self.path):
            raw.close()
            raise DatabaseDamagedError(f"The database {self.path} is damaged.")


def set_journal_mode(raw: sqlite3.Connection, mode: str, *, patience: float) -> None:
    """Switch a connection to a journal mode, trying for `patience` seconds while others are at it.

    Raises:
        sqlite3.OperationalError: the database stayed locked, or can't be opened.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            raw.execute(f"PRAGMA journal_mode={mode}")
            return
        except sqlite3.OperationalError as error:
            # Of several that make a file WAL at once, SQLite refuses one without waiting its time-out.
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _ends_with_a_page(raw: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is a whole number of pages; SQLite itself misses a last one that was cut short."""
    raw.execute("BEGIN")
    try:
        # Reading keeps writers from being half way through, and rolls back what a kill has left.
        raw.execute("SELECT 1 FROM sqlite_master").fetchone()
        page = int(raw.execute("PRAGMA page_size").fetchone()[0])
        return path.stat().st_size % page == 0
    except FileNotFoundError:
        return True  # a new one has no file before its first write
    finally:
        raw.execute("ROLLBACK")


def _on_begin(connection: sa.Connection) -> None:
    # A deferred transaction that writes later fails at once when another wrote in between. So what
    # was not begun for writing may not write at all.
    writing = bool(connection.get_execution_options().get("for_write"))
    if connection.info.get("may_write") is not writing:
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
        connection.info["may_write"] = writing
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def copy(source: Path, target: Path) -> None:
    """Copy a database that may be in use, page by page and consistent.

    Raises:
        StorageError: it can't be read, or the copy can't be written.
    """
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
    except sqlite3.Error as error:
        raise translate(error, target) from None


def translate(error: BaseException | None, path: Path) -> StorageError:
    """Say in words what SQLite reported."""
    code = getattr(error, "sqlite_errorcode", None)
    name = getattr(error, "sqlite_errorname", "") or ""
    primary = code & 0xFF if isinstance(code, int) else None
    if primary == sqlite3.SQLITE_FULL:
        return DiskFullError(f"The disk that holds {path.parent} is full.")
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusyError("The database is in use by another program.")
    if primary == sqlite3.SQLITE_CORRUPT:
        return DatabaseDamagedError(f"The database {path} is damaged.")
    if primary == sqlite3.SQLITE_NOTADB:
        return DatabaseDamagedError(f"The database {path} is not a Runway Desk database.")
    reasons = {
        sqlite3.SQLITE_CANTOPEN: "can't be opened",
        sqlite3.SQLITE_READONLY: "can't be written to",
        sqlite3.SQLITE_IOERR: "can't be read or written: the disk reports an error",
    }
    reason = reasons.get(primary or -1, f"refused the request ({name or type(error).__name__})")
    return StorageError(f"The database {path} {reason}.")
