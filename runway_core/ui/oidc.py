"""Signing in through a service that the team uses anyway: Streamlit's own ``st.login`` (OpenID Connect).

It only proves an e-mail address. Who has it must have been added before, and gets the same session as others.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import streamlit as st

from runway_core.errors import SignInError
from runway_core.language import _, translated
from runway_core.people import Person
from runway_core.web.runtime import runtime

FRESH = timedelta(minutes=2)
"""How old a service's word may be: Streamlit's cookie keeps it for 30 days, our sessions end sooner."""
_USED = "oidc.used"


def by_service(enter: Callable[[Person], None]) -> bool:
    """Draw the button; True when the service has just proven somebody, who has been let `enter`."""
    if not _is_set_up():
        return False
    if email := _proven():
        try:
            enter(runtime().studio.sign_in.by_email(email))
        except SignInError as error:
            st.error(translated(f"{error} {error.hint}"), icon=":material/lock:")
        else:
            return True
    label = str(st.secrets["auth"].get("label", "Sign in with your organisation"))
    st.button(label, key="oidc.login", icon=":material/key:", width="stretch", on_click=st.login)
    st.caption(_("or with a name and a password"), text_alignment="center")
    return False


def _is_set_up() -> bool:
    return bool(st.secrets.load_if_toml_exists()) and "auth" in st.secrets


def _proven() -> str:
    """The address that the service has verified just now, once a tab; else empty."""
    user = st.user.to_dict()
    said_at = user.get("iat")
    fresh = isinstance(said_at, int | float) and _age(said_at) < FRESH
    if not (user.get("is_logged_in") and user.get("email_verified") is True and fresh):
        return ""
    if st.session_state.get(_USED) == said_at:
        return ""
    st.session_state[_USED] = said_at
    return str(user.get("email") or "")


def _age(said_at: float) -> timedelta:
    return datetime.now(UTC) - datetime.fromtimestamp(said_at, UTC)
