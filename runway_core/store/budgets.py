"""Budgets, and what the tasks of a period count towards them."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from runway_core.domain import Budget, Estimate, Event, Period
from runway_core.people import Right, needs
from runway_core.pricing import (
    Outlook,
    Spending,
    begins,
    ends,
    is_excessive,
    outlook,
    overcharge,
    refusal,
    spending,
)
from runway_core.store.connections import pause
from runway_core.store.journal import append_event
from runway_core.store.rows import Rows
from runway_core.store.schema import budgets as table
from runway_core.store.schema import tallies, tasks
from runway_core.store.tallies import sums

_SHOWN = [c for c in table.c if c.name != "id"]


class BudgetRows(Rows):
    """Reads and writes budgets."""

    @needs(Right.MANAGE)
    def set(self, *budgets: Budget) -> None:
        """Set budgets, each in place of the one that its connection had for its period."""
        with self._db.write(alone=True) as sql:
            for budget in budgets:
                row = budget.model_dump() | {"id": str(uuid.uuid4()), "period": budget.period.value}
                changed = {name: row[name] for name in ("amount", "unit", "hard", "created_at")}
                insert = self._db.insert(table).values(row)
                keys = ["connection_id", "person_id", "period"]
                sql.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed))

    @needs(Right.LOOK)
    def of(self, connection_id: str, person_id: str = "") -> list[Budget]:
        """A connection's budgets for all together or for one person, the shorter period first."""
        with self._db.read() as sql:
            return _of(sql, connection_id, person_id)

    @needs(Right.MANAGE)
    def remove(self, connection_id: str, period: Period, person_id: str = "") -> bool:
        """Remove a budget; False when there is none."""
        mine = (table.c.connection_id == connection_id) & (table.c.period == period.value)
        mine &= table.c.person_id == person_id
        with self._db.write(alone=True) as sql:
            return sql.execute(sa.delete(table).where(mine)).rowcount > 0

    @needs(Right.LOOK)
    def outlooks(
        self, connection_id: str, at: datetime, estimate: Estimate | None = None
    ) -> list[Outlook]:
        """Where each budget that counts for the acting person stands at a time, and where a task of
        this estimate would take it."""
        with self._db.read() as sql:
            return outlooks(sql, connection_id, at, estimate, self.actor.id)

    @needs(Right.MANAGE)
    def outlooks_of(self, connection_id: str, person_id: str, at: datetime) -> list[Outlook]:
        """Where the budgets of one person alone stand at a time; without a person, those for all together."""
        with self._db.read() as sql:
            return [_standing(sql, budget, at) for budget in _of(sql, connection_id, person_id)]


def let_in(
    sql: sa.Connection, connection_id: str, at: datetime, estimate: Estimate, person_id: str = ""
) -> None:
    """Nothing, when all hard budgets leave room for one more task of a person.

    To be asked in the transaction that records the task, and that keeps others out.

    Raises:
        BudgetExceededError: one does not.
        InvalidInputError: what the task may cost is not known.
    """
    for found in outlooks(sql, connection_id, at, estimate, person_id):
        if found.refused:
            raise refusal(found, estimate)


def overcharged(sql: sa.Connection, task_id: str, charge: Decimal | None) -> str:
    """What is wrong with a charge that is about to be recorded; empty when nothing is.

    A charge that was recorded before is no news: a person may have looked at it and gone on.
    """
    if charge is None:
        return ""
    query = sa.select(tasks.c.estimate, tasks.c.charge).where(tasks.c.id == task_id)
    row = sql.execute(query).first()
    if row is None or (row.charge is not None and charge <= row.charge):
        return ""
    told = Estimate.model_validate(row.estimate)
    return overcharge(charge, told) if is_excessive(charge, told) else ""


def stop_after(
    sql: sa.Connection, task_id: str, connection_id: str, why: str, at: datetime
) -> None:
    """Have nothing more sent with a connection after an overcharge, and note it with the task."""
    if why:
        pause(sql, connection_id, why)
        append_event(sql, task_id, Event(at=at, kind="overcharged", detail=why))


def outlooks(
    sql: sa.Connection,
    connection_id: str,
    at: datetime,
    estimate: Estimate | None = None,
    person_id: str = "",
) -> list[Outlook]:
    """`BudgetRows.outlooks` within a transaction."""
    found = _of(sql, connection_id, "", person_id)
    return [_standing(sql, budget, at, estimate) for budget in found]


def _standing(
    sql: sa.Connection, budget: Budget, at: datetime, estimate: Estimate | None = None
) -> Outlook:
    return outlook(budget, spent(sql, budget, at), at, estimate)


def spent(sql: sa.Connection, budget: Budget, at: datetime) -> Spending:
    """What the tasks of a budget count that were asked for in its period around `at`; deleted ones too."""
    where = [
        tallies.c.connection_id == budget.connection_id,
        tallies.c.day >= begins(budget.period, at).date(),
        tallies.c.day < ends(budget.period, at).date(),
    ]
    if budget.person_id:
        where.append(tallies.c.person_id == budget.person_id)
    return spending(sums(sql, *where), budget.unit)


def _of(sql: sa.Connection, connection_id: str, *person_ids: str) -> list[Budget]:
    mine = (table.c.connection_id == connection_id) & table.c.person_id.in_(person_ids)
    query = sa.select(*_SHOWN).where(mine)
    order = (table.c.person_id, table.c.period)  # "day" before "month"
    rows = sql.execute(query.order_by(*order)).mappings()
    return [Budget(**row) for row in rows]
