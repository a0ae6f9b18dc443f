"""What a person reads when a budget lets nothing more in, or a charge is far over its estimate."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from runway_core.domain import Budget, Estimate, Period
from runway_core.errors import BudgetExceededError, InvalidInputError, Problem
from runway_core.pricing.amounts import amount, many
from runway_core.pricing.budgeting import Outlook

_WAYS = "Wait until then, ask for something cheaper, or change the budget in Settings."
_OWN_WAYS = "Wait until then, ask for something cheaper, or ask an admin for more."


def named(found: Outlook) -> str:
    """The period of a budget as people call it, such as ``July`` or ``22 July``; of UTC."""
    last = found.resets_at - timedelta(days=1)
    return f"{last:%B}" if found.budget.period is Period.MONTH else f"{last.day} {last:%B}"


def anew(resets_at: datetime) -> str:
    """When a budget starts anew, in words."""
    return f"{resets_at.day} {resets_at:%B %Y} at 00:00 UTC"


def refusal(found: Outlook, estimate: Estimate | None = None) -> InvalidInputError:
    """Why a task of this estimate is not let in; nothing was sent for it."""
    budget, period = found.budget, named(found)
    if found.cost is None:
        return _incomparable(budget, estimate)
    whose = "your own" if budget.person_id else "the"
    used = amount(found.spent + found.reserved, "")
    so_far = (
        f"of {whose} {amount(budget.amount, budget.unit)} for {period} {used} are spent or reserved"
    )
    if found.cost:
        cost, left = amount(found.cost, budget.unit), amount(found.left, "")
        words = f"would be passed: this may cost {cost}, and {so_far}, so {left} are left."
    else:
        words = f"has been passed: {so_far}."
    words += f" It starts anew on {anew(found.resets_at)}."
    ways = _OWN_WAYS if budget.person_id else _WAYS
    hint = f"Nothing was sent and nothing was charged. {ways}"
    return BudgetExceededError(Problem("budget", words), hint=hint)


def _incomparable(budget: Budget, estimate: Estimate | None) -> InvalidInputError:
    nothing = "Nothing was sent and nothing was charged."
    if estimate is not None and estimate.is_known:
        words = f"is in {many(budget.unit)}, but prices are in {many(estimate.unit)} by now."
        return InvalidInputError(
            Problem("budget", words), hint=f"{nothing} Set the budget again in Settings."
        )
    words = "is not known, so the budget can't be kept."
    hint = f"{nothing} Enter the price once in Settings, or let the budget only warn."
    return InvalidInputError(Problem("unit_price", words), hint=hint)


def overcharge(charge: Decimal, estimate: Estimate) -> str:
    """Why a connection is paused after a charge; what to do is said where it is lifted."""
    most = estimate.high if estimate.high is not None else Decimal(0)
    return (
        f"The provider charged {amount(charge, estimate.unit)} where at most "
        f"{amount(most, estimate.unit)} had been expected. Nothing more is sent until you have "
        "looked at its prices; what is being made goes on."
    )
