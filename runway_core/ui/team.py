"""The Team page: all of it for admins, who is who for everybody else, and the first admin on an open computer."""

from __future__ import annotations

import streamlit as st

from runway_core.language import N_, _
from runway_core.ui import places
from runway_core.ui.rights import manages
from runway_core.ui.services import get_studio
from runway_core.ui.team_add import add_person, import_people
from runway_core.ui.team_budgets import person_budgets
from runway_core.ui.team_dialogs import open_dialog
from runway_core.ui.team_fields import ROLES
from runway_core.ui.team_first import first_admin
from runway_core.ui.team_log import log
from runway_core.ui.team_people import SHOWN, people_list
from runway_core.ui.words import plain

_PARTS = {"people": N_("People"), "budgets": N_("Budgets"), "log": N_("Log")}


def team() -> None:
    """Draw the page as it is for whoever looks at it.

    Raises:
        StorageError: the database can't be read.
    """
    if not get_studio().actor.id:
        first_admin()
    elif manages():
        _for_admins()
    else:
        _roster()


def _for_admins() -> None:
    if SHOWN not in st.session_state:
        asked = st.query_params.get("show", "")
        st.session_state[SHOWN] = asked if asked in _PARTS else "people"
    st.segmented_control(
        _("Part"),
        list(_PARTS),
        format_func=lambda part: _(_PARTS[part]),
        key=SHOWN,
        required=True,
        label_visibility="collapsed",
    )
    shown = st.session_state[SHOWN]
    st.query_params.from_dict({} if shown == "people" else {"show": shown})
    {"people": _people, "budgets": person_budgets, "log": log}[shown]()


def _people() -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        people_list()
    with right:
        with st.container(border=True, key="team.add"):
            st.markdown(_("**Add a person**"))
            add_person()
        import_people()
    open_dialog()


def _roster() -> None:
    """Names and roles: nobody's address, and nobody who can't come in."""
    me = get_studio().actor.name
    for one in get_studio().people.roster():
        with st.container(border=True, width=520, gap=None):
            you = _(" · you") if one.name == me else ""
            st.markdown(f"**{plain(one.name)}**{you}")
            st.caption(f"{one.role.value.capitalize()}. {ROLES[one.role]}")
    st.page_link(places.ACCOUNT, label=_("Your account"), icon=":material/account_circle:")
