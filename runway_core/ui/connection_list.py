"""The connections for those who use them but don't look after them: no keys, no forms, and whom to ask."""

from __future__ import annotations

import streamlit as st

from runway_core.domain import Connection
from runway_core.language import _, translated
from runway_core.pricing import over_all
from runway_core.ui.budgets import standing
from runway_core.ui.clock import now
from runway_core.ui.rights import ask_an_admin
from runway_core.ui.services import get_studio
from runway_core.ui.words import ago, amount, plain


def connection_list() -> None:
    """Draw each connection with what is left of it.

    Raises:
        StorageError: the database can't be read.
    """
    connections = get_studio().connections.all()
    if not connections:
        st.info(_("There is no connection yet."), icon=":material/link_off:")
    _over_all()
    grid = st.grid(3, min_column_width=300, gap="medium")
    for connection in connections:
        with grid.container(border=True, height="stretch", key=f"settings.card.{connection.id}"):
            _card(connection)
    ask_an_admin(_("add or change connections, prices and budgets"))


def _over_all() -> None:
    """Where the budgets over all connections stand, those of the team and one's own."""
    for outlook in get_studio().budgets.outlooks(None):
        own = bool(outlook.budget.person_id)
        title = _("Your own budget over all connections") if own else _("The team's budget")
        standing(outlook, title=title)


def _card(connection: Connection) -> None:
    studio = get_studio()
    st.markdown(f"**{plain(connection.name)}**")
    profile = studio.connections.profile(connection)
    st.caption(
        plain(translated(profile.title))
        + (_(" · practice: free") if profile.kind == "sandbox" else "")
    )
    if connection.balance is not None and connection.balance_at is not None:
        left = plain(amount(connection.balance, connection.balance_unit))
        st.caption(
            ":material/account_balance_wallet: "
            + _("{amount} left, as told {when}").format(amount=left, when=_when(connection))
        )
    for outlook in studio.budgets.outlooks(connection):
        if not over_all(outlook.budget):
            standing(outlook, title=_("Your own budget") if outlook.budget.person_id else "")
    if connection.paused:
        st.warning(
            f"**{_('Paused.')}** {plain(translated(connection.paused))}",
            icon=":material/pause_circle:",
        )


def _when(connection: Connection) -> str:
    assert connection.balance_at is not None
    return ago(connection.balance_at, now())
