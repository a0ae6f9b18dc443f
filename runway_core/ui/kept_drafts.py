"""Forms that were kept under a name, and those that were left unfinished: to open them again."""

from __future__ import annotations

import streamlit as st

from runway_core.errors import DeskError, InvalidInputError
from runway_core.language import _
from runway_core.store import Kept
from runway_core.ui import errors
from runway_core.ui.clock import now
from runway_core.ui.dialogs import close, end_when_closed
from runway_core.ui.drafts import gathered, replace, set_aside
from runway_core.ui.form import Form, read_form
from runway_core.ui.services import get_studio
from runway_core.ui.words import ago, plain, short

_NAME = "create.drafts.name"
_REFUSED = "create.drafts.refused"


def drafts_window() -> None:
    """Draw the kept forms, and what keeps the present one."""
    end_when_closed()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(_("Name for the form as it is now"), key=_NAME, width=320)
        st.button(
            _("Keep as a draft"),
            key="create.drafts.keep",
            icon=":material/bookmark_add:",
            on_click=_keep,
        )
    refused = st.session_state.get(_REFUSED)
    if isinstance(refused, InvalidInputError):
        errors.beside(refused, "name")
    drafts, left = get_studio().shelf.drafts(), get_studio().shelf.unfinished()
    if not drafts and not left:
        st.caption(_("Nothing is kept yet. The form itself is saved all the time, without a name."))
    for number, one in enumerate(drafts):
        _row(one, f"draft.{number}", plain(one.name))
    if left:
        st.markdown(f"**{_('Left unfinished')}**")
        st.caption(_("What stood in the form when something else took its place; the last ten."))
    for number, one in enumerate(left):
        words = short(read_form(one.content).prompt, 80) or _("Without a prompt")
        _row(one, f"unfinished.{number}", plain(words))


def _row(one: Kept, key: str, label: str) -> None:
    kind = key.partition(".")[0]
    with st.container(horizontal=True, vertical_alignment="center", key=f"create.drafts.{key}"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{label}**")
            st.caption(ago(one.updated_at, now()))
        st.button(
            _("Open"),
            key=f"create.drafts.{key}.open",
            icon=":material/folder_open:",
            on_click=_open,
            args=(one, kind),
        )
        st.button(
            _("Delete"),
            key=f"create.drafts.{key}.forget",
            icon=":material/delete:",
            type="tertiary",
            on_click=_forget,
            args=(kind, one.name),
        )


def _keep() -> None:
    st.session_state.pop(_REFUSED, None)
    form = gathered().model_dump(mode="json")
    try:
        get_studio().shelf.keep_draft(st.session_state.get(_NAME, ""), form)
    except DeskError as error:
        st.session_state[_REFUSED] = error
        return
    st.session_state[_NAME] = ""


def _open(one: Kept, kind: str) -> None:
    """Show it as a draft of its own: what was made of it before is not what is paid for next."""
    set_aside()
    saved = read_form(one.content)
    fresh = {"draft_id": Form().draft_id, "serial": 0, "edition": 0}
    replace(saved.model_copy(update=fresh))
    if kind == "unfinished":
        get_studio().shelf.forget("unfinished", one.name)
    close()


def _forget(kind: str, name: str) -> None:
    get_studio().shelf.forget("draft" if kind == "draft" else "unfinished", name)
