"""What happened to a task, append-only: its events."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from runway_core.domain import Event
from runway_core.people import Right, needs
from runway_core.store.rows import Rows, task_seen_by
from runway_core.store.schema import events


def append_event(sql: sa.Connection, task_id: str, event: Event) -> None:
    """Add an event within somebody's transaction."""
    sql.execute(sa.insert(events).values(task_id=task_id, **event.model_dump()))


class JournalRows(Rows):
    """Reads the journal."""

    @needs(Right.MANAGE)
    def newest(self) -> datetime | None:
        """When something last happened to any task; None before the first."""
        query = sa.select(events.c.at).order_by(events.c.id.desc()).limit(1)
        with self._db.read() as sql:
            found: datetime | None = sql.execute(query).scalar()
            return found

    @needs(Right.LOOK)
    def events(self, task_id: str) -> list[Event]:
        """Oldest first."""
        query = sa.select(events.c.at, events.c.kind, events.c.detail)
        seen = task_seen_by(self.actor, task_id)
        query = query.where(events.c.task_id == task_id, seen).order_by(events.c.id)
        with self._db.read() as sql:
            return [Event(**row) for row in sql.execute(query).mappings()]
