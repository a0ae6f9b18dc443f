"""What providers say was used each day, and when each was asked for that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from runway_core.domain import Noun
from runway_core.people import Right, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import tallies, usage
from runway_core.store.schema import usage_reads as reads

ANSWERED = timedelta(minutes=1)
"""Within so long an answer has come, or whoever asked is gone."""


class Used(NamedTuple):
    """What a provider says that one model used on one day of UTC, in credits; negative after refunds."""

    day: date
    model: str
    credits: Decimal


class UsageRead(Noun):
    """How asking a provider for its usage stands."""

    connection_id: str
    asked_at: datetime | None = None
    """When a person last wished for it."""
    tried_at: datetime | None = None
    read_at: datetime | None = None
    """When the provider last told."""
    since: date | None = None
    """The first day that it has told of; None before it ever did."""
    problem: str = ""
    """Why it did not tell when it was last asked."""

    @property
    def pending(self) -> bool:
        """Whether a person waits for it."""
        asked, tried = self.asked_at, self.tried_at
        return asked is not None and (tried is None or tried < asked)

    def under_way(self, now: datetime) -> bool:
        """Whether it is being asked for; not if whoever did has been silent for too long."""
        if self.tried_at is None or self.problem or now - self.tried_at > ANSWERED:
            return False
        return self.read_at is None or self.read_at < self.tried_at


class UsageRows(Rows):
    """Reads and writes what providers say was used; of a whole account, so for admins alone."""

    @needs(Right.MANAGE)
    def of(self, connection_id: str, since: date, until: date) -> list[Used]:
        """What was told of the days from `since` to `until`, both included."""
        mine = (usage.c.connection_id == connection_id) & usage.c.day.between(since, until)
        query = sa.select(usage.c.day, usage.c.model, usage.c.credits).where(mine)
        with self._db.read() as sql:
            return [Used(*row) for row in sql.execute(query.order_by(usage.c.day))]

    @needs(Right.MANAGE)
    def reads(self) -> dict[str, UsageRead]:
        """By connection how asking stands, where anybody ever asked."""
        with self._db.read() as sql:
            rows = sql.execute(sa.select(reads)).mappings()
            return {row["connection_id"]: UsageRead(**row) for row in rows}

    @needs(Right.MANAGE)
    def ask(self, connection_id: str, now: datetime) -> None:
        """Wish for a provider's usage: whoever runs the engine asks for it, and is told so at once."""
        with self._db.write() as sql:
            self._put(sql, connection_id, asked_at=now)
        self._db.call()

    @needs(Right.RUN)
    def claim(self, connection_id: str, seen: datetime | None, now: datetime) -> bool:
        """Note that it is asked for now; False when another process did since it was last tried as `seen`."""
        with self._db.write(alone=True) as sql:
            tried = sa.select(reads.c.tried_at).where(reads.c.connection_id == connection_id)
            if sql.execute(tried).scalar() != seen:
                return False
            self._put(sql, connection_id, tried_at=now, problem="")
        return True

    @needs(Right.RUN)
    def keep(
        self, connection_id: str, start: date, before: date, used: Sequence[Used], now: datetime
    ) -> None:
        """Keep what was told of the days from `start` up to and without `before`, in place of what was."""
        mine = (usage.c.connection_id == connection_id) & (usage.c.day >= start)
        own = {"connection_id": connection_id, "read_at": now}
        last = sa.select(reads.c.since, reads.c.read_at)
        with self._db.write(alone=True) as sql:
            sql.execute(sa.delete(usage).where(mine & (usage.c.day < before)))
            if used:
                sql.execute(sa.insert(usage), [own | row._asdict() for row in used])
            known = sql.execute(last.where(reads.c.connection_id == connection_id)).first()
            since = start
            if known is not None and known.since is not None and known.read_at.date() >= start:
                since = min(start, known.since)  # nothing is missing in between
            self._put(sql, connection_id, read_at=now, since=since, problem="")

    @needs(Right.RUN)
    def fail(self, connection_id: str, problem: str) -> None:
        """Note why a provider did not tell; what it told before stays."""
        with self._db.write() as sql:
            self._put(sql, connection_id, problem=problem)

    @needs(Right.RUN)
    def used_here(self, connection_id: str, since: date, before: date) -> bool:
        """Whether anything was asked for with a connection on the days from `since`, without `before`."""
        days = (tallies.c.day >= since) & (tallies.c.day < before)
        mine = sa.select(tallies.c.day).where(tallies.c.connection_id == connection_id, days)
        with self._db.read() as sql:
            return sql.execute(mine.limit(1)).first() is not None

    def _put(self, sql: sa.Connection, connection_id: str, **values: Any) -> None:
        statement = self._db.insert(reads).values(connection_id=connection_id, **values)
        sql.execute(statement.on_conflict_do_update(index_elements=["connection_id"], set_=values))
