"""Who did what that has consequences, append-only."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from runway_core.domain import Noun
from runway_core.people import Right, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import audit as table
from runway_core.store.schema import sessions


class Entry(Noun):
    """One act."""

    at: datetime
    person_id: str
    """Empty for this computer, and for tries of nobody."""
    person: str
    """Their name at that time."""
    act: str
    """Such as ``connection removed``."""
    subject: str
    """What it was done to, in words."""
    detail: str = ""


class AuditRows(Rows):
    """Writes and reads the log. Nothing changes or deletes an entry."""

    def append(self, act: str, subject: str, now: datetime, detail: str = "") -> None:
        """Log what the acting person has done; open to everybody, tries of nobody too."""
        row = {"at": now, "person_id": self.actor.id, "person": self.actor.name}
        what = {"act": act, "subject": subject[:200], "detail": detail[:500]}
        with self._db.write() as sql:
            sql.execute(sa.insert(table).values(row | what))

    @needs(Right.MANAGE)
    def newest(
        self,
        *,
        person: str = "",
        act: str = "",
        until: datetime | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Entry]:
        """The newest first; of one person by their name, of one kind of act, or not after a time, if said."""
        query = sa.select(*[c for c in table.c if c.name != "id"]).order_by(table.c.id.desc())
        query = query.where(*_conditions(person, act))
        if until is not None:
            query = query.where(table.c.at <= until)
        with self._db.read() as sql:
            query = query.offset(offset).limit(limit)
            return [Entry(**row) for row in sql.execute(query).mappings()]

    @needs(Right.MANAGE)
    def count(self, *, person: str = "", act: str = "") -> int:
        """How many there are, of one person or of one kind of act if said."""
        query = sa.select(sa.func.count()).select_from(table).where(*_conditions(person, act))
        with self._db.read() as sql:
            return int(sql.execute(query).scalar_one())

    @needs(Right.MANAGE)
    def people(self) -> list[str]:
        """The names of all who have done something."""
        return self._all_of(table.c.person)

    @needs(Right.MANAGE)
    def acts(self) -> list[str]:
        """Every kind of act that was done."""
        return self._all_of(table.c.act)

    @needs(Right.MANAGE)
    def last_seen(self) -> dict[str, datetime]:
        """When each person was last here, by id: their last act, or the last use of a session that goes on."""
        acted = sa.select(table.c.person_id, table.c.at).where(table.c.person_id != "")
        used = sa.select(sessions.c.person_id, sessions.c.seen_at)
        both = sa.union_all(acted, used).subquery()
        latest = sa.func.max(both.c.at, type_=table.c.at.type).label("at")
        query = sa.select(both.c.person_id, latest)
        with self._db.read() as sql:
            rows = sql.execute(query.group_by(both.c.person_id)).all()
        return {row.person_id: row.at for row in rows}

    def _all_of(self, column: sa.Column[str]) -> list[str]:
        query = sa.select(column).where(column != "").distinct().order_by(column)
        with self._db.read() as sql:
            return list(sql.execute(query).scalars())


def _conditions(person: str, act: str) -> list[sa.ColumnElement[bool]]:
    asked = ((table.c.person, person), (table.c.act, act))
    return [column == value for column, value in asked if value]
