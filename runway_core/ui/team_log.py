"""Who did what that has consequences: the newest first, by person and by act, and as a file."""

from __future__ import annotations

import math

import streamlit as st

from runway_core.errors import NotFoundError
from runway_core.language import N_, _, translated
from runway_core.people import ANYBODY, Actor
from runway_core.store import Entry
from runway_core.studio.audit import PER_PAGE, LogQuery
from runway_core.ui.clock import zone
from runway_core.ui.services import get_studio
from runway_core.ui.visit import cookie
from runway_core.ui.words import moment, plain, short
from runway_core.web import visitor
from runway_core.web.runtime import runtime

_HEAD = (N_("When"), N_("Who"), N_("What"), N_("To what"), N_("Detail"))


def log() -> None:
    """Draw the filters, one page of the log, and the download.

    Raises:
        StorageError: the database can't be read.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        query = LogQuery(
            person=_filter(_("Everybody"), get_studio().audit_log.people(), "team.log.person"),
            act=_filter(_("Everything"), get_studio().audit_log.acts(), "team.log.act"),
        )
        _download(query)
    key = f"team.log.page.{query.model_dump_json()}"
    number = int(st.session_state.get(key) or 1)
    page = get_studio().audit_log.page(query, number)
    if not page.entries:
        st.caption(_("Nothing has been done yet that is in the log."))
        return
    rows = [
        "| " + " | ".join(row) + " |"
        for row in (tuple(map(_, _HEAD)), ("---",) * 5, *map(_row, page.entries))
    ]
    with st.container(horizontal=True, wrap=False):  # a phone scrolls the table, not the page
        st.markdown("\n".join(rows), width="content")
    last = math.ceil(page.total / PER_PAGE)
    if last > 1:
        st.pagination(last, key=key)


def _filter(every: str, choices: list[str], key: str) -> str:
    return st.selectbox(
        every,
        ["", *choices],
        format_func=lambda choice: translated(choice) or every,
        key=key,
        label_visibility="collapsed",
        width=220,
    )


def _row(entry: Entry) -> tuple[str, ...]:
    at = moment(entry.at, zone()).replace(" ", "\u00a0")  # a narrow screen would break it in four
    who, detail = entry.person or _("nobody"), short(entry.detail, 80)
    return (
        at,
        plain(who),
        plain(translated(entry.act)),
        _subject(entry) or "–",
        plain(translated(detail)) or "–",
    )


def _subject(entry: Entry) -> str:
    """What an act was done to, by the name that people know instead of its id, as long as it is there."""
    studio = get_studio()
    try:
        if entry.act.startswith("video"):
            task = studio.tasks.get(entry.subject)
            return f"[{plain(short(task.request.prompt, 60)) or _('a video')}](/history?task={task.id})"
        if entry.act.startswith("connection"):
            return plain(studio.connections.get(entry.subject).name)
    except NotFoundError:
        pass
    return plain(short(entry.subject, 60))


def _download(query: LogQuery) -> None:
    token = cookie(visitor.SESSION)
    st.download_button(
        _("Download as CSV"),
        lambda: _csv(token, query),
        file_name="runway-desk-log.csv",
        mime="text/csv",
        key="team.log.csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _csv(token: str, query: LogQuery) -> bytes:
    """The file, when it is asked for: outside any run, so who asks is looked up by their session once more.

    Raises:
        NotAllowedError: they have been signed out, or are no admin any more.
    """
    found = runtime().studio.sign_in.who(token)
    actor = ANYBODY if found is None else Actor.of(found.person)
    return runtime().studio.acting_as(actor).audit_log.csv(query)
