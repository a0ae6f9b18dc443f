"""Who may see a page, and whose studio its parts use. Asked at every run, in fragments and callbacks too."""

from __future__ import annotations

import streamlit as st

from runway_core.studio import Studio
from runway_core.ui.entrance import entrance
from runway_core.ui.places import pages
from runway_core.ui.visit import (
    Visit,
    is_this_computer,
    keep_apart,
    visit,
    visit_of_this_run,
)
from runway_core.web.runtime import runtime

__all__ = ["acting_studio", "admit", "is_this_computer", "require_user"]


def admit() -> Visit | None:
    """Who has come in; None after showing anybody else the way in, and nothing but that.

    Raises:
        ConfigError, StorageError: the home can't be opened.
    """
    found = visit()
    if found.welcome:
        keep_apart(found)
        return found
    # All pages stay known, so that the address leads there after the sign-in.
    st.navigation(pages(), position="hidden")
    entrance()
    return None


def require_user() -> None:
    """Let a page go on for whoever may see it; show anybody else the way in, and stop.

    Raises:
        ConfigError, StorageError: the home can't be opened.
    """
    if not visit_of_this_run().welcome:
        entrance()
        st.stop()


def acting_studio() -> Studio:
    """The studio as the person at this page may use it. Whoever has been signed out meanwhile sees the way in.

    Raises:
        ConfigError, StorageError: the home can't be opened.
    """
    found = visit_of_this_run()
    if not found.welcome:
        st.rerun()  # the whole page, from a fragment or a callback too: `admit` shows the way in
    keep_apart(found)
    return runtime().studio.acting_as(found.actor)
