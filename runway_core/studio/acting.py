"""What every service of the studio holds: the store, as the acting person sees it, and the log of acts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from runway_core.people import Actor, Right
from runway_core.store import Store
from runway_core.studio.clock import now


class Service:
    """A part of the studio, for one person."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self._store.actor

    def audit(self, act: str, subject: Any, detail: str = "") -> None:
        """Log what the acting person has done, to something that has a name or an id."""
        self._store.audit.append(act, _named(subject), now(), detail)


F = TypeVar("F", bound=Callable[..., Any])


def may(right: Right, act: str = "") -> Callable[[F], F]:
    """Have a method refuse those who lack a right, and log it as `act` when it has done its work.

    Of the arguments only the first is logged, by its name or id: others may hold a key.
    """

    def guarded(method: F) -> F:
        @wraps(method)
        def call(self: Service, *args: Any, **kwargs: Any) -> Any:
            self.actor.require(right)
            result = method(self, *args, **kwargs)
            if act:
                subject = args[0] if args else next(iter(kwargs.values()), "")
                self.audit(act, subject)
            return result

        call.__dict__["needs"] = right
        call.__dict__["act"] = act
        return cast("F", call)

    return guarded


def _named(subject: Any) -> str:
    for name in ("name", "id"):
        if isinstance(found := getattr(subject, name, None), str):
            return found
    return subject if isinstance(subject, str) else ""
