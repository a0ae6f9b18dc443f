"""Batches: lists of videos that were confirmed together, and what became of each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from runway_core.domain import (
    ArtifactState,
    Estimate,
    Event,
    GenerationRequest,
    Noun,
    Task,
    TaskStatus,
)
from runway_core.people import Actor, Right, needs
from runway_core.store.database import Database
from runway_core.store.journal import append_event
from runway_core.store.ledger import noted
from runway_core.store.line import wake_first
from runway_core.store.rows import Rows
from runway_core.store.schema import batch_rows as rows
from runway_core.store.schema import batches as table
from runway_core.store.schema import tasks
from runway_core.store.tasks import TaskRows

BatchState = Literal["running", "fed", "paused", "stopped"]
"""``running``: rows wait to be asked for; ``fed``: none does any more."""
RowState = Literal["waiting", "asked", "refused", "stopped"]
"""``asked``: it has become a task; ``refused``: it can't be made as it is."""
REMINDER = "batch:"
"""Begins what wakes an engine for a batch, where a task's id would stand."""
Group = Literal["all", "waiting", "open", "done", "failed"]
"""Rows that stand alike for a person; ``failed`` is all that has come to nothing or needs a decision."""
_AGAIN = (TaskStatus.FAILED.value, TaskStatus.CANCELLED.value)
"""How a task has ended that may be asked for again."""


class Batch(Noun):
    """A list of videos that a person has confirmed."""

    id: str
    owner_id: str = ""
    """The person's who made it; empty when nobody had signed in."""
    connection_id: str
    connection: str
    """The connection's name when the batch was made."""
    name: str
    state: BatchState
    size: int
    """Rows."""
    created_at: datetime
    updated_at: datetime


class NewRow(Noun):
    """One video of a batch, as it was confirmed."""

    position: int
    """1 for the first."""
    row: int
    """As the list counts."""
    request: GenerationRequest
    estimate: Estimate


class BatchRow(NewRow):
    """One video of a batch, and what became of it."""

    batch_id: str
    attempt: int
    """1 at first; one more each time that it is asked for again."""
    state: RowState
    task: Task | None = None
    why: str = ""
    """Why it can't be made as it is, when it was refused."""

    @property
    def token(self) -> str:
        """By which its task is known: however often it is tried, one attempt is one task."""
        return f"{REMINDER}{self.batch_id}:{self.position}:{self.attempt}"


class Stand(NamedTuple):
    """How many rows of a batch stand alike."""

    batch_id: str
    state: RowState
    status: TaskStatus | None
    """Of their tasks."""
    artifact_state: ArtifactState | None
    rows: int


class Waiting(NamedTuple):
    """A row that waits, and what it may cost."""

    position: int
    most: Decimal | None
    unit: str


class BatchRows(Rows):
    """Reads and changes batches; each is its owner's."""

    def __init__(self, database: Database, actor: Actor) -> None:
        super().__init__(database, actor)
        self._tasks = TaskRows(database, actor)

    @needs(Right.MAKE)
    def add(self, batch: Batch, new: Sequence[NewRow], *, token: str) -> bool:
        """Record a batch of the acting person with all its rows; False when its token was recorded before."""
        row = batch.model_dump() | {"token": token, "owner_id": self.actor.id}
        found = [_row(batch.id, each, batch.created_at) for each in new]
        with self._db.write(alone=True) as sql:
            insert = self._db.insert(table).values(row)
            insert = insert.on_conflict_do_nothing(index_elements=["token"])
            if sql.execute(insert.returning(table.c.id)).first() is None:
                return False
            sql.execute(sa.insert(rows), found)
            self._db.made_due(sql, REMINDER + batch.id, batch.created_at, new=True)
        return True

    @needs(Right.LOOK)
    def by_token(self, token: str) -> Batch | None:
        """The batch that a confirmed list became."""
        return self._one(table.c.token == token)

    @needs(Right.LOOK)
    def get(self, batch_id: str) -> Batch | None:
        """One batch by its id."""
        return self._one(table.c.id == batch_id)

    @needs(Right.LOOK)
    def page(self, *, offset: int, limit: int) -> tuple[list[Batch], int]:
        """Some batches, newest first, and how many there are in all."""
        mine = owned_by(self.actor)
        query = sa.select(*_SHOWN).where(mine).order_by(table.c.created_at.desc(), table.c.id)
        number = sa.select(sa.func.count()).select_from(table).where(mine)
        with self._db.read() as sql:
            found = sql.execute(query.offset(offset).limit(limit)).mappings()
            return [Batch(**row) for row in found], int(sql.execute(number).scalar_one())

    @needs(Right.LOOK)
    def rows(
        self, batch_id: str, *, group: Group = "all", offset: int = 0, limit: int | None = None
    ) -> list[BatchRow]:
        """Rows of a batch in their order, each with its task."""
        query = sa.select(*_ROW).join(table).outerjoin(tasks, tasks.c.id == rows.c.task_id)
        query = query.where(rows.c.batch_id == batch_id, *_GROUPS[group])
        query = query.where(owned_by(self.actor)).order_by(rows.c.position)
        with self._db.read() as sql:
            found = sql.execute(query.offset(offset).limit(limit)).mappings().all()
        return [self._whole(row) for row in found]

    @needs(Right.LOOK)
    def stands(self, batch_ids: Sequence[str]) -> list[Stand]:
        """How the rows of some batches stand, in numbers."""
        kinds = (rows.c.batch_id, rows.c.state, tasks.c.status, tasks.c.artifact_state)
        query = sa.select(*kinds, sa.func.count()).select_from(
            rows.join(table).outerjoin(tasks, tasks.c.id == rows.c.task_id)
        )
        query = query.where(rows.c.batch_id.in_(batch_ids), owned_by(self.actor)).group_by(*kinds)
        with self._db.read() as sql:
            return [_stand(row) for row in sql.execute(query)]

    @needs(Right.LOOK)
    def waiting(self, batch_id: str) -> list[Waiting]:
        """The rows that wait to be asked for, in their order."""
        query = sa.select(rows.c.position, rows.c.most, rows.c.unit).join(table)
        query = query.where(rows.c.batch_id == batch_id, rows.c.state == "waiting")
        query = query.where(owned_by(self.actor)).order_by(rows.c.position)
        with self._db.read() as sql:
            return [Waiting(*row) for row in sql.execute(query)]

    @needs(Right.MAKE)
    def halt(self, batch_id: str, state: Literal["paused", "stopped"], now: datetime) -> bool:
        """Ask for nothing more, and take back what was asked for and not sent: all of that is free.

        False when nothing was left that could be held up.
        """
        row_state: RowState = "waiting" if state == "paused" else "stopped"
        with self._db.write(alone=True) as sql:
            connection_id = sql.execute(self._own(batch_id, table.c.connection_id)).scalar()
            if connection_id is None:
                return False
            back = _take_back(sql, batch_id, row_state, now)
            waits = (rows.c.batch_id == batch_id) & (rows.c.state == "waiting")
            held = sql.execute(sa.update(rows).where(waits).values(state=row_state)).rowcount
            if not (back or held):
                return False
            change = sa.update(table).where(table.c.id == batch_id)
            sql.execute(change.values(state=state, updated_at=now))
            wake_first(self._db, sql, connection_id, now)
        return True

    @needs(Right.MAKE)
    def resume(self, batch_id: str, now: datetime) -> bool:
        """Go on with a paused batch; False when it is not paused."""
        paused = (table.c.id == batch_id) & (table.c.state == "paused") & owned_by(self.actor)
        with self._db.write() as sql:
            update = sa.update(table).where(paused).values(state="running", updated_at=now)
            if sql.execute(update).rowcount == 0:
                return False
            self._db.made_due(sql, REMINDER + batch_id, now, new=True)
        return True

    @needs(Right.MAKE)
    def again(self, batch_id: str, wanted: Iterable[BatchRow], now: datetime) -> int:
        """Have rows wait once more that have come to nothing, each as it is given; how many do.

        One that was asked for again since it was read, or whose task has not failed, stays as it is.
        """
        with self._db.write(alone=True) as sql:
            if sql.execute(self._own(batch_id, table.c.id)).first() is None:
                return 0
            number = sum(_wait_again(sql, batch_id, row, now) for row in wanted)
            if number:
                own = (table.c.id == batch_id) & (table.c.state != "paused")
                goes = sa.update(table).where(own)
                sql.execute(goes.values(state="running", updated_at=now))
                self._db.made_due(sql, REMINDER + batch_id, now, new=True)
        return number

    def _one(self, wanted: sa.ColumnElement[bool]) -> Batch | None:
        query = sa.select(*_SHOWN).where(wanted, owned_by(self.actor))
        with self._db.read() as sql:
            row = sql.execute(query).mappings().first()
        return None if row is None else Batch(**row)

    def _own(self, batch_id: str, column: sa.Column[Any]) -> sa.Select[Any]:
        return sa.select(column).where(table.c.id == batch_id, owned_by(self.actor))

    def _whole(self, row: sa.RowMapping) -> BatchRow:
        fields = dict(row)
        task_id = fields.pop("task_id")
        task = self._tasks.get(task_id) if task_id else None
        return BatchRow.model_validate(fields | {"task": task})


def owned_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Batches that somebody may see and change."""
    return sa.true() if actor.sees_all else table.c.owner_id == actor.id


_SHOWN = [c for c in table.c if c.name != "token"]
_ENDED = (*_AGAIN, TaskStatus.UNCERTAIN.value)
_GROUPS: dict[Group, list[sa.ColumnElement[bool]]] = {
    "all": [],
    "waiting": [rows.c.state == "waiting"],
    "open": [
        rows.c.state == "asked",
        tasks.c.status.not_in((*_ENDED, TaskStatus.SUCCEEDED.value)),
    ],
    "done": [rows.c.state == "asked", tasks.c.status == TaskStatus.SUCCEEDED.value],
    "failed": [rows.c.state.in_(("refused", "stopped")) | tasks.c.status.in_(_ENDED)],
}
_ROW = [c for c in rows.c if c.name not in ("most", "unit", "updated_at")]


def _row(batch_id: str, new: NewRow, now: datetime) -> dict[str, Any]:
    return _asked_for(new) | {
        "batch_id": batch_id,
        "position": new.position,
        "row": new.row,
        "state": "waiting",
        "updated_at": now,
    }


def _asked_for(new: NewRow) -> dict[str, Any]:
    """What a row asks for, and at which price it was confirmed."""
    return {
        "request": new.request.model_dump(mode="json"),
        "estimate": new.estimate.model_dump(mode="json"),
        "most": new.estimate.high,
        "unit": new.estimate.unit,
    }


def _stand(row: Any) -> Stand:
    batch_id, state, status, artifact_state, number = row
    return Stand(
        batch_id,
        state,
        None if status is None else TaskStatus(status),
        None if artifact_state is None else ArtifactState(artifact_state),
        number,
    )


def _take_back(sql: sa.Connection, batch_id: str, state: RowState, now: datetime) -> int:
    """Cancel the tasks of a batch that were not sent, and hide them: their rows are no tasks any more."""
    unsent = (tasks.c.status == TaskStatus.QUEUED.value) & tasks.c.deleted_at.is_(None)
    unsent &= tasks.c.sent_at.is_(None)  # one that was ever on the wire may still be called for
    query = sa.select(rows.c.position, rows.c.task_id).join(tasks, tasks.c.id == rows.c.task_id)
    found = sql.execute(query.where(rows.c.batch_id == batch_id, unsent)).all()
    ended: dict[str, Any] = {"status": TaskStatus.CANCELLED.value, "next_at": None}
    ended |= {"note": "", "hint": ""} | {"finished_at": now, "updated_at": now, "deleted_at": now}
    number = 0
    for position, task_id in found:
        with noted(sql, task_id, now):
            stop = sa.update(tasks).where(tasks.c.id == task_id, unsent).values(ended)
            if sql.execute(stop).rowcount == 0:
                continue
        append_event(sql, task_id, Event(at=now, kind="CANCELLED", detail="taken back unsent"))
        own = (rows.c.batch_id == batch_id) & (rows.c.position == position)
        again = {"state": state, "task_id": None, "updated_at": now}
        sql.execute(sa.update(rows).where(own).values(again | {"attempt": rows.c.attempt + 1}))
        number += 1
    return number


def _wait_again(sql: sa.Connection, batch_id: str, row: BatchRow, now: datetime) -> int:
    own = (rows.c.batch_id == batch_id) & (rows.c.position == row.position)
    ended = sa.exists().where(tasks.c.id == rows.c.task_id, tasks.c.status.in_(_AGAIN))
    nothing = rows.c.state.in_(("refused", "stopped")) | ((rows.c.state == "asked") & ended)
    values = _asked_for(row) | {"state": "waiting", "task_id": None, "why": "", "updated_at": now}
    update = sa.update(rows).where(own, nothing, rows.c.attempt == row.attempt)
    return sql.execute(update.values(values | {"attempt": row.attempt + 1})).rowcount
