"""Reminders in PostgreSQL that a task is due, kept by Procrastinate.

The tasks' own rows are the truth. A reminder is written in the same transaction as the row that needs
it; should one get lost all the same, or the whole queue, `ClusterEngine` writes it again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import procrastinate
import sqlalchemy as sa
from procrastinate.exceptions import AlreadyEnqueued

from runway_core.store.database import Database

QUEUE = "runway-desk"
STEP = "runway_desk.step"
"""Name of the one kind of job: a step of the task whose id is its argument."""
_FOR_EVER = 1_000_000_000


def reading(url: str, step: Callable[[str], Awaitable[None]]) -> procrastinate.App:
    """A worker's side of the queue in the database at `url`, which runs `step`; nothing is opened yet."""
    connector = procrastinate.PsycopgConnector(conninfo=_conninfo(url), min_size=1, max_size=10)
    app = procrastinate.App(connector=connector)
    # Without a retry strategy, jobs that a stop breaks off would stay aborted for good.
    again = procrastinate.RetryStrategy(max_attempts=_FOR_EVER, wait=1)
    app.task(name=STEP, queue=QUEUE, retry=again)(step)
    return app


def writing(url: str, database: Database) -> None:
    """From now on, have each transaction that makes a task due write its reminder.

    Makes the queue's own tables if they are not there yet.

    Raises:
        StorageError: the database can't be reached.
    """
    app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=_conninfo(url)))
    with database.upgrading():
        with database.read() as sql:
            there = sa.inspect(sql).has_table("procrastinate_jobs")
        if not there:
            with app.open():
                app.schema_manager.apply_schema()

    def write(sql: sa.Connection, task_id: str, due: datetime) -> None:
        _remind(app, sql.connection.driver_connection, task_id, due)

    database.remind = write


def _remind(app: procrastinate.App, connection: Any, task_id: str, due: datetime) -> None:
    """Write a reminder within the transaction of `connection`, unless the same one is there.

    One task's steps never run beside each other, on whatever machine: they share a lock.
    """
    job = app.configure_task(
        STEP,
        queue=QUEUE,
        lock=task_id,
        queueing_lock=f"{task_id} {due.isoformat()}",
        schedule_at=due,
        connection=connection,
    )
    try:
        with connection.transaction():  # a savepoint: a reminder that is there undoes only itself
            job.defer(task_id=task_id)
    except AlreadyEnqueued:
        return


def _conninfo(url: str) -> str:
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
