"""People who can sign in."""

from __future__ import annotations

import unicodedata
from typing import Any, NamedTuple

import sqlalchemy as sa

from runway_core.people import Person, Right, Role, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import batches, sessions, sign_in_codes, tasks
from runway_core.store.schema import people as table
from runway_core.store.tallies import hand_over

_SHOWN = [c for c in table.c if c.name not in ("name_key", "password_hash")]
_ACTIVE_ADMIN = (
    (table.c.role == Role.ADMIN.value)
    & table.c.disabled_at.is_(None)
    & (table.c.password_hash != "")
)


class Known(NamedTuple):
    """Somebody of a name, and what their password is checked against."""

    person: Person
    password_hash: str


class PersonRows(Rows):
    """Reads and writes people. One active admin always stays."""

    @needs(Right.LOOK)
    def all(self) -> list[Person]:
        """Everybody, by name; disabled ones too."""
        with self._db.read() as sql:
            rows = sql.execute(sa.select(*_SHOWN).order_by(table.c.name_key)).mappings()
            return [Person(**row) for row in rows]

    @needs(Right.LOOK)
    def get(self, person_id: str) -> Person | None:
        with self._db.read() as sql:
            row = sql.execute(sa.select(*_SHOWN).where(table.c.id == person_id)).mappings().first()
        return None if row is None else Person(**row)

    @needs(Right.RUN)
    def any(self) -> bool:
        """Whether there is anybody, disabled or not: from then on it takes a sign-in."""
        with self._db.read() as sql:
            return sql.execute(sa.select(table.c.id).limit(1)).first() is not None

    @needs(Right.RUN)
    def known(self, *, name: str = "", email: str = "") -> Known | None:
        """Somebody by the name they sign in with, or else by their e-mail address."""
        mine = table.c.name_key == name_key(name)
        if not name:
            mine = (sa.func.lower(table.c.email) == email.strip().lower()) & (table.c.email != "")
        query = sa.select(*_SHOWN, table.c.password_hash).where(mine)
        with self._db.read() as sql:
            rows = sql.execute(query.limit(2)).mappings().all()
        if len(rows) != 1:  # an address that two people have is nobody's proof
            return None
        fields = dict(rows[0])
        return Known(password_hash=fields.pop("password_hash"), person=Person(**fields))

    @needs(Right.MANAGE)
    def add(self, person: Person, *, password_hash: str, only_first: bool = False) -> bool:
        """Add somebody; False when the name is taken, or when they should be `only_first` and are not.

        What had been made before anybody signed in becomes the first admin's.
        """
        row = person.model_dump() | {
            "role": person.role.value,
            "name_key": name_key(person.name),
            "password_hash": password_hash,
        }
        with self._db.write(alone=True) as sql:
            first = sql.execute(sa.select(table.c.id).limit(1)).first() is None
            if only_first and not first:
                return False
            insert = self._db.insert(table).values(row).on_conflict_do_nothing()
            if sql.execute(insert.returning(table.c.id)).first() is None:
                return False
            if first:
                nobodys = sa.update(tasks).where(tasks.c.owner_id == "")
                sql.execute(nobodys.values(owner_id=person.id))
                nobodys = sa.update(batches).where(batches.c.owner_id == "")
                sql.execute(nobodys.values(owner_id=person.id))
                hand_over(sql, person.id)
        return True

    @needs(Right.MANAGE)
    def change(self, person_id: str, **changes: Any) -> bool:
        """Change somebody; False when that would leave no admin who can sign in, or there is none such.

        Whoever is disabled or given a new password is signed out everywhere by the same transaction.
        """
        values = changes | ({"role": changes["role"].value} if "role" in changes else {})
        mine = table.c.id == person_id
        goes = values.get("role") not in (None, Role.ADMIN.value) or values.get("disabled_at")
        others = sa.select(table.c.id).where(_ACTIVE_ADMIN, ~mine).limit(1)
        with self._db.write(alone=True) as sql:
            if goes and sql.execute(others).first() is None:
                return False
            if sql.execute(sa.update(table).where(mine).values(values)).rowcount == 0:
                return False
            if changes.get("disabled_at") is not None or "password_hash" in changes:
                _sign_out(sql, person_id)
        return True

    @needs(Right.LOOK)
    def own_hash(self) -> str:
        """What one's own password is checked against; empty without one."""
        with self._db.read() as sql:
            mine = sa.select(table.c.password_hash).where(table.c.id == self.actor.id)
            return sql.execute(mine).scalar() or ""

    @needs(Right.LOOK)
    def set_own(self, *, password_hash: str, keep: str = "") -> None:
        """Change one's own password; that ends all sessions but `keep`, a session's id."""
        mine = table.c.id == self.actor.id
        with self._db.write() as sql:
            sql.execute(
                sa.update(table)
                .where(mine)
                .values(password_hash=password_hash, password_until=None)
            )
            _sign_out(sql, self.actor.id, keep=keep)

    @needs(Right.LOOK)
    def share(self, shares: bool) -> None:
        """Show one's own videos to the team, those to come too, or no longer."""
        with self._db.write() as sql:
            mine = table.c.id == self.actor.id
            sql.execute(sa.update(table).where(mine).values(shares=shares))
            made = tasks.c.owner_id == self.actor.id
            sql.execute(sa.update(tasks).where(made).values(shared=shares))

    @needs(Right.RUN)
    def rehash(self, person_id: str, *, old: str, new: str) -> None:
        """Keep a password's hash in a newer form, unless it was changed since."""
        mine = (table.c.id == person_id) & (table.c.password_hash == old)
        with self._db.write() as sql:
            sql.execute(sa.update(table).where(mine).values(password_hash=new))


def _sign_out(sql: sa.Connection, person_id: str, *, keep: str = "") -> None:
    """End somebody's sessions but one, and the sign-ins that are not complete yet."""
    theirs = (sessions.c.person_id == person_id) & (sessions.c.id != keep)
    sql.execute(sa.delete(sessions).where(theirs))
    sql.execute(sa.delete(sign_in_codes).where(sign_in_codes.c.person_id == person_id))


def name_key(name: str) -> str:
    """A name as it is compared: without case, and however its accents were typed."""
    storable = name.encode("utf-8", "replace").decode()
    return " ".join(unicodedata.normalize("NFKC", storable).split()).casefold()
