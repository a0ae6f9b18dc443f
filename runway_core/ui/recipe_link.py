"""Links that open Create filled: read where one leads here, shown where one is to be copied."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import GenerationRequest
from runway_core.language import _
from runway_core.ui.drafts import gathered, replace, set_aside, was_sent
from runway_core.ui.recipe import (
    NAMES,
    SETTING,
    address_of,
    form_of,
    is_recipe,
    missing_files,
    recipe_of,
)
from runway_core.ui.services import get_studio
from runway_core.ui.words import field, plain

_CAME = "create.recipe"
"""The draft that a link has filled, and the files that it could not bring."""


def arrive() -> None:
    """Fill the form as the address says, once; what stood in it is set aside.

    Raises:
        StorageError: the form can't be saved.
    """
    query = st.query_params.to_dict()
    if not is_recipe(query):
        return
    for name in query:
        if name in NAMES or name.startswith(SETTING):
            del st.query_params[name]
    set_aside()
    form = form_of(query, connection_for=_connection_of)
    replace(form)
    st.session_state[_CAME] = (form.draft_id, missing_files(query))


def note_on_link() -> None:
    """Say of a form that a link has filled what to look at before the click."""
    came, missing = st.session_state.get(_CAME, ("", ()))
    form = gathered()
    if came != form.draft_id or was_sent(form):
        return
    words = _("A link has filled this form. Nothing is made before you click Generate.")
    if missing:
        names = ", ".join(plain(field(name)) for name in missing)
        words += " " + _("Files don't travel in links. Choose yourself: {names}.").format(
            names=f"**{names}**"
        )
    st.info(words, icon=":material/link:")


def show_link(request: GenerationRequest, *, profile: str) -> None:
    """Draw the link of a recipe with a button that copies it."""
    page = st.context.url if isinstance(st.context.url, str) else "http://localhost/"
    link = address_of(recipe_of(request, profile=profile), page=page)
    st.code(link, language=None, wrap_lines=True)
    words = _("It opens Create with the same prompt, model and settings.")
    if request.frames or request.media:
        words += " " + _("Your files are not in it: whoever opens it chooses their own.")
    words += " " + _("There is no key in it, and opening it costs nothing.")
    st.caption(words)


def _connection_of(profile: str) -> str:
    """The id of a connection of this service; empty when there is none."""
    connections = get_studio().connections.all() if profile else []
    return next((c.id for c in connections if c.profile == profile), "")
