"""Signing out, from every page. A link from elsewhere must not do it, so only a click inside the app does."""

from __future__ import annotations

import streamlit as st

from runway_core.language import _
from runway_core.ui.browser import post
from runway_core.ui.visit import cookie
from runway_core.web import visitor
from runway_core.web.runtime import runtime

SIGN_OUT = "sign-out"
"""The page's address."""
_INSIDE = "leaving.inside"


def came_to(url_path: str) -> None:
    """Note that this tab has shown a page: from now on its menu is a person's own."""
    if url_path != SIGN_OUT:
        st.session_state[_INSIDE] = True


def sign_out() -> None:
    """Sign out at once when this was chosen in the menu; ask first when an address led here."""
    if st.session_state.get(_INSIDE) or st.button(
        _("Sign out"), key="leaving.sure", type="primary", icon=":material/logout:"
    ):
        leave()
    else:
        st.caption(_("You are signed in on this computer."))


def leave() -> None:
    """End the session, and have the browser forget what it has kept of us."""
    token = cookie(visitor.SESSION)
    st.caption(_("Signing out …"))
    post("/auth/sign-out", to="/")
    # Also without the browser's help: whatever it does next, its cookie opens nothing any more.
    runtime().studio.sign_in.sign_out(token)
