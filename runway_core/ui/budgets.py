"""A connection's budgets: on its card in Settings, and before the click on Create."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from runway_core.domain import Budget, Connection, Estimate, Period
from runway_core.errors import DeskError, InvalidInputError
from runway_core.pricing import Outlook, many
from runway_core.studio.budgets import unit_of
from runway_core.ui import errors, places
from runway_core.ui.amounts import amount_of, amount_text
from runway_core.ui.budget_words import leads_to, parts, stands
from runway_core.ui.leads import BUDGET
from runway_core.ui.notes import note
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain

_OPENED = "settings.budget"
"""Id of the connection whose budget is to be seen at once."""
_REFUSED = "settings.budget.refused"
_SAVED = "settings.budget.saved"
_LABELS = {Period.DAY: "A day may cost", Period.MONTH: "A month may cost"}
_HARD = "Refuse what would pass it"


def arrive() -> None:
    """Open the budget that the address asks for."""
    asked = st.query_params.pop(BUDGET, "")
    if asked:
        st.session_state[_OPENED] = asked


def budget_card(connection: Connection) -> None:
    """Draw where a connection's budgets stand, and the form to change them.

    Raises:
        StorageError: the database can't be read.
    """
    found = get_studio().budgets.outlooks(connection)
    for outlook in found:
        _standing(outlook)
    own = f"settings.budget.{connection.id}"
    refused = st.session_state.get(_REFUSED, ("", None))[0] == connection.id
    opened = refused or st.session_state.get(_OPENED) == connection.id
    with st.expander("Budget", icon=":material/savings:", expanded=opened, key=f"{own}.form"):
        _form(connection, own, {outlook.budget.period: outlook.budget for outlook in found})


def before_the_click(outlooks: list[Outlook], estimate: Estimate, connection: Connection) -> None:
    """Say where the budgets stand with one more task; a refusal is said with what else is in the way."""
    for outlook in outlooks:
        words = plain(leads_to(outlook, at_most=estimate.low != estimate.high))
        if outlook.verdict == "over" and not outlook.refused:
            note(words, icon="warning")
        elif not outlook.refused:
            st.caption(words)
    if any(outlook.verdict == "over" for outlook in outlooks):
        st.page_link(
            places.SETTINGS,
            label="Change the budget",
            icon=":material/savings:",
            query_params={BUDGET: connection.id},
        )


def _standing(outlook: Outlook) -> None:
    with st.container(gap=None):
        words = plain(f"Budget for {stands(outlook)}")
        over = outlook.left == 0
        st.markdown(f":small[:orange[:material/warning:] {words}]" if over else f":small[{words}]")
        st.caption(plain(parts(outlook)))


def _form(connection: Connection, own: str, saved: dict[Period, Budget]) -> None:
    practice = " Practice is counted as if it were paid." if _is_practice(connection) else ""
    st.caption(
        f"In {plain(many(unit_of(connection))) or 'your own unit'}; leave empty for no limit. Days and months "
        f"begin at midnight UTC, and a video counts when you ask for it.{practice}"
    )
    for period, label in _LABELS.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            _row(f"{own}.{period.value}", label, saved.get(period))
        _problem(connection, period)
    st.button("Save budget", key=f"{own}.save", on_click=_save, args=(connection, own))
    if st.session_state.get(_SAVED) == connection.id:
        del st.session_state[_SAVED]
        st.caption(":material/check: Saved.")


def _row(key: str, label: str, saved: Budget | None) -> None:
    st.text_input(
        label,
        value=amount_text(saved.amount if saved else None),
        key=f"{key}.amount",
        placeholder="no limit",
        autocomplete="off",
        width=180,
    )
    st.checkbox(
        _HARD,
        value=saved is None or saved.hard,
        key=f"{key}.hard",
        help="Without it, you are only warned before you click.",
    )


def _problem(connection: Connection, period: Period) -> None:
    owner, error = st.session_state.get(_REFUSED, ("", None))
    if owner != connection.id or error is None:
        return
    if isinstance(error, InvalidInputError):
        errors.beside(error, f"budget.{period.value}")
    elif period is Period.MONTH:
        errors.show(error, lead_on=False)


def _save(connection: Connection, own: str) -> None:
    """Set or remove both budgets as the form says."""
    st.session_state[_OPENED] = connection.id
    st.session_state.pop(_REFUSED, None)
    try:
        typed = {period: _typed(own, period) for period in Period}
        for period, amount in typed.items():
            if amount is None:
                get_studio().budgets.remove(connection, period)
            else:
                hard = bool(st.session_state.get(f"{own}.{period.value}.hard", True))
                get_studio().budgets.set(connection, {period: amount}, hard=hard)
    except DeskError as error:
        st.session_state[_REFUSED] = (connection.id, error)
        return
    st.session_state[_SAVED] = connection.id


def _typed(own: str, period: Period) -> Decimal | None:
    text = st.session_state.get(f"{own}.{period.value}.amount")
    return amount_of(str(text or ""), field=f"budget.{period.value}", empty="for no limit")


def _is_practice(connection: Connection) -> bool:
    return get_studio().connections.profile(connection).kind == "sandbox"
