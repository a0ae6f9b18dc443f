"""How many of many wishes fit into what is left, and why the others have to wait."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from runway_core.domain import Connection, Estimate, Noun
from runway_core.pricing.amounts import amount
from runway_core.pricing.budgeting import Outlook, exactly
from runway_core.pricing.refusing import anew, in_its_unit, named, unknown


class Available(Noun):
    """What may still be spent at a provider, as far as is known."""

    amount: Decimal
    """The balance that it told, less what has been asked for since."""
    unit: str


def is_low(connection: Connection) -> bool:
    """Whether its balance is below its alert; never where either is not known."""
    left, below = connection.balance, connection.alert_below
    return left is not None and below is not None and left < below


class Verdict(Noun):
    """Whether one wish may be asked for now."""

    fits: bool
    waits_for: Literal["", "budget", "balance", "price"] = ""
    """``price``: it is not known, or can't be told in the unit of a hard budget."""
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
        own = found.measure.of(wish.high, wish.unit)
        before = found.measure.of(cost, wish.unit)
        if own is None or before is None:
            why = f"The budget {unknown(found, wish)}"
            return Verdict(fits=False, waits_for="price", why=why)
        if exactly(found.spent, found.reserved, before, own) > found.budget.amount:
            left = max(exactly(found.left, -before), Decimal(0))
            why = (
                f"It may cost {in_its_unit(found, own)}, and {in_its_unit(found, left, bare=True)} are "
                f"left of the budget for {named(found)}. It starts anew on {anew(found.resets_at)}."
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
