"""Beside the prompt's field: words to add by a click, tips on what is written, and prompts from before."""

from __future__ import annotations

import streamlit as st

from runway_core.errors import DeskError, InvalidInputError
from runway_core.language import _
from runway_core.ui import errors
from runway_core.ui.dialogs import ask, close, end_when_closed
from runway_core.ui.drafts import gathered, seat, set_aside
from runway_core.ui.prompt_help import CHIPS, EXAMPLES, hints, with_words
from runway_core.ui.services import get_studio
from runway_core.ui.unbroken import unbroken
from runway_core.ui.words import plain, short

_CHIP = "create.chip."
_NAME = "create.prompts.name"
_REFUSED = "create.prompts.refused"
_SHOWN = 20
"""Prompts of the history that are listed at once; a search finds the rest."""
_LABEL = 140
"""Characters of a prompt on its button."""


def prompt_tools(prompt: str) -> None:
    """Draw the tips on a prompt, the words that a click adds, and the way to prompts from before."""
    with st.container(gap=None):  # what is below keeps its place
        for hint in hints(prompt):
            st.caption(f":material/lightbulb: {plain(hint)}")
    with st.expander(
        _("Words for camera, motion and light"), icon=":material/videocam:", key="create.words"
    ):
        for group, words in CHIPS.items():
            st.pills(
                _(group),
                words,
                format_func=_,
                wrap=True,
                key=_CHIP + group,
                on_change=_add,
                args=(group,),
            )
    st.button(
        _("Prompts from before"),
        key="create.prompts",
        icon=":material/history:",
        type="tertiary",
        on_click=ask,
        args=("prompts",),
    )


def prompts_window() -> None:
    """Draw what a prompt can be taken from: one's own history, kept prompts, examples."""
    end_when_closed()
    used, kept, examples = st.tabs([_("Used before"), _("Kept"), _("Examples")])
    with used:
        _used()
    with kept:
        _kept()
    with examples:
        for number, (name, text) in enumerate(EXAMPLES):
            st.caption(_(name))
            _choice(_(text), f"example.{number}")


def _used() -> None:
    text = st.text_input(
        _("Search your prompts"),
        key="create.prompts.q",
        type="search",
        icon=":material/search:",
        placeholder=_("Words in the prompt"),
        label_visibility="collapsed",
    )
    found = get_studio().shelf.used_prompts(text or "", limit=_SHOWN)
    if not found:
        st.caption(_("Nothing matches.") if text else _("You have not used any prompt yet."))
    for number, prompt in enumerate(found):
        _choice(prompt, f"used.{number}")


def _kept() -> None:
    prompt = gathered().prompt
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(_("Name for the prompt in the form"), key=_NAME, width=320)
        st.button(
            _("Keep it"),
            key="create.prompts.keep",
            icon=":material/bookmark_add:",
            disabled=not prompt.strip(),
            on_click=_keep,
        )
    refused = st.session_state.get(_REFUSED)
    if isinstance(refused, InvalidInputError):
        errors.beside(refused, "name", "prompt")
    found = get_studio().shelf.prompts()
    if not found:
        st.caption(_("Prompts that you keep under a name are here, for every video to come."))
    for number, one in enumerate(found):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(one.name)}**", width="stretch")
            st.button(
                _("Delete"),
                key=f"create.prompts.kept.{number}.forget",
                icon=":material/delete:",
                type="tertiary",
                on_click=_forget,
                args=(one.name,),
            )
        _choice(str(one.content), f"kept.{number}")


def _choice(prompt: str, name: str) -> None:
    st.button(
        plain(short(prompt, _LABEL)),
        key=f"create.prompts.{name}",
        width="stretch",
        on_click=_take,
        args=(prompt,),
    )


@unbroken()
def _add(group: str) -> None:
    """Write what was clicked at the end of the prompt; the chip itself stays off."""
    words = st.session_state.get(_CHIP + group)
    if words:
        seat("prompt", with_words(gathered().prompt, _(words)))
    st.session_state[_CHIP + group] = None


def _take(prompt: str) -> None:
    if gathered().prompt.strip() != prompt.strip():
        set_aside()
    seat("prompt", prompt)
    close()


def _keep() -> None:
    st.session_state.pop(_REFUSED, None)
    try:
        get_studio().shelf.keep_prompt(st.session_state.get(_NAME, ""), gathered().prompt)
    except DeskError as error:
        st.session_state[_REFUSED] = error
        return
    st.session_state[_NAME] = ""


def _forget(name: str) -> None:
    get_studio().shelf.forget("prompt", name)
