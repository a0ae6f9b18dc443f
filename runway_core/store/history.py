"""What past tasks tell of a connection: waits, failures, prices, and what its balance does not know yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from runway_core.domain import Connection, TaskStatus
from runway_core.people import Right, needs
from runway_core.pricing import spending, tally
from runway_core.store.money import as_money, money_rows
from runway_core.store.rows import Rows, owned_by
from runway_core.store.schema import tasks
from runway_core.store.tallies import Cell, CellQuery, midnight

NEWEST = 200
"""Finished tasks that tell how long a model takes now, and sent ones that tell what it costs."""
_DAY = timedelta(days=1)


class Failure(NamedTuple):
    """How a task failed."""

    at: datetime
    code: str
    words: str


class SentTask(NamedTuple):
    """A task that was sent, and what is known of the money around it."""

    model: str
    status: TaskStatus
    sent_at: datetime
    finished_at: datetime | None
    seconds: int
    """Of video that were asked for; 0 where the length is not known before."""
    charge: Decimal | None
    unit: str
    balance: Decimal | None
    """What was left before it was sent, as told at"""
    balance_at: datetime | None


class HistoryRows(Rows):
    """Reads past tasks, deleted ones too; the acting person's own unless they see all."""

    @needs(Right.LOOK)
    def waits(self, connection: Connection, model: str, query: CellQuery) -> list[timedelta]:
        """How long the newest finished videos of a model took from being taken on to being seen finished,
        of the days and the person asked for."""
        wanted = sa.select(tasks.c.submitted_at, tasks.c.finished_at).where(
            tasks.c.profile == connection.profile,
            tasks.c.model == model,
            tasks.c.finished_at.is_not(None),
            tasks.c.connection_id == connection.id,
            tasks.c.status == TaskStatus.SUCCEEDED.value,
            tasks.c.sent_at.is_not(None),  # sent from here, not taken in later
            owned_by(self.actor),
        )
        if query.since is not None:
            wanted = wanted.where(tasks.c.created_at >= midnight(query.since))
        if query.until is not None:
            wanted = wanted.where(tasks.c.created_at < midnight(query.until) + _DAY)
        if query.person_id is not None:
            wanted = wanted.where(tasks.c.owner_id == query.person_id)
        with self._db.read() as sql:
            rows = sql.execute(wanted.order_by(tasks.c.finished_at.desc()).limit(NEWEST)).all()
        return [row.finished_at - row.submitted_at for row in rows if row.submitted_at]

    @needs(Right.LOOK)
    def last_failure(self, cell: Cell) -> Failure | None:
        """The last to fail of those that are in a sum."""
        query = sa.select(tasks.c.finished_at, tasks.c.failure_code, tasks.c.failure).where(
            tasks.c.connection_id == cell.connection_id,
            tasks.c.created_at >= midnight(cell.day),
            tasks.c.created_at < midnight(cell.day) + _DAY,
            tasks.c.model == cell.model,
            tasks.c.owner_id == cell.person_id,
            tasks.c.status == TaskStatus.FAILED.value,
            tasks.c.finished_at.is_not(None),
            owned_by(self.actor),
        )
        with self._db.read() as sql:
            row = sql.execute(query.order_by(tasks.c.finished_at.desc()).limit(1)).first()
        return None if row is None else Failure(*row)

    @needs(Right.RUN)
    def sent(self, connection_id: str) -> list[SentTask]:
        """The newest tasks that were sent with a connection, everybody's."""
        query = sa.select(
            tasks.c.model,
            tasks.c.status,
            tasks.c.sent_at,
            tasks.c.finished_at,
            tasks.c.request["duration"].as_integer(),
            tasks.c.charge,
            tasks.c.estimate["unit"].as_string(),
            tasks.c.balance_before,
            tasks.c.balance_before_at,
        )
        mine = (tasks.c.connection_id == connection_id) & tasks.c.sent_at.is_not(None)
        newest = query.where(mine).order_by(tasks.c.sent_at.desc()).limit(NEWEST)
        with self._db.read() as sql:
            return [_sent(row) for row in sql.execute(newest)]

    @needs(Right.RUN)
    def unbooked(self, connection_id: str, unit: str, since: datetime) -> Decimal:
        """The most that those tasks may cost in a unit which a balance told at `since` can't know of:
        not sent yet, or sent after it, and whose charge was not told, for that is taken off at once."""
        new = (tasks.c.status == TaskStatus.QUEUED.value) | (tasks.c.sent_at > since)
        mine = (tasks.c.connection_id == connection_id) & new & tasks.c.charge.is_(None)
        with self._db.read() as sql:
            found = [as_money(row) for row in sql.execute(money_rows(mine))]
        return spending((tally(money.counted) for money in found), unit).total


def _sent(row: Any) -> SentTask:
    model, status, sent_at, finished_at, seconds, charge, unit, balance, balance_at = row
    return SentTask(
        model,
        TaskStatus(status),
        sent_at,
        finished_at,
        seconds or 0,
        charge,
        unit or "",
        balance,
        balance_at,
    )
