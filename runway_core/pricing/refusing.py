"""What a person reads when a budget lets nothing more in, or a charge is far over its estimate."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from runway_core.domain import Budget, Estimate, Period
from runway_core.errors import BudgetExceededError, InvalidInputError, Problem
from runway_core.pricing.amounts import amount, many
from runway_core.pricing.budgeting import Outlook, exactly, over_all
from runway_core.pricing.currency import cents

_WAYS = "Wait until then, ask for something cheaper, or change the budget in Settings."
_OWN_WAYS = "Wait until then, ask for something cheaper, or ask an admin for more."


def named(found: Outlook) -> str:
    """The period of a budget as people call it, such as ``July`` or ``22 July``; of UTC."""
    last = found.resets_at - timedelta(days=1)
    return f"{last:%B}" if found.budget.period is Period.MONTH else f"{last.day} {last:%B}"


def anew(resets_at: datetime) -> str:
    """When a budget starts anew, in words."""
    return f"{resets_at.day} {resets_at:%B %Y} at 00:00 UTC"


def in_its_unit(found: Outlook, value: Decimal, *, bare: bool = False) -> str:
    """An amount as it is told of a budget: money to cents, other units as they are; `bare` without the unit."""
    exact = cents(value) if over_all(found.budget) else value
    return amount(exact, "" if bare else found.budget.unit)


def refusal(found: Outlook, estimate: Estimate | None = None) -> InvalidInputError:
    """Why a task of this estimate is not let in; nothing was sent for it."""
    budget, period = found.budget, named(found)
    ways = _OWN_WAYS if budget.person_id else _WAYS
    if found.cost is None:
        return _incomparable(found, estimate)
    used = in_its_unit(found, exactly(found.spent, found.reserved), bare=True)
    whole = in_its_unit(found, budget.amount)
    so_far = f"of {_whose(budget)} {whole} for {period} {used} are spent or reserved"
    if over_all(budget):
        so_far = f"of {_whose(budget)} {whole} for {period}, over all connections, {used} are spent or reserved"
    if found.cost:
        cost, left = in_its_unit(found, found.cost), in_its_unit(found, found.left, bare=True)
        words = f"would be passed: this may cost {cost}, and {so_far}, so {left} are left."
    else:
        words = f"has been passed: {so_far}."
    words += f" It starts anew on {anew(found.resets_at)}."
    hint = f"Nothing was sent and nothing was charged. {ways}"
    return BudgetExceededError(Problem("budget", words), hint=hint)


def _whose(budget: Budget) -> str:
    if budget.person_id:
        return "your own"
    return "the team's" if over_all(budget) else "the"


def _incomparable(found: Outlook, estimate: Estimate | None) -> InvalidInputError:
    nothing = "Nothing was sent and nothing was charged."
    if estimate is None or not estimate.is_known:
        words = "is not known, so the budget can't be kept."
        hint = f"{nothing} Enter the price once in Settings, or let the budget only warn."
        return InvalidInputError(Problem("unit_price", words), hint=hint)
    if not over_all(found.budget):
        return InvalidInputError(
            Problem("budget", unknown(found, estimate)),
            hint=f"{nothing} Set the budget again in Settings.",
        )
    hint = f"{nothing} Enter it once in Settings, or let the budget only warn."
    return InvalidInputError(Problem("budget", unknown(found, estimate)), hint=hint)


def unknown(found: Outlook, estimate: Estimate) -> str:
    """Why a budget can't tell whether a task of this estimate fits; said of the budget."""
    budget, lacks = found.budget, found.measure.lacks
    if not estimate.is_known:
        return f"for {named(found)} asks for a price, and that is not known."
    if not over_all(budget):
        return f"is in {many(budget.unit)}, but prices are in {many(estimate.unit)} by now."
    of = lacks or estimate.unit
    return (
        f"for {named(found)} is in {budget.unit}, and what one {of} is worth in that is not known."
    )


def overcharge(charge: Decimal, estimate: Estimate) -> str:
    """Why a connection is paused after a charge; what to do is said where it is lifted."""
    most = estimate.high if estimate.high is not None else Decimal(0)
    return (
        f"The provider charged {amount(charge, estimate.unit)} where at most "
        f"{amount(most, estimate.unit)} had been expected. Nothing more is sent until you have "
        "looked at its prices; what is being made goes on."
    )
