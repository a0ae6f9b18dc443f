"""Running sums of what tasks count, kept by the transactions that change the tasks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

import sqlalchemy as sa

from runway_core.domain import Noun
from runway_core.people import Right, needs
from runway_core.pricing import Tally, tally
from runway_core.store.money import Money
from runway_core.store.rows import Rows
from runway_core.store.schema import tallies as table


class Cell(NamedTuple):
    """One running sum."""

    connection_id: str
    day: date
    """Of UTC, in which its tasks were asked for."""
    person_id: str
    model: str
    tally: Tally


class CellQuery(Noun):
    """Which sums; each filter is off when empty."""

    since: date | None = None
    until: date | None = None
    """The last day."""
    connection_id: str = ""
    person_id: str | None = None
    """Whose; that of nobody in particular is empty, so None is for everybody's."""
    model: str = ""


class TallyRows(Rows):
    """Reads the sums."""

    @needs(Right.LOOK)
    def cells(self, query: CellQuery) -> list[Cell]:
        """The sums that match, the newest day first; those of the acting person alone unless they see all."""
        wanted = sa.select(*_KEY, *_TALLY).where(*_matching(query))
        if not self.actor.sees_all:
            wanted = wanted.where(table.c.person_id == self.actor.id)
        with self._db.read() as sql:
            rows = sql.execute(wanted.order_by(table.c.day.desc(), *_KEY[2:])).all()
        return [_cell(*row) for row in rows]


def shift(sql: sa.Connection, before: Money | None, after: Money) -> None:
    """Take a task out of the sum that it was in, and add it to that in which it is now.

    Within the transaction that changes the task, and that keeps others out.
    """
    if before is not None:
        if (before.key, tally(before.counted)) == (after.key, tally(after.counted)):
            return
        _add(sql, before, -1)
    _add(sql, after, 1)


def sums(sql: sa.Connection, *where: sa.ColumnElement[bool]) -> Iterable[tuple[str, Tally]]:
    """The sums that fulfil conditions, each with its connection's id, and with no more than budgets count."""
    rows = sql.execute(sa.select(table.c.connection_id, *_COUNTED).where(*where))
    return (
        (connection_id, Tally(part=part, unit=unit, priced=priced, unpriced=unpriced, amount=sum_))
        for connection_id, part, unit, priced, unpriced, sum_ in rows
    )


def hand_over(sql: sa.Connection, person_id: str) -> None:
    """Make the sums of nobody in particular those of somebody who has none yet."""
    nobodys = sa.update(table).where(table.c.person_id == "")
    sql.execute(nobodys.values(person_id=person_id))


_COUNTED = [table.c.part, table.c.unit, table.c.priced, table.c.unpriced, table.c.amount]
_TALLY = [table.c[name] for name in Tally._fields]
_KEY = [table.c.connection_id, table.c.day, table.c.person_id, table.c.model]


def _cell(connection_id: str, day: date, person_id: str, model: str, *counts: Any) -> Cell:
    return Cell(connection_id, day, person_id, model, Tally(*counts))


def _add(sql: sa.Connection, money: Money, times: int) -> None:
    one = tally(money.counted)
    key = money.key | {"unit": one.unit, "outcome": one.outcome, "part": one.part}
    mine = sa.and_(*[table.c[name] == value for name, value in key.items()])
    row = sql.execute(sa.select(*_TALLY).where(mine)).first()
    empty = Tally(part=one.part, unit=one.unit, outcome=one.outcome)
    total = (empty if row is None else Tally(*row)).plus(one, times=times)
    if row is None:
        sql.execute(sa.insert(table).values(key | total._asdict()))
    elif total.tasks == 0:
        sql.execute(sa.delete(table).where(mine))
    else:
        sql.execute(sa.update(table).where(mine).values(total._asdict()))


def _matching(query: CellQuery) -> list[sa.ColumnElement[bool]]:
    found = asked_for(table, query)
    if query.since is not None:
        found.append(table.c.day >= query.since)
    if query.until is not None:
        found.append(table.c.day <= query.until)
    return found


def midnight(day: date) -> datetime:
    """When a day of UTC begins."""
    return datetime.combine(day, time(), UTC)


def asked_for(of: sa.Table, query: CellQuery) -> list[sa.ColumnElement[bool]]:
    """The conditions of a query but for its days, on a table with these columns."""
    found: list[sa.ColumnElement[bool]] = []
    if query.connection_id:
        found.append(of.c.connection_id == query.connection_id)
    if query.person_id is not None:
        found.append(of.c.person_id == query.person_id)
    if query.model:
        found.append(of.c.model == query.model)
    return found
