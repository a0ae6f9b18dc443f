"""What the history shows: its filters, which are kept in the address, and views that are kept by name.

Whatever the address says, the page is drawn: a word that means nothing there is passed over.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Literal, cast, get_args

import streamlit as st

from runway_core.catalog import catalog
from runway_core.domain import ArtifactState
from runway_core.language import N_, _, translated
from runway_core.store import Mark, TaskQuery
from runway_core.store.query import Sort
from runway_core.ui.clock import zone
from runway_core.ui.services import get_studio
from runway_core.ui.whose import EVERYBODY, WHOSE, usual, whose_field
from runway_core.ui.words import GROUPS

MARKS = {Mark.KEEP: N_("Keep"), Mark.MAYBE: N_("Maybe"), Mark.REJECT: N_("Reject")}
SORTS: dict[str, str] = {
    "newest": N_("Newest first"),
    "oldest": N_("Oldest first"),
    "dearest": N_("Dearest first"),
    "longest": N_("Longest wait first"),
}
LAYOUTS = {"cards": ":material/grid_view:", "table": ":material/table_rows:"}
_FILES = {
    "": N_("Any file"),
    "kept": N_("File kept"),
    "expired": N_("File missing"),
}
_USUAL = {
    "status": "all",
    "q": "",
    "connection": "",
    "model": "",
    "from": "",
    "to": "",
    "tag": "",
    "mark": "",
    "file": "",
    "sort": "newest",
    "view": "cards",
}
"""Each word of the address, and what holds when it is not there."""
_DATES = ("from", "to")
_FOLDED = ("connection", "model", *_DATES, "tag", "mark", "file")
"""Filters behind the button."""


def filters(among: dict[str, str]) -> TaskQuery:
    """Draw the filters; `among` are the choices of whose videos to show.

    Raises:
        StorageError: the database can't be read.
    """
    options = _options()
    for name, value in _usual(among).items():
        allowed = set(among) if name == WHOSE else options.get(name)
        _seat(name, value, None if allowed is None else set(allowed))
    group = st.segmented_control(
        _("Status"),
        list(GROUPS),
        format_func=lambda name: _(GROUPS[name][0]),
        key="history.status",
        required=True,
        label_visibility="collapsed",
        wrap=True,
        on_change=first_page,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        text = _search()
        _choice("sort", options["sort"], width=190, collapsed=True)
        whose = _folded_filters(options, among)
        _layout()
    return _query(text, GROUPS[group or "all"][1], whose)


def _query(text: str, statuses: frozenset[Any], whose: dict[str, str]) -> TaskQuery:
    state = {name: st.session_state.get(f"history.{name}") or "" for name in _USUAL}
    return TaskQuery(
        text=text,
        statuses=statuses,
        connection_id=state["connection"],
        model=state["model"],
        since=_midnight(state["from"], days=0),
        until=_midnight(state["to"], days=1),
        tag=state["tag"],
        mark=state["mark"],
        file=ArtifactState(state["file"]) if state["file"] else None,
        sort=cast("Sort", state["sort"] if state["sort"] in get_args(Sort) else "newest"),
        **whose,
    )


def _midnight(day: date | str, *, days: int) -> datetime | None:
    """When a day begins on the person's own clock, or one that comes later."""
    if not isinstance(day, date):
        return None
    try:
        return datetime.combine(day + timedelta(days=days), time(), tzinfo=zone())
    except OverflowError:
        return None


def _search() -> str:
    text = st.text_input(
        _("Search"),
        key="history.q",
        type="search",
        placeholder=_("Words in the prompt, note, model or id"),
        label_visibility="collapsed",
        icon=":material/search:",
        width=340,
        max_chars=200,
        on_change=first_page,
    )
    return text or ""


def _folded_filters(options: dict[str, dict[str, str]], among: dict[str, str]) -> dict[str, str]:
    active = sum(1 for name in _FOLDED if st.session_state.get(f"history.{name}"))
    label = _("Filters ({n})").format(n=active) if active else _("Filters")
    with st.popover(label, icon=":material/filter_list:", key="history.filters", width="content"):
        whose = whose_field(among, first_page)
        for name in ("connection", "model", "mark", "file", "tag"):
            _choice(name, options[name])
        with st.container(horizontal=True):
            for name, title in zip(_DATES, (_("Made from"), _("Made until")), strict=True):
                st.date_input(
                    title, key=f"history.{name}", value=None, width=150, on_change=first_page
                )
    return whose


def _choice(
    name: str,
    options: dict[str, str],
    *,
    width: int | Literal["stretch"] = "stretch",
    collapsed: bool = False,
) -> None:
    st.selectbox(
        _(_TITLES[name]),
        list(options),
        format_func=lambda value: options[value],
        key=f"history.{name}",
        label_visibility="collapsed" if collapsed else "visible",
        width=width,
        on_change=first_page,
    )


_TITLES = {
    "connection": N_("Connection"),
    "model": N_("Model"),
    "mark": N_("Mark"),
    "file": N_("File"),
    "tag": N_("Tag"),
    "sort": N_("Order"),
}


def _layout() -> None:
    names = {"cards": _("Cards"), "table": _("Table")}
    st.segmented_control(
        _("Show as"),
        list(LAYOUTS),
        format_func=lambda name: f"{LAYOUTS[name]} {names[name]}",
        key="history.view",
        required=True,
        label_visibility="collapsed",
        on_change=first_page,
    )


def _options() -> dict[str, dict[str, str]]:
    studio, chosen = get_studio(), _chosen("tag")
    tags = [*studio.reviews.tags()]
    if chosen and chosen not in tags:  # somebody else's, from the address
        tags.append(chosen)
    return {
        "status": dict.fromkeys(GROUPS, ""),
        "connection": {"": _("All connections")} | {c.id: c.name for c in studio.connections.all()},
        "model": {"": _("All models")} | _models(),
        "mark": {"": _("Any mark")} | {mark.value: _(word) for mark, word in MARKS.items()},
        "file": {name: _(word) for name, word in _FILES.items()},
        "tag": {"": _("Any tag")} | {tag: tag for tag in tags},
        "sort": {name: _(word) for name, word in SORTS.items()},
        "view": dict.fromkeys(LAYOUTS, ""),
    }


def _models() -> dict[str, str]:
    titles = {spec.id: translated(spec.title) for spec in catalog().models}
    return dict(sorted(titles.items(), key=lambda model: model[1].casefold()))


def _chosen(name: str) -> str:
    """What a filter is set to, or will be by the address."""
    key = f"history.{name}"
    found = st.session_state[key] if key in st.session_state else st.query_params.get(name)
    return found if isinstance(found, str) else ""


# --- the address ---------------------------------------------------------------------------------


def _usual(among: dict[str, str]) -> dict[str, str]:
    return _USUAL | ({WHOSE: usual()} if among else {})


def _seat(name: str, default: str, allowed: set[str] | None) -> None:
    """Take a filter from the address when its widget is new; undo a choice that is there no more."""
    key = f"history.{name}"
    if key not in st.session_state:
        st.session_state[key] = _value(name, st.query_params.get(name, default))
    if allowed is not None and st.session_state[key] not in allowed:
        st.session_state[key] = default


def _value(name: str, text: str) -> str | date | None:
    """What a filter's widget holds for a word of the address."""
    if name not in _DATES:
        return text[:200]
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def address(among: dict[str, str]) -> dict[str, str]:
    """The filters as the address has them; those that are as usual are not there."""
    found: dict[str, str] = {}
    for name, value in _usual(among).items():
        now = st.session_state.get(f"history.{name}")
        text = now.isoformat() if isinstance(now, date) else str(now or "")
        if (text or value) != value:
            found[name] = text
    return found


def remember(among: dict[str, str], page: int) -> None:
    """Write the filters and the page into the address."""
    wanted = address(among) | ({"page": str(page)} if page > 1 else {})
    for name in (*_USUAL, WHOSE, "page"):
        if name not in wanted:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]


def page_number() -> int:
    """Which page the address asks for."""
    asked = st.query_params.get("page", "1")
    fits = asked.isascii() and asked.isdecimal() and len(asked) < 7
    return max(1, int(asked)) if fits else 1


def first_page() -> None:
    """Go back to the first page."""
    st.query_params.pop("page", None)


def apply(values: dict[str, str]) -> None:
    """Show what a view, or nothing, narrows the list to; called before the page is drawn."""
    for name, value in (_USUAL | {WHOSE: usual()} | values).items():
        if name in _USUAL or name == WHOSE:
            st.session_state[f"history.{name}"] = _value(name, value)
    first_page()


def show_everything() -> None:
    """Take away every filter."""
    apply({WHOSE: EVERYBODY, "view": str(st.session_state.get("history.view") or "cards")})
