"""Adds people to the team: one by one, or all of a streamlit-authenticator file after a look at who would come."""

from __future__ import annotations

import streamlit as st

from runway_core.errors import DeskError
from runway_core.language import _, ngettext, translated
from runway_core.studio.people import Imported
from runway_core.ui import errors
from runway_core.ui.services import get_studio
from runway_core.ui.team_dialogs import hand_over
from runway_core.ui.team_fields import other_errors, person_fields, typed
from runway_core.ui.words import plain

_ROUND = "team.add.round"
"""Counts who was added; each form begins with empty fields."""
_ERROR = "team.add.error"
_FILE = "team.import"
_LOOKED = "team.import.looked"
"""The file that was looked at, and what would become of its people."""
_FAULT = "team.import.error"
_CAME = "team.import.came"


def add_person() -> None:
    """Draw the form for somebody new."""
    own = f"team.add.{st.session_state.setdefault(_ROUND, 0)}"
    error: DeskError | None = st.session_state.get(_ERROR)
    person_fields(own, error)
    st.button(
        _("Add"),
        key=f"{own}.save",
        type="primary",
        icon=":material/person_add:",
        on_click=_add,
        args=(own,),
    )
    other_errors(error)


def _add(own: str) -> None:
    if own != f"team.add.{st.session_state[_ROUND]}":
        return  # the second of two clicks
    wish = typed(own)
    try:
        person = get_studio().people.add(
            wish.name, role=wish.role, password=wish.password, email=wish.email
        )
    except DeskError as error:
        st.session_state[_ERROR] = error
        return
    st.session_state.pop(_ERROR, None)
    st.session_state[_ROUND] += 1
    if wish.generated:
        hand_over(person, wish.password)


def import_people() -> None:
    """Draw what takes in a file: it is looked at first, and nobody is added before a second click."""
    came: Imported | None = st.session_state.pop(_CAME, None)
    if came is not None:
        st.success(
            _("**{people} added.**").format(people=_people(came.added)),
            icon=":material/check_circle:",
        )
        _reported(came)
    with st.expander(
        _("Bring in people from streamlit-authenticator"), icon=":material/group_add:"
    ):
        number = st.session_state.setdefault(f"{_FILE}.round", 0)
        st.caption(
            _(
                "Its YAML file, as it is: names, roles and passwords stay the same. Nobody who is here is changed."
            )
        )
        file = st.file_uploader(_("The file"), type=["yaml", "yml"], key=f"{_FILE}.file.{number}")
        pasted = st.text_area(_("or paste it"), key=f"{_FILE}.text.{number}", height=100)
        text = file.getvalue().decode("utf-8", "replace") if file else pasted or ""
        st.button(_("Look at it"), key=f"{_FILE}.look", on_click=_look, args=(text,))
        if error := st.session_state.get(_FAULT):
            _refused(error)
        elif looked := st.session_state.get(_LOOKED):
            _preview(*looked)


def _look(text: str) -> None:
    st.session_state.pop(_FAULT, None)
    st.session_state.pop(_LOOKED, None)
    try:
        st.session_state[_LOOKED] = (text, get_studio().people.import_yaml(text, dry=True))
    except DeskError as error:
        st.session_state[_FAULT] = error


def _preview(text: str, would: Imported) -> None:
    if would.added:
        st.markdown(
            _("**{people} would be added:** {names}.").format(
                people=_people(would.added), names=_names(would.added)
            )
        )
    _reported(would)
    if would.added:
        st.button(
            _("Add {people}").format(people=_people(would.added)),
            key=f"{_FILE}.sure",
            type="primary",
            icon=":material/group_add:",
            on_click=_import,
            args=(text,),
        )
    else:
        st.caption(_("Nobody in it can be added."))


def _import(text: str) -> None:
    st.session_state.pop(_LOOKED, None)
    try:
        st.session_state[_CAME] = get_studio().people.import_yaml(text)
    except DeskError as error:
        st.session_state[_FAULT] = error
        return
    st.session_state[f"{_FILE}.round"] += 1


def _reported(found: Imported) -> None:
    """What an admin has to know of some of them."""
    rows = (
        (found.as_viewers, _("As viewers, because their role is none of ours")),
        (found.without_password, _("Can't sign in until you give them a password")),
        (found.kept, _("Here already, and not changed")),
        (found.refused, _("Not added, because of their name")),
    )
    for names, words in rows:
        if names:
            st.caption(f"{words}: {_names(names)}.")


def _refused(error: DeskError) -> None:
    problems = getattr(error, "problems", ())
    for problem in problems:
        errors.red_line(errors.one_problem(problem))
    if problems:
        st.caption(plain(translated(error.hint)))
    else:
        errors.show(error, lead_on=False)


def _people(names: tuple[str, ...]) -> str:
    return ngettext("{n} person", "{n} people", len(names)).format(n=len(names))


def _names(names: tuple[str, ...]) -> str:
    return plain(", ".join(names))
