"""The way in: the sign-in form, the page of a set-up link, and a refusal for those who are not served.

The form is Streamlit's own and not streamlit-authenticator's: that one forbids password managers
(``autocomplete="off"``), strips passwords, waits 0.7 s on each run, and sets its cookie by a script, where
other scripts can read it. Its files and its hashes are taken as they are (`runway_core.studio.people_file`).
"""

from __future__ import annotations

import streamlit as st

from runway_core.errors import DeskError, InvalidInputError, SignInError
from runway_core.language import _, translated
from runway_core.people import Person
from runway_core.studio.passwords import LEAST, MOST
from runway_core.studio.people import NAME_MOST
from runway_core.ui.browser import post
from runway_core.ui.oidc import by_service
from runway_core.ui.serving import exposed
from runway_core.ui.visit import address, cookie, is_secure, is_this_computer
from runway_core.ui.words import field, plain
from runway_core.web import visitor
from runway_core.web.runtime import runtime

_CODE = "entrance.code"
_FAULT = "entrance.fault"
_LINK = "entrance.link"
_WIDTH = 420
"""Pixels of the form; narrower on a phone."""


def entrance() -> None:
    """Draw whatever lets somebody in, and nothing else."""
    with st.container(horizontal_alignment="center"), st.container(width=_WIDTH):
        if code := st.session_state.pop(_CODE, ""):
            st.caption(_("Signing in …"))
            post("/auth/complete", code=code, to="/" if st.session_state.pop(_LINK, "") else "")
        elif runtime().studio.sign_in.needed():
            _form()
        elif exposed():
            _set_up()
        else:
            _refuse()


def enter(person: Person) -> None:
    """Have this browser signed in as somebody whose proof has been seen; takes effect when the page is drawn.

    Raises:
        SignInError: the browser keeps no cookies.
    """
    sign_in = runtime().studio.sign_in
    st.session_state[_CODE] = sign_in.code_for(person, cookie(visitor.BROWSER))


def _form() -> None:
    st.title(_("Sign in"), anchor=False)
    _unsafe_connection()
    if by_service(enter):
        st.rerun()
    with st.form("entrance.form"):
        st.text_input(_("Name"), key="entrance.name", autocomplete="username")
        st.text_input(
            _("Password"), key="entrance.password", type="password", autocomplete="current-password"
        )
        st.form_submit_button(
            _("Sign in"), key="entrance.submit", type="primary", width="stretch", on_click=_check
        )
    _fault()


def _check() -> None:
    """Check what was typed, in the button's own run; the password is forgotten at once."""
    name, password = st.session_state["entrance.name"], st.session_state["entrance.password"]
    st.session_state["entrance.password"] = ""
    try:
        enter(runtime().studio.sign_in.check(name, password, address=address()))
    except DeskError as error:
        st.session_state[_FAULT] = _words(error)


def _words(error: DeskError) -> str:
    """One sentence for whatever was wrong, and when the next try counts."""
    wait = error.wait if isinstance(error, SignInError) else 0.0
    return (
        _("{error} The next try counts in {wait} s.").format(
            error=translated(str(error)), wait=round(wait + 0.5)
        )
        if wait
        else translated(f"{error} {error.hint}")
    )


def _set_up() -> None:
    """Make the first admin, for whoever holds the link that the start has printed."""
    if token := st.query_params.get("token"):
        st.session_state[_LINK] = token
        st.query_params.clear()  # it is no address to keep or to send on
    st.title(_("Set up Runway Desk"), anchor=False)
    if not runtime().studio.sign_in.setup_fits(st.session_state.get(_LINK, "")):
        _how_to_begin()
        return
    _unsafe_connection()
    st.caption(_("You will be the first admin: you add the others, and see what everybody makes."))
    with st.form("entrance.set-up"):
        st.text_input(
            _("Name"),
            key="entrance.name",
            autocomplete="username",
            max_chars=NAME_MOST,
            help=_("To sign in with."),
        )
        st.text_input(
            _("Password"),
            key="entrance.password",
            type="password",
            autocomplete="new-password",
            help=_("{least} to {most} characters of any kind.").format(least=LEAST, most=MOST),
        )
        st.form_submit_button(
            _("Set up"),
            key="entrance.submit",
            type="primary",
            width="stretch",
            on_click=_make_first,
        )
    _fault()


def _how_to_begin() -> None:
    st.markdown(
        _(
            "Nobody has been added yet. Open the link that the last start has printed, or run this where "
            "Runway Desk runs:"
        )
    )
    command = "python -m runway_core person add NAME --role admin --password-env VARIABLE"
    st.code(command, language=None, wrap_lines=True)


def _make_first() -> None:
    name, password = st.session_state["entrance.name"], st.session_state["entrance.password"]
    st.session_state["entrance.password"] = ""
    try:
        enter(runtime().studio.sign_in.set_up(st.session_state[_LINK], name, password))
    except InvalidInputError as error:
        wrong = [f"**{field(p.field)}** {plain(translated(p.message))}" for p in error.problems]
        st.session_state[_FAULT] = "\n\n".join(wrong)
    except DeskError as error:
        st.session_state[_FAULT] = plain(_words(error))


def _fault() -> None:
    if fault := st.session_state.pop(_FAULT, ""):
        st.error(fault, icon=":material/lock:")


def _unsafe_connection() -> None:
    host = st.context.headers.get("Host") or "localhost"
    if not is_secure() and not is_this_computer(host):
        st.warning(
            _("This connection is not encrypted: others in this network can read your password."),
            icon=":material/no_encryption:",
        )


def _refuse() -> None:
    st.title(_("Not served here"), anchor=False)
    st.error(
        _(
            "Nobody has been added yet, so only the computer itself is served. "
            "Open Runway Desk there at http\\://localhost with the port that the start printed."
        ),
        icon=":material/lock:",
    )
