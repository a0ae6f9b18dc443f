"""The Team page on an open computer: what it means to set up people, and the first of them."""

from __future__ import annotations

import contextlib

import streamlit as st

from runway_core.errors import DeskError, SignInError
from runway_core.language import _
from runway_core.people import Role
from runway_core.studio.people import NAME_MOST
from runway_core.ui.entrance import enter
from runway_core.ui.services import get_studio
from runway_core.ui.team_add import import_people
from runway_core.ui.team_fields import beside, other_errors, typed_password

_OWN = "team.first"
_ERROR = "team.first.error"


def first_admin() -> None:
    """Draw the explanation and the form."""
    st.markdown(
        _(
            "Now whoever uses this computer sees and does everything here, without signing in. Once you have "
            "added yourself as the first admin, everybody has to sign in: each sees their own videos and "
            "what others share, and only admins change connections, budgets and people."
        )
    )
    error = st.session_state.get(_ERROR)
    with st.container(border=True, width=520):
        st.text_input(
            _("Your name"), key=f"{_OWN}.name", max_chars=NAME_MOST, autocomplete="username"
        )
        beside(error, "name")
        typed_password(_OWN, error)
        st.button(
            _("Add me as the first admin"),
            key=f"{_OWN}.add",
            type="primary",
            icon=":material/shield_person:",
            on_click=_add,
        )
        other_errors(error)
        st.caption(
            _(
                "The videos that are here already become yours. A forgotten password can be set anew on this "
                "computer: python -m runway_core person password."
            )
        )
    with st.container(width=520):
        import_people()


def _add() -> None:
    """Add the first admin and sign them in; whose browser keeps no cookies gets the sign-in form."""
    name, password = (
        st.session_state.get(f"{_OWN}.{field}") or "" for field in ("name", "password")
    )
    try:
        person = get_studio().people.add(name, role=Role.ADMIN, password=password, only_first=True)
    except DeskError as error:
        st.session_state[_ERROR] = error
        return
    st.session_state.pop(_ERROR, None)
    st.session_state[f"{_OWN}.password"] = ""
    with contextlib.suppress(SignInError):
        enter(person)
