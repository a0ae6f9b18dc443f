"""Batches: many videos, checked and priced before anything, confirmed once, and asked for as money allows.

What asks for them is `runway_core.studio.feeding`; here is what a person does.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from runway_core.domain import Connection, Estimate
from runway_core.errors import DeskError, InvalidInputError, NotFoundError, Problem
from runway_core.people import LOCAL, Actor, Right
from runway_core.store import Batch, BatchRow, NewRow, Store
from runway_core.store.batches import Group
from runway_core.studio.acting import Service, may
from runway_core.studio.balances import Balances
from runway_core.studio.batch_results import Link, results
from runway_core.studio.batch_rows import Checked, CheckedRow, with_seed
from runway_core.studio.batch_standing import AGAIN, Progress, RowView, how_it_stands, progress_of
from runway_core.studio.clock import now
from runway_core.studio.connections import Connections
from runway_core.studio.tasks import Tasks

_NAME_MOST = 60


class Batches(Service):
    """What can be done with batches."""

    def __init__(self, store: Store, *, connections: Connections, tasks: Tasks) -> None:
        super().__init__(store)
        self._connections = connections
        self._tasks = tasks

    @may(Right.LOOK)
    def made(self, token: str) -> Batch | None:
        """The batch that a confirmed list became."""
        return self._store.batches.by_token(token)

    @may(Right.MAKE, "batch started")
    def make(self, token: str, checked: Checked, *, connection: Connection, name: str) -> Batch:
        """Record a checked list for the engine to ask for, row by row; the same `token` is one batch.

        Raises:
            InvalidInputError: a row is wrong, there is none, or nothing can be sent with the connection.
            DiskFullError: the videos could not be kept.
            StorageError: it can't be recorded, so nothing will be asked for.
        """
        already = self._store.batches.by_token(token)
        if already is not None:
            return already
        if checked.wrong or not checked.good:
            raise InvalidInputError(Problem("file", "has rows that can't be made yet."))
        self._tasks.check_ready(connection)
        time = now()
        batch = Batch(
            id=str(uuid.uuid4()),
            owner_id=self.actor.id,
            connection_id=connection.id,
            connection=connection.name,
            name=_named(name, checked),
            state="running",
            size=len(checked.rows),
            created_at=time,
            updated_at=time,
        )
        rows = [self._new_row(n, row, connection) for n, row in enumerate(checked.rows, start=1)]
        self._store.batches.add(batch, rows, token=token)
        found = self._store.batches.by_token(token)
        return batch if found is None else found

    @may(Right.LOOK)
    def get(self, batch_id: str) -> Batch:
        """One batch.

        Raises:
            NotFoundError: there is none of that id, or it is not for them to see.
        """
        batch = self._store.batches.get(batch_id)
        if batch is None:
            raise NotFoundError("There is no such batch here.")
        return batch

    @may(Right.LOOK)
    def page(self, *, offset: int = 0, limit: int = 10) -> tuple[list[Progress], int]:
        """Some batches and how they stand, newest first, and how many there are in all."""
        found, total = self._store.batches.page(offset=offset, limit=limit)
        stands = self._store.batches.stands([batch.id for batch in found])
        return [progress_of(batch, stands) for batch in found], total

    @may(Right.LOOK)
    def progress(self, batch_id: str) -> Progress:
        """How a batch stands.

        Raises:
            NotFoundError: there is none of that id, or it is not for them to see.
        """
        return progress_of(self.get(batch_id), self._store.batches.stands([batch_id]))

    @may(Right.LOOK)
    def rows(
        self, batch_id: str, *, group: Group = "all", offset: int = 0, limit: int | None = None
    ) -> list[RowView]:
        """Rows of a batch in their order, each with what it waits for.

        Raises:
            NotFoundError: there is none of that id, or it is not for them to see.
        """
        batch = self.get(batch_id)
        found = self._store.batches.rows(batch_id, group=group, offset=offset, limit=limit)
        waits = self._waits(batch) if any(row.state == "waiting" for row in found) else {}
        return [
            RowView(row=row, how=how_it_stands(row), why=row.why or waits.get(row.position, ""))
            for row in found
        ]

    @may(Right.LOOK)
    def csv(self, batch_id: str, link: Link) -> bytes:
        """What became of each row, as CSV in UTF-8 with a `link` to each file; no cell of it is a formula.

        Raises:
            NotFoundError: there is none of that id, or it is not for them to see.
        """
        rows = self.rows(batch_id)
        return results(((view.row, view.how, _why(view)) for view in rows), link)

    @may(Right.LOOK)
    def held(self, batch: Batch) -> str:
        """Why nothing more of a batch is asked for, whatever money there is; empty where nothing holds it."""
        if batch.state == "paused":
            return "Paused: nothing more is asked for until you go on."
        if store_of_owner(self._store, batch) is None:
            return "Whoever has made this batch may not make videos any more."
        try:
            connection = self._connections.get(batch.connection_id)
            self._tasks.check_ready(connection)
        except InvalidInputError as error:
            return " ".join(problem.message for problem in error.problems)
        except DeskError as error:
            return str(error)
        refusal = self._store.pauses.found(connection.id)
        why = connection.paused or (refusal.why if refusal else "")
        says = "{connection} is paused. {why}"
        return says.format(connection=connection.name, why=why) if why else ""

    @may(Right.MAKE, "batch paused")
    def pause(self, batch_id: str) -> bool:
        """Ask for nothing more for now, and take back what was not sent: free. False when all was sent.

        Raises:
            NotFoundError: there is none of that id, or it is not for them to see.
        """
        return self._store.batches.halt(self.get(batch_id).id, "paused", now())

    @may(Right.MAKE, "batch resumed")
    def resume(self, batch_id: str) -> bool:
        """Go on with a paused batch; False when it is not paused."""
        return self._store.batches.resume(self.get(batch_id).id, now())

    @may(Right.MAKE, "batch stopped")
    def stop(self, batch_id: str) -> bool:
        """Ask for nothing more, and take back what was not sent: free. False when all was sent."""
        return self._store.batches.halt(self.get(batch_id).id, "stopped", now())

    @may(Right.LOOK)
    def once_more(self, batch_id: str) -> tuple[BatchRow, ...]:
        """The rows that have come to nothing, each at what it should cost now.

        What can't be made any more is left out: its price is not known to be what it was.
        """
        batch = self.get(batch_id)
        connection = self._connections.get(batch.connection_id)
        rows = [r for r in self._store.batches.rows(batch_id) if how_it_stands(r) in AGAIN]
        priced = ((row, self._priced(row, connection)) for row in rows)
        return tuple(
            row.model_copy(update={"estimate": estimate}) for row, estimate in priced if estimate
        )

    @may(Right.MAKE, "batch rows retried")
    def retry(self, batch_id: str, rows: Sequence[BatchRow]) -> int:
        """Ask for rows once more, at the prices that they are given with; how many there are.

        Each becomes a new task, paid for anew. A row that was asked for again since it was read stays.
        """
        batch = self.get(batch_id)
        self._tasks.check_ready(self._connections.get(batch.connection_id))
        return self._store.batches.again(batch_id, rows, now())

    def _waits(self, batch: Batch) -> dict[int, str]:
        """What each row that waits does wait for, by its position: empty where it is only its turn."""
        rows = self._store.batches.waiting(batch.id)
        held = self.held(batch)
        owner = store_of_owner(self._store, batch)
        if held or owner is None:
            return dict.fromkeys((row.position for row in rows), held)
        wishes = [Estimate(low=row.most, high=row.most, unit=row.unit) for row in rows]
        connection = self._connections.get(batch.connection_id)
        verdicts = Balances(owner).admit(connection, wishes).verdicts
        return {row.position: v.why for row, v in zip(rows, verdicts, strict=True)}

    def _priced(self, row: BatchRow, connection: Connection) -> Estimate | None:
        asked = row.request
        try:
            self._tasks.check(asked, connection)
            spec = self._tasks.spec(connection, asked.model, asked.capability)
        except InvalidInputError:
            return None
        return self._tasks.estimate(connection, spec, self._tasks.asked(asked))

    def _new_row(self, position: int, row: CheckedRow, connection: Connection) -> NewRow:
        assert row.request is not None
        assert row.estimate is not None
        spec = self._tasks.spec(connection, row.request.model, row.request.capability)
        request = with_seed(row.request, spec.seed_max)
        return NewRow(position=position, row=row.line.row, request=request, estimate=row.estimate)


def _why(view: RowView) -> str:
    task = view.row.task
    return view.why or ("" if task is None else task.failure or task.note)


def store_of_owner(store: Store, batch: Batch) -> Store | None:
    """The store as a batch's owner may use it: what is made of it is theirs, and counts to their budgets.

    None when they may make nothing any more.
    """
    if batch.owner_id == store.actor.id and store.actor.may(Right.MAKE):
        return store
    person = store.people.get(batch.owner_id) if batch.owner_id else None
    owner = LOCAL if not batch.owner_id else Actor.of(person) if person else None
    if owner is None or not owner.may(Right.MAKE):
        return None
    return store.acting_as(owner)


def _named(name: str, checked: Checked) -> str:
    words = " ".join((name or checked.rows[0].line.prompt or checked.rows[0].line.image).split())
    return words if len(words) <= _NAME_MOST else words[: _NAME_MOST - 1].rstrip() + "…"
