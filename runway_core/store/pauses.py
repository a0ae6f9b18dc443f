"""Connections whose key was refused: since when, and who may try it again.

It is kept with what a connection has learnt. ``paused`` says it to people, unless it is paused for another
reason, which then stays.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from runway_core.domain import Noun, TaskStatus
from runway_core.people import Right, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import connections as table
from runway_core.store.schema import tasks

_NAME = "key refused"


class Refusal(Noun):
    """What is known of a key that was refused."""

    why: str
    """For a person."""
    at: datetime
    """When it was refused last, or tried again."""
    over: bool = False
    """It has worked since; whether for creates too, none has shown yet."""


class PauseRows(Rows):
    """Pauses connections and lifts that again."""

    @needs(Right.RUN)
    def found(self, connection_id: str) -> Refusal | None:
        """The refusal that a connection suffers from now."""
        with self._db.read() as sql:
            refusal = _refusal(_learnt(sql, connection_id))
        return None if refusal is None or refusal.over else refusal

    @needs(Right.MANAGE)
    def begin(self, connection_id: str, why: str, *, key_hint: str, now: datetime) -> bool:
        """Note that a key was refused; True when nothing was known of that before.

        A refusal of another key than the one that is saved by now, told apart by `key_hint`, counts
        for nothing.
        """
        with self._db.write(alone=True) as sql:
            learnt = _learnt(sql, connection_id)
            saved = sa.select(table.c.key_hint).where(table.c.id == connection_id)
            if sql.execute(saved).scalar() != key_hint:
                return False
            _learn(sql, connection_id, learnt, Refusal(why=why, at=now))
            works = (table.c.id == connection_id) & (table.c.paused == "")
            sql.execute(sa.update(table).where(works).values(paused=why))
            return _refusal(learnt) is None

    @needs(Right.RUN)
    def claim(self, connection_id: str, *, every: timedelta, now: datetime) -> bool:
        """Take it upon oneself to try a refused key again; False when that was done within `every`."""
        with self._db.write(alone=True) as sql:
            learnt = _learnt(sql, connection_id)
            refusal = _refusal(learnt)
            if refusal is None or refusal.over:
                return True
            if now - refusal.at < every:
                return False
            _learn(sql, connection_id, learnt, refusal.model_copy(update={"at": now}))
            return True

    @needs(Right.MANAGE)
    def lift(
        self,
        connection_id: str,
        *,
        now: datetime,
        floor: timedelta,
        for_good: bool,
        anew: bool = False,
    ) -> None:
        """The key works: what waits for it goes on, creates now and all else after `floor`.

        `for_good` when a person has seen to it; else the next refusal ends no task any more. With `anew`
        all goes on whether a refusal was known or not: the key or the address is another one.
        """
        with self._db.write(alone=True) as sql:
            learnt = _learnt(sql, connection_id)
            refusal = _refusal(learnt)
            if refusal is not None:
                over = None if for_good else refusal.model_copy(update={"over": True})
                _learn(sql, connection_id, learnt, over)
                ours = (table.c.id == connection_id) & (table.c.paused == refusal.why)
                sql.execute(sa.update(table).where(ours).values(paused=""))
            if refusal is not None or anew:
                self._wake(sql, connection_id, now, floor)

    @needs(Right.MANAGE)
    def taken(self, connection_id: str) -> None:
        """A create was taken on with the key: what was refused before is forgotten."""
        with self._db.read() as sql:
            known = _refusal(_learnt(sql, connection_id))
        if known is not None and known.over:
            with self._db.write(alone=True) as sql:
                _learn(sql, connection_id, _learnt(sql, connection_id), None)

    def _wake(
        self, sql: sa.Connection, connection_id: str, now: datetime, floor: timedelta
    ) -> None:
        mine = (tasks.c.connection_id == connection_id) & tasks.c.deleted_at.is_(None)
        queued = tasks.c.status == TaskStatus.QUEUED.value
        for which, due, more in ((queued, now, {"looks": 0}), (~queued, now + floor, {})):
            later = mine & which & (tasks.c.next_at > due)
            wake = sa.update(tasks).where(later).values(next_at=due, **more).returning(tasks.c.id)
            for task_id in sql.execute(wake).scalars().all():
                self._db.made_due(sql, task_id, due)


def _learnt(sql: sa.Connection, connection_id: str) -> dict[str, str]:
    query = sa.select(table.c.learnt).where(table.c.id == connection_id)
    return dict(sql.execute(query).scalar() or {})


def _refusal(learnt: dict[str, str]) -> Refusal | None:
    try:
        known: dict[str, Any] = json.loads(learnt.get(_NAME, ""))
        return Refusal(**known)
    except (ValueError, TypeError):
        return None


def _learn(
    sql: sa.Connection, connection_id: str, learnt: dict[str, str], refusal: Refusal | None
) -> None:
    kept = {name: value for name, value in learnt.items() if name != _NAME}
    if refusal is not None:
        kept[_NAME] = refusal.model_dump_json()
    sql.execute(sa.update(table).where(table.c.id == connection_id).values(learnt=kept))
