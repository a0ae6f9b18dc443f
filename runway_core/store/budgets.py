"""Budgets, and what the tasks of a period count towards them.

A budget is of one connection, in its unit, or of all of them together, in a currency; and of everybody together or
of one person. All four kinds are read from the same running sums.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from functools import cached_property

import sqlalchemy as sa

from runway_core.domain import Budget, Connection, Estimate, Event, Period
from runway_core.people import Right, needs
from runway_core.pricing import (
    Measure,
    Outlook,
    Reporting,
    Spending,
    begins,
    ends,
    is_excessive,
    measure,
    outlook,
    over_all,
    overcharge,
    refusal,
    spending,
)
from runway_core.store.connections import all_ever, pause
from runway_core.store.journal import append_event
from runway_core.store.preferences import reporting
from runway_core.store.rows import Rows
from runway_core.store.schema import budgets as table
from runway_core.store.schema import tallies, tasks
from runway_core.store.tallies import sums

_SHOWN = [c for c in table.c if c.name != "id"]


class BudgetRows(Rows):
    """Reads and writes budgets."""

    @needs(Right.MANAGE)
    def set(self, *budgets: Budget) -> None:
        """Set budgets, each in place of the one that its connection, or all of them, had for its period."""
        with self._db.write(alone=True) as sql:
            for budget in budgets:
                row = budget.model_dump() | {"id": str(uuid.uuid4()), "period": budget.period.value}
                changed = {name: row[name] for name in ("amount", "unit", "hard", "created_at")}
                insert = self._db.insert(table).values(row)
                keys = ["connection_id", "person_id", "period"]
                sql.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed))

    @needs(Right.LOOK)
    def of(self, connection_id: str, person_id: str = "") -> list[Budget]:
        """The budgets of a connection, or with no id of all of them together, for everybody or for one person;
        the shorter period first."""
        with self._db.read() as sql:
            return _of(sql, {connection_id}, {person_id})

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
        this estimate would take it; with no connection's id only those of all of them together."""
        with self._db.read() as sql:
            return outlooks(sql, connection_id, at, estimate, self.actor.id)

    @needs(Right.MANAGE)
    def outlooks_of(self, connection_id: str, person_id: str, at: datetime) -> list[Outlook]:
        """Where the budgets of one person alone stand at a time; without a person, those for all together.
        Without a connection's id, those of all of them together."""
        with self._db.read() as sql:
            found = _of(sql, {connection_id}, {person_id})
            standing = _Standing(sql, at)
            return [standing.of(budget) for budget in found]


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
    found = _of(sql, {"", connection_id}, {"", person_id})
    standing = _Standing(sql, at, connection_id, estimate)
    return [standing.of(budget) for budget in found]


class _Standing:
    """Where budgets stand at a time, and where one more task takes them; seen within one transaction."""

    def __init__(
        self,
        sql: sa.Connection,
        at: datetime,
        connection_id: str = "",
        estimate: Estimate | None = None,
    ) -> None:
        self._sql = sql
        self._at = at
        self._asked = connection_id
        self._estimate = estimate
        self._measures: dict[tuple[str, str, str], Measure] = {}
        self._rates: dict[str, Reporting] = {}

    def of(self, budget: Budget) -> Outlook:
        """Where one budget stands."""
        own = None
        if over_all(budget) and self._asked:
            unit = self._estimate.unit if self._estimate else ""
            own = self._measure(budget.unit, self._asked, unit)
        return outlook(budget, self._spent(budget), self._at, self._estimate, own)

    def _spent(self, budget: Budget) -> Spending:
        """What the tasks of a budget count that were asked for in its period; deleted ones too."""
        # By their ids, so that the sums of other days are not even looked at.
        ids = list(self._connections) if over_all(budget) else [budget.connection_id]
        where = [
            tallies.c.connection_id.in_(ids),
            tallies.c.day >= begins(budget.period, self._at).date(),
            tallies.c.day < ends(budget.period, self._at).date(),
        ]
        if budget.person_id:
            where.append(tallies.c.person_id == budget.person_id)
        found = sums(self._sql, *where)
        if not over_all(budget):
            return spending((each for _, each in found), budget.unit)
        unit = budget.unit
        told = (each.told(self._measure(unit, key, each.unit), unit) for key, each in found)
        return spending(told, unit)

    def _measure(self, currency: str, connection_id: str, unit: str) -> Measure:
        """How a connection's unit counts in a currency, as this transaction sees what people said of both."""
        key = (currency, connection_id, unit)
        if key not in self._measures:
            if currency not in self._rates:
                self._rates[currency] = reporting(self._sql, currency)
            own, rates = self._connections.get(connection_id), self._rates[currency]
            known = None if own is None else measure(rates, own, unit)
            self._measures[key] = known or Measure(unit=unit, rate=None)
        return self._measures[key]

    @cached_property
    def _connections(self) -> dict[str, Connection]:
        return {one.id: one for one in all_ever(self._sql)}


def _of(sql: sa.Connection, connection_ids: set[str], person_ids: set[str]) -> list[Budget]:
    mine = table.c.connection_id.in_(connection_ids) & table.c.person_id.in_(person_ids)
    query = sa.select(*_SHOWN).where(mine)
    # Its own before those of all together, and "day" before "month".
    order = (table.c.connection_id.desc(), table.c.person_id, table.c.period)
    rows = sql.execute(query.order_by(*order)).mappings()
    return [Budget(**row) for row in rows]
