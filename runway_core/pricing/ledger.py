"""The lines of the ledger: what is written when a task's money moves on.

=========== ============== =====================================================================
estimate    –              the most that it should cost; moves nothing
reservation + reserved     held from the moment it is asked for, or since the provider's quote
release     - reserved     no longer held
charge      + confirmed    told by the provider (certainty ``confirmed``)
charge      + assumed      ended without a word on it (``estimated``; ``unknown`` where it may be free)
write-off   + assumed      given up by a person (``unknown``)
refund      - confirmed    the provider has corrected what it had told
refund      - assumed      taken back, because something better is known
=========== ============== =====================================================================

Amounts are never negative. Summed up with these signs, the lines of a task are what
`budgeting.counted` says that it counts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from runway_core.domain import Noun, TaskStatus
from runway_core.failures import WRITTEN_OFF, advice_for
from runway_core.pricing.budgeting import Counted, Part, counted, was_free

Kind = Literal["estimate", "reservation", "charge", "refund", "write-off", "release"]
Certainty = Literal["estimated", "confirmed", "unknown"]


class Line(Noun):
    """One line of the ledger."""

    kind: Kind
    amount: Decimal | None
    """Never negative, in `unit`; None when nobody knows."""
    unit: str
    certainty: Certainty
    why: str


class _Place(Noun):
    """Where the money of a task is."""

    part: Part
    kind: Kind
    amount: Decimal | None
    certainty: Certainty
    unit: str

    def line(self, why: str, kind: Kind | None = None) -> Line:
        """Its amount, put there or taken away."""
        return Line(
            kind=kind or self.kind,
            amount=self.amount,
            unit=self.unit,
            certainty=self.certainty,
            why=why,
        )


def lines(before: Counted | None, after: Counted, *, source: str = "") -> list[Line]:
    """What to write when a task has come from `before`, or is new, to `after`; often nothing.

    `source` is where its estimate is from.
    """
    found = [_estimated(after, source)] if before is None else []
    old = None if before is None else _place(before)
    new = _place(after)
    if old == new:
        return found
    if old is not None and old.part == new.part == "confirmed" and old.unit == new.unit:
        return [*found, _corrected(old, new)]
    if new.part != "assumed" or new.amount != 0 or not was_free(after):
        found.append(new.line(_why(new, after)))
    if old is not None and old.amount != 0:
        undo: Kind = "release" if old.part == "reserved" else "refund"
        found.append(old.line(_why_no_longer(old, new, after), undo))
    return found


def _estimated(task: Counted, source: str) -> Line:
    why = source or "nobody has told the price"
    if task.low != task.high:
        why = f"{task.low} to {task.high}: {why}"
    certainty: Certainty = "unknown" if task.high is None else "estimated"
    return Line(kind="estimate", amount=task.high, unit=task.unit, certainty=certainty, why=why)


def _place(task: Counted) -> _Place:
    share = counted(task)
    kind: Kind = "reservation" if share.part == "reserved" else "charge"
    certainty: Certainty = "confirmed" if share.part == "confirmed" else "estimated"
    if share.part == "assumed" and task.failure_code == WRITTEN_OFF:
        kind = "write-off"
    if share.amount is None or (share.part == "assumed" and _is_open_question(task)):
        certainty = "unknown"
    return _Place(
        part=share.part, kind=kind, amount=share.amount, certainty=certainty, unit=task.unit
    )


def _is_open_question(task: Counted) -> bool:
    failed = task.status is TaskStatus.FAILED
    return failed and advice_for(task.failure_code).charged == "unknown"


def _corrected(old: _Place, new: _Place) -> Line:
    """The difference between two charges that a provider has told."""
    difference = (new.amount or Decimal(0)) - (old.amount or Decimal(0))
    kind: Kind = "charge" if difference > 0 else "refund"
    changed = new.model_copy(update={"amount": abs(difference)})
    return changed.line("the provider has corrected its charge", kind)


def _why(new: _Place, task: Counted) -> str:
    if new.part == "confirmed":
        return "told by the provider"
    if new.part == "reserved":
        quoted = task.quoted is not None and task.quoted == new.amount != task.high
        return "the provider's quote" if quoted else "asked for"
    if task.status is TaskStatus.FAILED:
        return f"failed: {task.failure_code or 'no reason given'}"
    if task.status is TaskStatus.CANCELLED:
        return "cancelled while it was being made"
    return "finished; the provider has not said what it cost"


def _why_no_longer(old: _Place, new: _Place, task: Counted) -> str:
    if new.part == "reserved":
        return "replaced" if old.part == "reserved" else "followed after all"
    if new.part == "assumed" and was_free(task):
        cancelled = task.status is TaskStatus.CANCELLED
        return "cancelled before it was sent" if cancelled else "failed, free of charge"
    return "settled"
