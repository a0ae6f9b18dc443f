"""Budgets: what a connection may cost in a day or a month, and where one more task takes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from runway_core.catalog import Profile, catalog
from runway_core.domain import Budget, Connection, Estimate, Period, Task
from runway_core.errors import InvalidInputError, Problem
from runway_core.people import LOCAL, Right
from runway_core.pricing import Outlook, amount, refusal
from runway_core.store import Store
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now

__all__ = ["Budgets", "Outlook"]
_MOST = Decimal(10) ** 12


class Budgets(Service):
    """Sets and removes budgets, and tells where they stand.

    Days and calendar months are those of UTC, and a task counts in the one in which it was asked for.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store)

    @may(Right.MANAGE)
    def set(
        self,
        connection: Connection,
        amounts: Mapping[Period, Decimal],
        *,
        hard: bool = True,
        person_id: str = "",
    ) -> list[Budget]:
        """Set what a connection may cost in each period, in its own unit; what it has cost counts.

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
            "connection_id": connection.id,
            "person_id": person_id,
            "unit": unit_of(connection),
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
            self.audit("budget set", connection, strict + self._for(person_id))
        return budgets

    @may(Right.MANAGE)
    def remove(self, connection: Connection, period: Period, person_id: str = "") -> bool:
        """Remove a budget; False when there is none."""
        if not self._store.budgets.remove(connection.id, period, person_id):
            return False
        self.audit("budget removed", connection, f"that of a {period}{self._for(person_id)}")
        return True

    @may(Right.LOOK)
    def all(self, connection: Connection, person_id: str = "") -> list[Budget]:
        """A connection's budgets for all together or for one person, the day's first."""
        return self._store.budgets.of(connection.id, person_id)

    @may(Right.LOOK)
    def outlooks(
        self,
        connection: Connection,
        estimate: Estimate | None = None,
        *,
        at: datetime | None = None,
    ) -> list[Outlook]:
        """Where each budget that counts for the acting person stands now, and where a task of this
        estimate would take it."""
        return self._store.budgets.outlooks(connection.id, at or now(), estimate)

    @may(Right.MANAGE)
    def outlooks_of(self, connection: Connection, person_id: str = "") -> list[Outlook]:
        """Where the budgets of one person alone stand now; without a person, those for all together."""
        return self._store.budgets.outlooks_of(connection.id, person_id, now())

    @may(Right.MAKE)
    def check_again(self, task: Task) -> None:
        """Nothing, when a task that is reserved already may be sent once more.

        Raises:
            InvalidInputError: a hard budget was passed since, or lowered below what is reserved.
        """
        budgets = self._store.acting_as(LOCAL).budgets  # an admin may ask for somebody else's task
        for person_id in {"", task.owner_id}:
            for found in budgets.outlooks_of(task.connection_id, person_id, task.created_at):
                if found.refused:
                    raise refusal(found)

    def _for(self, person_id: str) -> str:
        person = self._store.people.get(person_id) if person_id else None
        return f", for {person.name}" if person else ""


def unit_of(connection: Connection) -> str:
    """The unit in which a connection's videos are priced."""
    profile: Profile = catalog().profile(connection.profile)
    own = connection.unit if profile.price == "unknown" else ""
    return own or profile.unit
