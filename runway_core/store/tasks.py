"""Tasks: made once per draft, then changed only by guarded moves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from runway_core.domain import (
    Artifact,
    ArtifactState,
    Estimate,
    Event,
    Exchange,
    GenerationRequest,
    Noun,
    Task,
    TaskStatus,
)
from runway_core.people import Actor, Right, needs
from runway_core.store.budgets import let_in, overcharged, stop_after
from runway_core.store.exchanges import append_exchanges, keep_last
from runway_core.store.journal import append_event
from runway_core.store.ledger import may_count, note_new, noted
from runway_core.store.line import STANDING, wake_first
from runway_core.store.numbers import next_number
from runway_core.store.query import TaskPage, TaskQuery
from runway_core.store.reading import BY_ID, BY_TOKEN, one_of, page_of
from runway_core.store.rows import Rows, by_index, owned_by
from runway_core.store.schema import artifacts, task_assets, tasks
from runway_core.store.search import folded, index_again, index_new


class NewTask(Noun):
    """What a task is made of."""

    id: str
    draft_token: str
    connection_id: str
    connection: str
    profile: str
    request: GenerationRequest
    estimate: Estimate
    title: str = ""
    """The model's name as people know it, so that they find it by that."""
    created_at: datetime


class OpenTask(NamedTuple):
    """When a task's next step is due, and from which state."""

    due: datetime
    status: TaskStatus


class PutOff(NamedTuple):
    """A look that has taught nothing new but how far the task is."""

    task_id: str
    status: TaskStatus
    seen: datetime | None
    """When it had been due; another time by now means that somebody wants a look."""
    due: datetime
    progress: float | None
    at: datetime
    """When it was made."""
    exchange: Exchange | None = None
    """What went over the wire, where that is to be kept."""


class TaskRows(Rows):
    """Reads and writes tasks."""

    @needs(Right.MAKE)
    def add(self, new: NewTask) -> bool:
        """Record a task as QUEUED and due now; False when its draft was recorded before.

        Its budget is reserved by the same transaction, and no other comes between: however many ask
        at once, a hard budget is never passed.

        Raises:
            BudgetExceededError: a hard budget leaves no room for it.
            InvalidInputError: there is one, and what the task may cost is not known.
        """
        with self._db.write(alone=True) as sql:
            return self._add(sql, new)

    def _add(self, sql: sa.Connection, new: NewTask) -> bool:
        """`add` within a transaction that keeps others out."""
        drafted = sa.select(tasks.c.id).where(tasks.c.draft_token == new.draft_token)
        if sql.execute(drafted).first() is not None:
            return False
        let_in(sql, new.connection_id, new.created_at, new.estimate, self.actor.id)
        row = _row(new, self.actor)
        return self._insert(sql, row, ["draft_token"], event="QUEUED")

    @needs(Right.MAKE)
    def add_known(
        self,
        new: NewTask,
        *,
        now: datetime,
        status: TaskStatus,
        remote_id: str,
        event: str,
        detail: str = "",
        exchanges: Iterable[Exchange] = (),
        **changes: Any,
    ) -> bool:
        """Record a task that its provider knows already, so that nothing is ever sent for it.

        False when its draft or its remote id was recorded before.
        """
        known = {"status": status, "remote_id": remote_id, "next_at": None} | changes
        row = _row(new, self.actor)
        row |= {name: _plain(value) for name, value in known.items()}
        row["updated_at"] = now
        with self._db.write(alone=True) as sql:
            return self._insert(sql, row, None, event=event, detail=detail, exchanges=exchanges)

    def _insert(
        self,
        sql: sa.Connection,
        row: dict[str, Any],
        unless: list[str] | None,
        *,
        event: str,
        detail: str = "",
        exchanges: Iterable[Exchange] = (),
    ) -> bool:
        row["number"] = next_number(sql, row["created_at"])
        statement = self._db.insert(tasks).values(row)
        statement = statement.on_conflict_do_nothing(index_elements=unless)
        if sql.execute(statement.returning(tasks.c.id)).first() is None:
            return False
        for sha256 in _assets_of(row["request"]):
            sql.execute(sa.insert(task_assets).values(task_id=row["id"], sha256=sha256))
        self._db.made_due(sql, row["id"], row["next_at"], new=True)
        append_exchanges(sql, row["id"], exchanges)
        append_event(sql, row["id"], Event(at=row["updated_at"], kind=event, detail=detail))
        note_new(sql, row["id"], row["updated_at"])
        index_new(sql, row["id"])
        return True

    @needs(Right.MAKE)
    def show_again(self, task_id: str, *, now: datetime, event: str, **changes: Any) -> bool:
        """Bring a deleted task back, with `changes`; False when it is not deleted."""
        values = {name: _plain(value) for name, value in changes.items()}
        hidden = (tasks.c.id == task_id) & tasks.c.deleted_at.is_not(None)
        hidden &= owned_by(self.actor)
        update = sa.update(tasks).where(hidden).values(values | {"deleted_at": None})
        with self._db.write(alone=True) as sql, noted(sql, task_id, now):
            if sql.execute(update.values(updated_at=now)).rowcount == 0:
                return False
            self._db.made_due(sql, task_id, values.get("next_at"), new=True)
            append_event(sql, task_id, Event(at=now, kind=event))
        return True

    @needs(Right.LOOK)
    def get(self, task_id: str) -> Task | None:
        """One task by its id; None when there is none or it was deleted."""
        with self._db.read() as sql:
            return one_of(sql, BY_ID, task_id, self.actor)

    @needs(Right.LOOK)
    def by_token(self, draft_token: str) -> Task | None:
        """The task that a draft became."""
        with self._db.read() as sql:
            return one_of(sql, BY_TOKEN, draft_token, self.actor)

    @needs(Right.LOOK)
    def owner_of(self, connection_id: str, remote_id: str) -> str | None:
        """Id of the task that holds a provider's id, deleted or not."""
        query = sa.select(tasks.c.id).where(
            tasks.c.connection_id == connection_id, tasks.c.remote_id == remote_id
        )
        with self._db.read() as sql:
            found: str | None = sql.execute(query).scalar()
            return found

    @needs(Right.LOOK)
    def page(self, query: TaskQuery) -> TaskPage:
        """One page of matching tasks, in the order that the query asks for."""
        with self._db.read() as sql:
            return page_of(sql, query, self.actor)

    @needs(Right.LOOK)
    def others_share(self) -> bool:
        """Whether there is anything of others that they show to the team."""
        me, shared = self.actor.id, tasks.c.shared & tasks.c.deleted_at.is_(None)
        some = sa.select(tasks.c.id).where(shared).limit(1)
        with self._db.read() as sql:
            return any(  # on either side of one's own in the index, however many those are
                sql.execute(by_index(some.where(side), "tasks_sharers")).first() is not None
                for side in (tasks.c.owner_id < me, tasks.c.owner_id > me)
            )

    @needs(Right.LOOK)
    def count_open(self, connection_id: str = "", *, sent: bool = False) -> int:
        """Tasks that are still being worked on, of one connection or of all; or those of them that were `sent`."""
        query = sa.select(sa.func.count()).where(tasks.c.next_at.is_not(None), owned_by(self.actor))
        query = by_index(query, "tasks_due")
        if sent:
            query = query.where(tasks.c.status != TaskStatus.QUEUED.value)
        if connection_id:
            query = query.where(tasks.c.connection_id == connection_id)
        with self._db.read() as sql:
            return int(sql.execute(query).scalar_one())

    @needs(Right.LOOK)
    def spans(self, profile: str, model: str, *, limit: int = 20) -> list[timedelta]:
        """How long the last tasks of this kind took from being sent to being seen finished."""
        query = sa.select(tasks.c.submitted_at, tasks.c.finished_at).where(
            tasks.c.profile == profile,
            tasks.c.model == model,
            tasks.c.finished_at.is_not(None),
            tasks.c.status == TaskStatus.SUCCEEDED.value,
            tasks.c.sent_at.is_not(None),  # sent from here, not taken in later
        )
        with self._db.read() as sql:
            rows = sql.execute(query.order_by(tasks.c.finished_at.desc()).limit(limit)).all()
        return [row.finished_at - row.submitted_at for row in rows if row.submitted_at]

    @needs(Right.RUN)
    def open_ones(self, worker_id: str = "") -> dict[str, OpenTask]:
        """By id all tasks that somebody has to follow, or that one worker follows."""
        query = sa.select(tasks.c.id, tasks.c.next_at, tasks.c.status)
        query = query.where(tasks.c.next_at.is_not(None))
        if worker_id:
            query = query.where(tasks.c.worker_id == worker_id)
        with self._db.read() as sql:
            rows = sql.execute(query).all()
        return {row.id: OpenTask(row.next_at, TaskStatus(row.status)) for row in rows}

    @needs(Right.MANAGE)
    def oldest_overdue(self, now: datetime) -> datetime | None:
        """Since when the task has been due that has waited longest for anybody; None when none is."""
        query = sa.select(sa.func.min(tasks.c.next_at)).where(tasks.c.next_at <= now)
        with self._db.read() as sql:
            due: datetime | None = sql.execute(query).scalar()
            return due

    @needs(Right.MAKE)
    def move(
        self,
        task_id: str,
        expect: Collection[TaskStatus],
        *,
        now: datetime,
        event: str = "",
        detail: str = "",
        exchanges: Iterable[Exchange] = (),
        seen: datetime | None = None,
        **changes: Any,
    ) -> bool:
        """Change a task if it is still in one of the `expect` states; False when it is not, or was deleted.

        `seen` is the ``next_at`` that the caller had read: one that was set since, because somebody
        wants a look now, stays. Every change of a task's life goes through here, so two workers, a late answer
        or a second click can never undo one another. The ledger notes the money; an overcharge pauses the connection.
        """
        values = {name: _plain(value) for name, value in changes.items()} | {"updated_at": now}
        guarded = tasks.c.status.in_([status.value for status in expect])
        frees = values.get("status") not in (None, *STANDING)
        counts = frees or may_count(expect, values)
        with self._db.write(alone=counts) as sql, noted(sql, task_id, now, counts):
            why = overcharged(sql, task_id, values.get("charge"))
            if seen is not None and (due := values.get("next_at")) is not None:
                values["next_at"] = _unless_set_since(seen, due)
            update = sa.update(tasks).where(self._changeable(task_id), guarded).values(values)
            moved = sql.execute(update.returning(tasks.c.connection_id, tasks.c.model)).first()
            if moved is None:
                return False
            self._db.made_due(sql, task_id, changes.get("next_at"))
            if "remote_id" in values:
                index_again(sql, task_id)
            if frees:
                wake_first(self._db, sql, moved.connection_id, now, model=moved.model)
            append_exchanges(sql, task_id, exchanges)
            if event:
                append_event(sql, task_id, Event(at=now, kind=event, detail=detail))
            stop_after(sql, task_id, moved.connection_id, why, now)
        return True

    def _changeable(self, task_id: str) -> sa.ColumnElement[bool]:
        there = (tasks.c.id == task_id) & tasks.c.deleted_at.is_(None)
        return there if self.actor.sees_all else there & owned_by(self.actor)

    @needs(Right.RUN)
    def put_off(self, rows: Sequence[PutOff]) -> None:
        """Write in one go when looks are due that taught nothing new; one whose task changed since stays."""
        unchanged = (
            (tasks.c.id == sa.bindparam("task"))
            & (tasks.c.status == sa.bindparam("was"))
            & (tasks.c.next_at == sa.bindparam("seen"))
        )
        names = ("next_at", "progress", "updated_at")
        now: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names}
        values = [
            {
                "task": r.task_id,
                "was": r.status.value,
                "seen": r.seen,
                "new_next_at": r.due,
                "new_progress": r.progress,
                "new_updated_at": r.at,
            }
            for r in rows
        ]
        with self._db.write() as sql:
            sql.execute(sa.update(tasks).where(unchanged).values(now), values)
            keep_last(sql, {r.task_id: r.exchange for r in rows if r.exchange is not None})

    @needs(Right.RUN)
    def attach(self, task_id: str, kept: Sequence[Artifact], *, now: datetime) -> None:
        """Record the kept files of a task and that nothing is left to do for it."""
        done: dict[str, Any] = {"artifact_state": ArtifactState.KEPT.value, "next_at": None}
        done |= {"note": "", "said": "", "hint": "", "looks": 0, "updated_at": now}
        with self._db.write() as sql:
            sql.execute(sa.delete(artifacts).where(artifacts.c.task_id == task_id))
            for position, artifact in enumerate(kept):
                row = {"task_id": task_id, "position": position, **artifact.model_dump()}
                sql.execute(sa.insert(artifacts).values(row))
            sql.execute(sa.update(tasks).where(tasks.c.id == task_id).values(done))
            append_event(sql, task_id, Event(at=now, kind="KEPT"))

    @needs(Right.MAKE)
    def hide(self, task_id: str, now: datetime) -> None:
        """Delete a task from view; its row stays, so that its draft can't be paid for again."""
        values = {"deleted_at": now, "next_at": None}
        with self._db.write() as sql:
            mine = (tasks.c.id == task_id) & owned_by(self.actor)
            if sql.execute(sa.update(tasks).where(mine).values(values)).rowcount:
                sql.execute(sa.delete(artifacts).where(artifacts.c.task_id == task_id))

    @needs(Right.MAKE)
    def share(self, task_id: str, shared: bool) -> bool:
        """Show a task to the team, or no longer; False when it is not the acting person's."""
        with self._db.write() as sql:
            mine = self._changeable(task_id)
            return sql.execute(sa.update(tasks).where(mine).values(shared=shared)).rowcount > 0


def _row(new: NewTask, actor: Actor) -> dict[str, Any]:
    """A new task as its row: the acting person's, QUEUED, and due at once."""
    return new.model_dump(mode="json", exclude={"created_at", "title"}) | {
        "status": TaskStatus.QUEUED.value,
        "search_text": _search_text(new),
        "model": new.request.model,
        "owner_id": actor.id,
        "shared": actor.shares,
        "outputs": [],
        "artifact_state": ArtifactState.NONE.value,
        "cancel_requested": False,
        "next_at": new.created_at,
        "created_at": new.created_at,
        "updated_at": new.created_at,
    }


def _assets_of(request: dict[str, Any]) -> set[str]:
    """Hashes of the kept files that a request uses."""
    asked = GenerationRequest.model_validate(request)
    kept = [*(f.asset for f in asked.frames), *(m.asset for m in asked.media)]
    return {asset for asset in kept if asset}


def _plain(value: Any) -> Any:
    if isinstance(value, TaskStatus | ArtifactState):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _search_text(new: NewTask) -> str:
    parts = (new.request.prompt, new.request.model, new.title, new.connection, new.id)
    return folded(" ".join(parts))


def _unless_set_since(seen: datetime, due: datetime) -> sa.ColumnElement[datetime]:
    wanted = (tasks.c.next_at != seen, tasks.c.next_at)
    return sa.case(wanted, else_=sa.literal(due, tasks.c.next_at.type))
