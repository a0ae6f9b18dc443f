"""The waiting line of each connection: who may be sent now, within what its plan allows.

Counted here, in one transaction that no other comes between, so that any number of processes keep
one key's limits together.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from runway_core.domain import Event, Noun, TaskStatus
from runway_core.store.database import Database
from runway_core.store.journal import append_event
from runway_core.store.schema import request_times, tasks

WINDOW = timedelta(seconds=60)
DAY = timedelta(hours=24)
"""Providers count days as the last 24 hours (docs.dev.runwayml.com/usage/tiers); for others it is assumed."""
_BUSY = [
    status.value
    for status in (
        TaskStatus.SUBMITTING,
        TaskStatus.UNCERTAIN,
        TaskStatus.PENDING,
        TaskStatus.THROTTLED,
        TaskStatus.RUNNING,
    )
]
"""Each of these holds a place at the provider, or may hold one."""


class Limits(Noun):
    """What one key's plan allows; None where it sets no limit."""

    model: str = ""
    """Where places and days are counted for each model apart: which one this is about."""

    per_minute: int | None = None
    """Requests of any kind in 60 seconds."""
    running: int | None = None
    """Tasks at once."""
    per_day: int | None = None
    """Tasks in 24 hours."""


class Admission(Noun):
    """Whether a task was started, and if not, what it waits for."""

    started: bool
    waits_for: Literal["", "place", "minute", "day", "line", "gone"] = ""
    """``place``: a running task to end; ``line``: tasks before it; ``gone``: it is not QUEUED any more."""
    until: datetime | None = None
    """When it is worth asking again, where that is known."""


class LineRows:
    """Admits tasks and requests."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def start(self, task_id: str, limits: Limits, *, attempts: int, now: datetime) -> Admission:
        """Move a QUEUED task to SUBMITTING if its connection's limits leave room for it now."""
        with self._db.write(alone=True) as sql:
            row = sql.execute(
                sa.select(tasks.c.connection_id, tasks.c.place, tasks.c.created_at).where(
                    tasks.c.id == task_id,
                    tasks.c.status == TaskStatus.QUEUED.value,
                    tasks.c.deleted_at.is_(None),
                )
            ).first()
            if row is None:
                return Admission(started=False, waits_for="gone")
            refused = self._refused(sql, row, limits, now)
            if refused is not None:
                return refused
            self._note_request(sql, row.connection_id, now)
            changes = {
                "status": TaskStatus.SUBMITTING.value,
                "attempts": attempts,
                "sent_at": now,
                "updated_at": now,
            }
            sql.execute(sa.update(tasks).where(tasks.c.id == task_id).values(changes))
            append_event(sql, task_id, Event(at=now, kind=TaskStatus.SUBMITTING.value))
        return Admission(started=True)

    def take(
        self, connection_id: str, limits: Limits, *, now: datetime, keep_free: int = 0
    ) -> datetime | None:
        """Take one of the minute's requests; None when it is taken, else when to ask again.

        `keep_free` of them are left for what matters more.
        """
        if limits.per_minute is None:
            return None
        with self._db.write(alone=True) as sql:
            until = self._minute(sql, connection_id, limits.per_minute - keep_free, now)
            if until is None:
                self._note_request(sql, connection_id, now)
            return until

    def put_first(self, task_id: str, now: datetime) -> bool:
        """Put a QUEUED task before all others of its connection; False when it is not QUEUED."""
        other = sa.alias(tasks)
        own = sa.select(tasks.c.connection_id).where(tasks.c.id == task_id).scalar_subquery()
        first = sa.select(sa.func.coalesce(sa.func.min(other.c.place), 0) - 1).where(
            other.c.connection_id == own, other.c.status == TaskStatus.QUEUED.value
        )
        queued = (tasks.c.id == task_id) & (tasks.c.status == TaskStatus.QUEUED.value)
        with self._db.write(alone=True) as sql:
            update = sa.update(tasks).where(queued)
            done = sql.execute(
                update.values(place=first.scalar_subquery(), next_at=now, updated_at=now)
            )
            if done.rowcount:
                self._db.made_due(sql, task_id, now)
            return done.rowcount > 0

    def wake_next(self, connection_id: str, now: datetime) -> None:
        """Have the first QUEUED task of a connection looked at now: a place may be free."""
        first = (
            sa.select(tasks.c.id)
            .where(
                tasks.c.connection_id == connection_id,
                tasks.c.status == TaskStatus.QUEUED.value,
                tasks.c.deleted_at.is_(None),
            )
            .order_by(tasks.c.place, tasks.c.created_at)
            .limit(1)
        )
        with self._db.write() as sql:
            update = sa.update(tasks).where(tasks.c.id == first.scalar_subquery())
            waiting = update.where(tasks.c.next_at > now).values(next_at=now)
            woken = sql.execute(waiting.returning(tasks.c.id)).scalar()
            if woken is not None:
                self._db.made_due(sql, woken, now)

    def ahead(self, task_id: str) -> int:
        """How many QUEUED tasks of the same connection come before this one."""
        own = sa.select(tasks.c.connection_id, tasks.c.place, tasks.c.created_at).where(
            tasks.c.id == task_id
        )
        with self._db.read() as sql:
            row = sql.execute(own).first()
            return 0 if row is None else self._before(sql, row)

    def _refused(
        self,
        sql: sa.Connection,
        row: Any,
        limits: Limits,
        now: datetime,
    ) -> Admission | None:
        mine = tasks.c.connection_id == row.connection_id
        if limits.model:
            mine &= tasks.c.model == limits.model
        if limits.running is not None:
            busy = _count(sql, mine, tasks.c.status.in_(_BUSY))
            if busy >= limits.running:
                return Admission(started=False, waits_for="place")
            if self._before(sql, row, limits.model) >= limits.running - busy:
                return Admission(started=False, waits_for="line")
        if limits.per_day is not None:
            sent = sa.select(tasks.c.sent_at).where(mine, tasks.c.sent_at > now - DAY)
            times = sql.execute(sent.order_by(tasks.c.sent_at)).scalars().all()
            if len(times) >= limits.per_day:
                frees = times[len(times) - limits.per_day]
                assert frees is not None
                return Admission(started=False, waits_for="day", until=frees + DAY)
        if limits.per_minute is not None:
            until = self._minute(sql, row.connection_id, limits.per_minute, now)
            if until is not None:
                return Admission(started=False, waits_for="minute", until=until)
        return None

    @staticmethod
    def _before(sql: sa.Connection, row: Any, model: str = "") -> int:
        earlier = (tasks.c.place < row.place) | (
            (tasks.c.place == row.place) & (tasks.c.created_at < row.created_at)
        )
        if model:
            earlier &= tasks.c.model == model
        queued = tasks.c.status == TaskStatus.QUEUED.value
        return _count(sql, tasks.c.connection_id == row.connection_id, queued, earlier)

    @staticmethod
    def _minute(
        sql: sa.Connection, connection_id: str, most: int, now: datetime
    ) -> datetime | None:
        """None when one more request fits into the last 60 seconds, else when it will."""
        mine = request_times.c.connection_id == connection_id
        old = request_times.c.at <= now - WINDOW
        sql.execute(sa.delete(request_times).where(mine, old))
        query = sa.select(request_times.c.at).where(mine).order_by(request_times.c.at)
        times = sql.execute(query).scalars().all()
        if len(times) < max(most, 1):
            return None
        oldest: datetime = times[len(times) - max(most, 1)]
        return oldest + WINDOW

    @staticmethod
    def _note_request(sql: sa.Connection, connection_id: str, now: datetime) -> None:
        sql.execute(sa.insert(request_times).values(connection_id=connection_id, at=now))


def _count(sql: sa.Connection, *where: sa.ColumnElement[bool]) -> int:
    query = (
        sa.select(sa.func.count()).select_from(tasks).where(*where, tasks.c.deleted_at.is_(None))
    )
    return int(sql.execute(query).scalar_one())
