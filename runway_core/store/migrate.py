"""Brings a database to this version's schema: under a lock, with a copy kept of what was there."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from runway_core.errors import NewerSchemaError
from runway_core.store.database import Database
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
    with database.upgrading():
        revision = _revision(database)
        if revision == head:
            return
        known = {file.name[:4] for file in (scripts / "versions").glob("[0-9]*.py")}
        if revision is not None and revision not in known:
            raise NewerSchemaError(
                f"The data in {database.name} was written by a newer version of Runway Desk."
            )
        if revision is not None:
            database.keep_copy(head)
        _upgrade(database, scripts, head)


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
