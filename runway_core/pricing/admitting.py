"""How many of many wishes fit into what is left, and why the others have to wait."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from runway_core.domain import Estimate, Noun
from runway_core.pricing.amounts import amount
from runway_core.pricing.budgeting import Outlook
from runway_core.pricing.refusing import anew, named


class Available(Noun):
    """What may still be spent at a provider, as far as is known."""

    amount: Decimal
    """The balance that it told, less what has been asked for since."""
    unit: str


class Verdict(Noun):
    """Whether one wish may be asked for now."""

    fits: bool
    waits_for: Literal["", "budget", "balance", "price"] = ""
    """``price``: it is not known, or in another unit than a hard budget."""
    why: str = ""
    """In words for a person; empty where it fits."""


class Lot(Noun):
    """Which of many wishes may be asked for now, in their order."""

    verdicts: tuple[Verdict, ...]
    cost: Decimal = Decimal(0)
    """The most that those which fit may cost together, as far as their prices are known."""
    unit: str = ""
    unpriced: int = 0
    """Those that fit only because no hard budget asks for their price."""

    @property
    def fit(self) -> int:
        """How many may be asked for now."""
        return sum(verdict.fits for verdict in self.verdicts)


def admit(
    wishes: Sequence[Estimate], outlooks: Sequence[Outlook], available: Available | None
) -> Lot:
    """Which wishes fit together into all hard budgets and into what is available; None is not known.

    Each is counted at the most that it may cost. They are taken in their order, but one that is too
    dear does not keep a cheaper one behind it from fitting.
    """
    hard = [found for found in outlooks if found.budget.hard]
    verdicts, cost, unpriced = [], Decimal(0), 0
    for wish in wishes:
        verdict = _over_budget(wish, hard, cost) or _over_balance(wish, available, cost)
        verdicts.append(verdict or Verdict(fits=True))
        if verdict is None:
            cost += wish.high or Decimal(0)
            unpriced += int(wish.high is None)
    unit = wishes[0].unit if wishes else ""
    return Lot(verdicts=tuple(verdicts), cost=cost, unit=unit, unpriced=unpriced)


def _over_budget(wish: Estimate, hard: Sequence[Outlook], cost: Decimal) -> Verdict | None:
    for found in hard:
        if wish.high is None or (wish.high and wish.unit != found.budget.unit):
            why = f"The budget for {named(found)} asks for a price in its unit, and that is not known."
            return Verdict(fits=False, waits_for="price", why=why)
        if found.spent + found.reserved + cost + wish.high > found.budget.amount:
            left, unit = max(found.left - cost, Decimal(0)), found.budget.unit
            why = (
                f"It may cost {amount(wish.high, unit)}, and {amount(left, '')} are left of the budget "
                f"for {named(found)}. It starts anew on {anew(found.resets_at)}."
            )
            return Verdict(fits=False, waits_for="budget", why=why)
    return None


def _over_balance(wish: Estimate, available: Available | None, cost: Decimal) -> Verdict | None:
    if available is None or wish.high is None or wish.unit != available.unit:
        return None
    if cost + wish.high <= available.amount or wish.high == 0:
        return None
    left = max(available.amount - cost, Decimal(0))
    why = (
        f"It may cost {amount(wish.high, wish.unit)}, and {amount(left, '')} are left at the provider. "
        "Buy credit there, then look at the balance again."
    )
    return Verdict(fits=False, waits_for="balance", why=why)
