"""What each person has chosen for themselves, by name; without people, what this computer has."""

from __future__ import annotations

import sqlalchemy as sa

from runway_core.people import Right, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import own_preferences as table


class OwnPreferenceRows(Rows):
    """Reads and writes the acting person's own."""

    @needs(Right.LOOK)
    def get(self, name: str) -> str:
        """What was chosen; empty when nothing was."""
        mine = (table.c.person_id == self.actor.id) & (table.c.name == name)
        with self._db.read() as sql:
            return sql.execute(sa.select(table.c.value).where(mine)).scalar() or ""

    @needs(Right.LOOK)
    def set(self, name: str, value: str) -> None:
        """Choose it."""
        row = {"person_id": self.actor.id, "name": name, "value": value}
        statement = self._db.insert(table).values(row)
        with self._db.write() as sql:
            sql.execute(
                statement.on_conflict_do_update(
                    index_elements=["person_id", "name"], set_={"value": value}
                )
            )
