"""A video that waits to be sent: its place in line, about how long, why, and its move to another place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import streamlit as st

from runway_core.domain import Task, TaskStatus
from runway_core.errors import DeskError
from runway_core.language import _, current, translated
from runway_core.studio.line import Place
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain

_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
Attempt = Callable[[str, Callable[[], object]], Any]


def line_caption(task: Task) -> None:
    """Say where it stands; nothing for a video that is not waiting."""
    if task.status is TaskStatus.QUEUED and (place := _place(task)) is not None:
        st.caption(f":material/hourglass_empty: {plain(in_words(place))}")


def line_buttons(task: Task, attempt: Attempt) -> None:
    """Draw what changes its place, where there is another place; `attempt` shows what was refused."""
    place = _place(task) if task.status is TaskStatus.QUEUED else None
    if place is None or place.last < 2:
        return
    moves = (
        (
            _("To the front"),
            "first",
            ":material/vertical_align_top:",
            -place.last,
            place.number > 1,
        ),
        (_("Earlier"), "earlier", ":material/arrow_upward:", -1, place.number > 1),
        (_("Later"), "later", ":material/arrow_downward:", 1, place.number < place.last),
    )
    with st.container(horizontal=True):
        for label, name, icon, by, possible in moves:
            st.button(
                label,
                key=f"task.line.{name}",
                icon=icon,
                type="tertiary",
                disabled=not possible,
                on_click=attempt,
                args=(task.id, partial(get_studio().line.move, task.id, by)),
            )


def in_words(place: Place) -> str:
    """Such as ``3rd in line, about 4 min: Free plan runs 1 at a time``."""
    words = (
        _("Next in line")
        if place.number == 1
        else _("{nth} in line").format(nth=_ordinal(place.number))
    )
    if place.wait is not None and place.wait.total_seconds() >= 1:
        words = _("{place}, about {time}").format(place=words, time=_roughly(place.wait))
    return f"{words}: {translated(place.why)}" if place.why else words


def _place(task: Task) -> Place | None:
    try:
        return get_studio().line.place(task)
    except DeskError:
        return None  # a word less on the card; the page itself says what is wrong


def _roughly(wait: timedelta) -> str:
    """No more exact than it is known: ``40 s``, ``4 min``, ``2 h``."""
    seconds = wait.total_seconds()
    if seconds < 90:
        return _("{n} s").format(n=max(10, round(seconds / 10) * 10))
    if seconds < 90 * 60:
        return _("{n} min").format(n=round(seconds / 60))
    return _("{n} h").format(n=round(seconds / 3600))


def _ordinal(number: int) -> str:
    if current() != "en":
        return str(number)  # how a place is counted is in the words around it
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{_ENDINGS.get(number % 10, 'th')}"
