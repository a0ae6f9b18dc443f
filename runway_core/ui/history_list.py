"""The history page: filters kept in the address, cards or a table of one page, and the video that is open."""

from __future__ import annotations

import math

import streamlit as st

from runway_core.domain import Task
from runway_core.errors import DeskError
from runway_core.language import N_, _, ngettext, number
from runway_core.store import Review, TaskPage, TaskQuery
from runway_core.store.query import READ
from runway_core.ui import errors
from runway_core.ui.cards import download_url, no_videos, poster, progress, state_row, whose, wish
from runway_core.ui.history_chosen import choose_box, chosen_bar
from runway_core.ui.history_filters import (
    filters,
    page_number,
    remember,
    show_everything,
)
from runway_core.ui.history_review import mark_field, thoughts
from runway_core.ui.history_table import table
from runway_core.ui.history_views import views
from runway_core.ui.opened import open_video, opened
from runway_core.ui.rights import maker_of, makers, may_make, own
from runway_core.ui.services import get_studio
from runway_core.ui.task_view import show_task
from runway_core.ui.whose import choices

PER_PAGE = 12
ROWS = 50
"""Lines of the table on a page."""
_EVERY = 2.0
"""Seconds between looks at the database while something on the page is open."""
_CARD = 300
"""Least width of a card in pixels."""
_FOUND = "history.found"
_NONE = {
    "all": N_("No videos"),
    "open": N_("Nothing is being made now"),
    "done": N_("No finished videos"),
    "failed": N_("No failed videos"),
    "cancelled": N_("No cancelled videos"),
    "uncertain": N_("Nothing needs your decision"),
}
"""What an empty list means when no words are looked for."""


def history() -> None:
    """Draw the filters and one page of videos.

    Raises:
        StorageError: the database can't be read.
    """
    among = choices()
    query = filters(among)
    in_rows = st.session_state["history.view"] == "table"
    query = query.model_copy(update={"limit": ROWS if in_rows else PER_PAGE})
    at = page_number()
    found = _page(query, at)
    last = max(1, math.ceil(found.total / query.limit))
    if at > last:
        at, found = last, _page(query, last)
    remember(among, at)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        _how_many(query, found)
        views(among)
    if not found.tasks:
        _nothing(query)
    else:
        some_open = any(task.is_open for task in found.tasks)
        st.session_state[_FOUND] = found
        st.fragment(_videos, run_every=_EVERY if some_open else None)(query, at, in_rows)
        _pages(query, at, last)
    if task_id := opened():
        show_task(task_id)


def _page(query: TaskQuery, at: int) -> TaskPage:
    return get_studio().tasks.page(query.model_copy(update={"offset": (at - 1) * query.limit}))


def _how_many(query: TaskQuery, found: TaskPage) -> None:
    """How many match; and, where not all were looked at, what would show the others."""
    if not found.tasks:
        return
    total = number(found.total)
    count = ngettext("{n} video", "{n} videos", found.total).format(n=total)
    if not found.more:
        st.caption(count, width="content")
    elif query.text.strip():
        told = _(
            "{count}. Only the newest {most} videos with these words were looked through; "
            "choose days or another filter to find older ones."
        )
        st.caption(told.format(count=count, most=number(READ)), width="content")
    elif query.sort in ("dearest", "longest"):
        told = _("Among the newest {most} videos; choose days or a filter for others.")
        st.caption(told.format(most=number(READ)), width="content")
    else:
        st.caption(_("More than {n} videos").format(n=total), width="content")


def _nothing(query: TaskQuery) -> None:
    plain = query.model_copy(update={"limit": TaskQuery().limit, "sort": "newest"})
    if plain == TaskQuery() and not may_make():
        no_videos(_("**No videos yet.** You see what others of your team show you."), link=False)
        return
    if plain in (TaskQuery(), TaskQuery(**own())):
        no_videos(
            _(
                "**No videos yet.** Every video you make is kept here, with its settings, its price "
                "and what happened to it."
            ),
            link=True,
        )
        return
    narrow = (query.model, query.tag, query.mark, query.file, query.since, query.until)
    if query.text.strip() or any(narrow):
        no_videos(_("**Nothing matches.** Try other words, or show everything."), link=False)
    else:
        chosen = st.session_state["history.status"] or "all"
        none = _(_NONE[chosen])
        if query.connection_id:
            none = _("{none} with this connection").format(none=none)
        no_videos(f"**{none}.**", link=False)
    st.button(
        _("Show everything"),
        key="history.clear",
        icon=":material/filter_alt_off:",
        on_click=show_everything,
    )


def _videos(query: TaskQuery, at: int, in_rows: bool) -> None:
    try:
        # The whole page has just read them; by itself this part reads them anew.
        found: TaskPage = st.session_state.pop(_FOUND, None) or _page(query, at)
        reviews = get_studio().reviews.of([task.id for task in found.tasks])
    except DeskError as error:
        errors.show(error)
        return
    if in_rows:
        table(found.tasks, reviews, query, at)
    else:
        _cards(found.tasks, reviews)
    # Below the videos, where it lies over the lower edge of the window: they stay where they are.
    with st.container(key="history.bar"):
        chosen_bar([task.id for task in found.tasks])
    _stop_watching(found.tasks)


def _cards(tasks: tuple[Task, ...], reviews: dict[str, Review]) -> None:
    names = makers()
    grid = st.grid(3, min_column_width=_CARD, gap="medium")
    for task in tasks:
        with grid.container(border=True, height="stretch", key=f"history.card.{task.id}"):
            _card(task, reviews.get(task.id, Review()), maker_of(task, names))


def _card(task: Task, review: Review, maker: str) -> None:
    poster(task)
    state_row(task)
    progress(task)
    wish(task, length=110)
    whose(task, maker)
    thoughts(review)
    st.space("stretch")
    mark_field(task, review, "history.mark")
    with st.container(horizontal=True, vertical_alignment="center"):
        choose_box(task)
        if st.button(_("Details"), key=f"history.open.{task.id}", width="stretch"):
            open_video(task.id)
            st.rerun()
        if task.artifacts:
            st.link_button(
                _("Download"),
                download_url(task, 0),
                key=f"history.file.{task.id}",
                icon=":material/download:",
                type="tertiary",
            )


def _stop_watching(tasks: tuple[Task, ...]) -> None:
    """Draw the whole page once more when the last open video ended, so that the looks stop."""
    some_open = any(task.is_open for task in tasks)
    before = st.session_state.get("history.watching", False)
    st.session_state["history.watching"] = some_open
    if before and not some_open:
        st.rerun()


def _pages(query: TaskQuery, at: int, last: int) -> None:
    if last == 1:
        return
    key = f"history.page.{last}.{query.model_dump_json(exclude={'offset', 'limit'})}"
    st.pagination(last, default=at, key=key, on_change=_turn_to, args=(key,))


def _turn_to(key: str) -> None:
    st.query_params["page"] = str(st.session_state[key])
