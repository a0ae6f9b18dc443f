"""What a provider's own unit is worth in money, and money told in one currency that the reader chose.

Nothing is looked up: what a unit is worth is published or entered by its connection's owner, and what one
currency is worth in another is entered by a person. What nobody said stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Annotated

from pydantic import Field

from runway_core.catalog import Profile, Worth, catalog
from runway_core.domain import Connection, Noun
from runway_core.pricing.amounts import many

OWN_WORTH = "unit_worth"
"""The setting by which a connection's owner says what one unit is worth."""
_EXACT = Context(prec=100)
"""Amounts and rates have 30 digits at most, so that no product loses one."""
_CODE = re.compile(r"[A-Z]{3}")
_WORTH = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,12})?) ([A-Z]{3})")
_CENT = Decimal("0.01")


class Reporting(Noun):
    """The currency in which amounts are told, and what others are worth in it."""

    currency: Annotated[str, Field(pattern=_CODE)] = "USD"
    rates: dict[str, Annotated[Decimal, Field(gt=0, max_digits=24)]] = Field(default_factory=dict)
    """Currency, and how many of the reporting one it is worth; only what a person entered."""

    def rate(self, worth: Worth | None) -> Decimal | None:
        """Reporting currency for one unit of that worth; None where a rate is missing."""
        if worth is None:
            return None
        if not worth.amount or worth.currency == self.currency:
            return worth.amount
        other = self.rates.get(worth.currency)
        return None if other is None else _EXACT.multiply(worth.amount, other)

    def told(self, amount: Decimal | None, worth: Worth | None) -> Decimal | None:
        """An amount of units in the reporting currency, exact; None when it can't be told."""
        rate = self.rate(worth)
        return None if amount is None or rate is None else _EXACT.multiply(amount, rate)

    def units(self, told: Decimal | None, worth: Worth | None) -> Decimal | None:
        """How many units an amount of the reporting currency is: `told` backwards."""
        rate = self.rate(worth)
        return None if told is None or not rate else _EXACT.divide(told, rate)


def worth_of(profile: Profile, *, unit: str = "", own: str = "") -> Worth | None:
    """What one unit is worth: as its owner says, as is published, or itself where it is a currency.

    Args:
        unit: In which the connection's prices are, where its owner has entered them.
        own: What the owner says that one is worth, such as ``0.002 USD``.
    """
    if (found := _WORTH.fullmatch(own)) is not None:
        return Worth(amount=Decimal(found[1]), currency=found[2])
    if _CODE.fullmatch(unit):
        return Worth(amount=Decimal(1), currency=unit)
    ours = unit.casefold() in ("", profile.unit, many(profile.unit))
    return profile.worth if ours else None


class Measure(Noun):
    """How amounts in a connection's own unit are counted in another one."""

    unit: str
    """The connection's own."""
    rate: Decimal | None = Decimal(1)
    """What one of it counts; None where nobody said what it is worth."""
    lacks: str = ""
    """The currency whose rate is missing, where `rate` is for that; empty where the worth itself is."""

    def of(self, amount: Decimal | None, unit: str) -> Decimal | None:
        """What an amount counts, exact; None where that can't be told, never taken as nothing."""
        if amount == 0 or self.rate == 0:
            return Decimal(0)
        if amount is None or self.rate is None or unit != self.unit:
            return None
        return _EXACT.multiply(amount, self.rate)


def unit_of(connection: Connection) -> str:
    """The unit in which a connection's videos are priced."""
    profile = _profile(connection)
    if profile is None:
        return connection.unit
    own = connection.unit if profile.price == "unknown" else ""
    return own or profile.unit


def worth_in(connection: Connection, unit: str = "") -> Worth | None:
    """What one of a unit is worth with a connection: in its present unit as its owner says, else as is published.

    Args:
        unit: In which prices of it are, or were; empty for the present one.
    """
    profile = _profile(connection)
    if profile is None:
        return None
    present = unit_of(connection)
    own = connection.options.get(OWN_WORTH, "") if unit in ("", present) else ""
    return worth_of(profile, unit=unit or present, own=own)


def measure(reporting: Reporting, connection: Connection, unit: str = "") -> Measure:
    """How amounts in a connection's unit, the present one unless another is named, count in the reporting currency."""
    worth = worth_in(connection, unit)
    rate = reporting.rate(worth)
    lacks = worth.currency if worth is not None and rate is None else ""
    return Measure(unit=unit or unit_of(connection), rate=rate, lacks=lacks)


def _profile(connection: Connection) -> Profile | None:
    """The catalogue row of a connection; None for one of a service that is not in the catalogue any more."""
    return next((row for row in catalog().profiles if row.id == connection.profile), None)


def added(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of amounts, exact; None when one of them is not known."""
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total = _EXACT.add(total, amount)
    return total


def cents(amount: Decimal) -> Decimal:
    """An amount of money as it is shown: rounded to cents, or as it is when it is less than one."""
    rounded = amount.quantize(_CENT, ROUND_HALF_UP, _EXACT)
    return rounded if rounded or not amount else amount.normalize(_EXACT)
