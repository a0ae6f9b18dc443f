"""What is set once for the whole home, by name; and in which currency totals are told."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from runway_core.people import Right, needs
from runway_core.pricing import Reporting
from runway_core.store.rows import Rows
from runway_core.store.schema import preferences as table

_CURRENCY = "reporting currency"
_RATES = "rates in "
"""With a currency behind it, the name of what others are worth in it: ``CNY=0.14 EUR=1.08``."""


class PreferenceRows(Rows):
    """Reads and writes preferences."""

    @needs(Right.LOOK)
    def get(self, name: str) -> str:
        """What was set; empty when nothing was."""
        with self._db.read() as sql:
            return _get(sql, name)

    @needs(Right.MANAGE)
    def set(self, name: str, value: str) -> None:
        """Set it; an empty value forgets it."""
        with self._db.write() as sql:
            self._set(sql, name, value)

    @needs(Right.LOOK)
    def reporting(self, currency: str = "") -> Reporting:
        """The rates that were entered in a currency, or in the one in which totals are told."""
        with self._db.read() as sql:
            return reporting(sql, currency)

    @needs(Right.MANAGE)
    def set_reporting(self, chosen: Reporting) -> None:
        """Tell totals in a currency from now on; rates in others stay as they were."""
        text = " ".join(f"{other}={rate:f}" for other, rate in sorted(chosen.rates.items()))
        with self._db.write(alone=True) as sql:  # hard budgets rest on it
            self._set(sql, _RATES + chosen.currency, text)
            self._set(sql, _CURRENCY, chosen.currency)

    def _set(self, sql: sa.Connection, name: str, value: str) -> None:
        if not value:
            sql.execute(sa.delete(table).where(table.c.name == name))
            return
        statement = self._db.insert(table).values(name=name, value=value)
        update = statement.on_conflict_do_update(index_elements=["name"], set_={"value": value})
        sql.execute(update)


def reporting(sql: sa.Connection, currency: str = "") -> Reporting:
    """What other currencies are worth in one, as this transaction sees what a person entered.

    In the one in which totals are told unless another is named: US dollars before any was chosen.
    """
    chosen = currency or _get(sql, _CURRENCY) or "USD"
    pairs = (pair.split("=") for pair in _get(sql, _RATES + chosen).split())
    return Reporting(currency=chosen, rates={other: Decimal(rate) for other, rate in pairs})


def _get(sql: sa.Connection, name: str) -> str:
    found: str | None = sql.execute(sa.select(table.c.value).where(table.c.name == name)).scalar()
    return found or ""
