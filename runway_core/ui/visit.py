"""Who looks at the page: the browser's cookies are those of its live connection, and are asked at every click."""

from __future__ import annotations

import time
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

import streamlit as st

from runway_core.people import ANYBODY, LOCAL, Actor, Right
from runway_core.store import SignedIn
from runway_core.ui.serving import exposed
from runway_core.web import visitor
from runway_core.web.runtime import runtime

SAME_RUN = 0.03
"""Seconds for which an answer holds: a run asks some forty times who is there."""
_SEEN = "visit.seen"
_WHOSE = "visit.whose"


class Visit(NamedTuple):
    """Who is there."""

    actor: Actor
    signed_in: SignedIn | None = None

    @property
    def welcome(self) -> bool:
        """Whether they may see any page at all."""
        return self.actor.may(Right.LOOK)


def visit() -> Visit:
    """Who is there now, as the database says.

    Raises:
        ConfigError, StorageError: the home can't be opened.
    """
    found = _find()
    st.session_state[_SEEN] = (time.monotonic(), found)
    return found


def visit_of_this_run() -> Visit:
    """Who was there a moment ago in this run."""
    at, found = st.session_state.get(_SEEN, (0.0, None))
    if isinstance(found, Visit) and time.monotonic() - at < SAME_RUN:
        return found
    return visit()


def keep_apart(found: Visit) -> None:
    """Empty a tab that somebody else has used before, so that nobody goes on with another's form."""
    if st.session_state.setdefault(_WHOSE, found.actor.id) != found.actor.id:
        st.session_state.clear()
        st.rerun()


def cookie(name: str) -> str:
    """One of our cookies, as the browser held it when the page connected; empty without."""
    found: object = visitor.among(st.context.cookies, name, secure=is_secure())
    return found if isinstance(found, str) else ""  # Streamlit's own test harness has no real ones


def is_secure() -> bool:
    """Whether the browser came over https, if need be to a proxy."""
    return (st.context.headers.get("Origin") or "").startswith("https://")


def address() -> str:
    """The browser's address, for slowing guesses down; empty when it is this computer's, or a silent proxy's."""
    found = st.context.ip_address  # None on this computer
    return found if isinstance(found, str) else ""


def is_this_computer(host: str) -> bool:
    """Whether a host name or address, with or without a port, means the computer itself."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def served_here() -> bool:
    """Whether this page was asked for on the computer itself, by its own name."""
    asked = st.context.headers.get_all("Host")
    if isinstance(st.context.url, str):
        asked.append(urlsplit(st.context.url).netloc)
    caller = address()
    if caller:
        asked.append(f"[{caller}]" if ":" in caller else caller)
    return all(is_this_computer(name) for name in asked)


def _find() -> Visit:
    sign_in = runtime().studio.sign_in
    found = sign_in.who(cookie(visitor.SESSION))
    if found is not None:
        return Visit(Actor.of(found.person), found)
    open_to_all_here = not exposed() and served_here() and not sign_in.needed()
    return Visit(LOCAL if open_to_all_here else ANYBODY)
