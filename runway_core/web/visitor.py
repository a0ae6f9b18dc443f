"""Who sends a request: the person whose session its cookie names, this computer, or nobody.

What reads the home is loaded with the first request that needs it: see `web.lifespan`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

if TYPE_CHECKING:
    from runway_core.studio import Studio

SESSION = "desk"
"""Name of the cookie of somebody who is signed in."""
BROWSER = "desk-browser"
"""Name of the cookie that every browser gets with its first page; a sign-in is completed by the browser it began in."""
_HOST = "__Host-"
"""Over https: browsers then take the cookie from this very host alone, and send it to no other."""
_STUDIO = "runway.studio"
"""Where the door leaves the acting person's studio, in the scope of a request."""


def is_secure(scope: Scope) -> bool:
    """Whether the browser came over https, to this server or to the proxy before it."""
    if scope.get("scheme") in ("https", "wss"):
        return True
    return Headers(scope=scope).get("origin", "").startswith("https://")


def cookie(scope: Scope, name: str) -> str:
    """A cookie of ours; empty without."""
    return among(HTTPConnection(scope).cookies, name, secure=is_secure(scope))


def among(cookies: Mapping[str, str], name: str, *, secure: bool) -> str:
    """The cookie of ours among all of a request; over https only the one that is bound to the host."""
    return cookies.get(_HOST + name) or ("" if secure else cookies.get(name, ""))


def give_cookie(scope: Scope, response: Response, name: str, value: str) -> None:
    """Have the browser keep a cookie until it is closed, away from scripts; an empty value takes it back."""
    secure = is_secure(scope)
    key = _HOST + name if secure else name
    # The other one has to come along when a person follows a link to us from elsewhere.
    same_site: Literal["strict", "lax"] = "strict" if name == SESSION else "lax"
    if not value:
        response.delete_cookie(key, secure=secure, httponly=True, samesite="strict")
        return
    response.set_cookie(key, value, path="/", secure=secure, httponly=True, samesite=same_site)


def find(scope: Scope, *, exposed: bool) -> None:
    """Find out who sends a request, from the database, and note it for the route that answers.

    Without a session it is this computer, while there are no people and nobody else is served.

    Raises:
        DeskError: the home can't be opened or read.
    """
    from runway_core.people import ANYBODY, LOCAL, Actor

    home = _home()
    found = home.sign_in.who(cookie(scope, SESSION))
    actor = ANYBODY if found is None else Actor.of(found.person)
    if found is None and not exposed and not home.sign_in.needed():
        actor = LOCAL
    scope[_STUDIO] = home.acting_as(actor)


def is_set_up() -> bool:
    """Whether there are people who can sign in.

    Raises:
        DeskError: the home can't be opened or read.
    """
    return _home().sign_in.needed()


def studio_of(scope: Scope) -> Studio:
    """The studio, as whoever sends a request may use it; without a door before it nobody may.

    Raises:
        DeskError: the home can't be opened.
    """
    from runway_core.people import ANYBODY

    found: Studio = scope.get(_STUDIO) or _home().acting_as(ANYBODY)
    return found


def nobody(scope: Scope) -> bool:
    """Whether the door has found nobody who may see anything."""
    found: Studio | None = scope.get(_STUDIO)
    return found is None or not found.actor.rights


def _home() -> Studio:
    from runway_core.web.runtime import runtime

    return runtime().studio
