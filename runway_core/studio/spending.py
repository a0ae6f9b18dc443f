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
from runway_core.pricing import (
    Learnt,
    Sent,
    Spent,
    Told,
    at_rank,
    learnt,
    share_of,
    spent,
    together,
    unit_prices,
)
from runway_core.store import Cell, CellQuery, Failure, LedgerEntry
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now
from runway_core.studio.currencies import Currencies
from runway_core.studio.purses import Purses
from runway_core.studio.spreadsheets import as_csv

__all__ = ["By", "CellQuery", "Group", "Report", "Score", "Spending"]

By = Literal["all", "day", "connection", "model", "person"]
_AT_ONCE = 5000
_COLUMNS = (
    *("When (UTC)", "Video", "Connection", "Model", "Person"),
    *("What", "Amount", "Unit", "Certainty", "Why"),
)


class Group(Noun):
    """What was spent on one day, with one connection, on one model or by one person; in one provider's unit."""

    key: str
    """The day as YYYY-MM-DD, or the id of what it is about; empty for all."""
    name: str
    """What people call it; empty for nobody in particular."""
    provider: str
    """Whose unit it is: the profile's title."""
    practice: bool
    """Whether it cost nothing really."""
    spent: Spent
    told: Told
    """In the reporting currency."""


class Report(Noun):
    """What was spent in one period."""

    currency: str
    """The reporting one."""
    told: Told
    """All together, in it."""
    whole: tuple[Group, ...]
    """All together, in each provider's own unit, the most tasks first."""
    days: tuple[Group, ...]
    """The newest first."""
    groups: tuple[Group, ...]
    """By what was asked for."""
    practice: int
    """Videos of practice that match and are left out."""


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
    told_per_second: Decimal | None
    """That in the reporting currency."""
    last_failure: Failure | None


class Spending(Service):
    """Puts sums together; a task counts on the day of UTC on which it was asked for."""

    @may(Right.LOOK)
    def by(self, by: By, query: CellQuery | None = None) -> list[Group]:
        """What matches, put together by something: the newest day first, else the most tasks first.

        Amounts in different units, or in those of different providers, are never added, so a key may come
        more than once. Practice is left out unless its connection is asked for.
        """
        purses = self._purses()
        return self._groups(by, _paid(self._cells(query or CellQuery()), query, purses), purses)

    @may(Right.LOOK)
    def report(self, by: By, query: CellQuery | None = None) -> Report:
        """The same of one period as a whole, day by day and by something else, from one look at the sums."""
        purses, found = self._purses(), self._cells(query or CellQuery())
        cells = _paid(found, query, purses)
        whole = self._groups("all", cells, purses)
        days = self._groups("day", cells, purses)
        return Report(
            currency=purses.reporting.currency,
            told=together(group.told for group in whole),
            whole=tuple(whole),
            days=tuple(days),
            groups=tuple(days if by == "day" else self._groups(by, cells, purses)),
            practice=sum(c.tally.tasks for c in found) - sum(c.tally.tasks for c in cells),
        )

    @may(Right.LOOK)
    def scoreboard(self, query: CellQuery | None = None) -> list[Score]:
        """How each model has done with each connection, the most used first."""
        query = query or CellQuery()
        found: dict[tuple[str, str], list[Cell]] = defaultdict(list)
        purses = self._purses()
        for cell in _paid(self._cells(query), query, purses):
            found[cell.connection_id, cell.model].append(cell)
        ordered = sorted(found.values(), key=lambda cells: -sum(c.tally.tasks for c in cells))
        return [self._score(cells, query, purses) for cells in ordered]

    @may(Right.LOOK)
    def entries(self, task_id: str) -> list[LedgerEntry]:
        """What was estimated, held, charged and given back for one task, oldest first."""
        return self._store.ledger.of(task_id)

    @may(Right.LOOK, "spending downloaded")
    def csv(self, query: CellQuery | None = None) -> bytes:
        """The ledger of the days, connection, person and model asked for, as CSV in UTF-8.

        No cell of it is a formula to a spreadsheet. Here a line counts on the day on which it was written.
        Practice is left out unless its connection is asked for.
        """
        connection, person = self._names("connection"), self._names("person")

        def cells(entry: LedgerEntry) -> tuple[str, ...]:
            what = (entry.task_id, connection(entry.connection_id), entry.model)
            amount = "" if entry.amount is None else f"{entry.amount:f}"
            money = (entry.kind, amount, entry.unit, entry.certainty, entry.why)
            return f"{entry.at:%Y-%m-%d %H:%M:%S}", *what, person(entry.person_id), *money

        purses = self._purses()
        paid = (line for line in self._lines(query or CellQuery()) if _counts(line, query, purses))
        return as_csv(_COLUMNS, map(cells, paid))

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

    def _cells(self, query: CellQuery) -> list[Cell]:
        return self._store.tallies.cells(query)

    def _purses(self) -> Purses:
        return Purses(self._store, Currencies(self._store).reporting())

    def _groups(self, by: By, cells: list[Cell], purses: Purses) -> list[Group]:
        found: dict[tuple[str, str, str], list[Cell]] = defaultdict(list)
        for cell in cells:
            purse = purses.of(cell.connection_id)
            found[_key(by, cell), purse.provider, cell.tally.unit].append(cell)
        name = self._names(by)
        groups = [
            Group(
                key=key,
                name=name(key),
                provider=provider,
                practice=purses.of(of[0].connection_id).practice,
                spent=_spent(of, unit),
                told=purses.told(of, unit),
            )
            for (key, provider, unit), of in found.items()
        ]
        if by == "day":
            return sorted(groups, key=lambda group: group.key, reverse=True)
        return sorted(groups, key=lambda group: -group.spent.tasks)

    def _score(self, cells: list[Cell], query: CellQuery, purses: Purses) -> Score:
        newest = cells[0]  # they come by day
        connection = self._store.connections.get(newest.connection_id)
        spent = _spent(cells, newest.tally.unit)
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
            spent=spent,
            told_per_second=purses.rated(spent.per_second, newest),
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


def _paid(cells: list[Cell], query: CellQuery | None, purses: Purses) -> list[Cell]:
    return [cell for cell in cells if _counts(cell, query, purses)]


def _counts(of: Cell | LedgerEntry, query: CellQuery | None, purses: Purses) -> bool:
    """Whether it is to be seen: practice only where its connection is asked for."""
    asked = query is not None and query.connection_id
    return bool(asked) or not purses.of(of.connection_id).practice


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
