"""Small lines beside fields, dark enough to be read in both themes."""

from __future__ import annotations

import streamlit as st


def note(text: str, *, icon: str = "info") -> None:
    """A small line of Markdown to heed; only its icon is coloured, as coloured words would be too pale."""
    st.markdown(f":small[:orange[:material/{icon}:] {text}]")
