"""The people of a team: who they are, what they may do, and what each may change of their own."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta

from runway_core.domain import Noun
from runway_core.errors import (
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    Problem,
    SignInError,
)
from runway_core.people import LOCAL, Person, Right, Role
from runway_core.store import Session
from runway_core.store.people import PersonRows, name_key
from runway_core.studio import passwords, people_file
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now
from runway_core.studio.delays import Delays

GIVEN_LASTS = timedelta(days=7)
"""Until somebody has to have chosen a password of their own."""
NAME_MOST = 64
"""Characters of a name."""


class Member(Noun):
    """Somebody of the team, as everybody in it sees them."""

    name: str
    role: Role


class Imported(Noun):
    """What became of each person of a file that was brought in."""

    added: tuple[str, ...] = ()
    without_password: tuple[str, ...] = ()
    """Added, but their password is missing or too weak: an admin has to give them one."""
    as_viewers: tuple[str, ...] = ()
    """Added, but with a role that we don't know: they may only look until an admin says more."""
    kept: tuple[str, ...] = ()
    """Were here already, and were not changed."""
    refused: tuple[str, ...] = ()
    """Not added: their name can't be one here."""


class People(Service):
    """Adds and changes people; lets everybody look after their own account. One admin always stays."""

    @may(Right.MANAGE)
    def all(self) -> list[Person]:
        """Everybody, by name; disabled ones too."""
        return self._store.people.all()

    @may(Right.LOOK)
    def names(self) -> dict[str, str]:
        """What everybody is called, by id."""
        return {person.id: person.name for person in self._store.people.all()}

    @may(Right.LOOK)
    def roster(self) -> list[Member]:
        """Everybody who can come in, by name, with nothing else that is theirs alone."""
        there = (person for person in self._store.people.all() if person.disabled_at is None)
        return [Member(name=person.name, role=person.role) for person in there]

    @may(Right.LOOK)
    def me(self) -> Person | None:
        """The acting person; None for this computer."""
        return self._store.people.get(self.actor.id)

    @may(Right.MANAGE)
    def by_name(self, name: str) -> Person:
        """Somebody by the name they sign in with.

        Raises:
            NotFoundError: there is none such.
        """
        known = self._rows.known(name=name) if name.strip() else None
        if known is None:
            raise NotFoundError(
                f"There is no person “{name}”.", hint="Check the name. Nothing was changed."
            )
        return known.person

    @may(Right.MANAGE)
    def add(
        self, name: str, *, role: Role, password: str, email: str = "", only_first: bool = False
    ) -> Person:
        """Add somebody, if need be `only_first`; the first takes over what was made before there were people.

        The password of everybody after the first counts for `GIVEN_LASTS`: by then they have chosen their own.

        Raises:
            InvalidInputError: names ``name``, ``role``, ``password`` or ``email``.
        """
        name, email = " ".join(name.split()), email.strip()
        if wrong := [*_wrong_name(name), *self._wrong_email(email), *self._wrong_role(role)]:
            raise InvalidInputError(*wrong, hint="Nobody was added.")
        passwords.check(password, name=name, email=email)
        until = self._given_until() if self._rows.any() else None
        person = _person(name, email, role, password_until=until)
        kept = passwords.hashed(password)
        if not self._store.people.add(person, password_hash=kept, only_first=only_first):
            taken = Problem("name", f"“{name}” is taken.")
            raise InvalidInputError(taken, hint="Nobody was added. Choose another name.")
        self.audit("person added", person, role.value)
        return person

    @may(Right.MANAGE)
    def set_role(self, person: Person, role: Role) -> None:
        """Let somebody do more or less; it holds from their next click on.

        Raises:
            NotAllowedError: no admin would be left.
            NotFoundError: there is no such person.
        """
        self._change(person, role=role)
        self.audit("role changed", person, role.value)

    @may(Right.MANAGE)
    def set_email(self, person: Person, email: str) -> None:
        """Say by which address a sign-in service knows somebody; empty for none.

        Raises:
            InvalidInputError: it is no address, or somebody else's; names ``email``.
            NotFoundError: there is no such person.
        """
        email = email.strip()
        if wrong := self._wrong_email(email, but=person):
            raise InvalidInputError(*wrong, hint="Nothing was changed.")
        self._change(person, email=email)
        self.audit("address changed", person, email)

    @may(Right.MANAGE, "person disabled")
    def disable(self, person: Person) -> None:
        """Shut somebody out at once, in open tabs too; their videos stay.

        Raises:
            NotAllowedError: no admin would be left.
            NotFoundError: there is no such person.
        """
        self._change(person, disabled_at=now())

    @may(Right.MANAGE, "person enabled")
    def enable(self, person: Person) -> None:
        """Let somebody sign in again.

        Raises:
            NotFoundError: there is no such person.
        """
        self._change(person, disabled_at=None)

    @may(Right.MANAGE, "person signed out")
    def sign_out(self, person: Person) -> int:
        """Sign somebody out everywhere; gives from how many browsers."""
        return self._store.sessions.end_of(person.id)

    @may(Right.MANAGE, "password set")
    def reset_password(self, person: Person, password: str = "") -> str:
        """Give somebody a new password, a random one unless said, and sign them out; gives the password.

        It counts for `GIVEN_LASTS`.

        Raises:
            InvalidInputError: the password is not good enough; names ``password``.
            NotFoundError: there is no such person.
        """
        if password:
            passwords.check(password, name=person.name, email=person.email)
        new = password or passwords.random_password()
        until = self._given_until()
        self._change(person, password_hash=passwords.hashed(new), password_until=until)
        return new

    @may(Right.MANAGE)
    def import_yaml(self, text: str, *, dry: bool = False) -> Imported:
        """Bring in the people of a streamlit-authenticator file; nobody who is here is changed.

        A `dry` run only tells what would become of each.

        Raises:
            InvalidInputError: it is no such file; or nobody is here yet and it has no admin with a password.
        """
        written = people_file.read(text)
        found: dict[str, list[str]] = {}
        met: set[str] = set()
        if not self._rows.any() and not _usable_admin(written):
            raise InvalidInputError(
                Problem("file", "has no admin with a password that can be used."),
                hint="Nobody was added. Add an admin first, then bring the file in.",
            )
        for one in sorted(written, key=lambda one: not _usable_admin([one])):
            for what in self._bring_in(one, met, dry=dry):
                found.setdefault(what, []).append(one.name)
        return Imported(**{what: tuple(names) for what, names in found.items()})

    @may(Right.LOOK)
    def set_own_password(self, present: str, new: str, *, keep: str = "") -> None:
        """Change one's own password and sign out everywhere but in session `keep`.

        Raises:
            SignInError: the present password is wrong, or there were too many wrong ones.
            InvalidInputError: the new one is not good enough; names ``password``.
        """
        me = self._myself()
        delays = Delays(self._store.acting_as(LOCAL), account=f"change of {me.id}")
        delays.admit()
        if not passwords.matches(present, self._store.people.own_hash()):
            wrong = "The present password is wrong. Nothing was changed."
            raise SignInError(wrong, wait=delays.wait())
        delays.right()
        passwords.check(new, name=me.name, email=me.email)
        self._store.people.set_own(password_hash=passwords.hashed(new), keep=keep)
        self.audit("own password changed", me)

    @may(Right.LOOK)
    def own_sessions(self) -> list[Session]:
        """The browsers that the acting person is signed in with, the one used last first."""
        return self._store.sessions.own(now())

    @may(Right.LOOK)
    def end_session(self, session: Session) -> bool:
        """Sign out from one's own browser elsewhere; False when it is no session of one's own."""
        ended = self._store.sessions.end_own(session_id=session.id) > 0
        if ended:
            self.audit("signed out elsewhere", session.browser)
        return ended

    @may(Right.LOOK)
    def sign_out_elsewhere(self, *, keep: str) -> int:
        """End all of one's own sessions but `keep`; gives how many."""
        ended = self._store.sessions.end_own(keep=keep)
        self.audit("signed out elsewhere", f"{ended} browsers")
        return ended

    @may(Right.LOOK)
    def share(self, shares: bool) -> None:
        """Show one's own videos to the team, or no longer."""
        self._store.people.share(shares)
        self.audit("own videos shared" if shares else "own videos no longer shared", "")

    @property
    def _rows(self) -> PersonRows:
        """For questions that only the program itself may ask; every method has checked the right."""
        return self._store.acting_as(LOCAL).people

    @staticmethod
    def _given_until() -> datetime:
        return now() + GIVEN_LASTS

    def _myself(self) -> Person:
        me = self._store.people.get(self.actor.id)
        if me is None:
            raise NotAllowedError("This computer has no account of its own.")
        return me

    def _change(self, person: Person, **changes: object) -> None:
        if self._store.people.change(person.id, **changes):
            return
        if self._store.people.get(person.id) is None:
            raise NotFoundError("There is no such person.", hint="Nothing was changed.")
        raise NotAllowedError(
            "One admin who can sign in has to stay.",
            hint="Nothing was changed. Make somebody else an admin first.",
        )

    def _wrong_email(self, email: str, *, but: Person | None = None) -> list[Problem]:
        if not email:
            return []
        if len(email) > 254 or not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
            return [Problem("email", "is no e-mail address.")]
        taken = [p for p in self._store.people.all() if p.email.lower() == email.lower()]
        if any(but is None or p.id != but.id for p in taken):
            return [Problem("email", "is somebody else's.")]
        return []

    def _wrong_role(self, role: Role) -> list[Problem]:
        if role is Role.ADMIN or self._rows.any():
            return []
        return [Problem("role", "must be admin: the first person looks after the others.")]

    def _bring_in(self, one: people_file.Written, met: set[str], *, dry: bool) -> list[str]:
        """Add somebody of a file; gives the lists of `Imported` that they belong to."""
        name = " ".join(one.name.split())
        if _wrong_name(name):
            return ["refused"]
        if name_key(name) in met or self._rows.known(name=name) is not None:
            return ["kept"]
        met.add(name_key(name))
        if not dry and not self._add_written(one, name):
            return ["kept"]
        noted = {"without_password": not _usable(one), "as_viewers": not one.role_known}
        return ["added", *(what for what, so in noted.items() if so)]

    def _add_written(self, one: people_file.Written, name: str) -> bool:
        email = "" if self._wrong_email(one.email) else one.email
        person = _person(name, email, one.role)
        if not self._store.people.add(person, password_hash=_hash_of(one)):
            return False
        self.audit("person added", person, f"{one.role.value}, from a file")
        return True


def _person(name: str, email: str, role: Role, *, password_until: datetime | None = None) -> Person:
    return Person(
        id=str(uuid.uuid4()),
        name=name,
        email=email,
        role=role,
        password_until=password_until,
        created_at=now(),
    )


def _wrong_name(name: str) -> list[Problem]:
    if not name or len(name) > NAME_MOST or not name.isprintable():
        return [Problem("name", f"must have 1 to {NAME_MOST} visible characters.")]
    return []


def _usable_admin(written: list[people_file.Written]) -> bool:
    return any(one.role is Role.ADMIN and _usable(one) for one in written)


def _usable(one: people_file.Written) -> bool:
    if passwords.looks_hashed(one.password):
        return passwords.is_hash(one.password)
    try:
        passwords.check(one.password, name=one.name, email=one.email)
    except InvalidInputError:
        return False
    return True


def _hash_of(one: people_file.Written) -> str:
    """A hash of theirs as it is, or that of a plain password that is good enough; else empty."""
    if not _usable(one):
        return ""
    return one.password if passwords.is_hash(one.password) else passwords.hashed(one.password)
