"""What is left at providers: which balances are low, and how much of a batch they and the budgets let in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from runway_core.domain import Connection, Estimate, Noun
from runway_core.errors import InvalidInputError, Problem
from runway_core.people import LOCAL, Right
from runway_core.pricing import Available, Lot, admit, amount, is_low
from runway_core.store import BalanceAsk
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now

_MOST = Decimal(10) ** 12


class Low(Noun):
    """A balance that is below what its connection's alert is set to."""

    connection: Connection
    balance: Decimal
    below: Decimal
    unit: str
    """Of both."""
    age: timedelta
    """Since the provider itself has told it; what was charged since is taken off."""


class Balances(Service):
    """Sets alerts, and tells what is left."""

    @may(Right.MANAGE)
    def set_alert(self, connection: Connection, below: Decimal | None) -> Connection:
        """Say from now on when a balance falls below an amount in its own unit; None to say nothing.

        Raises:
            InvalidInputError: it is no sensible amount; names ``alert_below``.
        """
        if below is not None and not (below.is_finite() and 0 < below <= _MOST):
            raise InvalidInputError(
                Problem("alert_below", "must be a number above 0."), hint="Nothing was changed."
            )
        self._store.connections.change(connection.id, alert_below=below)
        words = "off" if below is None else f"below {amount(below, connection.balance_unit)}"
        self.audit("balance alert set", connection, words)
        return connection.model_copy(update={"alert_below": below})

    @may(Right.MANAGE, "balance asked for")
    def ask(self, connection: Connection) -> None:
        """Wish to know what is left at a provider: the engine asks for it at once, and it is free."""
        self._store.balance_asks.ask(connection.id, now())

    @may(Right.MANAGE)
    def asks(self) -> dict[str, BalanceAsk]:
        """By connection how asking for its balance stands, where anybody ever asked."""
        return self._store.balance_asks.all()

    @may(Right.LOOK)
    def low(self) -> list[Low]:
        """Which balances are below their alerts; those that were never told are not among them."""
        time = now()
        return [
            Low(
                connection=one,
                balance=one.balance,
                below=one.alert_below,
                unit=one.balance_unit,
                age=time - one.balance_at,
            )
            for one in self._store.connections.all()
            if is_low(one) and one.balance is not None and one.balance_at is not None
            if one.alert_below is not None
        ]

    @may(Right.LOOK)
    def available(self, connection: Connection) -> Available | None:
        """The balance that the provider told, less what has been asked for since; None where it told none.

        A video is taken for booked when it is sent, as providers do: it is not known of any that books later.
        """
        if connection.balance is None or connection.balance_at is None:
            return None
        history, unit = self._store.acting_as(LOCAL).history, connection.balance_unit
        asked = history.unbooked(connection.id, unit, connection.balance_at)
        return Available(amount=max(connection.balance - asked, Decimal(0)), unit=unit)

    @may(Right.LOOK)
    def admit(self, connection: Connection, wishes: Sequence[Estimate]) -> Lot:
        """Which of many wishes fit now, in their order, into the hard budgets that count for the acting
        person and into what is left; and why the others have to wait.

        Only a look: whoever then asks for them is held to the budgets once more, one by one.
        """
        outlooks = self._store.budgets.outlooks(connection.id, now())
        return admit(wishes, outlooks, self.available(connection))
