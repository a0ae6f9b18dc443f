"""Tasks that may have been charged and nobody knows: how many, and what else went on beside one."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from runway_core.domain import TaskStatus
from runway_core.people import Right, needs
from runway_core.store.rows import Rows, by_index, owned_by
from runway_core.store.schema import tasks


class DoubtRows(Rows):
    """Reads what a person needs to decide about UNCERTAIN tasks."""

    @needs(Right.LOOK)
    def count(self) -> int:
        """UNCERTAIN tasks."""
        doubtful = tasks.c.status == TaskStatus.UNCERTAIN.value
        query = sa.select(sa.func.count()).select_from(tasks)
        query = by_index(query.where(doubtful, owned_by(self.actor)), "tasks_status")
        with self._db.read() as sql:
            return int(sql.execute(query).scalar_one())

    @needs(Right.LOOK)
    def beside(self, task_id: str, connection_id: str, *, since: datetime, until: datetime) -> int:
        """Other tasks of a connection that may have been charged or given back between two moments."""
        query = (
            sa.select(sa.func.count())
            .select_from(tasks)
            .where(
                tasks.c.connection_id == connection_id,
                tasks.c.id != task_id,
                tasks.c.attempts > 0,
                tasks.c.created_at <= until,
                sa.or_(tasks.c.finished_at.is_(None), tasks.c.finished_at >= since),
            )
        )
        with self._db.read() as sql:
            return int(sql.execute(query).scalar_one())
