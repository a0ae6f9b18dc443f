"""What a click does is done to its end, whatever is clicked meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.runtime.scriptrunner import get_script_run_ctx

_BREAKS = "_yield_callback"
"""Streamlit's name for what looks after the next click; it has no public one."""


@contextmanager
def unbroken() -> Iterator[None]:
    """Let the next click wait until this one is done.

    Streamlit breaks a callback off where it next looks at the session, if another click has come by then, and never
    calls it again: a note that was just written would be gone.
    """
    context = get_script_run_ctx(suppress_warning=True)
    state = None if context is None else context.session_state
    breaks = getattr(state, _BREAKS, None)
    if breaks is None:
        yield
        return
    object.__setattr__(state, _BREAKS, lambda: None)
    try:
        yield
    finally:
        object.__setattr__(state, _BREAKS, breaks)
