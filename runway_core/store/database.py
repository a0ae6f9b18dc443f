"""One way to read and one way to write, whatever the database; every fault as one of our errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from runway_core.errors import DatabaseBusyError, StorageError
from runway_core.store.bells import Bells

Heard = Callable[[str, datetime], None]
"""A task's id, and when its next step is due."""
Remind = Callable[[Any, str, datetime], None]
"""The driver's connection that a transaction is open on, a task's id, and when its next step is due."""


class Database(ABC):
    """A database; safe to use from many threads."""

    kind: str
    """``SQLite`` or ``PostgreSQL``."""
    name: str
    """What to call it in words for a person; holds no password."""
    engine: sa.Engine
    remind: Remind | None = None
    """Called within each transaction that makes a task due, where a queue wants to know."""
    heard: Heard | None = None
    """Called after each transaction of this process that made a task due: by the engine that follows them."""
    called: Callable[[], None] | None = None
    """Called after this process has asked for what only the engine does, and is no step of a task."""
    bells: Bells | None = None
    """How other processes hear of it; None where the database itself tells them."""
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
        with self.turn(), self.translated(), self.engine.connect() as connection:
            connection = connection.execution_options(for_write=True)
            due: list[tuple[str, datetime, bool]] = []
            connection.info["due"] = due
            with connection.begin():
                if alone:
                    self.keep_others_out(connection)
                yield connection
        self._tell(due)

    def turn(self) -> AbstractContextManager[object]:
        """Entered before each write; waits where only one may write at a time."""
        return nullcontext()

    def close(self) -> None:
        self.engine.dispose()

    def has_table(self, name: str) -> bool:
        """Whether there is a table of that name, ours or a queue's."""
        with self.read() as sql:
            return sa.inspect(sql).has_table(name)

    def made_due(
        self, sql: sa.Connection, task_id: str, due: datetime | None, *, new: bool = False
    ) -> None:
        """Say within a transaction when a task's next step is due; nothing is said for None.

        A `new` task is anybody's, and so may be one that is due now; a later look is the looker's own.
        """
        if due is None:
            return
        if self.remind is not None:
            self.remind(sql.connection.driver_connection, task_id, due)
        ring = self.bells is not None and (new or due <= datetime.now(UTC))
        sql.info["due"].append((task_id, due, ring))
        if ring and self.bells is not None:
            # Also before it is there to be seen: we may be killed before we can ring afterwards.
            self.bells.ring()

    def call(self) -> None:
        """Have whoever runs the engine see at once what was asked for that is no step of a task."""
        if self.called is not None:
            self.called()
        if self.bells is not None:
            self.bells.ring()

    def _tell(self, due: list[tuple[str, datetime, bool]]) -> None:
        for task_id, when, _ in due:
            if self.heard is not None:
                self.heard(task_id, when)
        if self.bells is not None and any(ring for _, _, ring in due):
            self.bells.ring()

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
    def size(self) -> int:
        """Bytes that it takes on its disk."""

    @abstractmethod
    def keep_copy(self, head: str) -> None:
        """Keep what is there before it is upgraded to `head`, where the database itself can't."""
