"""Running sums: what tasks count together, in a form that one more is added to, or taken out of, exactly.

A task is always in one tally: that of its outcome, of the part that it counts as, and of its unit. When
it moves on it leaves that for another, so sums need no look at the tasks themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Literal, NamedTuple

from runway_core.domain import TaskStatus
from runway_core.pricing.budgeting import Counted, Part, Spending, counted
from runway_core.pricing.currency import Measure

Outcome = Literal["open", "succeeded", "failed", "cancelled"]
_ZERO = Decimal(0)
_EXACT = Context(prec=1000)
"""More digits than sums of money have: what was added can be taken out again to the last one."""
_OUTCOMES: dict[TaskStatus, Outcome] = {
    TaskStatus.SUCCEEDED: "succeeded",
    TaskStatus.FAILED: "failed",
    TaskStatus.CANCELLED: "cancelled",
}


class Tally(NamedTuple):
    """What tasks that stand alike count together. Amounts are in `unit`."""

    part: Part
    unit: str
    outcome: Outcome = "open"
    tasks: int = 0
    priced: int = 0
    """Those of them that count more than nothing."""
    unpriced: int = 0
    """Those that count something which nobody knows; they are in no amount."""
    amount: Decimal = _ZERO
    compared: Decimal = _ZERO
    """The part of `amount` that had been estimated at `low` to `high`."""
    low: Decimal = _ZERO
    high: Decimal = _ZERO
    seconds: int = 0
    """Of finished video whose length was asked for and whose cost is known."""

    def plus(self, other: Tally, *, times: int = 1) -> Tally:
        """Both together, `other` so many times; -1 takes it out."""
        return self._replace(
            tasks=self.tasks + times * other.tasks,
            priced=self.priced + times * other.priced,
            unpriced=self.unpriced + times * other.unpriced,
            amount=_sum(self.amount, times, other.amount),
            compared=_sum(self.compared, times, other.compared),
            low=_sum(self.low, times, other.low),
            high=_sum(self.high, times, other.high),
            seconds=self.seconds + times * other.seconds,
        )

    def told(self, measure: Measure, unit: str) -> Tally:
        """The same in another unit, as far as budgets count; in none where nobody said what its own is worth."""
        if measure.rate is None:
            return self._replace(unit="")
        if not measure.rate:  # what is worth nothing costs nothing, at whatever price
            return self._replace(unit=unit, amount=_ZERO, priced=0, unpriced=0)
        return self._replace(unit=unit, amount=_EXACT.multiply(self.amount, measure.rate))


def _sum(known: Decimal, times: int, more: Decimal) -> Decimal:
    return _EXACT.add(known, _EXACT.multiply(Decimal(times), more))


def tally(task: Counted) -> Tally:
    """What one task counts now."""
    share = counted(task)
    amount = share.amount or _ZERO
    outcome = _OUTCOMES.get(task.status, "open")
    compared = share.amount is not None and task.low is not None and task.high is not None
    return Tally(
        part=share.part,
        unit=task.unit,
        outcome=outcome,
        tasks=1,
        priced=int(amount > 0),
        unpriced=int(share.amount is None),
        amount=amount,
        compared=amount if compared else _ZERO,
        low=task.low if compared and task.low else _ZERO,
        high=task.high if compared and task.high else _ZERO,
        seconds=task.seconds if outcome == "succeeded" and share.amount is not None else 0,
    )


def spending(tallies: Iterable[Tally], unit: str) -> Spending:
    """What tallies come to in one unit; what is in another one is only counted."""
    sums = {"confirmed": _ZERO, "assumed": _ZERO, "reserved": _ZERO}
    unpriced = 0
    for found in tallies:
        unpriced += found.unpriced
        if found.unit == unit:
            sums[found.part] = _EXACT.add(sums[found.part], found.amount)
        else:
            unpriced += found.priced
    return Spending(**sums, unpriced=unpriced)
