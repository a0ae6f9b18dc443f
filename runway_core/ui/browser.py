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
