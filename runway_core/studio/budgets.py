"""Budgets: what a connection, or all of them, may cost in a day or a month, and where one more task takes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Any

from runway_core.domain import Budget, Connection, Estimate, Period, Task
from runway_core.errors import InvalidInputError, Problem
from runway_core.people import LOCAL, Right
from runway_core.pricing import Outlook, amount, refusal, unit_of
from runway_core.store import Store
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now

__all__ = ["ALL_TOGETHER", "Budgets", "Outlook"]
ALL_TOGETHER = "all connections together"
"""What the log of acts calls that of no connection alone."""
_MOST = Decimal(10) ** 12


class Budgets(Service):
    """Sets and removes budgets, and tells where they stand.

    Days and calendar months are those of UTC, and a task counts in the one in which it was asked for. Where no
    connection is named, budgets are of all of them together, in the reporting currency of that time: each task counts
    what its connection's unit is worth by now.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store)

    @may(Right.MANAGE)
    def set(
        self,
        connection: Connection | None,
        amounts: Mapping[Period, Decimal],
        *,
        hard: bool = True,
        person_id: str = "",
    ) -> list[Budget]:
        """Set what a connection may cost in each period, in its own unit; what it has cost counts.
        Without one, what all of them may cost together, in the reporting currency.

        It counts for all together, or for what one person asks for.

        Raises:
            InvalidInputError: an amount is no sensible one; names ``budget.day`` or ``budget.month``.
        """
        wrong = [
            Problem(f"budget.{period.value}", "must be a number above 0.")
            for period, amount in amounts.items()
            if not (amount.is_finite() and 0 < amount <= _MOST)
        ]
        if wrong:
            raise InvalidInputError(*wrong, hint="Nothing was changed.")
        own: dict[str, Any] = {
            "connection_id": _id(connection),
            "person_id": person_id,
            "unit": self.unit(connection),
            "created_at": now(),
        }
        budgets = [
            Budget(period=period, amount=amount, hard=hard, **own)
            for period, amount in amounts.items()
        ]
        self._store.budgets.set(*budgets)
        for budget in budgets:
            words = f"{amount(budget.amount, budget.unit)} a {budget.period}"
            strict = words if hard else f"{words}, only warns"
            self.audit("budget set", connection or ALL_TOGETHER, strict + self._for(person_id))
        return budgets

    @may(Right.LOOK)
    def unit(self, connection: Connection | None) -> str:
        """In what a budget is set: the connection's own unit, or the reporting currency."""
        return unit_of(connection) if connection else self._store.preferences.reporting().currency

    @may(Right.MANAGE)
    def remove(self, connection: Connection | None, period: Period, person_id: str = "") -> bool:
        """Remove a budget; False when there is none."""
        if not self._store.budgets.remove(_id(connection), period, person_id):
            return False
        which = f"that of a {period}{self._for(person_id)}"
        self.audit("budget removed", connection or ALL_TOGETHER, which)
        return True

    @may(Right.LOOK)
    def all(self, connection: Connection | None, person_id: str = "") -> list[Budget]:
        """The budgets of a connection, or of all of them together, for everybody or for one person; the day's first."""
        return self._store.budgets.of(_id(connection), person_id)

    @may(Right.LOOK)
    def outlooks(
        self,
        connection: Connection | None,
        estimate: Estimate | None = None,
        *,
        at: datetime | None = None,
    ) -> list[Outlook]:
        """Where each budget that counts for the acting person stands now, and where a task of this
        estimate would take it; without a connection only those of all of them together."""
        return self._store.budgets.outlooks(_id(connection), at or now(), estimate)

    @may(Right.MANAGE)
    def outlooks_of(self, connection: Connection | None, person_id: str = "") -> list[Outlook]:
        """Where the budgets of one person alone stand now; without a person, those for all together.
        Without a connection, those of all of them together."""
        return self._store.budgets.outlooks_of(_id(connection), person_id, now())

    @may(Right.MAKE)
    def check_again(self, task: Task) -> None:
        """Nothing, when a task that is reserved already may be sent once more.

        Raises:
            InvalidInputError: a hard budget was passed since, or lowered below what is reserved.
        """
        budgets = self._store.acting_as(LOCAL).budgets  # an admin may ask for somebody else's task
        for connection_id, person_id in product(("", task.connection_id), {"", task.owner_id}):
            for found in budgets.outlooks_of(connection_id, person_id, task.created_at):
                if found.refused:
                    raise refusal(found)

    def _for(self, person_id: str) -> str:
        person = self._store.people.get(person_id) if person_id else None
        return f", for {person.name}" if person else ""


def _id(connection: Connection | None) -> str:
    return connection.id if connection else ""
