"""Which video is open over the history: the address names it, so that a link leads to it."""

from __future__ import annotations

from time import monotonic

import streamlit as st

OPEN = "task"
"""Name of the query parameter that holds the id of the open video."""
_CLOSED = "task.closed"
_CATCHES_UP = 10.0
"""Seconds within which a slow browser may still name a video that was closed, with what is clicked next."""


def opened() -> str:
    """The id of the video that is open; empty without one."""
    asked = st.query_params.get(OPEN, "")
    closed, at = st.session_state.get(_CLOSED, ("", 0.0))
    if asked and asked == closed and monotonic() - at < _CATCHES_UP:
        st.query_params.pop(OPEN)
        return ""
    return asked


def open_video(task_id: str) -> None:
    """Open a video with the next drawing of the history."""
    st.query_params.update(to_open(task_id))


def to_open(task_id: str) -> dict[str, str]:
    """What the address of the history holds to open a video, even one that was closed a moment ago."""
    st.session_state.pop(_CLOSED, None)
    return {OPEN: task_id}


def close() -> None:
    """Forget which video is open; the address keeps only the filters."""
    st.session_state[_CLOSED] = (st.query_params.get(OPEN, ""), monotonic())
    st.query_params.pop(OPEN, None)
