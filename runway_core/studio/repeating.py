"""Asks for several videos once more: priced first, then each as a task of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from runway_core.domain import Estimate, Task, TaskStatus
from runway_core.errors import DeskError
from runway_core.people import Right
from runway_core.store import Store
from runway_core.studio.acting import Service, may
from runway_core.studio.connections import Connections
from runway_core.studio.tasks import Tasks

MOST = 50
"""Videos that can be asked for again at once."""


class Repeat(NamedTuple):
    """One video that somebody wants once more."""

    task: Task
    estimate: Estimate | None = None
    """What it should cost now; None when it can't be asked for."""
    problem: str = ""
    """Why it can't."""


class Repeated(NamedTuple):
    """What became of the wish."""

    task: Task
    """The one that was to be made again."""
    made: Task | None = None
    """The new one."""
    problem: str = ""
    """Why there is none."""


class Repeating(Service):
    """The same request, seed included, with the same connection; what each costs is shown before."""

    def __init__(self, store: Store, *, connections: Connections, tasks: Tasks) -> None:
        super().__init__(store)
        self._connections = connections
        self._tasks = tasks

    @may(Right.MAKE)
    def priced(self, task_ids: Iterable[str]) -> list[Repeat]:
        """What each of these videos would cost now, or why it can't be asked for; at most `MOST`."""
        return [self._priced(task) for task in self._found(task_ids)]

    @may(Right.MAKE)
    def submit(self, task_ids: Iterable[str], token: str) -> list[Repeated]:
        """Ask for each of these videos once more; the same `token` never asks a second time.

        What can't be asked for, because of a budget or what has changed since, keeps none of the others from it.
        """
        return [self._submitted(task, f"{token}:{task.id}") for task in self._found(task_ids)]

    def _found(self, task_ids: Iterable[str]) -> list[Task]:
        ids = list(dict.fromkeys(task_ids))[:MOST]
        found = (self._store.tasks.get(task_id) for task_id in ids)
        return [task for task in found if task is not None]

    def _priced(self, task: Task) -> Repeat:
        asked = task.request
        if asked.capability is None:
            return Repeat(task, problem="Made elsewhere: what was asked for is not known.")
        if task.status is TaskStatus.UNCERTAIN:
            return Repeat(task, problem="Nobody knows whether it was made: decide that first.")
        try:
            connection = self._connections.get(task.connection_id)
            self._tasks.check(asked, connection)
            spec = self._tasks.spec(connection, asked.model, asked.capability)
            return Repeat(task, self._tasks.estimate(connection, spec, self._tasks.asked(asked)))
        except DeskError as error:
            return Repeat(task, problem=str(error))

    def _submitted(self, task: Task, token: str) -> Repeated:
        wanted = self._priced(task)
        if wanted.problem:
            return Repeated(task, problem=wanted.problem)
        try:
            connection = self._connections.get(task.connection_id)
            return Repeated(
                task, self._tasks.submit(task.request, connection=connection, token=token)
            )
        except DeskError as error:
            return Repeated(task, problem=str(error))
