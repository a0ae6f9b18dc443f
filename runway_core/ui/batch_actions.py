"""What a person can do with a batch: pause, go on, stop the rest, try once more what has come to nothing."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from runway_core.errors import DeskError
from runway_core.language import _, ngettext, number
from runway_core.store import BatchRow
from runway_core.studio.batch_standing import AGAIN, Progress
from runway_core.ui import errors
from runway_core.ui.batch_words import make_label, most_of
from runway_core.ui.services import get_studio

_ASKED = "batch.asked"
"""Which second question is open: the batch's id and ``stop`` or ``again``."""
_AGAIN = "batch.again.rows"
"""The rows that would be asked for once more, as they were priced for the question."""
_REFUSED = "batch.action.refused"


def actions(found: Progress) -> None:
    """Draw the buttons that make sense now, and the question that one has asked."""
    batch = found.batch
    left = found.waits + found.count("line")
    with st.container(horizontal=True):
        if batch.state == "paused":
            _button(_("Go on"), "resume", ":material/play_arrow:", found, primary=True)
        elif left:
            _button(_("Pause"), "pause", ":material/pause:", found)
        if left:
            _question(_("Stop the rest"), "stop", ":material/stop_circle:", found)
        if found.count(*AGAIN):
            _question(_("Try again what was not made"), "again", ":material/refresh:", found)
    asked = st.session_state.get(_ASKED)
    if asked == (batch.id, "stop") and left:
        _confirm_stop(found, left)
    elif asked == (batch.id, "again") and found.count(*AGAIN):
        _confirm_again(found)
    refused = st.session_state.get(_REFUSED)
    if refused and refused[0] == batch.id:
        errors.show(refused[1])


def _button(label: str, name: str, icon: str, found: Progress, *, primary: bool = False) -> None:
    batches = get_studio().batches
    act = batches.resume if name == "resume" else batches.pause
    st.button(
        label,
        key=f"batch.{name}",
        icon=icon,
        type="primary" if primary else "secondary",
        on_click=_attempt,
        args=(found.batch.id, lambda: act(found.batch.id)),
    )


def _question(label: str, name: str, icon: str, found: Progress) -> None:
    st.button(label, key=f"batch.{name}", icon=icon, on_click=_ask, args=(found.batch.id, name))


def _ask(batch_id: str, name: str) -> None:
    st.session_state.pop(_REFUSED, None)
    st.session_state[_ASKED] = (batch_id, name)
    if name == "again":
        try:
            st.session_state[_AGAIN] = get_studio().batches.once_more(batch_id)
        except DeskError as error:
            _close()
            st.session_state[_REFUSED] = (batch_id, error)


def _close() -> None:
    for key in (_ASKED, _AGAIN):
        st.session_state.pop(key, None)


def _attempt(batch_id: str, action: Callable[[], object]) -> None:
    """Do something, and remember for the next drawing when it was refused."""
    st.session_state.pop(_REFUSED, None)
    _close()
    try:
        action()
    except DeskError as error:
        st.session_state[_REFUSED] = (batch_id, error)


def _confirm_stop(found: Progress, left: int) -> None:
    with st.container(border=True, key="batch.stop.question"):
        words = ngettext(
            "**Stop {n} video that has not been sent?** That is free; what is being made goes on.",
            "**Stop {n} videos that have not been sent?** That is free; what is being made goes on.",
            left,
        )
        st.markdown(words.format(n=number(left)))
        with st.container(horizontal=True):
            st.button(
                _("Stop them"),
                key="batch.stop.sure",
                type="primary",
                on_click=_attempt,
                args=(found.batch.id, lambda: get_studio().batches.stop(found.batch.id)),
            )
            st.button(_("Let them be made"), key="batch.stop.no", on_click=_close)


def _confirm_again(found: Progress) -> None:
    rows: tuple[BatchRow, ...] = st.session_state.get(_AGAIN, ())
    left_out = found.count(*AGAIN) - len(rows)
    connection = get_studio().connections.get(found.batch.connection_id)
    free = get_studio().connections.profile(connection).kind == "sandbox"
    with st.container(border=True, key="batch.again.question"):
        st.markdown(_("**Each is a new video, paid for once more.**"))
        if left_out > 0:
            words = ngettext(
                "{n} row is left out: it can't be made any more.",
                "{n} rows are left out: they can't be made any more.",
                left_out,
            )
            st.caption(words.format(n=number(left_out)))
        most, unit = most_of(row.estimate for row in rows)
        with st.container(horizontal=True):
            st.button(
                make_label(len(rows), most, unit, free=free),
                key="batch.again.sure",
                type="primary",
                disabled=not rows,
                on_click=_attempt,
                args=(found.batch.id, lambda: get_studio().batches.retry(found.batch.id, rows)),
            )
            st.button(_("Not now"), key="batch.again.no", on_click=_close)
