"""What went wrong in one step, held against the table of `runway_core.policy`: what to do, when, and what to say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from runway_core import policy
from runway_core.domain import Event, Task, TaskStatus
from runway_core.engine.step import Tools, said_of
from runway_core.errors import DailyLimitError, DeskError, NotOfferedError, RateLimitError
from runway_core.policy import Cell, Do, Fault, Operation

_KINDS = {
    Operation.LOOK: "look failed",
    Operation.CANCEL: "cancel failed",
    Operation.DOWNLOAD: "file not kept yet",
}
"""What a task's history calls it; `_SENDS` are told apart by what they met."""
_SENDS = (Operation.PROVEN, Operation.CREATE, Operation.PREPARE)
_REFUSED, _NOT_SENT = "refused for now", "not sent"


@dataclass(frozen=True)
class Setback:
    """One failure of one task, and what follows from it."""

    error: DeskError
    fault: Fault
    cell: Cell
    do: Do
    tries: int
    """How often in a row it went wrong like this, this time included."""
    next_at: datetime
    """When to go on, where anything goes on."""
    note: str
    """What the person is told."""
    event: str
    """For the task's history; empty when that has it already, or it is no news."""
    detail: str
    key: str
    """Which key was used, by its last characters."""

    @property
    def said(self) -> dict[str, str]:
        """The columns that explain it to the person."""
        return said_of(self.error) | {"note": self.note}


def key_of(tools: Tools, task: Task) -> str:
    """Which key a task is asked about with, by its last characters: to be read before it is used."""
    return tools.connection(task).key_hint


def setback(
    tools: Tools, task: Task, error: DeskError, operation: Operation, *, key: str
) -> Setback:
    """Hold an error against the table; `key` is `key_of` what was used."""
    fault, cell = policy.fault_of(error), policy.decide(error, operation)
    now, kind = tools.now(), _kind(fault, operation)
    label = f"{fault}: " if cell.is_limited and operation not in _SENDS else ""
    row = _in_a_row(tools, task, kind, label, operation)
    tries = len(row) + 1 if cell.is_limited else task.looks + 1
    spent = (now - row[-1].at).total_seconds() if row else 0.0
    do = cell.after(tries, spent=spent, scale=tools.scale)
    floor = 0.0 if operation in _SENDS else tools.profile(task).poll_floor
    wait = _wait(tools, error, cell, do, tries=tries, spent=spent, floor=floor)
    counted = operation in _SENDS or (cell.is_limited and tries <= cell.tries)
    news = do is not Do.WAIT and (counted or not row)
    note = policy.words(fault, do, cell).format(
        error=error,
        who=tools.profile(task).title,
        n=tries + 1,
        most=cell.tries,
        wait=policy.duration(wait),
        at=f"{now + timedelta(seconds=wait):%H:%M} UTC",
    )
    return Setback(
        error=error,
        fault=fault,
        cell=cell,
        do=do,
        tries=tries,
        next_at=now + timedelta(seconds=wait),
        note=note,
        event=kind if news else "",
        detail=f"{label}{error}",
        key=key,
    )


def asked_for(error: DeskError) -> float | None:
    """Seconds that the other side asked to wait, if it did."""
    return error.retry_after if isinstance(error, RateLimitError | NotOfferedError) else None


def _in_a_row(tools: Tools, task: Task, kind: str, label: str, operation: Operation) -> list[Event]:
    """The same failures just before this one, the newest first, as the task's history has them."""
    events: Iterable[Event] = reversed(tools.studio.store.journal.events(task.id))
    if operation in _SENDS:
        events = (event for event in events if event.kind != TaskStatus.SUBMITTING.value)
    elif task.looks == 0:
        return []
    same = takewhile(lambda e: e.kind == kind and _label(e.detail) == label, events)
    # What came before the last success does not count, and that left no event.
    return list(same) if operation in _SENDS else list(same)[: task.looks]


def _label(detail: str) -> str:
    head, colon, _ = detail.partition(": ")
    return f"{head}: " if colon and head in _FAULTS else ""


def _kind(fault: Fault, operation: Operation) -> str:
    if operation in _SENDS:
        return _REFUSED if fault in (Fault.LIMIT, Fault.OVERLOADED) else _NOT_SENT
    return _KINDS[operation]


def _wait(
    tools: Tools,
    error: DeskError,
    cell: Cell,
    do: Do,
    *,
    tries: int,
    spent: float,
    floor: float,
) -> float:
    """Seconds until it goes on."""
    asked = asked_for(error)
    if do is Do.RESET:
        told = error.resets_in if isinstance(error, DailyLimitError) else None
        return policy.until_reset(tools.now(), told=told)
    if do in policy.EVERY:
        return max(policy.rarely(do, scale=tools.scale), asked or 0)
    return cell.wait(tries, spent=spent, asked=asked, floor=floor, scale=tools.scale)


_FAULTS = frozenset(fault.value for fault in Fault)
