"""What people keep to use again: each a name and plain JSON, and each person only their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runway_core.domain import Noun
from runway_core.people import Right, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import shelf as table


class Kept(Noun):
    """One thing that was kept under a name."""

    name: str
    content: Any
    updated_at: datetime


class ShelfRows(Rows):
    """Reads and writes what the acting person keeps; `kind` tells drafts and prompts apart."""

    @needs(Right.LOOK)
    def all(self, kind: str) -> list[Kept]:
        """Everything of one kind, the last one kept first."""
        query = sa.select(table.c.name, table.c.content, table.c.updated_at)
        query = query.where(self._mine(kind)).order_by(table.c.updated_at.desc(), table.c.name)
        with self._db.read() as sql:
            return [Kept(**row) for row in sql.execute(query).mappings()]

    @needs(Right.MAKE)
    def put(self, kind: str, name: str, content: Any, now: datetime) -> None:
        """Keep it under this name, in place of what was there."""
        own = {"person_id": self.actor.id, "kind": kind, "name": name}
        new = {"content": content, "updated_at": now}
        statement = self._db.insert(table).values(own | new)
        with self._db.write() as sql:
            sql.execute(statement.on_conflict_do_update(index_elements=list(own), set_=new))

    @needs(Right.MAKE)
    def remove(self, kind: str, name: str) -> bool:
        """Forget it; False when there is nothing of this name."""
        with self._db.write() as sql:
            named = self._mine(kind) & (table.c.name == name)
            return sql.execute(sa.delete(table).where(named)).rowcount > 0

    def _mine(self, kind: str) -> sa.ColumnElement[bool]:
        return (table.c.person_id == self.actor.id) & (table.c.kind == kind)
