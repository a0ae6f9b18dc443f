"""What is set once for the whole home, by name."""

from __future__ import annotations

import sqlalchemy as sa

from runway_core.people import Right, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import preferences as table


class PreferenceRows(Rows):
    """Reads and writes preferences."""

    @needs(Right.LOOK)
    def get(self, name: str) -> str:
        """What was set; empty when nothing was."""
        with self._db.read() as sql:
            found = sql.execute(sa.select(table.c.value).where(table.c.name == name)).scalar()
        return found or ""

    @needs(Right.MANAGE)
    def set(self, name: str, value: str) -> None:
        """Set it; an empty value forgets it."""
        with self._db.write() as sql:
            if not value:
                sql.execute(sa.delete(table).where(table.c.name == name))
                return
            statement = self._db.insert(table).values(name=name, value=value)
            update = statement.on_conflict_do_update(index_elements=["name"], set_={"value": value})
            sql.execute(update)
