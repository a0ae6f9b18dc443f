"""The waiting line of each connection: where a task stands, why it waits, about how long, and changing places."""

from __future__ import annotations

from datetime import timedelta

from runway_core.domain import Noun, Task, TaskStatus
from runway_core.errors import InvalidInputError, Problem
from runway_core.people import Right
from runway_core.pricing import KNOWN
from runway_core.store import Limits, Store
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now
from runway_core.studio.connections import Connections
from runway_core.studio.limits import limits_of, plan_words


class Place(Noun):
    """Where a QUEUED task stands."""

    number: int
    """1 for the one that is sent next."""
    last: int
    """How many wait in all."""
    wait: timedelta | None
    """About how long until it is sent; None when that can't be told yet."""
    why: str
    """What holds it back, such as ``Free plan runs 1 at a time``; empty when nothing does."""


class Line(Service):
    """What can be done with tasks that have not been sent yet."""

    def __init__(self, store: Store, *, connections: Connections) -> None:
        super().__init__(store)
        self._connections = connections

    @may(Right.LOOK)
    def place(self, task: Task) -> Place | None:
        """Where a task stands; None when it is not waiting to be sent."""
        if task.status is not TaskStatus.QUEUED:
            return None
        connection = self._connections.get(task.connection_id)
        profile = self._connections.profile(connection)
        limits = limits_of(connection, profile, task.request.model)
        standing = self._store.line.standing(task.id, limits)
        if standing is None:
            return None
        held = limits.running is not None and standing.ahead + standing.busy >= limits.running
        return Place(
            number=standing.ahead + 1,
            last=standing.waiting,
            wait=self._wait(task, limits, ahead=standing.ahead, busy=standing.busy),
            why=plan_words(connection, profile, limits) if held else "",
        )

    @may(Right.MAKE)
    def move(self, task_id: str, by: int) -> None:
        """Move a waiting task `by` places, forwards when negative; costs nothing.

        Raises:
            InvalidInputError: it is not waiting any more.
        """
        if not self._store.line.move(task_id, by, now()):
            raise InvalidInputError(
                Problem("task", "is not waiting any more: it has been sent or cancelled.")
            )

    @may(Right.LOOK)
    def typical(self, profile: str, model: str) -> timedelta | None:
        """How long such a task takes from being sent to its end, from own history; None when too few did."""
        spans = self._store.tasks.spans(profile, model)
        return sorted(spans)[len(spans) // 2] if len(spans) >= KNOWN else None

    def _wait(self, task: Task, limits: Limits, *, ahead: int, busy: int) -> timedelta | None:
        by_places = by_minutes = timedelta(0)
        if limits.running is not None:
            to_end = ahead + busy - limits.running + 1
            each = self.typical(task.profile, task.request.model)
            if to_end > 0 and each is None:
                return None
            rounds = -(-max(to_end, 0) // limits.running)
            by_places = rounds * (each or by_places)
        if limits.per_minute is not None:
            by_minutes = timedelta(minutes=ahead // limits.per_minute)
        return max(by_places, by_minutes)
