"""The waiting line of each connection: who may be sent now, within what its plan allows.

Counted here, in one transaction that no other comes between, so that any number of processes keep
one key's limits together.

What is counted is open, and there is little of that, while the history grows. So nothing here may lead SQLite
from the index of the line, ``tasks_line``, to those of the history: what is open is never deleted, so that is
not asked for, and models are compared in a way that no index knows.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from runway_core.domain import Event, Noun, TaskStatus
from runway_core.people import Right, needs
from runway_core.pricing import DAY, WINDOW, Limits
from runway_core.store.database import Database
from runway_core.store.journal import append_event
from runway_core.store.rows import Rows, owned_by, seen_by
from runway_core.store.schema import UtcTime, connections, request_times, tasks

ASK_AGAIN = timedelta(minutes=10)
"""Until a waiting task asks again by itself; it is woken as soon as it may be its turn."""
BUSY = [
    status.value
    for status in (
        TaskStatus.SUBMITTING,
        TaskStatus.UNCERTAIN,
        TaskStatus.PENDING,
        TaskStatus.THROTTLED,
        TaskStatus.RUNNING,
    )
]
"""Each of these holds a place at the provider, or may hold one."""
STANDING = [TaskStatus.QUEUED.value, *BUSY]
"""While a task has one of these, nobody can move up for it."""
_QUEUED = tasks.c.status == TaskStatus.QUEUED.value


class Admission(Noun):
    """Whether a task was started, and if not, what it waits for."""

    started: bool
    waits_for: Literal["", "place", "minute", "day", "line", "pause", "gone"] = ""
    """``place``: a running task to end; ``line``: tasks before it; ``pause``: its connection was paused just now;
    ``gone``: it is not QUEUED any more."""
    until: datetime | None = None
    """When it is worth asking again, where that is known."""


class Standing(Noun):
    """Where a QUEUED task stands."""

    ahead: int
    """QUEUED tasks before it."""
    busy: int
    """Tasks of the same key that hold a place at the provider, or may hold one."""
    waiting: int
    """QUEUED tasks in all."""


class LineRows(Rows):
    """Admits tasks and requests."""

    @needs(Right.RUN)
    def refusal(self, task_id: str, limits: Limits, *, now: datetime) -> Admission | None:
        """Why `start` would not start a task now, which is put off then; None when it would."""
        if limits.per_minute is limits.running is limits.per_day is None:
            return None
        with self._db.write(alone=True) as sql:
            row = sql.execute(_ONE, {"task": task_id}).first()
            if row is None or row.status != TaskStatus.QUEUED.value:
                return Admission(started=False, waits_for="gone")
            refused = self._refused(sql, row, limits, now)
            if refused is not None:
                self._put_off(sql, task_id, refused, now)
            return refused

    @needs(Right.RUN)
    def start(self, task_id: str, limits: Limits, *, attempts: int, now: datetime) -> Admission:
        """Move a QUEUED task to SUBMITTING if its connection's limits leave room now; else put it off."""
        with self._db.write(alone=True) as sql:
            row = sql.execute(_ONE, {"task": task_id}).first()
            if row is None or row.status != TaskStatus.QUEUED.value:
                return Admission(started=False, waits_for="gone")
            refused = _paused(sql, row, now) or self._refused(sql, row, limits, now)
            if refused is not None:
                self._put_off(sql, task_id, refused, now)
                return refused
            if limits.per_minute is not None:
                self._note_request(sql, row.connection_id, now)
            changes = {
                "status": TaskStatus.SUBMITTING.value,
                "attempts": attempts,
                "sent_at": now,
                "updated_at": now,
                "looks": 0,
                "note": "",
                "hint": "",
                "said": "",
            } | _known_balance(row.connection_id)
            sql.execute(sa.update(tasks).where(tasks.c.id == task_id).values(changes))
            append_event(sql, task_id, Event(at=now, kind=TaskStatus.SUBMITTING.value))
            wake_first(self._db, sql, row.connection_id, now, model=row.model)
        return Admission(started=True)

    @needs(Right.RUN)
    def take(
        self, connection_id: str, limits: Limits, *, now: datetime, keep_free: int = 0
    ) -> datetime | None:
        """Take one of the minute's requests; None when it is taken, else when to ask again.

        `keep_free` of them are left for what matters more.
        """
        if limits.per_minute is None:
            return None
        with self._db.write(alone=True) as sql:
            most = max(limits.per_minute - keep_free, 1)
            if self._is_full(sql, connection_id, most, now):
                return _frees(sql, connection_id, most)
            self._note_request(sql, connection_id, now)
            return None

    @needs(Right.MAKE)
    def move(self, task_id: str, by: int, now: datetime) -> bool:
        """Move a QUEUED task `by` places in its connection's line, forwards when negative.

        False when it is not QUEUED.
        """
        with self._db.write(alone=True) as sql:
            mine = (tasks.c.id == task_id) & owned_by(self.actor)
            own = sql.execute(_WHERE_IT_STANDS.where(mine)).first()
            if own is None or own.status != TaskStatus.QUEUED.value:
                return False
            order = list(sql.execute(_line_of(own.connection_id)).scalars())
            at = order.index(task_id)
            order.insert(max(0, at + by), order.pop(at))
            # Newcomers have place 0 and stand behind all of these.
            places = [
                {"task": task, "at": position - len(order)} for position, task in enumerate(order)
            ]
            update = sa.update(tasks).where(tasks.c.id == sa.bindparam("task"))
            sql.execute(update.values(place=sa.bindparam("at")), places)
            wake_first(self._db, sql, own.connection_id, now)
        return True

    @needs(Right.MANAGE)
    def wake_next(self, connection_id: str, now: datetime) -> None:
        """Have those who are first in line looked at now: what they may do has changed."""
        with self._db.write() as sql:
            wake_first(self._db, sql, connection_id, now)

    @needs(Right.LOOK)
    def standing(self, task_id: str, limits: Limits) -> Standing | None:
        """Where a QUEUED task stands in its line; None when it is not QUEUED."""
        with self._db.read() as sql:
            seen = (tasks.c.id == task_id) & seen_by(self.actor)
            row = sql.execute(_WHERE_IT_STANDS.where(seen)).first()
            if row is None or row.status != TaskStatus.QUEUED.value:
                return None
            return Standing(
                ahead=self._before(sql, row, limits.model),
                busy=self._busy(sql, row, limits),
                waiting=_count(sql, _of_key(row, limits.model), _QUEUED),
            )

    def _put_off(self, sql: sa.Connection, task_id: str, refused: Admission, now: datetime) -> None:
        # In the transaction that found no room: a place that is freed in between would wake nobody.
        due = refused.until or now + ASK_AGAIN
        waits = {"next_at": due, "updated_at": now, "note": "", "hint": "", "said": "", "looks": 0}
        sql.execute(sa.update(tasks).where(tasks.c.id == task_id).values(waits))
        self._db.made_due(sql, task_id, due)

    def _refused(
        self,
        sql: sa.Connection,
        row: Any,
        limits: Limits,
        now: datetime,
    ) -> Admission | None:
        if limits.running is not None:
            room = limits.running - self._busy(sql, row, limits)
            if self._before(sql, row, limits.model, most=max(room, 1)) >= max(room, 1):
                return Admission(started=False, waits_for="line")
            if room <= 0:
                return Admission(started=False, waits_for="place")
        if limits.per_day is not None:
            frees = _frees_of_day(sql, row, limits, now)
            if frees is not None:
                return Admission(started=False, waits_for="day", until=frees)
        if limits.per_minute is not None:
            most = max(limits.per_minute, 1)
            if self._is_full(sql, row.connection_id, most, now):
                ahead = _ahead(sql, row)
                until = _frees(sql, row.connection_id, most, ahead=ahead)
                waits_for: Literal["line", "minute"] = "line" if ahead else "minute"
                return Admission(started=False, waits_for=waits_for, until=until)
        return None

    @staticmethod
    def _busy(sql: sa.Connection, row: Any, limits: Limits) -> int:
        return _count(sql, _of_key(row, limits.model), tasks.c.status.in_(BUSY))

    @staticmethod
    def _before(sql: sa.Connection, row: Any, model: str, *, most: int | None = None) -> int:
        """QUEUED tasks before one; counted up to `most`, because every task of a long line asks."""
        order = sa.tuple_(tasks.c.place, tasks.c.created_at, tasks.c.id)
        own = sa.tuple_(
            sa.literal(row.place), sa.literal(row.created_at, UtcTime), sa.literal(row.id)
        )
        return _count(sql, _of_key(row, model), _QUEUED, order < own, most=most)

    @staticmethod
    def _is_full(sql: sa.Connection, connection_id: str, most: int, now: datetime) -> bool:
        """Whether the last minute has no room for one more request."""
        sql.execute(_FORGET, {"key": connection_id, "old": now - WINDOW})
        return _request(sql, connection_id, newer=most - 1) is not None

    @staticmethod
    def _note_request(sql: sa.Connection, connection_id: str, now: datetime) -> None:
        sql.execute(sa.insert(request_times).values(connection_id=connection_id, at=now))


def wake_first(
    database: Database, sql: sa.Connection, connection_id: str, now: datetime, *, model: str = ""
) -> None:
    """Within a transaction, have the first QUEUED task for each model of a connection looked at now.

    With a `model`, of which one has started or ended, only the first for it, and the first of all.
    Only these are ever woken: whoever is first wakes the next one when it starts. One that met something
    (its ``looks``) waits until its own time.
    """
    given: dict[str, Any] = {"key": connection_id, "woken": now}
    if model:
        woken = [*sql.execute(_WAKE, given).scalars()]
        woken += sql.execute(_WAKE_MODEL, given | {"of": model}).scalars()
    else:
        queued = (tasks.c.connection_id == connection_id) & _QUEUED
        models = sql.execute(sa.select(tasks.c.model).where(queued).distinct()).scalars().all()
        woken = [
            found
            for each in models
            for found in sql.execute(_WAKE_MODEL, given | {"of": each}).scalars()
        ]
    for task_id in woken:
        database.made_due(sql, task_id, now)


def of_model(model: str | sa.BindParameter[str]) -> sa.ColumnElement[bool]:
    """Tasks for one model, where the index of the line is to be used, and not that of models."""
    return sa.func.coalesce(tasks.c.model, "") == model


def _line_of(connection_id: str | sa.BindParameter[str]) -> sa.Select[Any]:
    """Ids of a connection's QUEUED tasks, the first one first."""
    line = sa.select(tasks.c.id).where(tasks.c.connection_id == connection_id, _QUEUED)
    return line.order_by(tasks.c.place, tasks.c.created_at, tasks.c.id)


def _waking(*which: sa.ColumnElement[bool]) -> Any:
    now = sa.bindparam("woken", type_=UtcTime)
    first = _line_of(sa.bindparam("key", type_=sa.Text)).where(*which).limit(1).scalar_subquery()
    update = sa.update(tasks).where(tasks.c.id == first, tasks.c.next_at > now, tasks.c.looks == 0)
    return update.values(next_at=now).returning(tasks.c.id)


# Made once, as what is asked for each create and each look: making them takes longer than running them.
_WAKE = _waking()
_WAKE_MODEL = _waking(of_model(sa.bindparam("of", type_=sa.Text)))
_FORGET = sa.delete(request_times).where(
    request_times.c.connection_id == sa.bindparam("key"), request_times.c.at <= sa.bindparam("old")
)
_WHERE_IT_STANDS = sa.select(
    tasks.c.id,
    tasks.c.connection_id,
    tasks.c.model,
    tasks.c.status,
    tasks.c.place,
    tasks.c.created_at,
).where(tasks.c.deleted_at.is_(None))
_ONE = _WHERE_IT_STANDS.where(tasks.c.id == sa.bindparam("task"))
_REQUESTS = (
    sa.select(request_times.c.at)
    .where(request_times.c.connection_id == sa.bindparam("connection"))
    .order_by(request_times.c.at.desc())
    .limit(1)
    .offset(sa.bindparam("newer"))
)


def _request(sql: sa.Connection, connection_id: str, *, newer: int) -> datetime | None:
    """When the request was noted since which there were so many `newer` ones; None when there is none."""
    given = {"connection": connection_id, "newer": newer}
    found: datetime | None = sql.execute(_REQUESTS, given).scalar()
    return found


def _frees(sql: sa.Connection, connection_id: str, most: int, *, ahead: int = 0) -> datetime:
    """When a full minute has room for one that has so many others `ahead`.

    Each of those who wait is given a time of its own, or all would come for the first that is free.
    """
    minutes, place = divmod(ahead, most)
    frees = _request(sql, connection_id, newer=most - 1 - place)
    assert frees is not None
    return frees + WINDOW * (1 + minutes)


def _frees_of_day(sql: sa.Connection, row: Any, limits: Limits, now: datetime) -> datetime | None:
    """When the plan of a day has room again; None when it has."""
    sent = sa.select(tasks.c.sent_at).where(_of_key(row, limits.model), tasks.c.sent_at > now - DAY)
    last = sent.order_by(tasks.c.sent_at.desc()).offset(max(limits.per_day or 0, 1) - 1).limit(1)
    frees = sql.execute(last).scalar()
    return None if frees is None else frees + DAY


def _ahead(sql: sa.Connection, row: Any) -> int:
    """QUEUED tasks of any model before one, read from the index alone: a long line is counted often.

    The rows hold whole requests; see the columns of ``tasks_line``.
    """
    mine = (tasks.c.connection_id == row.connection_id) & _QUEUED
    created = sa.literal(row.created_at, UtcTime)
    place = sa.tuple_(tasks.c.place, tasks.c.created_at)
    earlier = mine & (place < sa.tuple_(sa.literal(row.place), created))
    beside = mine & (tasks.c.place == row.place) & (tasks.c.created_at == created)
    number = sa.select(sa.func.count())
    counts = [
        number.where(part).scalar_subquery() for part in (earlier, beside & (tasks.c.id < row.id))
    ]
    return int(sql.execute(sa.select(counts[0] + counts[1])).scalar_one())


def _paused(sql: sa.Connection, row: Any, now: datetime) -> Admission | None:
    """A pause that has come since the caller looked: it looks again, and says why."""
    why = sa.select(connections.c.paused).where(connections.c.id == row.connection_id)
    if not sql.execute(why).scalar():
        return None
    return Admission(started=False, waits_for="pause", until=now)


def _known_balance(connection_id: str) -> dict[str, Any]:
    """What is known to be left before a create, to compare with should its answer be lost."""
    mine = connections.c.id == connection_id
    return {
        "balance_before": sa.select(connections.c.balance).where(mine).scalar_subquery(),
        "balance_before_at": sa.select(connections.c.balance_at).where(mine).scalar_subquery(),
    }


def _of_key(row: Any, model: str) -> sa.ColumnElement[bool]:
    mine: sa.ColumnElement[bool] = tasks.c.connection_id == row.connection_id
    return sa.and_(mine, of_model(model)) if model else mine


def _count(sql: sa.Connection, *where: sa.ColumnElement[bool], most: int | None = None) -> int:
    found = sa.select(tasks.c.id).where(*where).limit(most)
    return int(sql.execute(sa.select(sa.func.count()).select_from(found.subquery())).scalar_one())
