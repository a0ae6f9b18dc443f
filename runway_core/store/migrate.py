"""Brings a database to this version's schema: under a lock, with a copy kept of what was there."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from runway_core.errors import NewerSchemaError, StorageError
from runway_core.store.database import Database, translated
from runway_core.store.schema import HEAD

MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(database: Database, *, scripts: Path = MIGRATIONS, head: str = HEAD) -> None:
    """Upgrade to `head`, the newest of the migrations in `scripts`; does nothing when it is there already.

    Raises:
        NewerSchemaError: a newer version of the program wrote it.
        StorageError: it can't be read or written.
    """
    if _revision(database) == head:
        return
    with _locked(database.path.with_suffix(".lock")):
        revision = _revision(database)
        if revision == head:
            return
        known = {file.name[:4] for file in (scripts / "versions").glob("[0-9]*.py")}
        if revision is not None and revision not in known:
            raise NewerSchemaError(
                f"The data in {database.path.parent} was written by a newer version of Runway Desk."
            )
        if revision is not None:
            copy(database.path, database.path.with_name(f"desk.before-{head}.db"))
        _upgrade(database, scripts, head)


def copy(source: Path, target: Path) -> None:
    """Copy a database that may be in use, page by page and consistent.

    Raises:
        StorageError: it can't be read, or the copy can't be written.
    """
    with (
        translated(target),
        closing(sqlite3.connect(source)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)


def _revision(database: Database) -> str | None:
    with database.read() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        row = connection.execute(sa.text("SELECT version_num FROM alembic_version")).first()
        return None if row is None else str(row[0])


def _upgrade(database: Database, scripts: Path, head: str) -> None:
    from alembic import command  # loaded only when there is something to do
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, head)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        file = path.open("w")
    except OSError as error:
        raise StorageError(f"{path} can't be written: {error.strerror}.") from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
