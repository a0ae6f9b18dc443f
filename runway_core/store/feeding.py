"""The rows of batches as they become tasks: which may be next, and the one transaction that asks for one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from runway_core.domain import TaskStatus
from runway_core.people import Actor, Right, needs
from runway_core.store.batches import _ROW, _SHOWN, Batch, BatchRow, Waiting, owned_by
from runway_core.store.database import Database
from runway_core.store.rows import Rows
from runway_core.store.schema import batch_rows as rows
from runway_core.store.schema import batches as table
from runway_core.store.schema import tasks
from runway_core.store.tasks import NewTask, TaskRows


class FeedRows(Rows):
    """Takes rows from batches; whoever acts is the owner of what they become."""

    def __init__(self, database: Database, actor: Actor) -> None:
        super().__init__(database, actor)
        self._tasks = TaskRows(database, actor)

    @needs(Right.RUN)
    def hungry(self) -> list[Batch]:
        """Every batch of which rows wait to be asked for, the oldest first."""
        query = sa.select(*_SHOWN).where(table.c.state == "running").order_by(table.c.created_at)
        with self._db.read() as sql:
            return [Batch(**row) for row in sql.execute(query).mappings()]

    @needs(Right.LOOK)
    def costs(self, batch_id: str) -> list[Waiting]:
        """What rows that wait may cost: the first row of each cost."""
        first = sa.func.min(rows.c.position)
        query = sa.select(first, rows.c.most, rows.c.unit).join(table)
        query = query.where(rows.c.batch_id == batch_id, rows.c.state == "waiting")
        query = query.where(owned_by(self.actor)).group_by(rows.c.most, rows.c.unit)
        with self._db.read() as sql:
            return [Waiting(*row) for row in sql.execute(query.order_by(first))]

    @needs(Right.LOOK)
    def unsent(self, batch_id: str) -> int:
        """How many rows have become tasks that are not sent yet."""
        query = sa.select(sa.func.count()).select_from(
            rows.join(tasks, tasks.c.id == rows.c.task_id).join(
                table, table.c.id == rows.c.batch_id
            )
        )
        queued = (tasks.c.status == TaskStatus.QUEUED.value) & tasks.c.deleted_at.is_(None)
        query = query.where(rows.c.batch_id == batch_id, queued, owned_by(self.actor))
        with self._db.read() as sql:
            return int(sql.execute(query).scalar_one())

    @needs(Right.LOOK)
    def next(self, batch_id: str, costs: Collection[Waiting], limit: int) -> list[BatchRow]:
        """The first rows that wait and that have one of these costs."""
        alike = [
            (rows.c.unit == cost.unit)
            & (rows.c.most.is_(None) if cost.most is None else rows.c.most == cost.most)
            for cost in costs
        ]
        query = sa.select(*_ROW).join(table).where(sa.or_(sa.false(), *alike))
        query = query.where(rows.c.batch_id == batch_id, rows.c.state == "waiting")
        query = query.where(owned_by(self.actor)).order_by(rows.c.position).limit(limit)
        with self._db.read() as sql:
            found = sql.execute(query).mappings().all()
        return [
            BatchRow.model_validate({k: v for k, v in row.items() if k != "task_id"})
            for row in found
        ]

    @needs(Right.MAKE)
    def ask(self, row: BatchRow, new: NewTask, now: datetime) -> bool:
        """Make a row that waits a task; False when it does not wait any more, or its batch was held up.

        One transaction records the task, reserves its budget and takes the row: killed at any moment,
        all of that has happened or nothing.

        Raises:
            BudgetExceededError: a hard budget leaves no room for it.
            InvalidInputError: there is one, and what the task may cost is not known.
        """
        with self._db.write(alone=True) as sql:
            waits = sa.select(rows.c.position).join(table).where(self._waits(row))
            going = (table.c.state == "running") & owned_by(self.actor)
            if sql.execute(waits.where(going)).first() is None:
                return False
            if not self._tasks._add(sql, new):
                return False
            self._settle(sql, row, now, state="asked", task_id=new.id)
        return True

    @needs(Right.MAKE)
    def refuse(self, row: BatchRow, why: str, now: datetime) -> None:
        """Note why a row that waits can't be made as it is; nobody tries it again by itself."""
        with self._db.write(alone=True) as sql:
            mine = sa.select(table.c.id).where(table.c.id == row.batch_id, owned_by(self.actor))
            if sql.execute(mine).first() is not None:
                self._settle(sql, row, now, state="refused", why=why)

    @staticmethod
    def _waits(row: BatchRow) -> sa.ColumnElement[bool]:
        own = (rows.c.batch_id == row.batch_id) & (rows.c.position == row.position)
        return own & (rows.c.attempt == row.attempt) & (rows.c.state == "waiting")

    def _settle(self, sql: sa.Connection, row: BatchRow, now: datetime, **changes: str) -> None:
        """Change a row that waits, and its batch if that was the last one."""
        sql.execute(sa.update(rows).where(self._waits(row)).values(updated_at=now, **changes))
        left = sa.exists().where(rows.c.batch_id == row.batch_id, rows.c.state == "waiting")
        fed = (table.c.id == row.batch_id) & (table.c.state == "running") & ~left
        sql.execute(sa.update(table).where(fed).values(state="fed", updated_at=now))
