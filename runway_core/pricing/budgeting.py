"""What tasks count towards a budget, and where one more takes it.

A task counts in the period in which it was asked for; periods begin at midnight UTC.

============================================= ==================================================
told by the provider                          the charge, whatever became of the task
waiting, on its way, or uncertain             its reservation: the most that it was said to cost
finished, and the charge is never told        its reservation
failed or given up                            0 where failures of this kind are free, else its reservation
cancelled before the provider had taken it    0
cancelled afterwards                          its reservation: a running one is not refunded
============================================= ==================================================

Sources: `runway_core.failures` for what a failure costs; docstring of ``tasks.delete`` in Runway's SDK
4.x for cancelling (other providers: assumed the same).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import reduce
from typing import Literal

from runway_core.domain import Budget, Estimate, Noun, Period, TaskStatus
from runway_core.failures import advice_for
from runway_core.pricing.currency import Measure

TOLERANCE = Decimal("1.2")
"""How many times its estimate a charge may be before nothing more is sent."""
_ZERO = Decimal(0)
_EXACT = Context(prec=1000)
"""More digits than sums of money have."""
Part = Literal["confirmed", "assumed", "reserved"]
"""Told by the provider; ended without a word on the charge; may still cost."""


class Counted(Noun):
    """What of a task has a bearing on budgets."""

    status: TaskStatus
    low: Decimal | None = None
    """The least that it was estimated at; None when that was not known."""
    high: Decimal | None = None
    """The most that it was estimated at; None when that was not known."""
    quoted: Decimal | None = None
    """The most that the provider said when it took the task on."""
    charge: Decimal | None = None
    failure_code: str = ""
    taken: bool = False
    """Whether the provider ever took it on."""
    unit: str = ""
    seconds: int = 0
    """Of video that were asked for; 0 where the length follows what is sent."""


class Share(Noun):
    """What one task counts, and as what."""

    part: Part
    amount: Decimal | None
    """None when nobody knows."""


class Spending(Noun):
    """What the tasks of a period count together, in one unit; `tallies.spending` sums it up."""

    confirmed: Decimal = _ZERO
    """Charges that providers told."""
    assumed: Decimal = _ZERO
    """Reservations of tasks that have ended without a word on their charge."""
    reserved: Decimal = _ZERO
    """Of tasks that may still cost."""
    unpriced: int = 0
    """Tasks that cost something which is not known, or not in this unit; they are in no sum."""

    @property
    def total(self) -> Decimal:
        return exactly(self.spent, self.reserved)

    @property
    def spent(self) -> Decimal:
        """What is not held any more."""
        return exactly(self.confirmed, self.assumed)


class Outlook(Noun):
    """Where a budget stands, and where one more task takes it. All amounts in the budget's unit."""

    budget: Budget
    spent: Decimal
    """Charges, and reservations of what has ended without a told charge."""
    assumed: Decimal
    """The part of `spent` that no provider has confirmed."""
    reserved: Decimal
    """Held for tasks that may still cost."""
    unpriced: int
    """Tasks of the period whose cost is not known."""
    cost: Decimal | None
    """The most that the task asked about may cost; None when that is not known, 0 without a task."""
    after: Decimal | None
    """Spent and reserved with it."""
    left: Decimal
    """What is not yet spent or reserved, without it; never negative."""
    percent: int | None
    """`after` of the budget; 100 only when it is used up exactly."""
    verdict: Literal["fits", "over", "unknown"]
    """``unknown``: the price of the task is not known, or can't be told in the budget's unit."""
    resets_at: datetime
    measure: Measure
    """How prices of the connection asked about are counted in it."""

    @property
    def refused(self) -> bool:
        """Whether the budget does not let the task in."""
        return self.budget.hard and self.verdict != "fits"


def over_all(budget: Budget) -> bool:
    """Whether a budget is about all connections together."""
    return not budget.connection_id


def exactly(*amounts: Decimal) -> Decimal:
    """The sum, to the last digit."""
    return reduce(_EXACT.add, amounts, _ZERO)


def begins(period: Period, at: datetime) -> datetime:
    """When the period that holds `at` has begun."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day if period is Period.DAY else day.replace(day=1)


def ends(period: Period, at: datetime) -> datetime:
    """When the next period begins."""
    start = begins(period, at)
    span = timedelta(days=1 if period is Period.DAY else 31)
    return begins(period, start + span)


def counted(task: Counted) -> Share:
    """What a task counts now."""
    known = [most for most in (task.high, task.quoted) if most is not None]
    reservation = max(known, default=None)
    if task.charge is not None:
        return Share(part="confirmed", amount=max(task.charge, _ZERO))
    if not task.status.is_terminal:
        return Share(part="reserved", amount=reservation)
    return Share(part="assumed", amount=_ZERO if was_free(task) else reservation)


def was_free(task: Counted) -> bool:
    """Whether a task that has ended cost nothing, as far as is known."""
    if task.status is TaskStatus.FAILED:
        return advice_for(task.failure_code).charged == "no"
    return task.status is TaskStatus.CANCELLED and not task.taken


def outlook(
    budget: Budget,
    spent: Spending,
    at: datetime,
    estimate: Estimate | None = None,
    measure: Measure | None = None,
) -> Outlook:
    """Where a budget stands at a time, and where a task of this estimate would take it.

    Args:
        measure: how its price is counted, where that is in another unit than the budget.
    """
    measure = measure or Measure(unit=budget.unit)
    cost = _ZERO if estimate is None else measure.of(estimate.high, estimate.unit)
    after = None if cost is None else exactly(spent.total, cost)
    return Outlook(
        budget=budget,
        spent=spent.spent,
        assumed=spent.assumed,
        reserved=spent.reserved,
        unpriced=spent.unpriced,
        cost=cost,
        after=after,
        left=max(exactly(budget.amount, -spent.total), _ZERO),
        percent=None if after is None else _percent(after, budget.amount),
        verdict=_verdict(after, budget.amount),
        resets_at=ends(budget.period, at),
        measure=measure,
    )


def _verdict(after: Decimal | None, amount: Decimal) -> Literal["fits", "over", "unknown"]:
    if after is None:
        return "unknown"
    return "fits" if after <= amount else "over"


def _percent(part: Decimal, whole: Decimal) -> int:
    """Rounded away from 100, so that 100 is never almost."""
    exact = _EXACT.divide(_EXACT.multiply(part, Decimal(100)), whole)
    return int(exact.to_integral_value(ROUND_FLOOR if part <= whole else ROUND_CEILING))


def is_excessive(charge: Decimal, estimate: Estimate) -> bool:
    """Whether a charge is so far over its estimate that a person should look before more is sent."""
    return estimate.high is not None and charge > estimate.high * TOLERANCE
