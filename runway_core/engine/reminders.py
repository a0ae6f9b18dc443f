"""Reminders in PostgreSQL that a task is due, kept by Procrastinate.

The tasks' own rows are the truth. A reminder is written in the same transaction as the row that needs
it; should one get lost all the same, or the whole queue, `ClusterEngine` writes it again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued

from runway_core.store.postgres import PostgresDatabase

QUEUE = "runway-desk"
STEP = "runway_desk.step"
"""Name of the one kind of job: a step of the task whose id is its argument."""
_FOR_EVER = 1_000_000_000


Step = Callable[[procrastinate.JobContext, str], Awaitable[None]]
"""What a worker does for a reminder: its job, and the task's id."""


def reading(conninfo: str, step: Step) -> procrastinate.App:
    """A worker's side of the queue, which runs `step`; nothing is opened yet."""
    connector = procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=10)
    app = procrastinate.App(connector=connector)
    # Without a retry strategy, jobs that a stop breaks off would stay aborted for good.
    again = procrastinate.RetryStrategy(max_attempts=_FOR_EVER, wait=1)
    app.task(name=STEP, queue=QUEUE, retry=again, pass_context=True)(step)
    return app


def writing(database: PostgresDatabase) -> None:
    """From now on, have each transaction that makes a task due write its reminder.

    Makes the queue's own tables if they are not there yet.

    Raises:
        StorageError: the database can't be reached.
    """
    connector = procrastinate.SyncPsycopgConnector(conninfo=database.conninfo)
    app = procrastinate.App(connector=connector)
    with database.upgrading():
        if not database.has_table("procrastinate_jobs"):
            with app.open():
                app.schema_manager.apply_schema()
    database.remind = partial(_remind, app)


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
