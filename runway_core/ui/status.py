"""How the work stands: who sends and follows, what is open, what waits for a person, what is not as it should be."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

import streamlit as st

from runway_core.engine.processes import runs_since
from runway_core.language import _, ngettext, translated
from runway_core.store.workers import Worker
from runway_core.studio.standing import Standing, program_changed_at, standing
from runway_core.studio.startup import Trouble, troubles
from runway_core.ui import places
from runway_core.ui.clock import now, zone
from runway_core.ui.services import engine_started, get_studio, opened_at, workers
from runway_core.ui.whose import EVERYBODY, WHOSE
from runway_core.ui.words import ago, lasting, moment, plain

LATE = timedelta(minutes=2)
"""A step that is overdue for less is only waiting for its turn."""


def status() -> None:
    """Draw the block.

    Raises:
        StorageError: the database can't be read.
    """
    found, at_work = standing(get_studio().store, now()), workers(now())
    notices = [*_program(at_work), *map(_words, troubles(get_studio()))]
    with st.container(border=True, key="settings.status"):
        _facts(found, at_work)
        _decisions(found.uncertain)
        for connection in found.paused:
            st.warning(
                _(
                    "**{name} is paused:** {paused} Nothing is sent or asked with it, and "
                    "nothing is lost."
                ).format(name=plain(connection.name), paused=plain(translated(connection.paused))),
                icon=":material/pause_circle:",
            )
        for notice in notices:
            st.warning(notice, icon=":material/warning:")


def _facts(found: Standing, at_work: list[Worker]) -> None:
    late = timedelta() if found.overdue_since is None else now() - found.overdue_since
    facts = {
        _("Sending and following"): _(":green-badge[:material/check: running]")
        if at_work
        else _(":red-badge[:material/close: not running]"),
        _("Being made now"): str(found.open),
        _("Waiting too long"): _("for {time}").format(time=lasting(late))
        if late > LATE
        else _("none"),
        _("Need your decision"): str(found.uncertain),
    }
    with st.grid(4, min_column_width=140, gap="small"):
        for label, value in facts.items():
            with st.container(gap=None):
                st.caption(label)
                st.markdown(value)
    for worker in at_work:
        st.caption(_who(worker))


def _who(worker: Worker) -> str:
    here = worker.host == socket.gethostname()
    own = here and worker.pid == os.getpid()
    who = (
        _("This app")
        if own
        else _("A worker on {host}, process {pid}").format(host=plain(worker.host), pid=worker.pid)
    )
    since = runs_since(worker)
    parts = [_("since {time}").format(time=moment(since, zone()))] if since else []
    # One on this computer says nothing while nothing is open, but its process can be seen.
    parts.append(
        _("alive now")
        if here
        else _("last sign of life {seconds_ago}").format(
            seconds_ago=_seconds_ago(worker.heartbeat_at)
        )
    )
    return f"{who}: {', '.join(parts)}."


def _seconds_ago(at: datetime) -> str:
    span = now() - at
    return (
        _("{time} ago").format(time=lasting(span))
        if span < timedelta(minutes=1)
        else ago(at, now())
    )


def _decisions(count: int) -> None:
    if not count:
        return
    st.warning(
        ngettext(
            "One video was sent, but no clear answer came: it is not known whether that was "
            "charged. Nothing is sent again until you decide.",
            "{count} videos were sent, but no clear answer came: it is not known whether that was "
            "charged. Nothing is sent again until you decide.",
            count,
        ).format(count=count),
        icon=":material/help:",
    )
    st.page_link(
        places.HISTORY,
        label=_("Decide in History"),
        icon=":material/gavel:",
        query_params={"status": "uncertain", WHOSE: EVERYBODY},
    )


def _program(at_work: list[Worker]) -> list[str]:
    """What is to be said of this process itself."""
    found = []
    if not engine_started() and not at_work:
        found.append(
            _(
                "**Nobody sends or follows videos.** This app was started without its launcher, or is still "
                "starting. What is being made goes on at its provider. Start the app with `make run`, or start "
                "a worker: `python -m runway_core worker`."
            )
        )
    elif not at_work:
        found.append(
            _(
                "**No worker has given a sign of life.** What is being made goes on at its provider and "
                "is fetched once one runs: `python -m runway_core worker`."
            )
        )
    if _changed_at() > opened_at():
        found.append(
            _(
                "**The program was changed since it was started,** and the old one still runs. Stop it and "
                "start it again: nothing is lost by that."
            )
        )
    return found


@st.cache_data(ttl=60, show_spinner=False)
def _changed_at() -> datetime:
    return program_changed_at()


def _words(trouble: Trouble) -> str:
    return f"**{plain(translated(trouble.what))}** {plain(translated(trouble.paid))} {plain(translated(trouble.do))}"
