"""The people of the team, for admins: who they are, when they were last here, and what can be done with each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from runway_core.errors import DeskError
from runway_core.language import N_, _
from runway_core.people import Person, Role
from runway_core.ui import errors
from runway_core.ui.clock import now, zone
from runway_core.ui.services import get_studio
from runway_core.ui.team_budgets import WHOSE_BUDGETS
from runway_core.ui.team_dialogs import ask
from runway_core.ui.words import ago, plain

SHOWN = "team.show"
"""Which part of the page is shown: ``people``, ``budgets`` or ``log``."""
_REFUSED = "team.refused"
"""Id of the person with whom something was refused last, and the error."""
_SAID = "team.said"
_ACTS = {
    "password": N_("New password"),
    "email": N_("E-mail address"),
    "budgets": N_("Budgets"),
    "sign_out": N_("Sign out everywhere"),
    "disable": N_("Disable"),
    "enable": N_("Enable"),
}


def people_list() -> None:
    """Draw a card for each person.

    Raises:
        StorageError: the database can't be read.
    """
    if said := st.session_state.pop(_SAID, ""):
        st.toast(said, icon=":material/check_circle:")
    seen = get_studio().audit_log.last_seen()
    for person in get_studio().people.all():
        with st.container(border=True, key=f"team.person.{person.id}"):
            _card(person, seen.get(person.id))


def _card(person: Person, seen: datetime | None) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(gap=None, width="content"):
            you = _(" · you") if _is_me(person) else ""
            off = "" if person.disabled_at is None else _(" :red-badge[:material/block: Disabled]")
            st.markdown(f"**{plain(person.name)}**{you}{off}")
            st.caption(_facts(person, seen))
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            _role(person)
            _menu(person)
    refused = st.session_state.get(_REFUSED)
    if refused and refused[0] == person.id:
        errors.show(refused[1], lead_on=False)


def _facts(person: Person, seen: datetime | None) -> str:
    since = f"{person.created_at.astimezone(zone()):%d %b %Y}".lstrip("0")
    last = _("last seen {ago}").format(ago=ago(seen, now())) if seen else _("never signed in")
    return " · ".join(filter(None, (f"since {since}", last, plain(person.email))))


def _is_me(person: Person) -> bool:
    return person.id == get_studio().actor.id


def _role(person: Person) -> None:
    key = f"team.role.{person.id}"
    if st.session_state.get(key) != person.role.value:
        st.session_state[key] = person.role.value
    st.selectbox(
        _("Role of {name}").format(name=person.name),
        [role.value for role in Role],
        format_func=str.capitalize,
        key=key,
        label_visibility="collapsed",
        width=115,
        on_change=_change_role,
        args=(person, key),
    )


def _change_role(person: Person, key: str) -> None:
    st.session_state.pop(_REFUSED, None)
    role = Role(st.session_state[key])
    if _is_me(person) and role is not Role.ADMIN:
        ask(person, "role", role.value)
    else:
        _do(
            person,
            lambda: get_studio().people.set_role(person, role),
            _("is a {value} now").format(value=role.value),
        )


def _menu(person: Person) -> None:
    wrong = {"enable"} if person.disabled_at is None else {"disable", "sign_out"}
    if _is_me(person):
        wrong |= {"password", "sign_out"}  # one's own are on the page of one's account
    key = f"team.act.{person.id}"
    st.menu_button(
        _("Change"),
        [act for act in _ACTS if act not in wrong],
        format_func=lambda act: _(_ACTS[act]),
        key=key,
        type="tertiary",
        on_click=_act,
        args=(person, key),
    )


def _act(person: Person, key: str) -> None:
    st.session_state.pop(_REFUSED, None)
    act, people = st.session_state[key], get_studio().people
    if act == "enable":
        _do(person, lambda: people.enable(person), _("may come in again"))
    elif act == "sign_out":
        _do(person, lambda: people.sign_out(person), _("is signed out everywhere"))
    elif act == "budgets":
        st.session_state[WHOSE_BUDGETS] = person.id
        st.session_state[SHOWN] = "budgets"
    else:
        ask(person, act)


def _do(person: Person, action: Callable[[], object], done: str) -> None:
    try:
        action()
    except DeskError as error:
        st.session_state[_REFUSED] = (person.id, error)
    else:
        st.session_state[_SAID] = f"{plain(person.name)} {done}."
