"""What is known of a task that may have been charged: for the person who has to decide."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from runway_core.domain import Connection, Noun, Task, TaskStatus
from runway_core.errors import NotFoundError
from runway_core.people import Right
from runway_core.store import Store
from runway_core.studio.acting import Service, may
from runway_core.studio.callbacks import Callbacks
from runway_core.studio.connections import Connections

Reading = Literal["practice", "asking", "unknown", "unchanged", "as priced", "down", "up"]


class Evidence(Noun):
    """What speaks for or against a charge. Only a hint: nobody here can know."""

    sent_at: datetime | None
    """When it was last put on the wire."""
    reading: Reading
    """What the balance did. ``unknown``: the provider did not tell it before or after; ``asking``: it is
    still being asked; ``as priced``: it went down by what this task should cost."""
    difference: Decimal | None = None
    """By how much the balance went down; negative when it went up."""
    unit: str = ""
    """Of the balances of the task and of `difference`."""
    others: int = 0
    """Other tasks of the connection that may have changed the balance meanwhile."""
    calls_back: bool = False
    """Whether its provider was given an address to call."""


class Doubts(Service):
    """Reads what concerns UNCERTAIN tasks; `studio.tasks` settles them."""

    def __init__(self, store: Store, *, connections: Connections, callbacks: Callbacks) -> None:
        super().__init__(store)
        self._connections = connections
        self._callbacks = callbacks

    @may(Right.LOOK)
    def count(self) -> int:
        """Tasks that wait for a person's decision."""
        return self._store.doubts.count()

    @may(Right.LOOK)
    def evidence(self, task: Task) -> Evidence:
        """What is known of an UNCERTAIN task.

        Raises:
            NotFoundError: the task is not for this person to see, or its connection is gone.
        """
        if self._store.tasks.get(task.id) is None:
            raise NotFoundError("There is no such task here.")
        connection = self._connections.get(task.connection_id)
        difference = None
        if task.balance_before is not None and task.balance_after is not None:
            difference = task.balance_before - task.balance_after
        sent = [
            event.at
            for event in self._store.journal.events(task.id)
            if event.kind == TaskStatus.SUBMITTING.value
        ]
        sent_at = sent[-1] if sent else None
        return Evidence(
            sent_at=sent_at,
            reading=self._reading(task, connection, difference),
            difference=difference,
            unit=connection.balance_unit,
            others=self._others(task, sent_at),
            calls_back=bool(self._callbacks.url_for(task)),
        )

    def _reading(self, task: Task, connection: Connection, difference: Decimal | None) -> Reading:
        if self._connections.profile(connection).kind == "sandbox":
            return "practice"
        if difference is None:
            return "asking" if task.balance_after is None and task.next_at else "unknown"
        if difference == 0:
            return "unchanged"
        if difference < 0:
            return "up"
        low, high = task.estimate.low, task.estimate.high
        same = task.estimate.unit == connection.balance_unit
        fits = low is not None and high is not None and low <= difference <= high
        return "as priced" if same and fits else "down"

    def _others(self, task: Task, sent_at: datetime | None) -> int:
        since, until = task.balance_before_at or sent_at, task.balance_after_at
        if since is None or until is None:
            return 0
        return self._store.doubts.beside(task.id, task.connection_id, since=since, until=until)
