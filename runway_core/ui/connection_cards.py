"""The saved connections: what each calls, its key's last characters, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Connection
from runway_core.errors import DeskError
from runway_core.providers import Probe
from runway_core.ui import errors
from runway_core.ui.connection_form import EDITING, edit_form
from runway_core.ui.services import get_studio
from runway_core.ui.words import amount, plain

_DELETING = "settings.deleting"
_REFUSED = "settings.refused"
_TESTED = "settings.tested"


def connection_cards() -> None:
    """Draw a card for each connection.

    Raises:
        StorageError: the database can't be read.
    """
    connections = get_studio().connections.all()
    if not connections:
        st.info("There is no connection yet: add one below.", icon=":material/link_off:")
    for connection in connections:
        with st.container(border=True, key=f"settings.card.{connection.id}"):
            _card(connection)


def _card(connection: Connection) -> None:
    profile = get_studio().connections.profile(connection)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{plain(connection.name)}**", width="content")
        _ready(connection)
    facts = [plain(profile.title)]
    if connection.key_hint:
        facts.append(f"key {plain(connection.key_hint)}")
    if connection.unit_price is not None:
        facts.append(
            f"5 s = {plain(amount(connection.unit_price, connection.unit or profile.unit))}"
        )
    elif profile.price == "unknown":
        facts.append(":orange[price not known]")
    st.caption(" · ".join(facts))
    url = get_studio().connections.address(connection.profile, connection.base_url)
    if url:
        st.code(f"POST {url}", language=None, wrap_lines=True)
    else:
        st.caption("Runs inside this app: nothing leaves this computer.")
    if st.session_state.get(EDITING) == connection.id:
        edit_form(connection)
        return
    _buttons(connection)
    _result(connection)


def _ready(connection: Connection) -> None:
    if connection.profile == "sandbox":
        st.badge("Practice: free", icon=":material/school:", color="blue")
    elif connection.key_hint:
        st.badge("Key saved", icon=":material/key:", color="green")
    else:
        st.badge("Key missing", icon=":material/key_off:", color="red")


def _buttons(connection: Connection) -> None:
    own = connection.id
    with st.container(horizontal=True):
        test = st.button("Test", key=f"settings.test.{own}", icon=":material/network_check:")
        st.button(
            "Change",
            key=f"settings.change.{own}",
            icon=":material/edit:",
            on_click=_set,
            args=(EDITING, own),
        )
        st.button(
            "Delete",
            key=f"settings.delete.{own}",
            icon=":material/delete:",
            type="tertiary",
            on_click=_set,
            args=(_DELETING, own),
        )
    if test:
        _test(connection)
    if st.session_state.get(_DELETING) == own:
        _confirm_delete(connection)


def _set(name: str, value: str | None) -> None:
    st.session_state[name] = value
    st.session_state.pop(_REFUSED, None)


def _test(connection: Connection) -> None:
    results: dict[str, Probe | DeskError] = st.session_state.setdefault(_TESTED, {})
    with st.spinner("Testing with a free call…"):
        try:
            results[connection.id] = get_studio().connections.test(connection)
        except DeskError as error:
            results[connection.id] = error


def _result(connection: Connection) -> None:
    found = st.session_state.get(_TESTED, {}).get(connection.id)
    if isinstance(found, DeskError):
        errors.show(found)
    elif found is not None:
        show = st.success if found.ok else st.error
        hint = f"\n\n{plain(found.hint)}" if found.hint else ""
        show(
            f"{plain(found.message)}{hint}\n\n:small[Called {plain(found.url)} in {found.elapsed_ms} ms. "
            "Nothing was made and nothing charged.]",
            icon=":material/check_circle:" if found.ok else ":material/error:",
        )
    refused = st.session_state.get(_REFUSED)
    if refused and refused[0] == connection.id:
        errors.show(refused[1])


def _confirm_delete(connection: Connection) -> None:
    st.markdown(
        f"**Delete {plain(connection.name)}?** Its key is erased for good. Videos made with it stay."
    )
    with st.container(horizontal=True):
        st.button(
            "Delete connection",
            key=f"settings.delete.sure.{connection.id}",
            type="primary",
            on_click=_remove,
            args=(connection.id,),
        )
        st.button(
            "Keep it",
            key=f"settings.delete.no.{connection.id}",
            on_click=_set,
            args=(_DELETING, None),
        )


def _remove(connection_id: str) -> None:
    _set(_DELETING, None)
    try:
        get_studio().connections.remove(connection_id)
        st.session_state.get(_TESTED, {}).pop(connection_id, None)
    except DeskError as error:
        st.session_state[_REFUSED] = (connection_id, error)
