"""The ledger: what was estimated, held, charged and given back for each task, append-only.

Whoever changes a task's money says so here in the same transaction; the running sums go with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from runway_core.domain import Noun, TaskStatus
from runway_core.people import Right, needs
from runway_core.pricing import Certainty, Kind, lines
from runway_core.store.money import Money, money_of
from runway_core.store.rows import Rows, task_seen_by
from runway_core.store.schema import ledger as table
from runway_core.store.tallies import CellQuery, asked_for, midnight, shift

_COUNT = frozenset({"charge", "quoted", "failure_code", "submitted_at"})
"""Columns of a task that, beside its status, may change what it counts."""


class LedgerEntry(Noun):
    """One line of the ledger."""

    id: int
    at: datetime
    task_id: str
    connection_id: str
    person_id: str
    """Whose the task was at that time; empty for nobody's in particular."""
    model: str
    kind: Kind
    amount: Decimal | None
    """Never negative, in `unit`; None when nobody knows."""
    unit: str
    certainty: Certainty
    why: str


class LedgerRows(Rows):
    """Reads the ledger. Nothing changes or deletes a line."""

    @needs(Right.LOOK)
    def of(self, task_id: str) -> list[LedgerEntry]:
        """The lines of one task, oldest first."""
        mine = (table.c.task_id == task_id) & task_seen_by(self.actor, task_id)
        with self._db.read() as sql:
            rows = sql.execute(sa.select(table).where(mine).order_by(table.c.id)).mappings()
            return [LedgerEntry(**row) for row in rows]

    @needs(Right.LOOK)
    def after(
        self, entry_id: int, query: CellQuery, *, until: datetime, limit: int
    ) -> list[LedgerEntry]:
        """Lines written before `until` with greater ids, the least first: of the days, connection, person
        and model asked for, and the acting person's own unless they see all."""
        wanted = sa.select(table).where(table.c.id > entry_id, table.c.at < until)
        wanted = wanted.where(*asked_for(table, query))
        if query.since is not None:
            wanted = wanted.where(table.c.at >= midnight(query.since))
        if query.until is not None:
            wanted = wanted.where(table.c.at < midnight(query.until) + timedelta(days=1))
        if not self.actor.sees_all:
            wanted = wanted.where(table.c.person_id == self.actor.id)
        with self._db.read() as sql:
            rows = sql.execute(wanted.order_by(table.c.id).limit(limit)).mappings()
            return [LedgerEntry(**row) for row in rows]


def note_new(sql: sa.Connection, task_id: str, at: datetime) -> None:
    """Write what a new task may cost, in the transaction that records it, and that keeps others out."""
    after = money_of(sql, task_id)
    if after is not None:
        _note(sql, None, after, at)


@contextmanager
def noted(sql: sa.Connection, task_id: str, at: datetime, counts: bool = True) -> Iterator[None]:
    """Write what has changed of a task's money meanwhile, unless the change never `counts`.

    Within one transaction that keeps others out: between nobody's look at the sums and what it does then.
    """
    before = money_of(sql, task_id) if counts else None
    yield
    after = money_of(sql, task_id) if before is not None else None
    if after is not None:
        _note(sql, before, after, at)


def _note(sql: sa.Connection, before: Money | None, after: Money, at: datetime) -> None:
    rows = _entries(before, after, at)
    if rows:
        sql.execute(sa.insert(table), rows)
    shift(sql, before, after)


def may_count(expect: Collection[TaskStatus], values: Mapping[str, Any]) -> bool:
    """Whether a change of a task may alter what it counts towards budgets, but for ending it."""
    reopened = "status" in values and any(status.is_terminal for status in expect)
    return reopened or not _COUNT.isdisjoint(values)


def _entries(before: Money | None, after: Money, at: datetime) -> list[dict[str, Any]]:
    """The lines between two states of a task, as rows."""
    whose = {
        "at": at,
        "task_id": after.task_id,
        "connection_id": after.connection_id,
        "person_id": after.person_id,
        "model": after.model,
    }
    was = None if before is None else before.counted
    return [whose | line.model_dump() for line in lines(was, after.counted, source=after.source)]
