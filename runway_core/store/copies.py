"""Whole copies of a database as one SQLite file, and back into an empty one of either kind."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from runway_core.errors import DatabaseDamagedError, StorageError
from runway_core.store.database import Database
from runway_core.store.migrate import migrate
from runway_core.store.schema import metadata
from runway_core.store.search import index_all
from runway_core.store.sqlite import SqliteDatabase, copy

__all__ = ["check", "copy", "is_database", "load", "save", "seems_whole"]

_AT_ONCE = 500


def save(database: Database, target: Path) -> None:
    """Write everything as it is at one moment into a new SQLite file; others may go on working.

    Raises:
        StorageError: it can't be read, or `target` can't be written or is there already.
    """
    if target.exists():
        raise StorageError(f"{target} is there already.", hint="Choose another name.")
    if isinstance(database, SqliteDatabase):
        copy(database.path, target)
        return
    made = SqliteDatabase(target)
    try:
        migrate(made)
        _rows(database, made)
    finally:
        made.close()


def load(source: Path, database: Database) -> None:
    """Bring everything from a file that `save` made into an empty database.

    Raises:
        StorageError: the file is damaged or of a newer version, or the database is not empty.
    """
    check(source)
    saved = SqliteDatabase(source)
    try:
        migrate(saved)
        migrate(database)
        _rows(saved, database)
    finally:
        saved.close()


def check(path: Path) -> None:
    """Have SQLite read the whole file.

    Raises:
        StorageError: something in it is damaged.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as sql:
            found = sql.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error:
        found = None
    if found != ("ok",):
        raise DatabaseDamagedError(f"The database in {path} is damaged.")


def seems_whole(path: Path, *, seconds: float) -> bool:
    """Have SQLite look for damage for at most so long; False when it has found some.

    A file that can't be looked at just now, because it is in use or gone, is not called damaged.
    """
    ends = time.monotonic() + seconds
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as sql:
            sql.set_progress_handler(lambda: time.monotonic() > ends, 2000)
            return bool(sql.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return code not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_database(path: Path) -> bool:
    """Whether a file is a database of SQLite, by its first bytes (sqlite.org/fileformat.html)."""
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


def _rows(source: Database, target: Database) -> None:
    with source.read() as old, target.write(alone=True) as new:
        for table in metadata.sorted_tables:
            if new.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
                raise StorageError(f"{target.name} is not empty.", hint="Nothing was changed.")
        for table in metadata.sorted_tables:
            found = old.execution_options(yield_per=_AT_ONCE).execute(sa.select(table))
            for rows in found.mappings().partitions(_AT_ONCE):
                new.execute(sa.insert(table), [dict(row) for row in rows])
            _count_on(new, table)
        index_all(new)


def _count_on(new: sa.Connection, table: sa.Table) -> None:
    """Have PostgreSQL number new rows after those that came with their numbers."""
    column = table.autoincrement_column
    if (
        new.dialect.name != "postgresql"
        or column is None
        or not isinstance(column.type, sa.Integer)
    ):
        return
    highest = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
    name = sa.func.pg_get_serial_sequence(table.name, column.name)
    new.execute(sa.select(sa.func.setval(name, highest, False)))
