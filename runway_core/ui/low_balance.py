"""Says that little is left at a provider, always with how old that is: on every page to admins, on Create to all."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Connection, Estimate
from runway_core.language import _
from runway_core.pricing import is_low
from runway_core.ui import places
from runway_core.ui.clock import now
from runway_core.ui.notes import note
from runway_core.ui.rights import manages
from runway_core.ui.services import get_studio
from runway_core.ui.words import ago, amount, plain


def low_balances() -> None:
    """Draw a quiet line for each connection whose balance is below its alert, to those who can do something.

    Raises:
        StorageError: the database can't be read.
    """
    if not manages():
        return
    low = [found.connection for found in get_studio().balances.low()]
    if not low:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="low.balances"):
        for connection in low:
            note(plain(low_words(connection)), icon="account_balance_wallet")
        st.page_link(
            places.SETTINGS, label=_("See the connections"), icon=":material/arrow_forward:"
        )


def balance_note(connection: Connection, estimate: Estimate) -> None:
    """Draw what is to be known of a connection's balance before a click of this estimate; mostly nothing."""
    if is_low(connection):
        note(plain(low_words(connection)), icon="account_balance_wallet")
    elif short := _short_words(connection, estimate):
        note(plain(short), icon="warning")


def _short_words(connection: Connection, estimate: Estimate) -> str:
    """That one video may cost more than is left; empty where that is not so, or not known in one unit."""
    left, cost = connection.balance, estimate.high
    if left is None or cost is None or cost <= left or estimate.unit != connection.balance_unit:
        return ""
    says = _("This may cost {cost}, more than is left at the provider: {left}.")
    return says.format(cost=amount(cost, estimate.unit), left=left_words(connection))


def low_words(connection: Connection) -> str:
    """That little is left, in one sentence."""
    says = _("Low balance with {connection}: {left}.")
    return says.format(connection=connection.name, left=left_words(connection))


def left_words(connection: Connection) -> str:
    """What is left and how old that is; empty where it was never told."""
    if connection.balance is None or connection.balance_at is None:
        return ""
    left = amount(connection.balance, connection.balance_unit)
    return _("{amount} left, as told {when}").format(
        amount=left, when=ago(connection.balance_at, now())
    )
