"""What videos have cost, and how well each connection and model has served: from running sums and own history.

Everybody sees what is their own; admins see it all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Literal

from runway_core.catalog import catalog
from runway_core.domain import Connection, Noun, TaskStatus
from runway_core.people import LOCAL, Right
from runway_core.pricing import Learnt, Sent, Spent, at_rank, learnt, share_of, spent, unit_prices
from runway_core.store import Cell, CellQuery, Failure, LedgerEntry
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now
from runway_core.studio.spreadsheets import as_csv

__all__ = ["By", "CellQuery", "Group", "Score", "Spending"]

By = Literal["all", "day", "connection", "model", "person"]
_AT_ONCE = 5000
_COLUMNS = (
    *("When (UTC)", "Video", "Connection", "Model", "Person"),
    *("What", "Amount", "Unit", "Certainty", "Why"),
)


class Group(Noun):
    """What was spent on one day, with one connection, on one model or by one person; in one unit."""

    key: str
    """The day as YYYY-MM-DD, or the id of what it is about; empty for all."""
    name: str
    """What people call it; empty for nobody in particular."""
    spent: Spent


class Score(Noun):
    """How one model has done with one connection."""

    connection_id: str
    connection: str
    model: str
    succeeded: int
    failed: int
    success_rate: Decimal | None
    """Of those that have ended and were not cancelled, 0 to 1; None before there are any."""
    waits: int
    """How many of the newest videos the next two are from."""
    median_wait: timedelta | None
    """From being taken on to being seen finished."""
    slow_wait: timedelta | None
    """What nine of ten did not exceed."""
    spent: Spent
    """In the newest unit; `Spent.per_second` is the price of a second that came out."""
    last_failure: Failure | None


class Spending(Service):
    """Puts sums together; a task counts on the day of UTC on which it was asked for."""

    @may(Right.LOOK)
    def by(self, by: By, query: CellQuery | None = None) -> list[Group]:
        """What matches, put together by something: the newest day first, else the most tasks first.

        Amounts in different units are never added, so a key may come more than once.
        """
        found: dict[tuple[str, str], list[Cell]] = defaultdict(list)
        for cell in self._store.tallies.cells(query or CellQuery()):
            found[_key(by, cell), cell.tally.unit].append(cell)
        name = self._names(by)
        groups = [
            Group(key=key, name=name(key), spent=_spent(cells, unit))
            for (key, unit), cells in found.items()
        ]
        if by == "day":
            return sorted(groups, key=lambda group: group.key, reverse=True)
        return sorted(groups, key=lambda group: -group.spent.tasks)

    @may(Right.LOOK)
    def scoreboard(self, query: CellQuery | None = None) -> list[Score]:
        """How each model has done with each connection, the most used first."""
        query = query or CellQuery()
        found: dict[tuple[str, str], list[Cell]] = defaultdict(list)
        for cell in self._store.tallies.cells(query):
            found[cell.connection_id, cell.model].append(cell)
        ordered = sorted(found.values(), key=lambda cells: -sum(c.tally.tasks for c in cells))
        return [self._score(cells, query) for cells in ordered]

    @may(Right.LOOK)
    def entries(self, task_id: str) -> list[LedgerEntry]:
        """What was estimated, held, charged and given back for one task, oldest first."""
        return self._store.ledger.of(task_id)

    @may(Right.LOOK, "spending downloaded")
    def csv(self, query: CellQuery | None = None) -> bytes:
        """The ledger of the days, connection, person and model asked for, as CSV in UTF-8.

        No cell of it is a formula to a spreadsheet. Here a line counts on the day on which it was written.
        """
        connection, person = self._names("connection"), self._names("person")

        def cells(entry: LedgerEntry) -> tuple[str, ...]:
            what = (entry.task_id, connection(entry.connection_id), entry.model)
            amount = "" if entry.amount is None else f"{entry.amount:f}"
            money = (entry.kind, amount, entry.unit, entry.certainty, entry.why)
            return f"{entry.at:%Y-%m-%d %H:%M:%S}", *what, person(entry.person_id), *money

        return as_csv(_COLUMNS, map(cells, self._lines(query or CellQuery())))

    @may(Right.LOOK)
    def learnt(self, connection: Connection) -> tuple[Learnt, ...]:
        """What a 5-second video of each model has really cost, where nobody published it; the best known first.

        From the charges that the provider told, else from what its balance did. To be offered to whoever
        enters the price; nothing takes it by itself.
        """
        profile = catalog().profile(connection.profile)
        if profile.price == "model":
            return ()
        sent = [
            Sent(
                model=task.model,
                sent_at=task.sent_at,
                steps=unit_prices(profile, task.seconds),
                made_at=task.finished_at if task.status is TaskStatus.SUCCEEDED else None,
                charge=task.charge,
                unit=task.unit,
                balance=task.balance,
                balance_at=task.balance_at,
            )
            for task in self._store.acting_as(LOCAL).history.sent(connection.id)
        ]
        return learnt(sent, balance_unit=connection.balance_unit)

    def _score(self, cells: list[Cell], query: CellQuery) -> Score:
        newest = cells[0]  # they come by day
        connection = self._store.connections.get(newest.connection_id)
        counts = {
            outcome: sum(c.tally.tasks for c in cells if c.tally.outcome == outcome)
            for outcome in ("succeeded", "failed")
        }
        history, waits = self._store.history, []
        if connection is not None and counts["succeeded"]:
            waits = history.waits(connection, newest.model, query)
        failed = next((c for c in cells if c.tally.outcome == "failed"), None)
        return Score(
            connection_id=newest.connection_id,
            connection=connection.name if connection else "",
            model=newest.model,
            **counts,
            success_rate=share_of(counts["succeeded"], sum(counts.values())),
            waits=len(waits),
            median_wait=at_rank(waits, 50),
            slow_wait=at_rank(waits, 90),
            spent=_spent(cells, newest.tally.unit),
            last_failure=history.last_failure(failed) if failed else None,
        )

    def _lines(self, query: CellQuery) -> Iterator[LedgerEntry]:
        until, last = now(), 0
        while found := self._store.ledger.after(last, query, until=until, limit=_AT_ONCE):
            yield from found
            last = found[-1].id

    def _names(self, by: By) -> Callable[[str], str]:
        """What people call what a key is of."""
        if by == "person":
            people = {person.id: person.name for person in self._store.people.all()}
            return lambda key: people.get(key, "")
        if by == "connection":
            return cache(self._connection_name)
        return str

    def _connection_name(self, connection_id: str) -> str:
        found = self._store.connections.get(connection_id)
        return found.name if found else ""


def _key(by: By, cell: Cell) -> str:
    keys: dict[By, str] = {
        "all": "",
        "day": cell.day.isoformat(),
        "connection": cell.connection_id,
        "model": cell.model,
        "person": cell.person_id,
    }
    return keys[by]


def _spent(cells: Iterable[Cell], unit: str) -> Spent:
    return spent(((cell.model, cell.tally) for cell in cells), unit)
