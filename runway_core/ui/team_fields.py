"""The fields that make a person, for the first one and for all others. What was typed stays until it is saved."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from runway_core.errors import DeskError, InvalidInputError
from runway_core.language import N_, _, translated
from runway_core.people import Role
from runway_core.studio.passwords import LEAST, MOST, random_password
from runway_core.studio.people import NAME_MOST
from runway_core.ui import errors
from runway_core.ui.words import plain

ROLES = {
    Role.VIEWER: N_("Looks at what others show to the team."),
    Role.MAKER: N_("Makes videos with the team's connections."),
    Role.ADMIN: N_("Sees everybody's videos, and manages connections, budgets and people."),
}
"""What each role may do, in words."""
_MAKE = N_("Make one")
_TYPE = N_("Type one")


class Typed(NamedTuple):
    """What the fields say."""

    name: str
    role: Role
    email: str
    password: str
    """A new one when `generated`."""
    generated: bool


def person_fields(own: str, error: DeskError | None) -> None:
    """Draw the fields of somebody new; `own` begins their keys, and what is wrong stands beside each."""
    st.text_input(
        _("Name"),
        key=f"{own}.name",
        max_chars=NAME_MOST,
        help=_("To sign in with, and to be seen with by the team."),
        autocomplete="off",
    )
    beside(error, "name")
    st.radio(
        _("Role"),
        list(ROLES),
        index=1,
        captions=list(ROLES.values()),
        format_func=lambda role: role.value.capitalize(),
        key=f"{own}.role",
    )
    beside(error, "role")
    st.text_input(
        _("E-mail address (optional)"),
        key=f"{own}.email",
        help=_("Only for signing in with a sign-in service. Nothing is sent to it."),
        autocomplete="off",
    )
    beside(error, "email")
    password_fields(own, error)


def password_fields(own: str, error: DeskError | None) -> None:
    """Draw the choice between a password that is made and one that is typed."""
    how = st.segmented_control(
        _("Password"),
        [_MAKE, _TYPE],
        format_func=_,
        default=_MAKE,
        required=True,
        key=f"{own}.how",
        help=_("A made one is shown once, for you to hand over."),
    )
    if how == _TYPE:
        typed_password(own, error)
    else:
        beside(error, "password")


def typed_password(own: str, error: DeskError | None) -> None:
    """Draw the field of a password that a person chooses."""
    st.text_input(
        _("New password"),
        key=f"{own}.password",
        type="password",
        autocomplete="new-password",
        live=True,  # without it, leaving the field with Tab loses what was typed (Streamlit 1.67)
        help=_("{least} to {most} characters of any kind.").format(least=LEAST, most=MOST),
    )
    beside(error, "password")


def typed(own: str) -> Typed:
    """What the fields say now."""
    password, generated = typed_or_made(own)
    return Typed(
        name=_text(own, "name"),
        role=Role(st.session_state.get(f"{own}.role") or Role.MAKER),
        email=_text(own, "email"),
        password=password,
        generated=generated,
    )


def typed_or_made(own: str) -> tuple[str, bool]:
    """The password that was typed, or a new one; and whether it is that."""
    if st.session_state.get(f"{own}.how", _MAKE) == _TYPE:
        return _text(own, "password"), False
    return random_password(), True


def other_errors(error: DeskError | None) -> None:
    """Say below the fields that nothing was saved, or show what is wrong with none of them."""
    if error is None:
        return
    if isinstance(error, InvalidInputError):
        errors.red_line(_("Not saved: see above."))
        st.caption(plain(translated(error.hint)))
    else:
        errors.show(error, lead_on=False)


def _text(own: str, name: str) -> str:
    return str(st.session_state.get(f"{own}.{name}") or "")


def beside(error: DeskError | None, field: str) -> None:
    """What is wrong with the field just drawn."""
    if isinstance(error, InvalidInputError):
        errors.beside(error, field)
