"""Views of the history: filters that a person keeps under a name."""

from __future__ import annotations

import streamlit as st

from runway_core.errors import DeskError
from runway_core.language import _
from runway_core.studio.reviews import VIEW_NAME_MOST
from runway_core.ui import errors
from runway_core.ui.history_filters import address, apply
from runway_core.ui.rights import may_make
from runway_core.ui.services import get_studio

_NAME = "history.view.name"
_REFUSED = "history.view.refused"


def views(among: dict[str, str]) -> None:
    """Draw the button with the kept views, and the way to keep what is shown as one.

    Raises:
        StorageError: the database can't be read.
    """
    with st.popover(_("Views"), icon=":material/bookmarks:", key="history.views", width="content"):
        kept = get_studio().reviews.views()
        if not kept:
            st.caption(_("Keep the filters that you use often under a name, to have them again."))
        for number, view in enumerate(kept):
            with st.container(horizontal=True, vertical_alignment="center"):
                filters = {str(k): str(v) for k, v in dict(view.content).items()}
                st.button(
                    view.name,
                    key=f"history.view.open.{number}",
                    width="stretch",
                    on_click=apply,
                    args=(filters,),
                )
                st.button(
                    _("Delete"),
                    key=f"history.view.forget.{number}",
                    type="tertiary",
                    help=_("Delete the view; the videos stay."),
                    on_click=_forget,
                    args=(view.name,),
                )
        if may_make():
            _keep(among)
        else:
            st.caption(_("The address of this page holds the filters too: bookmark it."))


def _keep(among: dict[str, str]) -> None:
    st.text_input(_("Name of a new view"), key=_NAME, max_chars=VIEW_NAME_MOST)
    st.button(
        _("Keep these filters"),
        key="history.view.keep",
        icon=":material/bookmark_add:",
        on_click=_kept,
        args=(address(among),),
    )
    refused = st.session_state.pop(_REFUSED, None)
    if isinstance(refused, DeskError):
        errors.show(refused, lead_on=False)


def _kept(filters: dict[str, str]) -> None:
    try:
        get_studio().reviews.keep_view(str(st.session_state.get(_NAME) or ""), filters)
        st.session_state[_NAME] = ""
    except DeskError as error:
        st.session_state[_REFUSED] = error


def _forget(name: str) -> None:
    try:
        get_studio().reviews.forget_view(name)
    except DeskError as error:
        st.session_state[_REFUSED] = error
