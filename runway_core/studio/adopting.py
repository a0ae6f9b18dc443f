"""Takes in a task that was made elsewhere, by its id at the provider. Nothing is ever sent to be made for it."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime, timedelta
from typing import Any

from runway_core.catalog import catalog
from runway_core.domain import (
    ArtifactState,
    Connection,
    Estimate,
    Exchange,
    GenerationRequest,
    Noun,
    Task,
    TaskStatus,
    TaskUpdate,
)
from runway_core.errors import InvalidInputError, NotFoundError, Problem
from runway_core.failures import hint_for
from runway_core.http import Http
from runway_core.people import Right
from runway_core.settings import Settings
from runway_core.store import NewTask, Store
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now
from runway_core.studio.connections import Connections
from runway_core.studio.tasks import FOUND, clean_remote_id

UNPRICED = "made elsewhere, so it was never priced here"


class Found(Noun):
    """A task that was made elsewhere, as far as it is known."""

    remote_id: str
    update: TaskUpdate
    """What its provider says, or said when it was last asked."""
    request: GenerationRequest
    event: str
    """How it came here, for its history."""
    detail: str = ""
    exchanges: tuple[Exchange, ...] = ()
    next_look: datetime
    """When the engine goes on with it, if anything is left to do."""
    finished_at: datetime | None = None


class Adopting(Service):
    """Records tasks that a provider knows and this home does not."""

    def __init__(self, settings: Settings, *, store: Store, connections: Connections) -> None:
        self._settings = settings
        super().__init__(store)
        self._connections = connections

    @may(Right.MAKE, "video adopted")
    def adopt(self, connection: Connection, remote_id: str) -> Task:
        """Look at a task at the provider, once and for free, and follow and keep it from now on.

        A task that is known here already is given back as it is.

        Raises:
            InvalidInputError: the id is none.
            DeskError: the provider did not tell, so nothing was recorded.
        """
        remote_id = clean_remote_id(remote_id)
        already = self.known(connection, remote_id)
        if already is not None:
            return already
        exchanges: list[Exchange] = []
        update = self._look(connection, remote_id, exchanges)
        floor = timedelta(seconds=self._connections.profile(connection).poll_floor)
        found = Found(
            remote_id=remote_id,
            update=update,
            request=GenerationRequest(capability=None, model=""),
            event="adopted",
            exchanges=tuple(exchanges),
            next_look=now() if update.status.is_terminal else now() + floor,
        )
        self.record(connection, found)
        task = self.known(connection, remote_id)
        if task is None:
            raise NotFoundError("This task is not in your history, and its id is taken here.")
        return task

    @may(Right.MAKE, "video settled")
    def settle(self, task: Task, remote_id: str) -> Task:
        """Settle an uncertain task by its id, once the provider has said that it knows it. Free.

        `remote_id` as `Tasks.check_id` gives it.

        Raises:
            InvalidInputError: the task was settled meanwhile.
            NotFoundError: it is not for this person to see.
            DeskError: the provider did not tell, so nothing was changed.
        """
        if self._store.tasks.get(task.id) is None:
            raise NotFoundError("There is no such task here.")
        connection = self._connections.get(task.connection_id)
        exchanges: list[Exchange] = []
        update = self._look(connection, remote_id, exchanges)
        found = Found(
            remote_id=remote_id,
            update=update,
            request=task.request,
            event=FOUND,
            next_look=now(),
        )
        cleared: dict[str, Any] = dict.fromkeys(("note", "hint", "said"), "")
        cleared |= {"remote_id": remote_id, "submitted_at": now(), "looks": 0}
        moved = self._store.tasks.move(
            task.id,
            [TaskStatus.UNCERTAIN],
            now=now(),
            event=found.event,
            detail=remote_id,
            exchanges=exchanges,
            **(cleared | _columns(found, now())),
        )
        after = self._store.tasks.get(task.id)
        if not moved or after is None:
            raise InvalidInputError(Problem("task", "was settled meanwhile; look at it again."))
        return after

    @may(Right.LOOK)
    def known(self, connection: Connection, remote_id: str) -> Task | None:
        """The task here that has this id; None when there is none, or it was deleted."""
        owner = self._store.tasks.owner_of(connection.id, remote_id)
        return None if owner is None else self._store.tasks.get(owner)

    @may(Right.LOOK)
    def was_here(self, connection: Connection, remote_id: str) -> bool:
        """Whether a task has or had this id here."""
        return self._store.tasks.owner_of(connection.id, remote_id) is not None

    @may(Right.MAKE)
    def record(self, connection: Connection, found: Found) -> str:
        """Record a task as it was found elsewhere, or bring a deleted one back.

        Returns:
            Its id here.
        """
        time = now()
        created_at = min(found.update.created_at or time, time)
        changes = _columns(found, time) | {"submitted_at": created_at}
        owner = self._store.tasks.owner_of(connection.id, found.remote_id)
        if owner is not None:
            self._store.tasks.show_again(owner, now=time, event=found.event, **changes)
            return owner
        new = NewTask(
            id=str(uuid.uuid4()),
            draft_token=f"elsewhere {connection.id} {found.remote_id}",
            connection_id=connection.id,
            connection=connection.name,
            profile=connection.profile,
            request=found.request,
            estimate=self._unpriced(connection),
            title=next((s.title for s in catalog().models if s.id == found.request.model), ""),
            created_at=created_at,
        )
        self._store.tasks.add_known(
            new,
            now=time,
            remote_id=found.remote_id,
            event=found.event,
            detail=found.detail,
            exchanges=found.exchanges,
            **changes,
        )
        return new.id

    def _look(
        self, connection: Connection, remote_id: str, exchanges: list[Exchange]
    ) -> TaskUpdate:
        async def look() -> TaskUpdate:
            async with Http(private_hosts=self._settings.private_hosts) as http:
                provider = self._connections.open(connection, http, observe=observe)
                return await provider.retrieve(remote_id)

        def observe(exchange: Exchange) -> None:
            exchanges.append(exchange.model_copy(update={"doing": "look"}))

        return asyncio.run(look())

    def _unpriced(self, connection: Connection) -> Estimate:
        unit = connection.unit or self._connections.profile(connection).unit
        return Estimate(low=None, high=None, unit=unit, source=UNPRICED)


def _columns(found: Found, time: datetime) -> dict[str, Any]:
    """What was found, as columns; a finished file is always tried for, however old its link."""
    update = found.update
    told: dict[str, Any] = {
        "status": update.status,
        "progress": update.progress,
        "outputs": update.outputs,
        "quoted": update.estimated_cost,
        "charge": update.cost,
        "next_at": found.next_look,
    }
    if not update.status.is_terminal:
        return told
    told["finished_at"] = found.finished_at or time
    if update.status is TaskStatus.SUCCEEDED:
        kept = {"progress": 1.0, "artifact_state": ArtifactState.DOWNLOADING, "looks": 0}
        return told | kept
    hint = hint_for(update.failure_code) if update.status is TaskStatus.FAILED else ""
    said = {"failure": update.failure, "failure_code": update.failure_code, "hint": hint}
    return told | said | {"next_at": None}
