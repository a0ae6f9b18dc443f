"""The history page: filters kept in the address, cards of one page, and the video that is open."""

from __future__ import annotations

import math

import streamlit as st

from runway_core.domain import Task
from runway_core.errors import DeskError
from runway_core.store import TaskPage, TaskQuery
from runway_core.ui import errors
from runway_core.ui.cards import no_videos, poster, progress, state_row, whose, wish
from runway_core.ui.rights import maker_of, makers, may_make, own
from runway_core.ui.services import get_studio
from runway_core.ui.task_view import OPEN, show_task
from runway_core.ui.whose import EVERYBODY, WHOSE, choices, usual, whose_field
from runway_core.ui.words import GROUPS

PER_PAGE = 12
_EVERY = 2.0
"""Seconds between looks at the database while something on the page is open."""
_CARD = 300
"""Least width of a card in pixels."""
_NONE = {
    "all": "No videos",
    "open": "Nothing is being made now",
    "done": "No finished videos",
    "failed": "No failed videos",
    "cancelled": "No cancelled videos",
    "uncertain": "Nothing needs your decision",
}
"""What an empty list means when no words are looked for."""


def history() -> None:
    """Draw the filters and one page of videos.

    Raises:
        StorageError: the database can't be read.
    """
    among = choices()
    query = _filters(among)
    number = _page_number()
    found = _page(query, number)
    last = max(1, math.ceil(found.total / PER_PAGE))
    if number > last:
        number, found = last, _page(query, last)
    _remember(query, number)
    if not found.tasks:
        _nothing(query)
    else:
        some_open = any(task.is_open for task in found.tasks)
        st.fragment(_cards, run_every=_EVERY if some_open else None)(query, number)
        _pages(query, number, last)
    if st.query_params.get(OPEN):
        show_task(st.query_params[OPEN])


def _filters(among: dict[str, str]) -> TaskQuery:
    names = {"": "All connections"}
    names |= {c.id: c.name for c in get_studio().connections.all()}
    _seat("status", "all", set(GROUPS))
    _seat("connection", "", set(names))
    _seat("q", "", None)
    _seat(WHOSE, usual(), set(among))
    group = st.segmented_control(
        "Status",
        list(GROUPS),
        format_func=lambda name: GROUPS[name][0],
        key="history.status",
        required=True,
        label_visibility="collapsed",
        wrap=True,
        on_change=_first_page,
    )
    with st.container(horizontal=True):
        text = _search()
        connection = st.selectbox(
            "Connection",
            list(names),
            format_func=lambda found: names[found],
            key="history.connection",
            label_visibility="collapsed",
            width=240,
            on_change=_first_page,
        )
        whose = whose_field(among, _first_page)
    statuses = GROUPS[group or "all"][1]
    return TaskQuery(text=text, statuses=statuses, connection_id=connection or "", **whose)


def _search() -> str:
    text = st.text_input(
        "Search",
        key="history.q",
        type="search",
        placeholder="Words in the prompt, model or id",
        label_visibility="collapsed",
        icon=":material/search:",
        width=340,
        on_change=_first_page,
    )
    return text or ""


def _seat(name: str, default: str, allowed: set[str] | None) -> None:
    """Take a filter from the address when its widget is new; undo a choice that is there no more."""
    key = f"history.{name}"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get(name, default)
    if allowed is not None and st.session_state[key] not in allowed:
        st.session_state[key] = default


def _page_number() -> int:
    asked = st.query_params.get("page", "1")
    return int(asked) if asked.isdecimal() and 0 < int(asked) < 1_000_000 else 1


def _first_page() -> None:
    st.query_params.pop("page", None)


def _page(query: TaskQuery, number: int) -> TaskPage:
    offset = (number - 1) * PER_PAGE
    return get_studio().tasks.page(query.model_copy(update={"offset": offset, "limit": PER_PAGE}))


def _remember(query: TaskQuery, number: int) -> None:
    wanted = {
        "status": st.session_state["history.status"] or "all",
        "q": query.text,
        "connection": query.connection_id,
        WHOSE: st.session_state.get(f"history.{WHOSE}") or usual(),
        "page": str(number),
    }
    for name, default in (*_defaults(), ("page", "1")):
        if wanted[name] == default:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]


def _defaults() -> tuple[tuple[str, str], ...]:
    return ("status", "all"), ("q", ""), ("connection", ""), (WHOSE, usual())


def _nothing(query: TaskQuery) -> None:
    if query == TaskQuery() and not may_make():
        no_videos("**No videos yet.** You see what others of your team show you.", link=False)
        return
    if query in (TaskQuery(), TaskQuery(**own())):
        no_videos(
            "**No videos yet.** Every video you make is kept here, with its settings, its price "
            "and what happened to it.",
            link=True,
        )
        return
    if query.text.strip():
        no_videos("**Nothing matches.** Try other words, or show everything.", link=False)
    else:
        where = " with this connection" if query.connection_id else ""
        none = _NONE[st.session_state["history.status"] or "all"]
        no_videos(f"**{none}{where}.**", link=False)
    st.button(
        "Show everything", key="history.clear", icon=":material/filter_alt_off:", on_click=_clear
    )


def _clear() -> None:
    for name, default in _defaults():
        st.session_state[f"history.{name}"] = EVERYBODY if name == WHOSE else default
    _first_page()


def _cards(query: TaskQuery, number: int) -> None:
    try:
        tasks = _page(query, number).tasks
    except DeskError as error:
        errors.show(error)
        return
    names = makers()
    grid = st.grid(3, min_column_width=_CARD, gap="medium")
    for task in tasks:
        with grid.container(border=True, height="stretch", key=f"history.card.{task.id}"):
            _card(task, maker_of(task, names))
    _stop_watching(tasks)


def _card(task: Task, maker: str) -> None:
    poster(task)
    state_row(task)
    progress(task)
    wish(task, length=110)
    whose(task, maker)
    st.space("stretch")
    if st.button("Details", key=f"history.open.{task.id}", width="stretch"):
        st.query_params[OPEN] = task.id
        st.rerun()


def _stop_watching(tasks: tuple[Task, ...]) -> None:
    """Draw the whole page once more when the last open video ended, so that the looks stop."""
    some_open = any(task.is_open for task in tasks)
    before = st.session_state.get("history.watching", False)
    st.session_state["history.watching"] = some_open
    if before and not some_open:
        st.rerun()


def _pages(query: TaskQuery, number: int, last: int) -> None:
    if last == 1:
        return
    key = f"history.page.{last}.{query.model_dump_json(exclude={'offset', 'limit'})}"
    st.pagination(last, default=number, key=key, on_change=_turn_to, args=(key,))


def _turn_to(key: str) -> None:
    st.query_params["page"] = str(st.session_state[key])
