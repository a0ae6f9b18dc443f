"""Whether the running sums are what the ledger says, and the sums made anew from the tasks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from runway_core.domain import Noun
from runway_core.people import Right, needs
from runway_core.pricing import Tally, tally
from runway_core.store.money import Money, as_money, money_rows
from runway_core.store.rows import Rows
from runway_core.store.schema import ledger, tallies, tasks

_IN_PIECES = {"yield_per": 5000}
"""Of a statement, and not of its connection, which would open a cursor for each later one too."""
Place = tuple[str, date, str, str]
"""Connection, day of UTC, person, model."""
Part = tuple[Place, str, str]
"""A place, the unit, and ``confirmed``, ``assumed`` or ``reserved``."""


class Difference(Noun):
    """Where a running sum is not what the ledger says."""

    connection_id: str
    day: date
    person_id: str
    model: str
    what: str
    """``tasks``, or the part and the unit of an amount, such as ``confirmed credit``."""
    summed: Decimal
    """What the running sum says."""
    ledger: Decimal
    """What the lines of the ledger come to."""


class RecountRows(Rows):
    """Reads everything once, so this takes a while in a large home: it is for upkeep, not for pages."""

    @needs(Right.RUN)
    def differences(self) -> list[Difference]:
        """Each sum that is not what the ledger says; none where all is well."""
        with self._db.read() as sql:
            return _differences(sql)

    @needs(Right.RUN)
    def rebuild(self) -> list[Difference]:
        """Make all sums anew from the tasks, and give what still differs from the ledger.

        One transaction that keeps others out: they wait meanwhile.
        """
        with self._db.write(alone=True) as sql:
            sql.execute(sa.delete(tallies))
            rows = [_row(key, total) for key, total in _from_tasks(sql).items()]
            if rows:
                sql.execute(sa.insert(tallies), rows)
            return _differences(sql)


def _differences(sql: sa.Connection) -> list[Difference]:
    summed, counts = _of_sums(sql)
    written, births = _of_ledger(sql)
    amounts = [
        _difference(place, f"{part} {unit}".strip(), summed[key], written[key])
        for key in {*summed, *written}
        if summed[key] != written[key]
        for place, unit, part in [key]
    ]
    numbers = [
        _difference(place, "tasks", Decimal(counts[place]), Decimal(births[place]))
        for place in {*counts, *births}
        if counts[place] != births[place]
    ]
    return sorted([*numbers, *amounts], key=lambda one: (one.day, one.connection_id, one.what))


def _difference(place: Place, what: str, summed: Decimal, written: Decimal) -> Difference:
    connection_id, day, person_id, model = place
    return Difference(
        connection_id=connection_id,
        day=day,
        person_id=person_id,
        model=model,
        what=what,
        summed=summed,
        ledger=written,
    )


def _of_sums(sql: sa.Connection) -> tuple[dict[Part, Decimal], Counter[Place]]:
    own = tallies.c
    amounts: dict[Part, Decimal] = defaultdict(Decimal)
    counts: Counter[Place] = Counter()
    query = sa.select(
        *(own.connection_id, own.day, own.person_id, own.model),
        *(own.unit, own.part, own.amount, own.tasks),
    )
    for *place, unit, part, amount, number in sql.execute(query):
        where: Place = (place[0], place[1], place[2], place[3])
        amounts[where, unit, part] += amount
        counts[where] += number
    return amounts, counts


def _of_ledger(sql: sa.Connection) -> tuple[dict[Part, Decimal], Counter[Place]]:
    """What the lines of tasks come to, where the tasks are counted; each has one line of its birth."""
    amounts: dict[Part, Decimal] = defaultdict(Decimal)
    births: Counter[Place] = Counter()
    for line in _lines(sql):
        place = (line.connection_id, _day(line.created_at), line.owner_id, line.model)
        if line.kind == "estimate":
            births[place] += 1
        elif line.amount:
            amounts[place, line.unit, _part(line.kind, line.certainty)] += (
                -line.amount if line.kind in ("release", "refund") else line.amount
            )
    return amounts, births


def _lines(sql: sa.Connection) -> Iterator[Any]:
    query = sa.select(
        *(ledger.c.kind, ledger.c.amount, ledger.c.unit, ledger.c.certainty),
        *(tasks.c.connection_id, tasks.c.created_at, tasks.c.owner_id, tasks.c.model),
    ).join(tasks, tasks.c.id == ledger.c.task_id)
    return iter(sql.execute(query, execution_options=_IN_PIECES))


def _part(kind: str, certainty: str) -> str:
    """What a line adds to, or takes from; see `runway_core.pricing.ledger`."""
    if kind in ("reservation", "release"):
        return "reserved"
    return "confirmed" if certainty == "confirmed" else "assumed"


def _from_tasks(sql: sa.Connection) -> dict[tuple[Any, ...], Tally]:
    sums: dict[tuple[Any, ...], Tally] = {}
    found = sql.execute(money_rows(sa.true()), execution_options=_IN_PIECES)
    for money in map(as_money, found):
        one = tally(money.counted)
        key = (*_place(money), one.unit, one.outcome, one.part)
        empty = Tally(part=one.part, unit=one.unit, outcome=one.outcome)
        sums[key] = sums.get(key, empty).plus(one)
    return sums


def _place(money: Money) -> Place:
    return money.connection_id, _day(money.created_at), money.person_id, money.model


def _row(key: tuple[Any, ...], total: Tally) -> dict[str, Any]:
    place = dict(zip(("connection_id", "day", "person_id", "model"), key[:4], strict=True))
    return place | total._asdict()


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
