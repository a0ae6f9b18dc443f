"""Who acts, and what they may do: people with a role, and whoever holds the home folder itself.

=======  =====================================================================================
viewer   sees own videos and those that others share
maker    makes videos with the team's connections, and settles their own
admin    also sees everybody's videos, and manages connections, budgets and people
=======  =====================================================================================

The command line, the engine and an app that nobody has signed up to act as `LOCAL`: whoever can read
the home folder could read all that is in it anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

from runway_core.domain import Noun
from runway_core.errors import NotAllowedError


class Right(StrEnum):
    """What a function needs; each role has some."""

    LOOK = "look"
    """See what is one's own or shared."""
    MAKE = "make"
    """Make videos, and change one's own."""
    MANAGE = "manage"
    """Connections, budgets, people, and everybody's videos."""
    RUN = "run"
    """The engine's own work, which no person does."""


class Role(StrEnum):
    """What a person is to the team."""

    VIEWER = "viewer"
    MAKER = "maker"
    ADMIN = "admin"


_RIGHTS = {
    Role.VIEWER: frozenset({Right.LOOK}),
    Role.MAKER: frozenset({Right.LOOK, Right.MAKE}),
    Role.ADMIN: frozenset({Right.LOOK, Right.MAKE, Right.MANAGE}),
}
_REFUSALS = {
    Right.LOOK: "Sign in first.",
    Right.MAKE: "Your role only lets you look at videos.",
    Right.MANAGE: "Only an admin may do this.",
    Right.RUN: "Only the program itself does this.",
}


class Person(Noun):
    """Somebody who can sign in. The password's hash is never in here."""

    id: str
    name: str
    """What they sign in with; compared without case."""
    email: str = ""
    """By which a sign-in service knows them; empty when they use none."""
    role: Role
    shares: bool = False
    """Whether the team sees the videos they make."""
    password_until: datetime | None = None
    """When a password that an admin has given them ends; None once they have chosen their own."""
    created_at: datetime
    disabled_at: datetime | None = None


class Actor(Noun):
    """Whoever calls a function."""

    id: str = ""
    """The person's; empty for `LOCAL` and `ANYBODY`."""
    name: str = ""
    rights: frozenset[Right] = frozenset()
    shares: bool = False

    @classmethod
    def of(cls, person: Person) -> Actor:
        """A person who has proven who they are; a disabled one may do nothing."""
        rights = _RIGHTS[person.role] if person.disabled_at is None else frozenset()
        return cls(id=person.id, name=person.name, rights=rights, shares=person.shares)

    @property
    def sees_all(self) -> bool:
        """Whether everybody's videos are theirs to see and to change."""
        return Right.MANAGE in self.rights

    def may(self, right: Right) -> bool:
        """Whether they have a right."""
        return right in self.rights

    def require(self, right: Right) -> None:
        """Nothing, if they have a right.

        Raises:
            NotAllowedError: they have not.
        """
        if right not in self.rights:
            raise NotAllowedError(_REFUSALS[right if self.rights else Right.LOOK])


LOCAL = Actor(name="this computer", rights=frozenset(Right))
"""Whoever holds the home folder: the engine, the command line, an app without people."""
ANYBODY = Actor()
"""Nobody is signed in."""


F = TypeVar("F", bound=Callable[..., Any])


def needs(right: Right) -> Callable[[F], F]:
    """Have a method of something with an `actor` refuse those who lack a right."""

    def guarded(method: F) -> F:
        @wraps(method)
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            self.actor.require(right)
            return method(self, *args, **kwargs)

        call.__dict__["needs"] = right
        return cast("F", call)

    return guarded
