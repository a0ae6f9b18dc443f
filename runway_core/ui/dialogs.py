"""Which window lies over the create page. One at a time, remembered so that a redraw does not shut it."""

from __future__ import annotations

import streamlit as st

_OPEN = "create.dialog"


def ask(name: str, about: str = "") -> None:
    """Open a window with the next drawing of the page; `about` says for which part of the form."""
    st.session_state[_OPEN] = (name, about)


def close() -> None:
    """Shut it with the next drawing."""
    st.session_state.pop(_OPEN, None)


def asked() -> tuple[str, str]:
    """The window that is open and what it is about; empty without one."""
    found = st.session_state.get(_OPEN, ("", ""))
    return str(found[0]), str(found[1])


def end_when_closed() -> None:
    """Draw the whole page anew from inside a window that a click in it has shut."""
    if not asked()[0]:
        st.rerun()
