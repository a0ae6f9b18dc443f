"""One batch: how it stands, what can be done with it, and each of its rows."""

from __future__ import annotations

import math

import streamlit as st

from runway_core.domain import Task
from runway_core.errors import DeskError
from runway_core.language import _, number, translated
from runway_core.people import ANYBODY, LOCAL, Actor
from runway_core.store.batches import Group
from runway_core.studio.batch_standing import AGAIN, Progress, RowView
from runway_core.ui import errors
from runway_core.ui.batch_actions import actions
from runway_core.ui.batch_check import OPEN
from runway_core.ui.batch_words import counts, how, state, videos
from runway_core.ui.cards import file_url, poster, progress
from runway_core.ui.clock import now
from runway_core.ui.notes import note
from runway_core.ui.opened import OPEN as TASK
from runway_core.ui.rights import may_make
from runway_core.ui.services import get_studio
from runway_core.ui.task_view import show_task
from runway_core.ui.visit import cookie
from runway_core.ui.words import ago, plain, shape, short
from runway_core.web import visitor
from runway_core.web.runtime import runtime

PER_PAGE = 24
_OFTEN = 2.0
"""Seconds between looks at the database while something of it is being made."""
_RARELY = 10.0
"""The same while rows only wait for money."""
_CARD = 240
"""Least width of a row's card in pixels."""
_MOVING = "batch.moving"
_GROUPS: tuple[Group, ...] = ("all", "waiting", "open", "done", "failed")


def batch_view(batch_id: str) -> None:
    """Draw a batch; it stays current while it is being made."""
    try:
        found = get_studio().batches.progress(batch_id)
    except DeskError as error:
        _back()
        errors.show(error)
        return
    with st.container(horizontal=True):
        _back()
        _download(found)
    _head(found)
    st.fragment(_body, run_every=_every(found))(batch_id)
    if st.query_params.get(TASK):
        show_task(st.query_params[TASK])


def _back() -> None:
    st.button(_("All batches"), key="batch.back", icon=":material/arrow_back:", on_click=_close)


def _close() -> None:
    for name in (OPEN, TASK):
        st.query_params.pop(name, None)


def _every(found: Progress) -> float | None:
    if found.moves:
        return _OFTEN
    if not found.waits or found.batch.state != "running":
        return None
    first = get_studio().batches.rows(found.batch.id, group="waiting", limit=1)
    return _RARELY if any(view.why for view in first) else _OFTEN


def _head(found: Progress) -> None:
    batch = found.batch
    st.subheader(plain(batch.name), anchor=False)
    facts = (videos(batch.size), batch.connection, ago(batch.created_at, now()))
    st.caption(" · ".join(plain(fact) for fact in facts))


def _body(batch_id: str) -> None:
    try:
        found = get_studio().batches.progress(batch_id)
        _standing(found)
        if may_make():
            actions(found)
        _rows(found)
    except DeskError as error:
        errors.show(error)
        return
    _stop_watching(found)


def _standing(found: Progress) -> None:
    label, icon, _color = state(found)
    ended = found.batch.size - found.waits - found.count("line", "making", "saving")
    share = ended / max(found.batch.size, 1)
    st.progress(min(share, 1.0), text=f"{icon} **{label}** · {counts(found)}")
    if found.waits and (held := get_studio().batches.held(found.batch)):
        note(plain(translated(held)), icon="pause_circle")


def _rows(found: Progress) -> None:
    group = st.segmented_control(
        _("Rows"),
        _GROUPS,
        format_func=_group_label,
        default="all",
        required=True,
        key=f"batch.group.{found.batch.id}",
        label_visibility="collapsed",
        wrap=True,
    )
    chosen: Group = group or "all"
    total = _size(found, chosen)
    pages = max(1, math.ceil(total / PER_PAGE))
    key = f"batch.rows.{found.batch.id}.{chosen}.{pages}"
    page = int(st.session_state.get(key) or 1)
    rows = get_studio().batches.rows(
        found.batch.id, group=chosen, offset=(page - 1) * PER_PAGE, limit=PER_PAGE
    )
    if not rows:
        st.caption(_("None of its rows stands so now."))
    grid = st.grid(4, min_column_width=_CARD, gap="small")
    for view in rows:
        with grid.container(border=True, height="stretch", key=f"batch.row.{view.row.position}"):
            _card(view)
    if pages > 1:
        st.pagination(pages, key=key)


def _group_label(group: Group) -> str:
    return {
        "all": _("All"),
        "waiting": _("Waiting"),
        "open": _("In progress"),
        "done": _("Finished"),
        "failed": _("Not made"),
    }[group]


def _size(found: Progress, group: Group) -> int:
    return {
        "all": found.batch.size,
        "waiting": found.waits,
        "open": found.count("line", "making"),
        "done": found.count("ready", "saving", "expired"),
        "failed": found.count(*AGAIN, "uncertain"),
    }[group]


def _card(view: RowView) -> None:
    label, icon, color = how(view.how)
    row, task = view.row, view.row.task
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.caption(_("Row {n}").format(n=number(row.row)))
        st.badge(label, icon=icon, color=color)  # type: ignore[arg-type] # one of how()'s colours
    if task is not None and (task.artifacts or task.request.frames):
        poster(task)
    st.text(short(row.request.prompt, 90) or _("No prompt"))
    seconds = _("{n} s").format(n=row.request.duration) if row.request.duration else ""
    facts = (row.request.model, shape(row.request.ratio), seconds)
    st.caption(" · ".join(plain(fact) for fact in facts if fact))
    if task is not None:
        progress(task)
    elif view.why:
        color = "gray" if view.how == "waiting" else "orange"
        st.caption(f":{color}[:material/info:] {plain(translated(view.why))}")
    elif view.how == "waiting":
        st.caption(_("Its turn comes."))
    if row.attempt > 1:
        st.caption(_("Asked for {n} times").format(n=number(row.attempt)))
    st.space("stretch")
    key = f"batch.details.{row.position}"
    if task is not None and st.button(_("Details"), key=key, width="stretch"):
        st.query_params[TASK] = task.id
        st.rerun()


def _stop_watching(found: Progress) -> None:
    """Draw the whole page once more when it begins or ends to move, so that the looks follow."""
    every = _every(found)
    before = st.session_state.get(_MOVING)
    st.session_state[_MOVING] = (found.batch.id, every)
    if before is not None and before[0] == found.batch.id and before[1] != every:
        st.rerun()


def _download(found: Progress) -> None:
    token, origin = cookie(visitor.SESSION), _origin()
    local = get_studio().actor == LOCAL
    batch_id = found.batch.id
    st.download_button(
        _("Download results (CSV)"),
        lambda: _csv(batch_id, token, origin, local=local),
        file_name="runway-desk-batch.csv",
        mime="text/csv",
        key="batch.csv",
        icon=":material/download:",
        on_click="ignore",
        help=_("A line a row: how it stands, what it cost, and links to its files."),
    )


def _origin() -> str:
    url = st.context.url
    return "/".join(url.split("/")[:3]) if isinstance(url, str) else ""


def _csv(batch_id: str, token: str, origin: str, *, local: bool) -> bytes:
    """The file, when it is asked for: outside any run, so who asks is looked up by their session once more.

    Raises:
        NotAllowedError: they have been signed out meanwhile.
        NotFoundError: it is not for them to see.
    """
    studio = runtime().studio
    found = studio.sign_in.who(token)
    actor = Actor.of(found.person) if found else ANYBODY
    if found is None and local and not studio.sign_in.needed():
        actor = LOCAL

    def link(task: Task, position: int) -> str:
        return f"{origin}{file_url(task, position)}"

    return studio.acting_as(actor).batches.csv(batch_id, link)
