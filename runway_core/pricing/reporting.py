"""What was spent, by day, connection, model or person: sums put together, nothing read and nothing drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from runway_core.domain import Noun
from runway_core.pricing.tallies import Tally

FINEST = Decimal("0.0001")
"""To which part of a unit a price for a second is rounded; sums are exact."""
_ZERO = Decimal(0)
_EXACT = Context(prec=100)


class Spent(Noun):
    """What tasks came to, in one unit."""

    unit: str
    tasks: int = 0
    open: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    confirmed: Decimal = _ZERO
    """Told by providers."""
    assumed: Decimal = _ZERO
    """Ended without a word on the charge: the most that they were said to cost."""
    reserved: Decimal = _ZERO
    """Held for what may still cost."""
    unpriced: int = 0
    """Tasks that cost something which nobody knows; they are in no amount."""
    compared: Decimal = _ZERO
    """The part of `confirmed` whose price had been estimated before, at"""
    low: Decimal = _ZERO
    high: Decimal = _ZERO
    """these in sum."""
    failed_confirmed: Decimal = _ZERO
    """The part of `confirmed` that was charged for what failed."""
    failed_assumed: Decimal = _ZERO
    """The part of `assumed` that may have been."""
    seconds: int = 0
    """Of finished video whose length was asked for and whose cost is known."""
    per_second: Decimal | None = None
    """All that has ended, failures too, for each of these seconds, by models that have any."""

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.confirmed + self.assumed + self.reserved


class Told(Noun):
    """What tasks came to in the reporting currency, as far as that can be told; exact."""

    confirmed: Decimal = _ZERO
    assumed: Decimal = _ZERO
    reserved: Decimal = _ZERO
    failed: Decimal = _ZERO
    """The part of the first two that was charged, or may have been, for what failed."""
    untold: int = 0
    """Tasks whose amount is known in a unit of which nobody said what it is worth; they are in no amount."""
    unpriced: int = 0
    """Tasks that cost something which nobody knows; they are in no amount."""

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.confirmed + self.assumed + self.reserved

    @property
    def known(self) -> bool:
        """Whether anything of it can be told."""
        return bool(self.total) or not (self.untold or self.unpriced)


def told(found: Spent, priced: int, rate: Decimal | None) -> Told:
    """What an amount comes to where one unit is worth `rate`, or nobody said what it is worth.

    `priced` is how many tasks are in the amount.
    """
    if rate is None:
        return Told(untold=priced, unpriced=found.unpriced)
    return Told(
        confirmed=_EXACT.multiply(found.confirmed, rate),
        assumed=_EXACT.multiply(found.assumed, rate),
        reserved=_EXACT.multiply(found.reserved, rate),
        failed=_EXACT.multiply(found.failed_confirmed + found.failed_assumed, rate),
        unpriced=found.unpriced,
    )


def together(found: Iterable[Told]) -> Told:
    """All of these."""
    whole: dict[str, Any] = defaultdict(int)
    for one in found:
        for name, value in one:
            whole[name] += value
    return Told(**whole)


def spent(tallies: Iterable[tuple[str, Tally]], unit: str) -> Spent:
    """Sum up what each model came to in one unit; sums in other units are left out."""
    whole: dict[str, Tally] = {}
    by_model: dict[str, tuple[Decimal, int]] = defaultdict(lambda: (_ZERO, 0))
    for model, found in tallies:
        if found.unit != unit:
            continue
        key = f"{found.part} {found.outcome}"
        whole[key] = whole[key].plus(found) if key in whole else found
        if found.outcome != "open":
            amount, seconds = by_model[model]
            by_model[model] = (amount + found.amount, seconds + found.seconds)
    timed = [(amount, seconds) for amount, seconds in by_model.values() if seconds]
    cost, length = sum((a for a, _ in timed), _ZERO), sum(s for _, s in timed)
    rate = (cost / length).quantize(FINEST, ROUND_HALF_EVEN) if length else None
    return _whole(list(whole.values()), unit).model_copy(update={"per_second": rate})


def _whole(found: list[Tally], unit: str) -> Spent:
    def money(of: Callable[[Tally], Decimal], part: str, outcome: str = "") -> Decimal:
        fits = [t for t in found if t.part == part and outcome in ("", t.outcome)]
        return sum((of(t) for t in fits), _ZERO)

    def number(outcome: str) -> int:
        return sum(t.tasks for t in found if t.outcome == outcome)

    return Spent(
        unit=unit,
        tasks=sum(t.tasks for t in found),
        open=number("open"),
        succeeded=number("succeeded"),
        failed=number("failed"),
        cancelled=number("cancelled"),
        confirmed=money(_amount, "confirmed"),
        assumed=money(_amount, "assumed"),
        reserved=money(_amount, "reserved"),
        unpriced=sum(t.unpriced for t in found),
        compared=money(lambda t: t.compared, "confirmed"),
        low=money(lambda t: t.low, "confirmed"),
        high=money(lambda t: t.high, "confirmed"),
        failed_confirmed=money(_amount, "confirmed", "failed"),
        failed_assumed=money(_amount, "assumed", "failed"),
        seconds=sum(t.seconds for t in found),
    )


def _amount(found: Tally) -> Decimal:
    return found.amount


def share_of(part: int, whole: int) -> Decimal | None:
    """A part of a number as 0 to 1, rounded; None of nothing."""
    return None if whole == 0 else (Decimal(part) / whole).quantize(FINEST, ROUND_HALF_EVEN)


def at_rank(waits: Iterable[timedelta], percent: int) -> timedelta | None:
    """The least of these that so many percent do not exceed; None of none."""
    ordered = sorted(waits)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None
