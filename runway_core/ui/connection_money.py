"""The money of a saved connection on its card: what is left, what its unit is worth, and when to warn."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from runway_core.catalog import Profile, Worth
from runway_core.domain import Connection
from runway_core.errors import DeskError, InvalidInputError
from runway_core.language import _, ngettext, translated
from runway_core.pricing import Learnt, is_low, unit_of, worth_of
from runway_core.store import BalanceAsk
from runway_core.ui import errors
from runway_core.ui.amounts import amount_of, amount_text
from runway_core.ui.currency_field import currency_field
from runway_core.ui.low_balance import left_words, low_words
from runway_core.ui.notes import note
from runway_core.ui.price_words import money
from runway_core.ui.services import engine_running, get_studio
from runway_core.ui.words import amount, plain

_REFUSED = "settings.money.refused"
"""What was refused last: the connection's id, and the error."""
_SAVED = "settings.money.saved"
"""Id of the connection whose form was saved last."""
_SECONDS = 2
"""Between two looks whether the engine has asked."""


# --- what is left ------------------------------------------------------------------------------


def balance(connection: Connection, ask: BalanceAsk | None) -> None:
    """Draw what is left, how old that is, and the button that has the engine look now.

    Raises:
        StorageError: the database can't be read.
    """
    if ask is not None and ask.pending:
        _waiting(connection.id)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        _left(connection)
        st.button(
            _("Look now"),
            key=f"settings.balance.{connection.id}",
            icon=":material/refresh:",
            type="tertiary",
            help=_("Asks the provider what is left. It is free."),
            on_click=_ask,
            args=(connection,),
        )
    if ask is not None and ask.problem:
        says = _("When it was asked last, it was not told: {why}")
        st.caption(plain(says.format(why=translated(ask.problem))))


def _left(connection: Connection) -> None:
    if is_low(connection):
        note(plain(low_words(connection)), icon="account_balance_wallet")
        return
    words = left_words(connection) or _("What is left is not known yet.")
    st.caption(f":material/account_balance_wallet: {plain(words)}", width="content")


@st.fragment(run_every=_SECONDS)
def _waiting(connection_id: str) -> None:
    """Wait for the engine; once it has asked, the whole page shows what came of it."""
    ask = get_studio().balances.asks().get(connection_id)
    if ask is None or not ask.pending:
        st.rerun()
    if engine_running():
        st.caption(f":material/hourglass: {_('Asking the provider what is left…')}")
    else:
        st.caption(f":material/hourglass: {_('It is asked as soon as the engine runs.')}")


def _ask(connection: Connection) -> None:
    try:
        get_studio().balances.ask(connection)
    except DeskError as error:
        st.session_state[_REFUSED] = (connection.id, error)


# --- what was learnt ---------------------------------------------------------------------------


def learnt_offer(connection: Connection, profile: Profile) -> None:
    """Draw what own videos have really cost, where nobody published it, with a click that takes it as the price."""
    if profile.price != "unknown":
        return
    found = next(iter(get_studio().spending.learnt(connection)), None)
    if found is None or (connection.unit_price, connection.unit) == (found.price, found.unit):
        return
    price = amount(found.price, found.unit)
    says = ngettext(
        "Your own videos of 5 s with {model} have cost {price}: {n} of them tells so.",
        "Your own videos of 5 s with {model} have cost {price}: {n} of them tell so.",
        found.number,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        words = says.format(model=found.model, price=price, n=found.number)
        st.caption(f":material/lightbulb: {plain(words)}", width="content")
        st.button(
            _("Use {price}").format(price=plain(price)),
            key=f"settings.learnt.{connection.id}",
            on_click=_take,
            args=(connection, found),
        )


def _take(connection: Connection, found: Learnt) -> None:
    own = connection.options.get("unit_worth", "") if found.unit == unit_of(connection) else ""
    _keep(connection, price=found.price, unit=found.unit, worth=own)


def _keep(connection: Connection, *, price: Decimal | None, unit: str, worth: str) -> bool:
    """Save what is said of prices; False when it was refused."""
    st.session_state.pop(_REFUSED, None)
    try:
        get_studio().connections.set_prices(connection.id, unit_price=price, unit=unit, worth=worth)
    except DeskError as error:
        st.session_state[_REFUSED] = (connection.id, error)
        return False
    return True


# --- the form ----------------------------------------------------------------------------------


def money_form(connection: Connection, profile: Profile) -> None:
    """Draw what one unit is worth and below what to say that little is left."""
    own = f"settings.money.{connection.id}"
    refused = st.session_state.get(_REFUSED, ("", None))
    error = refused[1] if refused[0] == connection.id else None
    label, icon = _("Worth and alert"), ":material/currency_exchange:"
    with st.expander(label, icon=icon, expanded=error is not None, key=f"{own}.form"):
        _worth(own, connection, profile)
        _beside(error, "options.unit_worth")
        _alert(own, connection)
        _beside(error, "alert_below")
        st.button(_("Save worth and alert"), key=f"{own}.save", on_click=_save, args=(connection,))
        if error is not None and not isinstance(error, InvalidInputError):
            errors.show(error, lead_on=False)
        if st.session_state.get(_SAVED) == connection.id:
            del st.session_state[_SAVED]
            st.caption(f":material/check: {_('Saved.')}")


def _worth(own: str, connection: Connection, profile: Profile) -> None:
    unit = unit_of(connection)
    said, published = _said(connection), worth_of(profile, unit=unit)
    reporting = get_studio().currencies.reporting().currency
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            _("One {unit} is worth").format(unit=_(unit)),
            value=amount_text(said.amount if said else None),
            key=f"{own}.worth",
            placeholder=_("not known"),
            autocomplete="off",
            width=180,
        )
        known = said or published
        currency = known.currency if known else reporting
        currency_field(_("Currency"), f"{own}.currency", currency, width=240)
    if published is None:
        st.caption(
            _("Nobody published it. Enter what you pay for one, so that prices are told in money.")
        )
    elif not published.amount:
        st.caption(_("Practice: it costs nothing, unless you enter what to count for it."))
    else:
        st.caption(_published(published, profile, unit))


def _published(worth: Worth, profile: Profile, unit: str) -> str:
    if worth.currency == unit:
        return _("It is a currency itself. Leave empty to count it as that.")
    says = _("Published: 1 {unit} = {worth} ({source}). Leave empty to use that.")
    source = profile.worth_source or profile.source
    day = profile.worth_as_of or profile.as_of
    told = money(worth.amount, worth.currency)
    return plain(says.format(unit=_(unit), worth=told, source=f"{translated(source)}, {day}"))


def _said(connection: Connection) -> Worth | None:
    """What its owner has said that one unit is worth."""
    number, space, currency = connection.options.get("unit_worth", "").partition(" ")
    return Worth(amount=Decimal(number), currency=currency) if space else None


def _alert(own: str, connection: Connection) -> None:
    unit = connection.balance_unit
    label = _("Say so when less is left than")
    st.text_input(
        label,
        value=amount_text(connection.alert_below),
        key=f"{own}.alert",
        placeholder=_("never"),
        autocomplete="off",
        width=260,
        help=_(
            "In the unit in which the provider tells what is left. It is then asked now and then."
        )
        + (f" {unit}" if unit else ""),
    )


def _beside(error: DeskError | None, field: str) -> None:
    if isinstance(error, InvalidInputError):
        errors.beside(error, field)


def _save(connection: Connection) -> None:
    """Save both, or nothing."""
    own = f"settings.money.{connection.id}"
    st.session_state.pop(_REFUSED, None)
    try:
        worth = _typed(own, "worth", "options.unit_worth")
        below = _typed(own, "alert", "alert_below")
        currency = str(st.session_state.get(f"{own}.currency") or "").strip().upper()
        get_studio().connections.set_prices(
            connection.id,
            unit_price=connection.unit_price,
            unit=connection.unit,
            worth="" if worth is None else f"{worth:f} {currency}",
        )
        if below != connection.alert_below:
            get_studio().balances.set_alert(connection, below)
    except DeskError as error:
        st.session_state[_REFUSED] = (connection.id, error)
        return
    st.session_state[_SAVED] = connection.id


def _typed(own: str, name: str, field: str) -> Decimal | None:
    text = str(st.session_state.get(f"{own}.{name}") or "")
    return amount_of(text, field=field, empty=_("if you don't know it"))
