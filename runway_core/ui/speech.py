"""In which language the person at this page reads: what they chose, else what their browser asks for first."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from runway_core.language import LANGUAGES, best, follow
from runway_core.ui.services import get_studio

_SPOKEN = "speech.language"
_CHOSEN_BY = "speech.person"
_PREFERENCE = "language"


def listen() -> None:
    """Settle the language of this tab, once; the texts of every later run, fragment and click follow it."""
    follow(_of_this_tab)
    if _SPOKEN not in st.session_state:
        st.session_state[_SPOKEN] = best(st.context.locale or "")


def follow_choice(person_id: str) -> None:
    """Take the language that the person who has come in once chose, if they did; asked once in a tab."""
    if st.session_state.get(_CHOSEN_BY) == person_id:
        return
    st.session_state[_CHOSEN_BY] = person_id
    chosen = get_studio().store.own_preferences.get(_PREFERENCE)
    if chosen in LANGUAGES:
        st.session_state[_SPOKEN] = chosen


def language_field() -> None:
    """Draw the choice; it is kept for the person."""
    st.selectbox(
        "Language · 语言 · Dil · 언어 · Bahasa",  # for whoever can't read the page's own
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        index=list(LANGUAGES).index(_of_this_tab()),
        key="speech.choice",
        label_visibility="collapsed",
        width=190,
        on_change=_choose,
    )


def _choose() -> None:
    chosen = st.session_state["speech.choice"]
    get_studio().store.own_preferences.set(_PREFERENCE, chosen)
    st.session_state[_SPOKEN] = chosen


def _of_this_tab() -> str:
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"  # the engine and its logs
    found = st.session_state.get(_SPOKEN, "en")
    return found if found in LANGUAGES else "en"
