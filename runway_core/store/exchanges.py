"""What went over the wire for each task: the requests that told something, and the last look that did not.

They are written with the change that they led to, in its transaction. There are never more than `MOST` of a
task, and none older than `KEPT_FOR`: two thousand looks do not fill a disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from runway_core.domain import Exchange
from runway_core.people import Right, needs
from runway_core.store.rows import Rows, task_seen_by
from runway_core.store.schema import exchanges

FIRST, NEWEST = 20, 40
"""So many are kept of a task from its beginning and from its end; what lies between is dropped."""
MOST = FIRST + NEWEST
KEPT_FOR = timedelta(days=90)
"""A video stays for longer than anybody asks a provider about it."""


def append_exchanges(sql: sa.Connection, task_id: str, made: Iterable[Exchange]) -> None:
    """Add exchanges within somebody's transaction, and drop what is too much."""
    rows = [_row(task_id, exchange) for exchange in made]
    if not rows:
        return
    sql.execute(sa.insert(exchanges), rows)
    ids = sa.select(exchanges.c.id).where(exchanges.c.task_id == task_id)
    known = sql.execute(ids.order_by(exchanges.c.id)).scalars().all()
    if len(known) > MOST:
        dropped = known[FIRST : len(known) - NEWEST]
        sql.execute(sa.delete(exchanges).where(exchanges.c.id.in_(dropped)))


def keep_last(sql: sa.Connection, looks: Mapping[str, Exchange]) -> None:
    """Put the last look of each task that taught nothing new in the place of the one before, in one go."""
    if not looks:
        return
    before = exchanges.c.quiet & exchanges.c.task_id.in_(list(looks))
    sql.execute(sa.delete(exchanges).where(before))
    rows = [_row(task_id, look, quiet=True) for task_id, look in looks.items()]
    sql.execute(sa.insert(exchanges), rows)


class ExchangeRows(Rows):
    """Reads exchanges, and drops old ones."""

    @needs(Right.LOOK)
    def of(self, task_id: str) -> list[Exchange]:
        """Those of a task, oldest first."""
        seen = task_seen_by(self.actor, task_id)
        query = sa.select(exchanges.c.exchange).where(exchanges.c.task_id == task_id, seen)
        with self._db.read() as sql:
            found = sql.execute(query.order_by(exchanges.c.id)).scalars()
            return [Exchange.model_validate(row) for row in found]

    @needs(Right.RUN)
    def keep_last(self, task_id: str, look: Exchange) -> None:
        """Put the last look at a task that taught nothing new in the place of the one before."""
        with self._db.write() as sql:
            keep_last(sql, {task_id: look})

    @needs(Right.RUN)
    def prune(self, before: datetime) -> int:
        """Drop what is older; how many there were."""
        with self._db.write() as sql:
            return sql.execute(sa.delete(exchanges).where(exchanges.c.at < before)).rowcount


def _row(task_id: str, exchange: Exchange, *, quiet: bool = False) -> dict[str, object]:
    whole = exchange.model_dump(mode="json")
    return {"task_id": task_id, "exchange": whole, "at": exchange.started_at, "quiet": quiet}
