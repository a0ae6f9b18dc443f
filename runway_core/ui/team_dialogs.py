"""What is asked once more before it happens to a person, and the password that is shown once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from runway_core.errors import DeskError, NotFoundError
from runway_core.language import N_, _
from runway_core.people import Person, Role
from runway_core.studio.people import GIVEN_LASTS
from runway_core.ui.services import get_studio
from runway_core.ui.team_fields import beside, other_errors, password_fields, typed_or_made
from runway_core.ui.words import plain

_ASKED = "team.asked"
_MADE = "team.made"
"""Whose new password is to be handed over, and the password."""
_FAULT = "team.asked.error"
_NEW = "team.password"


_Action = Callable[[], Callable[[], None] | None]
"""What an answer does; it gives what is to be shown afterwards."""


class Asked(NamedTuple):
    """What is asked about whom."""

    person: Person
    what: str
    """A key of `_DIALOGS`."""
    role: str = ""


def ask(person: Person, what: str, role: str = "") -> None:
    """Open the dialog about ``disable``, ``role``, ``password`` or ``email`` at the end of this run."""
    close()
    st.session_state[_ASKED] = Asked(person, what, role)


def hand_over(person: Person, password: str) -> None:
    """Show a new password once, at the end of this run."""
    close()
    st.session_state[_MADE] = (person.name, password)


def close() -> None:
    """Forget what was asked, and a password that was shown."""
    for key in (_ASKED, _MADE, _FAULT):
        st.session_state.pop(key, None)


def open_dialog() -> None:
    """Draw the dialog that is open, if one is."""
    made: tuple[str, str] | None = st.session_state.get(_MADE)
    asked: Asked | None = st.session_state.get(_ASKED)
    if made:
        st.dialog(_("Password of {made}").format(made=plain(made[0])), on_dismiss=close)(
            _shown_once
        )(*made)
    elif asked:
        title, body = _DIALOGS[asked.what]
        st.dialog(_(title).format(name=plain(asked.person.name)), on_dismiss=close)(_question)(
            asked, body
        )


def _question(asked: Asked, body: Callable[[Asked, DeskError | None], None]) -> None:
    if st.session_state.get(_ASKED) != asked:
        st.rerun()  # answered: the page without the dialog, or with the next one
    body(asked, st.session_state.get(_FAULT))


def _shown_once(name: str, password: str) -> None:
    if _MADE not in st.session_state:
        st.rerun()
    st.markdown(
        _(
            "Hand it over to **{name}** by a safe way. **It is shown only now,** and "
            "counts for {days} days: by then they choose their own under *Your account*."
        ).format(name=plain(name), days=GIVEN_LASTS.days)
    )
    st.code(password, language=None)
    st.button(_("Done"), key="team.made.done", type="primary", on_click=close)


def _disable(asked: Asked, error: DeskError | None) -> None:
    name = plain(asked.person.name)
    st.markdown(
        _(
            "**{name}** is signed out at once, in open tabs too, and can't come back "
            "until you enable them again. Their videos stay, and what is being made goes "
            "on."
        ).format(name=name)
    )
    other_errors(error)
    _answers(
        _("Disable {name}").format(name=name), lambda: get_studio().people.disable(asked.person)
    )


def _role(asked: Asked, error: DeskError | None) -> None:
    st.markdown(
        _(
            "**You will be a {role}, and no admin any more.** Only another admin can "
            "change that back."
        ).format(role=asked.role)
    )
    other_errors(error)
    _answers(
        _("Change my role"),
        lambda: get_studio().people.set_role(asked.person, Role(asked.role)),
    )


def _password(asked: Asked, error: DeskError | None) -> None:
    st.markdown(
        _("**{name}** is signed out everywhere, and the present password no longer works.").format(
            name=plain(asked.person.name)
        )
    )
    password_fields(_NEW, error)
    other_errors(error)
    _answers(_("Set the password"), lambda: _set_password(asked.person))


def _set_password(person: Person) -> Callable[[], None] | None:
    password, generated = typed_or_made(_NEW)
    get_studio().people.reset_password(person, password)
    return (lambda: hand_over(person, password)) if generated else None


def _email(asked: Asked, error: DeskError | None) -> None:
    st.text_input(
        _("E-mail address"),
        value=asked.person.email,
        key="team.email",
        help=_("Only for signing in with a sign-in service. Nothing is sent to it."),
    )
    beside(error, "email")
    other_errors(error)
    _answers(
        _("Save"),
        lambda: get_studio().people.set_email(asked.person, st.session_state["team.email"] or ""),
    )


def _answers(yes: str, action: _Action) -> None:
    with st.container(horizontal=True):
        st.button(yes, key="team.sure", type="primary", on_click=_do, args=(action,))
        st.button(_("Not now"), key="team.not_now", on_click=close)


def _do(action: _Action) -> None:
    """Do what was asked about; what is to come after it is what it gives."""
    try:
        then = action()
    except NotFoundError:
        close()
    except DeskError as error:
        st.session_state[_FAULT] = error
    else:
        close()
        if then is not None:
            then()


_DIALOGS = {
    "disable": (N_("Disable {name}?"), _disable),
    "role": (N_("Give up being an admin?"), _role),
    "password": (N_("New password for {name}"), _password),
    "email": (N_("E-mail address of {name}"), _email),
}
