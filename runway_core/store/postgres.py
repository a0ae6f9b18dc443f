"""PostgreSQL: for teams whose app and workers run on more than one machine."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert

from runway_core.errors import ConfigError, DatabaseBusyError, DiskFullError, StorageError
from runway_core.store.database import Database

_UPGRADE, _ALONE = (zlib.crc32(name) for name in (b"runway desk upgrade", b"runway desk alone"))
"""Keys of our advisory locks; they belong to one database of the server."""


class PostgresDatabase(Database):
    """One database of a server."""

    kind = "PostgreSQL"

    def __init__(self, url: str, *, busy_timeout: float = 5.0) -> None:
        """`busy_timeout` is how many seconds to wait for a connection, and for another's lock.

        Raises:
            ConfigError: the URL makes no sense, or the driver is not installed.
        """
        try:
            import psycopg

            parsed = sa.make_url(url)
            if parsed.drivername.partition("+")[0] not in ("postgresql", "postgres"):
                raise ConfigError("RUNWAY_DATABASE_URL must begin with postgresql://.")
            parsed = parsed.set(drivername="postgresql+psycopg")
            self.engine = sa.create_engine(
                parsed,
                pool_size=10,
                max_overflow=10,
                pool_timeout=busy_timeout,
                pool_pre_ping=True,  # a server that was started again leaves dead connections
                connect_args={"connect_timeout": max(2, int(busy_timeout))},
                hide_parameters=True,  # values, such as prompts, stay out of errors and logs
            )
        except sa.exc.ArgumentError:
            raise ConfigError("RUNWAY_DATABASE_URL is no address of a database.") from None
        except ModuleNotFoundError:
            raise ConfigError(
                "The driver for PostgreSQL is not installed.",
                hint="Install it: pip install 'runway-desk[cluster]'.",
            ) from None
        self.raw_faults = (psycopg.OperationalError,)
        self.name = f"PostgreSQL at {parsed.host or 'this computer'}/{parsed.database or ''}"
        self._lock_ms = int(busy_timeout * 1000)
        event.listen(self.engine, "begin", self._on_begin)

    @property
    def conninfo(self) -> str:
        """How the driver itself reaches the database; may hold a password."""
        plain = self.engine.url.set(drivername="postgresql")
        return plain.render_as_string(hide_password=False)

    def insert(self, table: sa.Table) -> Any:
        return insert(table)

    def fault(self, error: BaseException | None) -> StorageError:
        state = getattr(error, "sqlstate", None) or ""
        if not state and not isinstance(error, self.raw_faults):
            return StorageError(f"{self.name} refused the request ({type(error).__name__}).")
        if state in ("53100", "53200"):
            return DiskFullError(f"{self.name} has no room left.")
        if state in ("55P03", "40001", "40P01", "57014"):
            return DatabaseBusyError("The database is busy with another program's work.")
        if not state or state[:2] in ("08", "57", "53"):
            return DatabaseBusyError(f"{self.name} can't be reached.")
        return StorageError(f"{self.name} refused the request ({state}).")

    def keep_others_out(self, connection: sa.Connection) -> None:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ALONE)))

    @contextmanager
    def upgrading(self) -> Iterator[None]:
        with self.translated(), self.engine.connect() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_lock(_UPGRADE)))
            try:
                yield
            finally:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_UPGRADE)))

    def keep_copy(self, head: str) -> None:
        """Nothing: an upgrade is one transaction, and copies are the server's own business."""

    def size(self) -> int:
        own = sa.func.pg_database_size(sa.func.current_database())
        with self.read() as sql:
            return int(sql.execute(sa.select(own)).scalar_one())

    def _on_begin(self, connection: sa.Connection) -> None:
        if connection.get_execution_options().get("for_write"):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {self._lock_ms}")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
