"""The newest videos beside the form, alive while one of them is being made."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import ArtifactState, Task
from runway_core.language import _
from runway_core.store import TaskQuery
from runway_core.ui import errors, places
from runway_core.ui.cards import download_url, no_videos, player, poster, progress, state_row, wish
from runway_core.ui.opened import to_open
from runway_core.ui.rights import own
from runway_core.ui.services import get_studio
from runway_core.ui.task_actions import attempt, can_stop, refused, stopping_costs

COUNT = 3
_EVERY = 1.0
"""Seconds between looks at the database while something is open."""
_OPEN = "create.open"


def latest() -> None:
    """Draw the newest videos.

    Raises:
        StorageError: the database can't be read.
    """
    st.subheader(_("Latest videos"), anchor=False)
    newest = get_studio().tasks.page(TaskQuery(limit=COUNT, **own())).tasks
    some_open = any(task.is_open for task in newest)
    st.fragment(_cards, run_every=_EVERY if some_open else None)()


def _cards() -> None:
    with errors.told():
        page = get_studio().tasks.page(TaskQuery(limit=COUNT, **own()))
        if not page.tasks:
            no_videos(_("Your videos appear here while they are made."), link=False)
        for task in page.tasks:
            _card(task)
        if page.total > COUNT:
            st.page_link(
                places.HISTORY,
                label=_("All {total} videos").format(total=page.total),
                icon=":material/video_library:",
            )
        _stop_watching(page.tasks)


def _card(task: Task) -> None:
    with st.container(border=True, key=f"create.card.{task.id}"):
        state_row(task)
        if task.artifact_state is ArtifactState.KEPT:
            player(task)
        elif task.is_open:
            poster(task)
        progress(task)
        wish(task, length=160)
        with st.container(horizontal=True):
            if st.button(
                _("Details"), key=f"create.details.{task.id}", icon=":material/open_in_full:"
            ):
                st.switch_page(places.HISTORY, query_params=to_open(task.id))
            if task.artifact_state is ArtifactState.KEPT:
                st.link_button(
                    _("Download"),
                    download_url(task, 0),
                    key=f"create.download.{task.id}",
                    icon=":material/download:",
                    type="tertiary",
                )
            if can_stop(task):
                st.button(
                    _("Cancel"),
                    key=f"create.cancel.{task.id}",
                    icon=":material/block:",
                    type="tertiary",
                    help=stopping_costs(task),
                    on_click=_cancel,
                    args=(task.id,),
                )
        refused(task)


def _cancel(task_id: str) -> None:
    attempt(task_id, lambda: get_studio().tasks.cancel(task_id))


def _stop_watching(tasks: tuple[Task, ...]) -> None:
    before: set[str] = st.session_state.get(_OPEN, set())
    still = {task.id for task in tasks if task.is_open}
    st.session_state[_OPEN] = still
    if before - still:
        st.rerun()  # so that the looks stop; what ended is told by every page
