"""Opens the database: one way to read, one way to write, and every fault as one of our errors."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from runway_core.errors import DatabaseBusyError, DiskFullError, StorageError

# WAL can corrupt a database with two writers in every SQLite before these (sqlite.org/wal.html).
WAL_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset bug."""
    return version >= WAL_FIXED[0] or any(
        version[:2] == fixed[:2] and version >= fixed for fixed in WAL_FIXED[1:]
    )


class Database:
    """One database file; safe to use from many threads."""

    def __init__(self, path: Path, *, busy_timeout: float = 5.0) -> None:
        """`busy_timeout` is how many seconds to wait for another program's write."""
        self.path = path
        self.busy_timeout = busy_timeout
        # Made from parts: a path may hold characters that mean something in a URL.
        url = sa.URL.create("sqlite", database=str(path))
        self.engine = sa.create_engine(
            url, connect_args={"timeout": busy_timeout}, pool_timeout=busy_timeout
        )
        event.listen(self.engine, "connect", self._on_connect)
        event.listen(self.engine, "begin", _on_begin)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state and changes nothing."""
        try:
            with translated(self.path), self.engine.connect() as connection, connection.begin():
                yield connection
        except ValueError as error:  # SQLite sees no fault, but a row holds what we never write
            raise StorageError(f"The database {self.path} is damaged.") from error

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that is alone from its first statement, and durable once this returns."""
        with translated(self.path), self.engine.connect() as connection:
            connection = connection.execution_options(for_write=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()

    def _on_connect(self, raw: sqlite3.Connection, _record: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves
        wal = wal_is_safe(sqlite3.sqlite_version_info)
        set_journal_mode(raw, "WAL" if wal else "TRUNCATE", patience=self.busy_timeout)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
            raw.execute(f"PRAGMA {pragma}")


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


def _on_begin(connection: sa.Connection) -> None:
    # A deferred transaction that writes later fails at once when another wrote in between.
    writing = connection.get_execution_options().get("for_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn the faults of the database at `path` into errors of ours."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise translate(error.orig, path) from None
    except sa.exc.TimeoutError:  # every connection of the pool stayed in use
        raise DatabaseBusyError("The database is busy with other work of this program.") from None
    except sqlite3.Error as error:
        raise translate(error, path) from None


def translate(error: BaseException | None, path: Path) -> StorageError:
    """Say in words what SQLite reported."""
    code = getattr(error, "sqlite_errorcode", None)
    name = getattr(error, "sqlite_errorname", "") or ""
    primary = code & 0xFF if isinstance(code, int) else None
    if primary == sqlite3.SQLITE_FULL:
        return DiskFullError(f"The disk that holds {path.parent} is full.")
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusyError("The database is in use by another program.")
    reasons = {
        sqlite3.SQLITE_CORRUPT: "is damaged",
        sqlite3.SQLITE_NOTADB: "is not a Runway Desk database",
        sqlite3.SQLITE_CANTOPEN: "can't be opened",
        sqlite3.SQLITE_READONLY: "can't be written to",
        sqlite3.SQLITE_IOERR: "can't be read or written: the disk reports an error",
    }
    reason = reasons.get(primary or -1, f"refused the request ({name or type(error).__name__})")
    return StorageError(f"The database {path} {reason}.")
