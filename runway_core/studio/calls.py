"""Providers' calls, and what they may change.

A call is a hint. It makes the next look, with our own key, happen now, and it never sets a state. Only
where the answer to a create was lost does the id that it names count, because the address of each task
is its own and nobody else was given it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from runway_core.domain import Task, TaskStatus
from runway_core.errors import ConfigError, KeyUnreadableError
from runway_core.failures import WRITTEN_OFF
from runway_core.people import Right
from runway_core.providers.hints import Hint, read_hint
from runway_core.store import Called, Said, Store
from runway_core.studio.acting import Service, may
from runway_core.studio.callbacks import ARRIVED, TEST, Callbacks
from runway_core.studio.clock import now
from runway_core.webhooks import Headers, verify

TAKEN_OVER = "id told by the provider's call"
"""Kind of the event of a task whose answer was lost and whose id a call has told."""
UNKNOWN_ID = "id not known there"
"""Kind of the event of a task whose id, found by hand or told by a call, its provider does not know."""
_OPEN = (TaskStatus.UNCERTAIN, TaskStatus.QUEUED)
_FOLLOWED = (TaskStatus.PENDING, TaskStatus.THROTTLED, TaskStatus.RUNNING)


@dataclass(frozen=True)
class Call:
    """A call whose address has proven what it is about."""

    place: str
    """The profile in its address."""
    subject: str
    """As `Callbacks.subject` tells it."""
    headers: Headers
    body: bytes


class Calls(Service):
    """Takes calls in."""

    def __init__(self, store: Store, *, callbacks: Callbacks) -> None:
        super().__init__(store)
        self._callbacks = callbacks

    @may(Right.RUN)
    def receive(self, calls: Sequence[Call]) -> list[bool]:
        """Take in calls that came at about the same time, with one write for all of them.

        Returns:
            For each whether it was taken; False when it had to be signed and is not.

        Raises:
            DeskError: they could not be written down; the providers should call again.
        """
        for call in calls:
            if call.place == TEST:
                self._store.preferences.set(ARRIVED, call.subject)
        found = self._store.callbacks.called({c.subject for c in calls if c.place != TEST})
        taken = [self._is_signed(call, found.get(call.subject)) for call in calls]
        hints = dict.fromkeys(  # each once, in order
            (call.subject, read_hint(call.body))
            for call, good in zip(calls, taken, strict=True)
            if good and _matters(found.get(call.subject))
        )
        self._store.callbacks.note([_said(*hint) for hint in hints], now=now())
        for subject, hint in hints:
            if hint.remote_id and found[subject].status not in _FOLLOWED:
                self._settle(subject, hint.remote_id)
        return taken

    @may(Right.RUN)
    def take_over(self, task: Task, remote_id: str = "") -> bool:
        """Follow a task whose answer was lost by the id that a call has named, now or before.

        A task that a person has meanwhile queued to be sent again is not sent, and one that was written
        off is taken up again: it was made, and paid for. False when there is no such id to follow.
        """
        remote_id = remote_id or self._store.callbacks.told_id(task.id)
        if not remote_id or not (task.status in _OPEN or task.failure_code == WRITTEN_OFF):
            return False
        if self._store.tasks.owner_of(task.connection_id, remote_id) not in (None, task.id):
            return False
        events = self._store.journal.events(task.id)
        if any(e.kind == UNKNOWN_ID and e.detail == remote_id for e in events):
            return False
        cleared: dict[str, Any] = dict.fromkeys(("note", "hint", "said"), "")
        cleared |= {"failure": "", "failure_code": "", "finished_at": None, "looks": 0}
        return self._store.tasks.move(
            task.id,
            [task.status],
            now=now(),
            event=TAKEN_OVER,
            detail=remote_id,
            status=TaskStatus.PENDING,
            remote_id=remote_id,
            submitted_at=now(),
            next_at=now(),
            **cleared,
        )

    def _is_signed(self, call: Call, found: Called | None) -> bool:
        """Whether a call is signed as its connection wants it."""
        if found is None:  # a test, or deleted since: nobody is told so
            return True
        try:
            secrets = self._callbacks.opened(found.connection_id, found.secrets_sealed)
        except (ConfigError, KeyUnreadableError):
            return False
        return not secrets or verify(call.headers, call.body, secrets, now=now())

    def _settle(self, task_id: str, remote_id: str) -> None:
        task = self._store.tasks.get(task_id)
        if task is not None:
            self.take_over(task, remote_id)


def _matters(found: Called | None) -> bool:
    """Whether a call can change anything: not once the task has ended, unless it was given up."""
    return found is not None and (not found.status.is_terminal or found.failure_code == WRITTEN_OFF)


def _said(task_id: str, hint: Hint) -> Said:
    return Said(task_id=task_id, status=hint.status, remote_id=hint.remote_id)
