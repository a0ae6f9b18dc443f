"""Tasks: made by one durable write before any money, then watched, cancelled, settled or deleted."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from runway_core.archive import Archive
from runway_core.catalog import ModelSpec, Notice, catalog, check, length_problems
from runway_core.domain import (
    ArtifactState,
    Asset,
    Capability,
    Connection,
    Estimate,
    Event,
    GenerationRequest,
    Task,
    TaskStatus,
)
from runway_core.errors import (
    DiskFullError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    Problem,
)
from runway_core.failures import WRITTEN_OFF
from runway_core.people import Right
from runway_core.pricing import Asked, asked_by, estimate
from runway_core.store import NewTask, Store, TaskPage, TaskQuery
from runway_core.studio.acting import Service, may
from runway_core.studio.budgets import Budgets
from runway_core.studio.clock import now
from runway_core.studio.connections import Connections

FREE_LEAST = 100 * 1024 * 1024
"""Bytes that must be free before a paid video is asked for, so that it can be kept."""
FOUND = "id found by hand"
"""Kind of the event of an uncertain task whose id a person has found."""
_BALANCES = ("balance_before", "balance_before_at", "balance_after", "balance_after_at")
_SENT = (TaskStatus.SUBMITTING, TaskStatus.PENDING, TaskStatus.THROTTLED, TaskStatus.RUNNING)


class Tasks(Service):
    """What can be done with tasks."""

    def __init__(self, store: Store, *, connections: Connections, archive: Archive) -> None:
        super().__init__(store)
        self._connections = connections
        self._archive = archive
        self._budgets = Budgets(store)

    @may(Right.LOOK)
    def spec(
        self, connection: Connection, model: str, capability: Capability | str | None
    ) -> ModelSpec:
        """What this connection offers of a model.

        Raises:
            InvalidInputError: it does not offer it; says what it does.
        """
        return catalog().spec(connection.profile, model, capability)

    @may(Right.LOOK)
    def check(self, request: GenerationRequest, connection: Connection) -> tuple[Notice, ...]:
        """What to know before paying.

        Raises:
            InvalidInputError: every impossible thing at once, each with its field.
        """
        spec = self.spec(connection, request.model, request.capability)
        notices = check(request, spec, self._connections.profile(connection))
        problems = tuple(self._file_problems(request, spec))
        if problems:
            raise InvalidInputError(*problems)
        return notices

    def _file_problems(self, request: GenerationRequest, spec: ModelSpec) -> Iterator[Problem]:
        gone = "is not kept here any more; choose it again."
        for frame in request.frames:
            if frame.asset is not None and self._store.assets.get(frame.asset) is None:
                yield Problem(f"frames.{frame.position}", gone)
        kept = {asset.uri: asset for asset in self._kept(request)}
        for sent in request.media:
            if sent.asset and sent.uri not in kept:
                yield Problem(f"media.{sent.role}", gone)
        lengths = {uri: a.seconds for uri, a in kept.items() if a.seconds is not None}
        yield from length_problems(request, spec, lengths)

    def _kept(self, request: GenerationRequest) -> list[Asset]:
        found = (self._store.assets.get(sent.asset) for sent in request.media if sent.asset)
        return [asset for asset in found if asset]

    @may(Right.LOOK)
    def estimate(
        self, connection: Connection, spec: ModelSpec, asked: Asked, *, count: int = 1
    ) -> Estimate:
        """What `count` of what is asked for should cost with this connection."""
        return estimate(
            spec,
            self._connections.profile(connection),
            asked,
            count=count,
            unit_price=connection.unit_price,
            unit=connection.unit,
        )

    @may(Right.LOOK)
    def asked(self, request: GenerationRequest) -> Asked:
        """What of a request has a bearing on its price; a video that is kept here is measured."""
        return asked_by(request, self._kept(request))

    @may(Right.MAKE)
    def submit(self, request: GenerationRequest, *, connection: Connection, token: str) -> Task:
        """Record a task for the engine to send; the same `token` always gives the same task.

        Nothing is sent here: this is one durable write, made before any money is spent. It also reserves
        what the task may cost in the connection's budgets.

        Raises:
            BudgetExceededError: a hard budget leaves no room for it.
            InvalidInputError: the request is impossible, or its price is not known and there is a
                hard budget.
            DiskFullError: the video could not be kept.
            StorageError: the task can't be recorded, so nothing will be sent.
        """
        already = self._store.tasks.by_token(token)
        if already is not None:
            return already
        self._store.tasks.add(self.prepare(request, connection=connection, token=token))
        task = self._store.tasks.by_token(token)
        if task is None:  # the draft was sent before and its task deleted since
            raise InvalidInputError(
                Problem("draft", "was sent before; change it to send it again.")
            )
        return task

    @may(Right.MAKE)
    def prepare(self, request: GenerationRequest, *, connection: Connection, token: str) -> NewTask:
        """What `submit` would record; nothing is recorded yet.

        Raises:
            InvalidInputError: the request is impossible.
            DiskFullError: the video could not be kept.
        """
        self.check_ready(connection)
        self.check(request, connection)
        spec = self.spec(connection, request.model, request.capability)
        return NewTask(
            id=str(uuid.uuid4()),
            draft_token=token,
            connection_id=connection.id,
            connection=connection.name,
            profile=connection.profile,
            request=request,
            estimate=self.estimate(connection, spec, self.asked(request)),
            title=spec.title,
            created_at=now(),
        )

    @may(Right.LOOK)
    def get(self, task_id: str) -> Task:
        """One task.

        Raises:
            NotFoundError: there is none of that id.
        """
        task = self._store.tasks.get(task_id)
        if task is None:
            raise NotFoundError("There is no such task here.")
        return task

    @may(Right.LOOK)
    def by_token(self, token: str) -> Task | None:
        """The task that a draft became, if it was sent."""
        return self._store.tasks.by_token(token)

    @may(Right.LOOK)
    def page(self, query: TaskQuery) -> TaskPage:
        """One page of tasks, newest first."""
        return self._store.tasks.page(query)

    @may(Right.LOOK)
    def others_share(self) -> bool:
        """Whether somebody else shows videos to the team."""
        return self._store.tasks.others_share()

    @may(Right.LOOK)
    def count_open(self) -> int:
        """How many tasks are still being worked on."""
        return self._store.tasks.count_open()

    @may(Right.LOOK)
    def events(self, task_id: str) -> list[Event]:
        """What happened to a task, oldest first."""
        return self._store.journal.events(task_id)

    @may(Right.MAKE, "video cancelled")
    def cancel(self, task_id: str) -> Task:
        """Stop a task: at once and for nothing while it is queued here, else by asking the provider.

        Raises:
            InvalidInputError: there is nothing to cancel any more.
        """
        time = now()
        self._own(task_id)
        stopped = {"status": TaskStatus.CANCELLED, "next_at": None, "finished_at": time, "note": ""}
        asked: dict[str, Any] = {"cancel_requested": True, "next_at": time}
        if not (
            self._move(task_id, TaskStatus.QUEUED, event="CANCELLED", **stopped)
            or self._move(task_id, *_SENT, event="cancel requested", **asked)
        ):
            status = self.get(task_id).status
            raise InvalidInputError(Problem("task", f"is {status}; there is nothing to cancel."))
        return self.get(task_id)

    @may(Right.MAKE, "video deleted")
    def delete(self, task_id: str) -> None:
        """Delete a task and its files for good.

        Raises:
            InvalidInputError: it is still open, or an uncertain charge is not settled.
        """
        task = self._own(task_id)
        if task.is_open or task.status is TaskStatus.UNCERTAIN:
            raise InvalidInputError(
                Problem("task", "is not finished; cancel or settle it first."),
                hint="Nothing was deleted.",
            )
        self._store.tasks.hide(task_id, now())
        for artifact in task.artifacts:
            self._archive.remove(artifact, task_id)

    @may(Right.MAKE)
    def fetch_again(self, task_id: str) -> Task:
        """Ask once more for the file of a finished task whose links had expired; never a new task."""
        self._own(task_id)
        self._must_move(
            task_id,
            TaskStatus.SUCCEEDED,
            event="file asked for again",
            artifact_state=ArtifactState.DOWNLOADING,
            looks=0,
            next_at=now(),
        )
        return self.get(task_id)

    @may(Right.MAKE, "video adopted")
    def adopt(self, task_id: str, remote_id: str) -> Task:
        """Settle an uncertain task: its id was found at the provider, so it is followed.

        Raises:
            InvalidInputError: the id is empty or belongs to another task here.
        """
        remote_id = self.check_id(self.get(task_id), remote_id)
        cleared = {"note": "", "hint": "", "said": "", "looks": 0}
        cleared |= {"next_at": now(), "submitted_at": now()}
        self._must_move(
            task_id,
            TaskStatus.UNCERTAIN,
            event=FOUND,
            detail=remote_id,
            status=TaskStatus.PENDING,
            remote_id=remote_id,
            **cleared,
        )
        return self.get(task_id)

    @may(Right.MAKE)
    def check_id(self, task: Task, remote_id: str) -> str:
        """A provider's id, cleaned, that may be this task's.

        Raises:
            InvalidInputError: the task needs none, or the id is empty or another task's here.
        """
        task = self._own(task.id)
        remote_id = clean_remote_id(remote_id)
        if task.status is not TaskStatus.UNCERTAIN:
            raise InvalidInputError(Problem("task", f"is {task.status}, so it needs no id."))
        if self._store.tasks.owner_of(task.connection_id, remote_id) not in (None, task.id):
            raise InvalidInputError(Problem("remote_id", "belongs to another task here."))
        return remote_id

    @may(Right.MAKE, "video sent again")
    def send_again(self, task_id: str) -> Task:
        """Settle an uncertain task: a person has seen that nothing was made, so it is sent again.

        What was reserved for it in the budgets is still reserved. If it was made after all, it is paid
        for twice; should its provider call back with its id first, it is followed by that instead.

        Raises:
            InvalidInputError: a hard budget has been passed since.
        """
        self._budgets.check_again(self._own(task_id))
        cleared: dict[str, Any] = {"note": "", "hint": "", "said": "", "attempts": 0, "looks": 0}
        cleared |= dict.fromkeys(_BALANCES) | {"next_at": now()}
        self._must_move(
            task_id,
            TaskStatus.UNCERTAIN,
            event="sent again by hand",
            status=TaskStatus.QUEUED,
            **cleared,
        )
        return self.get(task_id)

    @may(Right.MAKE, "video written off")
    def write_off(self, task_id: str) -> Task:
        """Settle an uncertain task: given up, charged or not."""
        self._own(task_id)
        self._must_move(
            task_id,
            TaskStatus.UNCERTAIN,
            event="written off",
            status=TaskStatus.FAILED,
            failure="Written off: it was never found out whether this was made.",
            failure_code=WRITTEN_OFF,
            finished_at=now(),
            next_at=None,
        )
        return self.get(task_id)

    @may(Right.MAKE)
    def share(self, task_id: str, shared: bool) -> Task:
        """Show a video to the team, or no longer."""
        self._own(task_id)
        if self._store.tasks.share(task_id, shared):
            self.audit("video shared" if shared else "video no longer shared", task_id)
        return self.get(task_id)

    def _own(self, task_id: str) -> Task:
        """A task that the acting person may change.

        Raises:
            NotAllowedError: it is a teammate's, who shares it.
            NotFoundError: there is none of that id, or it is not for them to see.
        """
        task = self.get(task_id)
        if not self.actor.sees_all and task.owner_id != self.actor.id:
            raise NotAllowedError("Only whoever made this video, or an admin, may change it.")
        return task

    @may(Right.LOOK)
    def check_ready(self, connection: Connection) -> None:
        """Nothing, when videos can be asked for with a connection and kept here.

        Raises:
            InvalidInputError: it has no API key; names ``connection``.
            DiskFullError: there is no room to keep them.
        """
        if connection.profile != "sandbox" and not connection.key_hint:
            raise InvalidInputError(
                Problem("connection", f"{connection.name} has no API key; enter it in Settings.")
            )
        if self._archive.free_bytes() < FREE_LEAST:
            raise DiskFullError(
                "Less than 100 MB are free on the disk that keeps your videos, so nothing was sent."
            )

    def _must_move(self, task_id: str, *expect: TaskStatus, event: str, **changes: Any) -> None:
        if not self._move(task_id, *expect, event=event, **changes):
            status = self.get(task_id).status
            raise InvalidInputError(Problem("task", f"is {status} by now; look at it again."))

    def _move(self, task_id: str, *expect: TaskStatus, event: str, **changes: Any) -> bool:
        return self._store.tasks.move(task_id, expect, now=now(), event=event, **changes)


def clean_remote_id(text: str) -> str:
    """A provider's id as a person pastes it.

    Raises:
        InvalidInputError: it is none; names ``remote_id``.
    """
    remote_id = text.strip()
    if not remote_id:
        raise InvalidInputError(Problem("remote_id", "is empty: paste the provider's id."))
    if len(remote_id) > 200 or not remote_id.isprintable():
        raise InvalidInputError(Problem("remote_id", "is not a task id."))
    return remote_id
