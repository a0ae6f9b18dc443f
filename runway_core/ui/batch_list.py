"""Earlier batches, the newest first."""

from __future__ import annotations

import math

import streamlit as st

from runway_core.language import _
from runway_core.studio.batch_standing import Progress
from runway_core.ui.batch_check import OPEN
from runway_core.ui.batch_words import counts, state, videos
from runway_core.ui.clock import now
from runway_core.ui.rights import makers
from runway_core.ui.services import get_studio
from runway_core.ui.words import ago, plain

PER_PAGE = 8
_PAGE = "batch.list.page"


def batch_list() -> None:
    """Draw them.

    Raises:
        StorageError: the database can't be read.
    """
    page = int(st.session_state.get(_PAGE, 1))
    found, total = get_studio().batches.page(offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
    if not total:
        return
    st.subheader(_("Your batches"), anchor=False)
    names = makers()
    for progress in found:
        with st.container(border=True, key=f"batch.list.{progress.batch.id}"):
            _one(progress, names)
    pages = math.ceil(total / PER_PAGE)
    if pages > 1:
        key = f"{_PAGE}.{pages}"
        st.pagination(pages, key=key, on_change=_turn, args=(key,))


def _turn(key: str) -> None:
    st.session_state[_PAGE] = int(st.session_state[key])


def _one(progress: Progress, names: dict[str, str]) -> None:
    batch = progress.batch
    label, icon, color = state(progress)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{plain(batch.name)}**")
            whose = names.get(batch.owner_id, "")
            facts = (videos(batch.size), batch.connection, whose, ago(batch.created_at, now()))
            st.caption(" · ".join(plain(fact) for fact in facts if fact))
            st.caption(counts(progress))
        st.badge(label, icon=icon, color=color)  # type: ignore[arg-type] # one of state()'s colours
        st.button(
            _("Open"),
            key=f"batch.open.{batch.id}",
            icon=":material/open_in_full:",
            on_click=_open,
            args=(batch.id,),
        )


def _open(batch_id: str) -> None:
    st.query_params[OPEN] = batch_id
