"""One's own account: the password, the browsers one is signed in with, and who sees one's videos."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Noun
from runway_core.errors import DeskError, InvalidInputError
from runway_core.language import _, translated
from runway_core.people import Person
from runway_core.store import Session
from runway_core.studio.passwords import LEAST, MOST
from runway_core.ui import errors, places
from runway_core.ui.clock import now, zone
from runway_core.ui.services import get_studio
from runway_core.ui.visit import Visit, visit_of_this_run
from runway_core.ui.words import ago, moment, plain

_SAID = "account.said"


class _Said(Noun):
    """What came of the last click."""

    text: str
    well: bool


def remind_of_own_password(found: Visit) -> None:
    """Say until when a password counts that an admin has given, to whoever is still using it."""
    person = found.signed_in.person if found.signed_in else None
    if person is None or person.password_until is None:
        return
    with st.container(border=True):
        st.markdown(
            ":material/key: "
            + _(
                "An admin gave you your password. It ends on {time}: choose one of your own."
            ).format(time=moment(person.password_until, zone()))
        )
        st.page_link(places.ACCOUNT, label=_("Choose a password"), icon=":material/arrow_forward:")


def account() -> None:
    """Draw it all; on an open computer, say that nobody has an account yet.

    Raises:
        StorageError: the database can't be read.
    """
    me = get_studio().people.me()
    if me is None:
        st.info(
            _("Nobody has been added yet: everybody who can use this computer may do everything."),
            icon=":material/group:",
        )
        return
    st.caption(
        f"{plain(me.name)} · {me.role.value}" + (f" · {plain(me.email)}" if me.email else "")
    )
    _said()
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(_("Password"), anchor=False)
        _password()
    with right:
        st.subheader(_("Signed in with"), anchor=False)
        _sessions()
        st.subheader(_("Your videos"), anchor=False)
        _sharing(me)


def _password() -> None:
    with st.form("account.password"):
        st.text_input(
            _("Present password"),
            key="account.present",
            type="password",
            autocomplete="current-password",
        )
        st.text_input(
            _("New password"),
            key="account.new",
            type="password",
            autocomplete="new-password",
            help=_("{least} to {most} characters of any kind.").format(least=LEAST, most=MOST),
        )
        st.form_submit_button(_("Change password"), key="account.change", on_click=_change_password)


def _change_password() -> None:
    present, new = st.session_state["account.present"], st.session_state["account.new"]
    st.session_state["account.present"] = st.session_state["account.new"] = ""
    try:
        get_studio().people.set_own_password(present, new, keep=_this_session())
    except InvalidInputError as error:
        _say("\n\n".join(errors.one_problem(problem) for problem in error.problems), well=False)
    except DeskError as error:
        _say(plain(translated(f"{error} {error.hint}")), well=False)
    else:
        _say(_("Your password has changed, and you are signed out everywhere else."))


def _sessions() -> None:
    here, sessions = _this_session(), get_studio().people.own_sessions()
    for session in sessions:
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            mark = _(" · this one") if session.id == here else ""
            used = ago(session.seen_at, now())
            st.markdown(
                _("{browser}{mark}  \n:small[:gray[used {used}]]").format(
                    browser=plain(session.browser), mark=mark, used=used
                )
            )
            if session.id != here:
                st.button(
                    _("Sign out"), key=f"account.end.{session.id}", on_click=_end, args=(session,)
                )
    if len(sessions) > 1:
        st.button(_("Sign out everywhere else"), key="account.elsewhere", on_click=_end_others)


def _sharing(me: Person) -> None:
    st.toggle(
        _("Show my videos to the team"),
        value=me.shares,
        key="account.share",
        on_change=_share,
        help=_("Those you have made and those to come. Admins see them in any case."),
    )


def _end(session: Session) -> None:
    get_studio().people.end_session(session)
    _say(_("Signed out: {browser}.").format(browser=plain(session.browser)))


def _end_others() -> None:
    get_studio().people.sign_out_elsewhere(keep=_this_session())
    _say(_("You are signed out everywhere else."))


def _share() -> None:
    shares = bool(st.session_state["account.share"])
    get_studio().people.share(shares)
    _say(
        _("The team sees your videos now.")
        if shares
        else _("Only you and admins see your videos now.")
    )


def _this_session() -> str:
    signed_in = visit_of_this_run().signed_in
    return "" if signed_in is None else signed_in.session.id


def _say(text: str, *, well: bool = True) -> None:
    st.session_state[_SAID] = _Said(text=text, well=well)


def _said() -> None:
    said = st.session_state.pop(_SAID, None)
    if isinstance(said, _Said):
        (st.success if said.well else st.error)(said.text)
