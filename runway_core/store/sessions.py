"""Who is signed in where, the codes that a sign-in is completed with, and how long wrong tries wait.

Only hashes of what a browser holds are kept: who reads the database can't sign in with it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from runway_core.domain import Noun
from runway_core.people import Person, Right, needs
from runway_core.store.rows import Rows
from runway_core.store.schema import people, sessions, sign_in_codes, sign_in_delays

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is noted when a session was last used."""


class Session(Noun):
    """One browser that somebody is signed in with."""

    id: str
    person_id: str
    browser: str
    """In words, as the browser said, such as ``Firefox on Linux``."""
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class SignedIn(Noun):
    """A session and whose it is."""

    session: Session
    person: Person


_SESSION = [c for c in sessions.c if c.name != "token_hash"]
_PERSON = [c.label(f"of_{c.name}") for c in people.c if c.name not in ("name_key", "password_hash")]


class SessionRows(Rows):
    """Reads and writes sessions."""

    @needs(Right.RUN)
    def add_code(
        self, code_hash: str, *, browser_hash: str, person_id: str, now: datetime, until: datetime
    ) -> None:
        """Let a browser complete a sign-in once; codes that have run out are dropped."""
        row = {"code_hash": code_hash, "browser_hash": browser_hash, "person_id": person_id}
        with self._db.write() as sql:
            sql.execute(sa.delete(sign_in_codes).where(sign_in_codes.c.expires_at <= now))
            sql.execute(sa.insert(sign_in_codes).values(**row, expires_at=until))

    @needs(Right.RUN)
    def use_code(self, code_hash: str, *, browser_hash: str, now: datetime) -> str | None:
        """Whose a code is, if this browser may use it; it is used up either way."""
        used = sa.delete(sign_in_codes).where(sign_in_codes.c.code_hash == code_hash)
        with self._db.write() as sql:
            row = sql.execute(used.returning(*sign_in_codes.c)).first()
        if row is None or row.browser_hash != browser_hash or row.expires_at <= now:
            return None
        return str(row.person_id)

    @needs(Right.RUN)
    def add(self, session: Session, *, token_hash: str) -> None:
        """Record a sign-in; sessions that have run out are dropped."""
        with self._db.write() as sql:
            sql.execute(sa.delete(sessions).where(sessions.c.expires_at <= session.created_at))
            row = session.model_dump() | {"token_hash": token_hash}
            sql.execute(sa.insert(sessions).values(row))

    @needs(Right.RUN)
    def find(self, token_hash: str, *, idle: timedelta, now: datetime) -> SignedIn | None:
        """Who holds a token, unless it has run out or lain `idle`, or its person is disabled."""
        query = sa.select(*_SESSION, *_PERSON).join(people, people.c.id == sessions.c.person_id)
        fresh = (sessions.c.expires_at > now) & (sessions.c.seen_at > now - idle)
        query = query.where(sessions.c.token_hash == token_hash, fresh)
        with self._db.read() as sql:
            row = sql.execute(query.where(people.c.disabled_at.is_(None))).mappings().first()
        if row is None:
            return None
        person = {k[3:]: v for k, v in row.items() if k.startswith("of_")}
        session = {k: v for k, v in row.items() if not k.startswith("of_")}
        found = SignedIn(session=Session(**session), person=Person(**person))
        if now - found.session.seen_at >= SEEN_EVERY:
            self._seen(token_hash, now)
        return found

    def _seen(self, token_hash: str, now: datetime) -> None:
        mine = sessions.c.token_hash == token_hash
        with self._db.write() as sql:
            sql.execute(sa.update(sessions).where(mine).values(seen_at=now))

    @needs(Right.RUN)
    def end(self, token_hash: str) -> str | None:
        """End the session of a token; gives whose it was."""
        mine = sa.delete(sessions).where(sessions.c.token_hash == token_hash)
        with self._db.write() as sql:
            found: str | None = sql.execute(mine.returning(sessions.c.person_id)).scalar()
            return found

    @needs(Right.LOOK)
    def own(self, now: datetime) -> list[Session]:
        """The acting person's, the one used last first."""
        mine = (sessions.c.person_id == self.actor.id) & (sessions.c.expires_at > now)
        query = sa.select(*_SESSION).where(mine).order_by(sessions.c.seen_at.desc())
        with self._db.read() as sql:
            return [Session(**row) for row in sql.execute(query).mappings()]

    @needs(Right.LOOK)
    def end_own(self, *, session_id: str = "", keep: str = "") -> int:
        """End one of one's own sessions, or all but `keep`; gives how many."""
        mine = sessions.c.person_id == self.actor.id
        which = sessions.c.id == session_id if session_id else sessions.c.id != keep
        with self._db.write() as sql:
            return sql.execute(sa.delete(sessions).where(mine, which)).rowcount

    @needs(Right.MANAGE)
    def end_of(self, person_id: str) -> int:
        """Sign somebody out everywhere, half-done sign-ins too; gives how many sessions that ended."""
        with self._db.write() as sql:
            sql.execute(sa.delete(sign_in_codes).where(sign_in_codes.c.person_id == person_id))
            ended = sa.delete(sessions).where(sessions.c.person_id == person_id)
            return sql.execute(ended).rowcount

    @needs(Right.RUN)
    def delayed_until(self, subjects: list[str]) -> datetime | None:
        """Until when tries for any of these names or addresses are not looked at; None when they are."""
        mine = sign_in_delays.c.subject.in_(subjects)
        with self._db.read() as sql:
            found: datetime | None = sql.execute(
                sa.select(sa.func.max(sign_in_delays.c.until)).where(mine)
            ).scalar()
            return found

    @needs(Right.RUN)
    def admit(
        self, free: dict[str, int], *, first: timedelta, most: timedelta, now: datetime
    ) -> datetime | None:
        """Count a try for each name or address; or say until when none is looked at, and count nothing.

        A try counts before it is looked at, so that many at once are not all free. Of each subject `free`
        tries cost no wait. Then it is `first`, doubles with each, and is never over `most`; a quiet day is a
        fresh start.
        """
        table = sign_in_delays
        with self._db.write(alone=True) as sql:
            sql.execute(sa.delete(table).where(table.c.until < now - timedelta(days=1)))
            rows = sql.execute(sa.select(table).where(table.c.subject.in_(free))).all()
            late: list[datetime] = [row.until for row in rows if row.until > now]
            if late:
                return max(late)
            tried = {row.subject: row.failures for row in rows}
            for subject, allowed in free.items():
                tries = tried.get(subject, 0) + 1
                over = tries - allowed
                wait = min(first * 2 ** min(over - 1, 30), most) if over > 0 else timedelta()
                values = {"subject": subject, "failures": tries, "until": now + wait}
                insert = self._db.insert(table).values(values)
                sql.execute(insert.on_conflict_do_update(index_elements=["subject"], set_=values))
        return None

    @needs(Right.RUN)
    def forgive(self, *, wholly: str, once: str, now: datetime) -> None:
        """The right password came: forget the tries of one subject, and of another only this one."""
        table = sign_in_delays
        with self._db.write() as sql:
            sql.execute(sa.delete(table).where(table.c.subject == wholly))
            less = sa.update(table).where(table.c.subject == once)
            sql.execute(less.values(failures=table.c.failures - 1, until=now))
