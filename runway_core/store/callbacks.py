"""What providers told by calling us: each thing once, and never a step back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from runway_core.domain import Event, Noun, TaskStatus
from runway_core.people import Right, needs
from runway_core.store.journal import append_event
from runway_core.store.rows import Rows
from runway_core.store.schema import connections, events, tasks

CALLED = "called back"
"""Kind of the event that holds what a call said: the state's word, and the id if it named one."""
_FOLLOWED = (TaskStatus.PENDING, TaskStatus.THROTTLED, TaskStatus.RUNNING)
_UNKNOWN = "?"
_ENDED = 4
_RANKS = {
    TaskStatus.PENDING.value: 1,
    TaskStatus.THROTTLED.value: 1,
    TaskStatus.RUNNING.value: 2,
    _UNKNOWN: 3,
}
"""How far a word says that a task is; every other word says that it has ended."""


class Called(Noun):
    """The task that a call is about, as far as the call needs it."""

    status: TaskStatus
    failure_code: str
    connection_id: str
    secrets_sealed: bytes | None
    """What its calls have to be signed with."""


class Said(Noun):
    """What a call said."""

    task_id: str
    status: TaskStatus | None
    remote_id: str


class CallbackRows(Rows):
    """Reads and writes what calls said of tasks."""

    @needs(Right.RUN)
    def called(self, task_ids: Collection[str]) -> dict[str, Called]:
        """The tasks that calls are about, by their ids, without deleted ones."""
        with self._db.read() as sql:
            rows = sql.execute(_CALLED, {"ids": list(task_ids)}).mappings().all()
        return {row["id"]: Called(**{k: v for k, v in row.items() if k != "id"}) for row in rows}

    @needs(Right.RUN)
    def note(self, calls: Iterable[Said], *, now: datetime) -> None:
        """Keep what calls said, and have each task that is followed looked at now.

        What was known has no effect: since the task was last sent, a call has said so or more. So a
        task takes no more than four calls, however often and in whatever order they come.
        """
        with self._db.write() as sql:
            for said in calls:
                self._note(sql, said, now)

    def _note(self, sql: sa.Connection, said: Said, now: datetime) -> None:
        word = said.status.value if said.status else _UNKNOWN
        row = sql.execute(_NOW, {"task": said.task_id}).first()
        if row is None or _rank(word) <= _furthest(sql, said.task_id):
            return
        detail = f"{word} {said.remote_id}".strip()
        append_event(sql, said.task_id, Event(at=now, kind=CALLED, detail=detail))
        if row.status in _FOLLOWED and row.next_at is not None and row.next_at > now:
            mine = tasks.c.id == said.task_id
            sql.execute(sa.update(tasks).where(mine).values(next_at=now))
            self._db.made_due(sql, said.task_id, now)

    @needs(Right.RUN)
    def told_id(self, task_id: str) -> str:
        """The provider's id that calls have named since the task was last sent; empty when none did."""
        with self._db.read() as sql:
            named = [said.partition(" ")[2] for said in _said(sql, task_id)]
        return next(filter(None, reversed(named)), "")


_TASK = (tasks.c.id == sa.bindparam("task")) & tasks.c.deleted_at.is_(None)
_NOW = sa.select(tasks.c.status, tasks.c.next_at).where(_TASK).with_for_update()
_CALLED = (
    sa.select(
        tasks.c.id,
        tasks.c.status,
        tasks.c.failure_code,
        tasks.c.connection_id,
        connections.c.hook_secrets_sealed.label("secrets_sealed"),
    )
    .join(connections, connections.c.id == tasks.c.connection_id)
    .where(tasks.c.id.in_(sa.bindparam("ids", expanding=True)), tasks.c.deleted_at.is_(None))
)
_LAST_SENT = sa.select(sa.func.coalesce(sa.func.max(events.c.id), 0)).where(
    events.c.task_id == sa.bindparam("task"), events.c.kind == TaskStatus.SUBMITTING.value
)
_SAID = (
    sa.select(events.c.detail)
    .where(
        events.c.task_id == sa.bindparam("task"),
        events.c.kind == CALLED,
        events.c.id > _LAST_SENT.scalar_subquery(),
    )
    .order_by(events.c.id)
)


def _said(sql: sa.Connection, task_id: str) -> Iterable[str]:
    """What calls said since the task was last put on the wire, oldest first."""
    return sql.execute(_SAID, {"task": task_id}).scalars().all()


def _furthest(sql: sa.Connection, task_id: str) -> int:
    return max((_rank(said.partition(" ")[0]) for said in _said(sql, task_id)), default=0)


def _rank(word: str) -> int:
    return _RANKS.get(word, _ENDED)
