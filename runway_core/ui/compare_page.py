"""The compare page: which videos, the player that keeps them in step, their settings, and the same prompt elsewhere."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from runway_core.catalog import catalog
from runway_core.domain import ArtifactState, Task
from runway_core.language import _, translated
from runway_core.studio.comparing import MOST
from runway_core.ui import errors, places
from runway_core.ui.cards import no_videos, poster, progress, state_row, title_of
from runway_core.ui.clock import zone
from runway_core.ui.compare_again import same_prompt_elsewhere
from runway_core.ui.compare_link import IDS, LEAST, compare_query
from runway_core.ui.compare_player import LETTERS, name_of, player
from runway_core.ui.compare_table import rows_of, table
from runway_core.ui.dialogs import close
from runway_core.ui.rights import may_make
from runway_core.ui.services import get_studio
from runway_core.ui.words import moment, plain, short

_CHOICE = "compare.choice"
_EVERY = 1.0
"""Seconds between looks at the database while one of the videos is being made."""
_ONLY = "compare.only"


def compare() -> None:
    """Draw the page for the videos that the address names.

    Raises:
        StorageError: the database can't be read.
    """
    close()
    asked = [word for word in st.query_params.get(IDS, "").split(",") if word]
    tasks = get_studio().comparing.chosen(asked)
    _picker(tasks)
    if len(tasks) < len(dict.fromkeys(asked)):
        st.caption(
            _(
                ":material/info: Not all of these videos are here, or they are more than {most}."
            ).format(most=MOST)
        )
    if len(tasks) < LEAST:
        _too_few(tasks)
    if not tasks:
        return
    _side_by_side(tasks)
    _settings(tasks)
    if may_make():
        same_prompt_elsewhere(tasks)


def _picker(tasks: list[Task]) -> None:
    """The choice of videos: what is newest, and what the address names."""
    made = {task.id: (task.request.prompt, title_of(task), task.created_at) for task in tasks}
    titles = {spec.id: translated(spec.title) for spec in catalog().models}
    for one in get_studio().comparing.finished():
        found = (one.prompt, titles.get(one.model, one.model), one.created_at)
        made.setdefault(one.id, found)
    names = _described(made)
    chosen = [task.id for task in tasks]
    key = f"{_CHOICE}.{','.join(chosen)}"  # what the address says counts, not an older choice
    st.multiselect(
        _("Videos"),
        list(names),
        default=chosen,
        format_func=lambda task_id: names[task_id],
        max_selections=MOST,
        placeholder=_("Choose 2 to {most} videos").format(most=MOST),
        key=key,
        on_change=_choose,
        args=(key,),
    )


def _described(made: dict[str, tuple[str, str, datetime]]) -> dict[str, str]:
    """A name for each; no two alike, and the same at each drawing, as the browser tells them apart by it."""
    names: dict[str, str] = {}
    for task_id, (prompt, model, at) in made.items():
        words = short(prompt, 50) or _("Without a prompt")
        name = f"{words} · {model} · {moment(at, zone())}"
        names[task_id] = f"{name} · {task_id[:8]}" if name in names.values() else name
    return names


def _choose(key: str) -> None:
    st.query_params.from_dict(compare_query(st.session_state[key]))


def _too_few(tasks: list[Task]) -> None:
    if tasks:
        st.caption(_("Choose one more: then they play side by side."))
        return
    no_videos(
        _("**Choose 2 to {most} videos** above, or choose some in the history.").format(most=MOST),
        link=False,
    )
    st.page_link(places.HISTORY, label=_("Open the history"), icon=":material/video_library:")


def _side_by_side(tasks: list[Task]) -> None:
    kept = [task for task in tasks if task.artifact_state is ArtifactState.KEPT]
    if kept:
        player(kept, letters={task.id: LETTERS[at] for at, task in enumerate(tasks)})
    waiting = [task for task in tasks if task.artifact_state is not ArtifactState.KEPT]
    if waiting:
        every = _EVERY if any(task.is_open for task in waiting) else None
        ids = [task.id for task in tasks]
        st.fragment(_waiting, run_every=every)(ids, {task.id for task in waiting})


def _waiting(ids: list[str], waited: set[str]) -> None:
    """Those that are not finished; the whole page is drawn anew when one of them is."""
    with errors.told():
        tasks = get_studio().comparing.chosen(ids)
        waiting = [t for t in tasks if t.artifact_state is not ArtifactState.KEPT]
        grid = st.grid(MOST, min_column_width=220, gap="small")
        for task in waiting:
            with grid.container(border=True, key=f"compare.card.{task.id}"):
                st.markdown(f"**{plain(name_of(task, LETTERS[ids.index(task.id)]))}**")
                poster(task)
                state_row(task)
                progress(task)
        still = {task.id for task in waiting if task.is_open}
        before = st.session_state.get("compare.open", set())
        st.session_state["compare.open"] = still
        if {task.id for task in waiting} != waited or (before and not still):
            st.rerun()


def _settings(tasks: list[Task]) -> None:
    rows = rows_of(tasks, zone())
    if len(tasks) < LEAST:
        table(rows, count=len(tasks))
        return
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.subheader(_("What they were made with"), anchor=False, width="content")
        only = st.toggle(_("Only what differs"), key=_ONLY, value=False)
    shown = [row for row in rows if row.differs or not only]
    if not any(row.differs for row in rows):
        st.caption(_("Nothing differs but what came of it."))
    table(shown, count=len(tasks))
