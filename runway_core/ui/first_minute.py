"""The first minute: where nothing was made yet, what to do in three steps; a click fills in an example."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Capability, FramePosition
from runway_core.errors import DeskError
from runway_core.language import N_, _
from runway_core.store import TaskQuery
from runway_core.ui import errors
from runway_core.ui.drafts import gathered, keep
from runway_core.ui.file_field import SAMPLE
from runway_core.ui.picked import Place
from runway_core.ui.rights import own
from runway_core.ui.services import get_studio

_STEPS = (
    (
        ":material/image: 1",
        N_("Choose a picture"),
        N_("It becomes the first frame. Any photo will do; to look around, take the sample."),
    ),
    (
        ":material/edit: 2",
        N_("Say what moves"),
        N_("A sentence is enough: what happens, and how the camera moves."),
    ),
    (
        ":material/movie_edit: 3",
        N_("Press Generate"),
        N_("The price is shown before. Practice costs nothing and needs no key."),
    ),
)
EXAMPLE = N_("The sun sinks behind the hills, mist drifts through the valley, slow push in.")
_BEGUN = "first.begun"
_REFUSED = "first.refused"
_LEAST = 180
"""Pixels of a step beside the others; on a phone they are one below the other."""


def first_minute() -> None:
    """Draw it, unless something was made before.

    Raises:
        StorageError: the database can't be read.
    """
    if st.session_state.get(_BEGUN):
        return
    if get_studio().tasks.page(TaskQuery(limit=1, **own())).tasks:
        st.session_state[_BEGUN] = True
        return
    with st.container(border=True, key="first.steps"):
        st.markdown(_("**Your first video, in three steps**"))
        with st.grid(3, min_column_width=_LEAST, gap="medium"):
            for mark, title, words in _STEPS:
                with st.container(gap="xsmall"):
                    st.markdown(f"{mark} **{_(title)}**")
                    st.caption(_(words))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                _("Fill in an example"),
                key="first.example",
                icon=":material/auto_awesome:",
                on_click=_fill_in,
            )
            st.caption(
                _("A sample picture and a sentence; then only Generate is left."), width="content"
            )
        if error := st.session_state.pop(_REFUSED, None):
            errors.show(error)


def _fill_in() -> None:
    """Put the sample picture and a sentence into the form, for the connection that needs no key."""
    place = Place(FramePosition.FIRST)
    studio = get_studio()
    try:
        asset = studio.assets.add(SAMPLE.read_bytes(), filename="sample.jpg", field=place.field)
        practice = [c.id for c in studio.connections.all() if c.profile == "sandbox"]
    except DeskError as error:
        st.session_state[_REFUSED] = error
        return
    form = gathered()
    changes = {"capability": Capability.IMAGE_TO_VIDEO.value, "prompt": _(EXAMPLE), "model": ""}
    changes["connection_id"] = next(iter(practice), form.connection_id)
    changed = form.model_copy(update=changes | {"edition": form.edition + 1})
    keep(changed.with_picked(place, mode="upload", asset=asset.sha256, kind=asset.kind))
