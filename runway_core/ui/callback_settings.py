"""The public address of the app and the secrets of calls, in Settings."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Connection
from runway_core.errors import DeskError, InvalidInputError
from runway_core.language import _, translated
from runway_core.studio.callbacks import Tested
from runway_core.ui import errors
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain

_KEY = "callbacks"
_SAID = f"{_KEY}.said"
"""What came of the last click: an error, or words."""


def callback_settings() -> None:
    """Draw the address, the button that tests it, and a secret for each connection that signs.

    Raises:
        StorageError: the database can't be read.
    """
    callbacks = get_studio().callbacks
    st.caption(
        _(
            "If this app can be reached from the internet, providers can call it when a video is done: it "
            "is here at once, and one whose answer was lost finds back by itself. Without an address "
            "everything works as well, only a few seconds later."
        )
    )
    if f"{_KEY}.address" not in st.session_state:
        st.session_state[f"{_KEY}.address"] = callbacks.address()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            _("Public address of this app"),
            key=f"{_KEY}.address",
            placeholder="https://desk.example.com",
            help=_(
                "As a browser elsewhere would open it. Your proxy has to pass POST /webhooks/… on to "
                "this app; nothing else needs to be reachable from outside."
            ),
            width=420,
        )
        st.button(_("Save"), key=f"{_KEY}.save", on_click=_save)
        testing = callbacks.address() != "" and st.button(
            _("Send me a test"), key=f"{_KEY}.test", icon=":material/network_check:"
        )
    if testing:
        with st.spinner(_("Calling…")):
            _test()
    _said()
    for connection in get_studio().connections.all():
        if callbacks.signs(connection):
            _secret(connection)


def _save() -> None:
    try:
        address = get_studio().callbacks.set_address(st.session_state[f"{_KEY}.address"] or "")
    except DeskError as error:
        st.session_state[_SAID] = error
        return
    st.session_state[f"{_KEY}.address"] = address
    st.session_state[_SAID] = (
        _("Saved. Videos that are sent from now on tell it to their providers.")
        if address
        else _("Saved. Providers are not told to call.")
    )


def _test() -> None:
    try:
        st.session_state[_SAID] = get_studio().callbacks.test()
    except DeskError as error:
        st.session_state[_SAID] = error


def _said() -> None:
    """Show what came of the last click, once."""
    found = st.session_state.pop(_SAID, None)
    if isinstance(found, InvalidInputError):
        errors.beside(found, "public_url", "hook_secret")
    elif isinstance(found, DeskError):
        errors.show(found)
    elif isinstance(found, Tested) and not found.came_back:
        st.error("\n\n".join(filter(None, map(plain, map(translated, (found.says, found.do))))))
    elif isinstance(found, Tested):
        st.success(plain(translated(found.says)), icon=":material/check_circle:")
    elif found:
        st.success(found, icon=":material/check_circle:")


def _secret(connection: Connection) -> None:
    """The secret that a provider signs its calls with; it is never shown again."""
    key = f"{_KEY}.secret.{connection.id}"
    try:
        known = len(get_studio().callbacks.secrets(connection.id))
    except DeskError as error:
        errors.show(error)
        known = 0
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            _("Signing secret of {name}").format(name=connection.name),
            key=key,
            type="password",
            placeholder=_("not set") if not known else "set" if known == 1 else _("two are set"),
            help=_(
                "With one set, only signed calls count. The one before it stays valid, so that you "
                "can change it there and here one after the other."
            ),
            width=420,
        )
        st.button(_("Save"), key=f"{key}.save", on_click=_save_secret, args=(connection.id, key))
        if known:
            st.button(
                _("Forget"),
                key=f"{key}.forget",
                type="tertiary",
                on_click=_forget,
                args=(connection.id,),
            )


def _save_secret(connection_id: str, key: str) -> None:
    try:
        get_studio().callbacks.add_secret(connection_id, st.session_state[key] or "")
    except DeskError as error:
        st.session_state[_SAID] = error
        return
    st.session_state[key] = ""
    st.session_state[_SAID] = _("Saved. Only calls that are signed with it count.")


def _forget(connection_id: str) -> None:
    get_studio().callbacks.forget_secrets(connection_id)
    st.session_state[_SAID] = _("Forgotten. Calls count without a signature.")
