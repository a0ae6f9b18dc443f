"""One way to read and one way to write, whatever the database; every fault as one of our errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runway_core.errors import DatabaseBusyError, StorageError

Remind = Callable[[Any, str, datetime], None]
"""The driver's connection that a transaction is open on, a task's id, and when its next step is due."""


class Database(ABC):
    """A database; safe to use from many threads."""

    name: str
    """What to call it in words for a person; holds no password."""
    engine: sa.Engine
    remind: Remind | None = None
    """Called within each transaction that makes a task due, where a queue wants to know."""
    raw_faults: tuple[type[Exception], ...] = ()
    """The driver's own errors, which come unwrapped from a connection that is being opened."""

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state and changes nothing."""
        try:
            with self.translated(), self.engine.connect() as connection, connection.begin():
                yield connection
        except (
            ValueError
        ) as error:  # the database sees no fault, but a row holds what we never write
            raise StorageError(f"The database {self.name} is damaged.") from error

    @contextmanager
    def write(self, *, alone: bool = False) -> Iterator[sa.Connection]:
        """A transaction that is durable once this returns.

        `alone` keeps every other that is `alone` out until then: for what first looks and then writes.
        """
        with self.translated(), self.engine.connect() as connection:
            connection = connection.execution_options(for_write=True)
            with connection.begin():
                if alone:
                    self.keep_others_out(connection)
                yield connection

    def close(self) -> None:
        self.engine.dispose()

    def has_table(self, name: str) -> bool:
        """Whether there is a table of that name, ours or a queue's."""
        with self.read() as sql:
            return sa.inspect(sql).has_table(name)

    def made_due(self, sql: sa.Connection, task_id: str, due: datetime | None) -> None:
        """Say within a transaction when a task's next step is due; nothing is said for None."""
        if self.remind is not None and due is not None:
            self.remind(sql.connection.driver_connection, task_id, due)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the database's faults into errors of ours."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise self.fault(error.orig) from None
        except self.raw_faults as error:
            raise self.fault(error) from None
        except sa.exc.TimeoutError:  # every connection of the pool stayed in use
            raise DatabaseBusyError(
                "The database is busy with other work of this program."
            ) from None

    @abstractmethod
    def insert(self, table: sa.Table) -> Any:
        """An INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""

    @abstractmethod
    def fault(self, error: BaseException | None) -> StorageError:
        """Say in words what the database reported."""

    @abstractmethod
    def keep_others_out(self, connection: sa.Connection) -> None:
        """Hold up other such transactions until this one ends."""

    @abstractmethod
    def upgrading(self) -> AbstractContextManager[None]:
        """While inside, no other process changes the schema."""

    @abstractmethod
    def keep_copy(self, head: str) -> None:
        """Keep what is there before it is upgraded to `head`, where the database itself can't."""
