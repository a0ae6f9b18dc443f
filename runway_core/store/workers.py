"""Processes that follow tasks, so that no two follow the same one."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from runway_core.domain import Noun
from runway_core.people import Right, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import tasks, workers

STALE = timedelta(seconds=15)
"""A worker that has not been heard of for so long is taken for dead."""


class Worker(Noun):
    """A process that runs an engine."""

    id: str
    host: str
    pid: int
    process_started: str
    """Tells two processes with the same number apart."""
    heartbeat_at: datetime


class WorkerRows(Rows):
    """Heartbeats, and the hand-over of tasks from dead workers."""

    @needs(Right.RUN)
    def beat(self, worker: Worker) -> None:
        """Say that this worker is alive."""
        update = sa.update(workers).where(workers.c.id == worker.id)
        with self._db.write() as sql:
            if sql.execute(update.values(heartbeat_at=worker.heartbeat_at)).rowcount == 0:
                sql.execute(sa.insert(workers).values(worker.model_dump()))

    @needs(Right.LOOK)
    def all(self) -> list[Worker]:
        with self._db.read() as sql:
            return [Worker(**row) for row in sql.execute(sa.select(workers)).mappings()]

    @needs(Right.RUN)
    def leave(self, worker_id: str) -> None:
        """Forget a worker and free its tasks for others."""
        free = sa.update(tasks).where(tasks.c.worker_id == worker_id).values(worker_id=None)
        with self._db.write() as sql:
            sql.execute(free)
            sql.execute(sa.delete(workers).where(workers.c.id == worker_id))

    @needs(Right.RUN)
    def claim(self, worker_id: str) -> int:
        """Take every open task that nobody follows; how many."""
        open_and_free = tasks.c.worker_id.is_(None) & tasks.c.next_at.is_not(None)
        with self._db.read() as sql:
            if sql.execute(sa.select(tasks.c.id).where(open_and_free).limit(1)).first() is None:
                return 0
        with self._db.write() as sql:
            take = sa.update(tasks).where(open_and_free).values(worker_id=worker_id)
            return int(sql.execute(take).rowcount)
