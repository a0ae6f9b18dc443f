"""Who wishes to know what is left at a provider, and how asking stands. What it tells is kept with the connection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runway_core.domain import Noun
from runway_core.people import Right, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import balance_asks as table
from runway_core.store.schema import tasks


class BalanceAsk(Noun):
    """How asking a provider for its balance stands."""

    connection_id: str
    asked_at: datetime | None = None
    """When a person last wished to know."""
    tried_at: datetime | None = None
    """When somebody last began to ask for it."""
    ended_at: datetime | None = None
    """When that last came to an end."""
    problem: str = ""
    """Why it was not told then."""

    @property
    def pending(self) -> bool:
        """Whether a person waits for it."""
        asked, ended = self.asked_at, self.ended_at
        return asked is not None and (ended is None or ended < asked)


class BalanceAskRows(Rows):
    """Reads and writes wishes to know a balance."""

    @needs(Right.MANAGE)
    def all(self) -> dict[str, BalanceAsk]:
        """By connection how asking stands, where anybody ever asked."""
        with self._db.read() as sql:
            rows = sql.execute(sa.select(table)).mappings()
            return {row["connection_id"]: BalanceAsk(**row) for row in rows}

    @needs(Right.MANAGE)
    def ask(self, connection_id: str, now: datetime) -> None:
        """Wish to know: whoever runs the engine asks for it, and hears of this at once."""
        with self._db.write() as sql:
            self._put(sql, connection_id, asked_at=now)
        self._db.call()

    @needs(Right.RUN)
    def claim(self, connection_id: str, seen: datetime | None, now: datetime) -> bool:
        """Note that it is asked for now; False when another process did since it was last tried as `seen`."""
        with self._db.write(alone=True) as sql:
            tried = sa.select(table.c.tried_at).where(table.c.connection_id == connection_id)
            if sql.execute(tried).scalar() != seen:
                return False
            self._put(sql, connection_id, tried_at=now)
        return True

    @needs(Right.RUN)
    def end(self, connection_id: str, now: datetime, problem: str = "") -> None:
        """Note that it was told, or why not."""
        with self._db.write() as sql:
            self._put(sql, connection_id, ended_at=now, problem=problem)

    @needs(Right.RUN)
    def sent_since(self, connection_id: str, at: datetime) -> bool:
        """Whether anything was sent with a connection since then."""
        later = (tasks.c.connection_id == connection_id) & (tasks.c.sent_at > at)
        with self._db.read() as sql:
            return sql.execute(sa.select(tasks.c.id).where(later).limit(1)).first() is not None

    def _put(self, sql: sa.Connection, connection_id: str, **values: Any) -> None:
        statement = self._db.insert(table).values(connection_id=connection_id, **values)
        update = statement.on_conflict_do_update(index_elements=["connection_id"], set_=values)
        sql.execute(update)
