"""Budgets: what a connection may cost in a day or a month, and where one more task takes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from runway_core.catalog import Profile, catalog
from runway_core.domain import Budget, Connection, Estimate, Period, Task
from runway_core.errors import InvalidInputError, Problem
from runway_core.pricing import Outlook, refusal
from runway_core.store import Store
from runway_core.studio.clock import now

__all__ = ["Budgets", "Outlook"]
_MOST = Decimal(10) ** 12


class Budgets:
    """Sets and removes budgets, and tells where they stand.

    Days and calendar months are those of UTC, and a task counts in the one in which it was asked for.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def set(
        self, connection: Connection, amounts: Mapping[Period, Decimal], *, hard: bool = True
    ) -> list[Budget]:
        """Set what a connection may cost in each period, in its own unit; what it has cost counts.

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
            "unit": unit_of(connection),
            "created_at": now(),
        }
        budgets = [
            Budget(period=period, amount=amount, hard=hard, **own)
            for period, amount in amounts.items()
        ]
        self._store.budgets.set(*budgets)
        return budgets

    def remove(self, connection: Connection, period: Period) -> bool:
        """Remove a budget; False when there is none."""
        return self._store.budgets.remove(connection.id, period)

    def all(self, connection: Connection) -> list[Budget]:
        """A connection's budgets, the day's first."""
        return self._store.budgets.of(connection.id)

    def outlooks(
        self,
        connection: Connection,
        estimate: Estimate | None = None,
        *,
        at: datetime | None = None,
    ) -> list[Outlook]:
        """Where each budget stands now, and where a task of this estimate would take it."""
        return self._store.budgets.outlooks(connection.id, at or now(), estimate)

    def check_again(self, task: Task) -> None:
        """Nothing, when a task that is reserved already may be sent once more.

        Raises:
            InvalidInputError: a hard budget was passed since, or lowered below what is reserved.
        """
        for found in self._store.budgets.outlooks(task.connection_id, task.created_at):
            if found.refused:
                raise refusal(found)


def unit_of(connection: Connection) -> str:
    """The unit in which a connection's videos are priced."""
    profile: Profile = catalog().profile(connection.profile)
    own = connection.unit if profile.price == "unknown" else ""
    return own or profile.unit
