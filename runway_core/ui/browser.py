"""What a page has the browser do by itself."""

from __future__ import annotations

import streamlit as st


def post(path: str, *, code: str = "", to: str = "") -> None:
    """Have the browser ask one of our routes, then show the page anew, or the one at `to`."""
    # Nothing here is typed by anybody: codes are made of letters, digits, - and _.
    st.html(
        f'<script src="/auth/entry.js" data-path="{path}" data-code="{code}" data-to="{to}"></script>',
        unsafe_allow_javascript=True,
    )


def with_script(markup: str, script: str) -> None:
    """Draw markup of ours, and have the browser run one of our scripts, which finds it in front of itself.

    Whatever anybody has typed must be escaped in the `markup`.
    """
    st.html(f'{markup}<script src="{script}"></script>', unsafe_allow_javascript=True)
