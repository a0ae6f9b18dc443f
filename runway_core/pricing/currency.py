"""What a provider's own unit is worth in money, and money told in one currency that the reader chose.

Nothing is looked up: what a unit is worth is published or entered by its connection's owner, and what one
currency is worth in another is entered by a person. What nobody said stays unknown.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Annotated

from pydantic import Field

from runway_core.catalog import Profile, Worth
from runway_core.domain import Noun
from runway_core.pricing.amounts import many

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


def cents(amount: Decimal) -> Decimal:
    """An amount of money as it is shown: rounded to cents, or as it is when it is less than one."""
    rounded = amount.quantize(_CENT, ROUND_HALF_UP, _EXACT)
    return rounded if rounded or not amount else amount.normalize(_EXACT)
