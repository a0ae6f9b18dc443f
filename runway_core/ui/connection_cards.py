"""The saved connections: what each calls, its key's last characters, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from runway_core.catalog import Profile, catalog
from runway_core.domain import Connection
from runway_core.errors import DeskError
from runway_core.language import _, translated
from runway_core.store import BalanceAsk
from runway_core.studio.diagnosis import Diagnosis
from runway_core.studio.limits import in_words
from runway_core.ui import budgets, errors
from runway_core.ui.checkup import check, checked
from runway_core.ui.connection_form import EDITING, TESTED, edit, edit_form
from runway_core.ui.connection_money import balance, learnt_offer, money_form
from runway_core.ui.leads import CHECK
from runway_core.ui.services import get_studio
from runway_core.ui.words import amount, plain

_DELETING = "settings.deleting"
_REFUSED = "settings.refused"
_CHECKING = "settings.checking"
"""Id of the connection that is to be checked at once."""


def connection_cards() -> None:
    """Draw a card for each connection.

    Raises:
        StorageError: the database can't be read.
    """
    _arrive()
    connections = get_studio().connections.all()
    if not connections:
        sandbox = plain(translated(catalog().profile("sandbox").title))
        st.info(
            _(
                "There is no connection: add one here. Choose “{sandbox}” to practise for free."
            ).format(sandbox=sandbox),
            icon=":material/link_off:",
        )
    asks = get_studio().balances.asks()
    for connection in connections:
        with st.container(border=True, key=f"settings.card.{connection.id}"):
            _card(connection, asks.get(connection.id))


def _arrive() -> None:
    """Open the check or the budget that the address asks for."""
    budgets.arrive()
    asked = st.query_params.pop(CHECK, "")
    if asked:
        st.session_state[_CHECKING] = asked


def _card(connection: Connection, ask: BalanceAsk | None) -> None:
    profile = get_studio().connections.profile(connection)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{plain(connection.name)}**", width="content")
        _ready(connection)
    _facts(connection, profile)
    balance(connection, ask)
    learnt_offer(connection, profile)
    _paused(connection)
    url = get_studio().connections.address(connection.profile, connection.base_url)
    if url:
        st.code(f"POST {url}", language=None, wrap_lines=True)
    else:
        st.caption(_("Runs inside this app: nothing leaves this computer."))
    if st.session_state.get(EDITING) == connection.id:
        edit_form(connection)
        return
    _buttons(connection, needs_price=_needs_price(connection, profile))
    _result(connection)
    budgets.budget_card(connection)
    money_form(connection, profile)


def _paused(connection: Connection) -> None:
    if not connection.paused:
        return
    st.warning(
        f"**{_('Paused.')}** {plain(translated(connection.paused))}", icon=":material/pause_circle:"
    )
    st.button(
        _("Go on"),
        key=f"settings.resume.{connection.id}",
        type="primary",
        icon=":material/play_arrow:",
        help=_("What waits to be sent with this connection is sent."),
        on_click=_resume,
        args=(connection.id,),
    )


def _resume(connection_id: str) -> None:
    try:
        get_studio().connections.resume(connection_id)
    except DeskError as error:
        st.session_state[_REFUSED] = (connection_id, error)


def _facts(connection: Connection, profile: Profile) -> None:
    facts = [plain(translated(profile.title))]
    if connection.key_hint:
        facts.append(f"key {plain(connection.key_hint)}")
    if connection.unit_price is not None:
        price = amount(connection.unit_price, connection.unit or profile.unit)
        facts.append(f"5 s = {plain(price)}")
    st.caption(" · ".join(facts))
    if plan := in_words(connection, profile):
        st.caption(f":material/speed: {plain(plan)}")
    if _needs_price(connection, profile):
        st.markdown(f":small[:orange[:material/sell: {_('Price not known')}]]")


def _needs_price(connection: Connection, profile: Profile) -> bool:
    return profile.price == "unknown" and connection.unit_price is None


def _ready(connection: Connection) -> None:
    if connection.profile == "sandbox":
        st.badge(_("Practice: free"), icon=":material/school:", color="blue")
    elif connection.key_hint:
        st.badge(_("Key saved"), icon=":material/key:", color="green")
    else:
        st.badge(_("Key missing"), icon=":material/key_off:", color="red")


def _buttons(connection: Connection, *, needs_price: bool) -> None:
    own = connection.id
    with st.container(horizontal=True):
        if needs_price:
            st.button(
                _("Enter the price"),
                key=f"settings.price.{own}",
                icon=":material/sell:",
                on_click=_edit,
                args=(own,),
            )
        test = st.button(
            _("Check this connection"),
            key=f"settings.test.{own}",
            icon=":material/network_check:",
            help=_("By free calls only: nothing is made and nothing is charged."),
        )
        st.button(
            _("Change"),
            key=f"settings.change.{own}",
            icon=":material/edit:",
            on_click=_edit,
            args=(own,),
        )
        st.button(
            _("Delete"),
            key=f"settings.delete.{own}",
            icon=":material/delete:",
            type="tertiary",
            on_click=_set,
            args=(_DELETING, own),
        )
    asked = st.session_state.get(_CHECKING) == own
    if test or asked:
        if asked:
            del st.session_state[_CHECKING]
        _check(connection)
    if st.session_state.get(_DELETING) == own:
        _confirm_delete(connection)


def _edit(connection_id: str) -> None:
    _set(_DELETING, None)
    edit(connection_id)


def _set(name: str, value: str | None) -> None:
    st.session_state[name] = value
    st.session_state.pop(_REFUSED, None)


def _check(connection: Connection) -> None:
    results: dict[str, Diagnosis | DeskError] = st.session_state.setdefault(TESTED, {})
    try:
        results[connection.id] = check(connection)
    except DeskError as error:
        results[connection.id] = error


def _result(connection: Connection) -> None:
    found = st.session_state.get(TESTED, {}).get(connection.id)
    if isinstance(found, DeskError):
        errors.show(found, lead_on=False)
    elif found is not None:
        checked(connection, found)
    refused = st.session_state.get(_REFUSED)
    if refused and refused[0] == connection.id:
        errors.show(refused[1], lead_on=False)


def _confirm_delete(connection: Connection) -> None:
    st.markdown(
        _("**Delete {name}?** Its key is erased for good. Videos made with it stay.").format(
            name=plain(connection.name)
        )
    )
    with st.container(horizontal=True):
        st.button(
            _("Delete connection"),
            key=f"settings.delete.sure.{connection.id}",
            type="primary",
            on_click=_remove,
            args=(connection.id,),
        )
        st.button(
            _("Keep it"),
            key=f"settings.delete.no.{connection.id}",
            on_click=_set,
            args=(_DELETING, None),
        )


def _remove(connection_id: str) -> None:
    _set(_DELETING, None)
    try:
        get_studio().connections.remove(connection_id)
        st.session_state.get(TESTED, {}).pop(connection_id, None)
    except DeskError as error:
        st.session_state[_REFUSED] = (connection_id, error)
