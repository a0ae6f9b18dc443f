"""What a 5-second video has really cost, where nobody published it: from charges, or from what the balance did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby, pairwise
from operator import attrgetter
from statistics import median
from typing import Literal

from runway_core.domain import Noun


class Sent(Noun):
    """A task that was sent, and what is known of the money around it."""

    model: str
    sent_at: datetime
    steps: Decimal
    """How many times the price of a 5-second video it costs; 0 where its length is not known before."""
    made_at: datetime | None
    """When it was finished; None where it was not, or failed."""
    charge: Decimal | None
    unit: str
    """Of `charge`."""
    balance: Decimal | None
    """What was left before it was sent,"""
    balance_at: datetime | None
    """as the provider had told at that time."""


class Learnt(Noun):
    """What a 5-second video of one model has cost."""

    model: str
    price: Decimal
    """The median."""
    unit: str
    number: int
    """Of how many videos it is the median, or on how many changes of the balance it rests."""
    source: Literal["charges", "balance"]


def learnt(sent: Iterable[Sent], *, balance_unit: str) -> tuple[Learnt, ...]:
    """What each model has cost, the best known first; by told charges, and by the balance where there are none.

    All tasks of one connection; the newest unit counts.
    """
    ordered = sorted(sent, key=attrgetter("sent_at"))
    found = [
        price
        for model in sorted({task.model for task in ordered})
        if (price := _by_charges(model, ordered) or _by_balance(model, ordered, balance_unit))
    ]
    return tuple(sorted(found, key=lambda price: (price.source == "balance", -price.number)))


def _by_charges(model: str, sent: Sequence[Sent]) -> Learnt | None:
    told = [t for t in sent if t.model == model and t.made_at and t.steps and t.charge]
    if not told:
        return None
    unit = told[-1].unit
    prices = [t.charge / t.steps for t in told if t.unit == unit and t.charge]
    return Learnt(
        model=model, price=median(prices), unit=unit, number=len(prices), source="charges"
    )


def _by_balance(model: str, sent: Sequence[Sent], unit: str) -> Learnt | None:
    """Between two balances that were told, only videos of this model were made, and all were finished."""
    seen = [task for task in sent if task.balance_at is not None and task.balance is not None]
    # A reading is told anew only after a while: all tasks between two of them rest on the first.
    between = [list(tasks) for _, tasks in groupby(seen, key=attrgetter("balance_at"))]
    prices = [
        price
        for tasks, (later, *_) in pairwise(between)
        if (price := _fallen(model, tasks, later)) is not None
    ]
    if not prices:
        return None
    return Learnt(
        model=model, price=median(prices), unit=unit, number=len(prices), source="balance"
    )


def _fallen(model: str, tasks: Sequence[Sent], later: Sent) -> Decimal | None:
    before, after, until = tasks[0].balance, later.balance, later.balance_at
    if before is None or after is None or until is None or after >= before:
        return None
    if any(t.model != model or not t.steps or not t.made_at or t.made_at > until for t in tasks):
        return None
    return (before - after) / sum((t.steps for t in tasks), Decimal(0))
