"""The create form as a person left it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runway_core.people import Right, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import drafts as table


class DraftRows(Rows):
    """Reads and writes drafts, one a person."""

    @needs(Right.LOOK)
    def get(self) -> dict[str, Any] | None:
        """The acting person's."""
        mine = table.c.owner == self._owner
        with self._db.read() as sql:
            form = sql.execute(sa.select(table.c.form).where(mine)).scalar()
        return form if isinstance(form, dict) else None

    @needs(Right.MAKE)
    def save(self, form: dict[str, Any], now: datetime) -> None:
        """Keep it in place of the one before."""
        row = {"owner": self._owner, "form": form, "updated_at": now}
        statement = self._db.insert(table).values(row)
        with self._db.write() as sql:
            sql.execute(statement.on_conflict_do_update(index_elements=["owner"], set_=row))

    @property
    def _owner(self) -> str:
        return self.actor.id or "local"
