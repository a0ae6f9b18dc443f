"""Which videos of a person are being made, so that their end can be told."""

from __future__ import annotations

import sqlalchemy as sa

from runway_core.people import Right, needs
from runway_core.store.rows import Rows, by_index, owned_by
from runway_core.store.schema import tasks


class NoticeRows(Rows):
    """Reads what is open."""

    @needs(Right.LOOK)
    def open_ids(self, *, limit: int) -> tuple[str, ...]:
        """Ids of one's own tasks that are still worked on, the oldest first, by an index; an admin's own alone.

        While nobody signs in, everything is one's own.
        """
        own = tasks.c.owner_id == self.actor.id if self.actor.id else owned_by(self.actor)
        query = sa.select(tasks.c.id).where(tasks.c.next_at.is_not(None), own)
        query = by_index(query, "tasks_due")
        with self._db.read() as sql:
            found = sql.execute(query.order_by(tasks.c.created_at, tasks.c.id).limit(limit))
            return tuple(found.scalars())
