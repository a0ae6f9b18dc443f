"""The section of Settings about money: the currency of totals, rates, budgets of all connections together."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from runway_core.errors import DeskError, InvalidInputError
from runway_core.language import _
from runway_core.pricing import Reporting
from runway_core.studio.currencies import Valued
from runway_core.ui import errors
from runway_core.ui.amounts import amount_of, amount_text
from runway_core.ui.budgets import budget_card
from runway_core.ui.currency_field import currency_field
from runway_core.ui.notes import note
from runway_core.ui.price_words import money
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain

_OWN = "settings.currency"
_ERROR = "settings.currency.error"
_SAVED = "settings.currency.saved"


def money_section() -> None:
    """Draw it.

    Raises:
        StorageError: the database can't be read.
    """
    left, right = st.columns(2, gap="large")
    with left, st.container(border=True, key="settings.money.currency"):
        _currency()
    with right, st.container(border=True, key="settings.money.budget"):
        st.markdown(f"**{_('Budget for all connections together')}**")
        budget_card(None)


def _currency() -> None:
    currencies = get_studio().currencies
    saved, units = currencies.reporting(), currencies.valued()
    chosen = currency_field(_("Totals are told in"), f"{_OWN}.code", saved.currency, width=320)
    _beside("currency")
    known = saved if chosen == saved.currency else _rates_in(chosen)
    others = _others(units, known)
    if others:
        st.caption(_("Nothing is looked up: enter the rates that you count with."))
    for other in others:
        st.text_input(
            _("1 {other} in {currency}").format(other=other, currency=chosen),
            value=amount_text(known.rates.get(other)),
            key=f"{_OWN}.{chosen}.{other}",
            placeholder=_("not known"),
            autocomplete="off",
            width=180,
        )
        _beside(f"rates.{other}")
    with st.container(gap="small"):
        _worths(units)
    st.button(_("Save currency"), key=f"{_OWN}.save", on_click=_save, args=(chosen, others))
    error = st.session_state.get(_ERROR)
    if error is not None and not isinstance(error, InvalidInputError):
        errors.show(error, lead_on=False)
    if st.session_state.pop(_SAVED, False):
        st.caption(f":material/check: {_('Saved.')}")


def _rates_in(currency: str) -> Reporting:
    """What was entered in a currency that is not saved yet; nothing in what is none."""
    try:
        return get_studio().currencies.in_currency(currency)
    except InvalidInputError:  # not three letters; saving it says so
        return Reporting()


def _others(units: list[Valued], known: Reporting) -> list[str]:
    """The currencies whose rates matter here."""
    used = {one.worth.currency for one in units if one.worth is not None and one.worth.amount}
    return sorted((used | set(known.rates)) - {known.currency})


def _worths(units: list[Valued]) -> None:
    """What each connection's unit is worth, or that nobody said so."""
    for one in units:
        name, unit = one.connection.name, _(one.measure.unit)
        if one.worth is None:
            says = _(
                "{connection}: what one {unit} is worth is not known. Enter it on its card, under “Worth and alert”."
            )
            note(plain(says.format(connection=name, unit=unit)), icon="help")
        elif one.worth.amount:
            worth = money(one.worth.amount, one.worth.currency)
            says = _("{connection}: 1 {unit} = {worth}, as published")
            if one.own or one.worth.currency == one.measure.unit:
                says = _("{connection}: 1 {unit} = {worth}")
            st.caption(plain(says.format(connection=name, unit=unit, worth=worth)))


def _save(chosen: str, others: list[str]) -> None:
    """Choose the currency with the rates that stand in the fields."""
    st.session_state.pop(_ERROR, None)
    try:
        rates = {other: _typed(chosen, other) for other in others}
        get_studio().currencies.choose(chosen, rates)
    except DeskError as error:
        st.session_state[_ERROR] = error
        return
    st.session_state[_SAVED] = True


def _typed(currency: str, other: str) -> Decimal | str:
    text = str(st.session_state.get(f"{_OWN}.{currency}.{other}") or "")
    found = amount_of(text, field=f"rates.{other}", empty=_("if you don't know it"))
    return "" if found is None else found


def _beside(field: str) -> None:
    error = st.session_state.get(_ERROR)
    if isinstance(error, InvalidInputError):
        errors.beside(error, field)
