"""What of a task has a bearing on money, as it is recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from runway_core.pricing import Counted
from runway_core.store.schema import tasks


class Money(NamedTuple):
    """What of a task has a bearing on money, and where it is counted."""

    task_id: str
    connection_id: str
    person_id: str
    model: str
    created_at: datetime
    source: str
    """Where its estimate is from."""
    counted: Counted

    @property
    def key(self) -> dict[str, Any]:
        """By which its sums are found, but for how it stands."""
        return {
            "connection_id": self.connection_id,
            "day": self.created_at.astimezone(UTC).date(),
            "person_id": self.person_id,
            "model": self.model,
        }


def money_of(sql: sa.Connection, task_id: str) -> Money | None:
    """A task's money as it is recorded now, deleted or not; None when there is no such task."""
    row = sql.execute(money_rows(tasks.c.id == task_id)).first()
    return None if row is None else as_money(row)


def money_rows(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The query of all tasks that fulfil conditions, for `as_money`."""
    return _MONEY.where(*where)


def as_money(row: Any) -> Money:
    """A row of `money_rows`."""
    counted = Counted(
        status=row.status,
        low=row.low,
        high=row.high,
        quoted=row.quoted,
        charge=row.charge,
        failure_code=row.failure_code,
        taken=row.taken,
        unit=row.unit or "",
        seconds=row.seconds or 0,
    )
    return Money(
        task_id=row.id,
        connection_id=row.connection_id,
        person_id=row.owner_id,
        model=row.model,
        created_at=row.created_at,
        source=row.source or "",
        counted=counted,
    )


_MONEY = sa.select(
    tasks.c.id,
    tasks.c.connection_id,
    tasks.c.owner_id,
    tasks.c.model,
    tasks.c.created_at,
    tasks.c.status,
    tasks.c.quoted,
    tasks.c.charge,
    tasks.c.failure_code,
    tasks.c.submitted_at.is_not(None).label("taken"),
    tasks.c.estimate["low"].as_string().label("low"),
    tasks.c.estimate["high"].as_string().label("high"),
    tasks.c.estimate["unit"].as_string().label("unit"),
    tasks.c.estimate["source"].as_string().label("source"),
    tasks.c.request["duration"].as_integer().label("seconds"),
)
