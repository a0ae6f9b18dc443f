"""Budgets of one connection or of all, for everybody or one person: in Settings, for the team, before the click."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from runway_core.domain import Budget, Connection, Estimate, Period
from runway_core.errors import DeskError, InvalidInputError
from runway_core.language import N_, _
from runway_core.people import Person
from runway_core.pricing import Outlook, many
from runway_core.ui import errors
from runway_core.ui.amounts import amount_of, amount_text
from runway_core.ui.budget_words import leads_to, parts, stands
from runway_core.ui.leads import BUDGET
from runway_core.ui.low_balance import balance_note
from runway_core.ui.notes import note
from runway_core.ui.rights import to_settings
from runway_core.ui.services import get_studio
from runway_core.ui.words import plain

_OPENED = "settings.budget"
"""Id of the connection whose budget is to be seen at once."""
_REFUSED = "settings.budget.refused"
"""What was refused last: the key of the form, and the error."""
_SAVED = "settings.budget.saved"
"""Key of the form that was saved last."""
_ALL = "all"
"""Stands for all connections together in keys and addresses."""
_LABELS = {Period.DAY: N_("A day may cost"), Period.MONTH: N_("A month may cost")}
_HARD = N_("Refuse what would pass it")


@dataclass(frozen=True)
class _Form:
    """Of what a form sets the budgets."""

    connection: Connection | None
    """None for all of them together."""
    person_id: str

    @property
    def key(self) -> str:
        own = f"team.budget.{self.person_id}" if self.person_id else "settings.budget"
        return f"{own}.{self.connection.id if self.connection else _ALL}"


def arrive() -> None:
    """Open the budget that the address asks for."""
    asked = st.query_params.pop(BUDGET, "")
    if asked:
        st.session_state[_OPENED] = asked


def budget_card(connection: Connection | None, person: Person | None = None) -> None:
    """Draw where the budgets of a connection, or of all of them, stand, for all people or for one, and the form
    to change them.

    Raises:
        StorageError: the database can't be read.
    """
    form = _Form(connection, "" if person is None else person.id)
    found = get_studio().budgets.outlooks_of(connection, form.person_id)
    for outlook in found:
        standing(outlook)
    saved = {outlook.budget.period: outlook.budget for outlook in found}
    if person is not None or connection is None:
        _fields(form, saved)
        return
    refused = st.session_state.get(_REFUSED, ("", None))[0] == form.key
    opened = refused or st.session_state.get(_OPENED) == connection.id
    label = _("Budget")
    with st.expander(label, icon=":material/savings:", expanded=opened, key=f"{form.key}.form"):
        _fields(form, saved)


def before_the_click(outlooks: list[Outlook], estimate: Estimate, connection: Connection) -> None:
    """Say that little is left at the provider, where one more task takes the tightest budget, and what else is
    passed or can't be counted; a refusal is said with what else is in the way."""
    balance_note(connection, estimate)
    at_most = estimate.low != estimate.high
    for outlook in outlooks:
        if outlook.verdict != "fits" and not outlook.refused:
            words = plain(leads_to(outlook, at_most=at_most))
            note(words, icon="warning" if outlook.verdict == "over" else "info")
    fitting = [outlook for outlook in outlooks if outlook.verdict == "fits"]
    if fitting:
        tightest = max(fitting, key=lambda outlook: outlook.percent or 0)
        st.caption(plain(leads_to(tightest, at_most=at_most)))
    passed = [outlook.budget for outlook in outlooks if outlook.verdict == "over"]
    if passed:
        to_settings(
            _("Change the budget"),
            ask=_("change the budget"),
            icon=":material/savings:",
            query={BUDGET: passed[0].connection_id or _ALL},
        )


def standing(outlook: Outlook, *, title: str = "") -> None:
    """Draw where one budget stands."""
    with st.container(gap=None):
        says = _("{title} for {standing}")
        words = plain(says.format(title=title or _("Budget"), standing=stands(outlook)))
        over = outlook.left == 0
        st.markdown(f":small[:orange[:material/warning:] {words}]" if over else f":small[{words}]")
        st.caption(plain(parts(outlook)))


def _fields(form: _Form, saved: dict[Period, Budget]) -> None:
    st.caption(_about(form.connection))
    _in_another_unit(form.connection, saved)
    for period, label in _LABELS.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            _row(f"{form.key}.{period.value}", _(label), saved.get(period))
        _problem(form, period)
    st.button(_("Save budget"), key=f"{form.key}.save", on_click=_save, args=(form,))
    if st.session_state.get(_SAVED) == form.key:
        del st.session_state[_SAVED]
        st.caption(f":material/check: {_('Saved.')}")


def _in_another_unit(connection: Connection | None, saved: dict[Period, Budget]) -> None:
    """Say that a budget was set in what amounts are not told in any more."""
    now = get_studio().budgets.unit(connection)
    old = next((budget.unit for budget in saved.values() if budget.unit != now), "")
    if old:
        says = _("It was set in {old}, and amounts are in {now} by now: save it again.")
        note(plain(says.format(old=_(many(old)), now=_(many(now)))), icon="warning")


def _about(connection: Connection | None) -> str:
    """In what the amounts are, and what counts."""
    unit = get_studio().budgets.unit(connection)
    says = _(
        "In {unit}; leave empty for no limit. Days and months begin at midnight UTC, and a video counts when "
        "you ask for it."
    )
    words = says.format(unit=plain(_(many(unit))) or _("your own unit"))
    if connection is None:
        return f"{words} {_('Each connection counts by what its unit is worth.')}"
    if _is_practice(connection):
        return f"{words} {_('Practice is counted as if it were paid.')}"
    return words


def _row(key: str, label: str, saved: Budget | None) -> None:
    st.text_input(
        label,
        value=amount_text(saved.amount if saved else None),
        key=f"{key}.amount",
        placeholder=_("no limit"),
        autocomplete="off",
        width=180,
    )
    st.checkbox(
        _(_HARD),
        value=saved is None or saved.hard,
        key=f"{key}.hard",
        help=_("Without it, people are only warned before they click."),
    )


def _problem(form: _Form, period: Period) -> None:
    owner, error = st.session_state.get(_REFUSED, ("", None))
    if owner != form.key or error is None:
        return
    if isinstance(error, InvalidInputError):
        errors.beside(error, f"budget.{period.value}")
    elif period is Period.MONTH:
        errors.show(error, lead_on=False)


def _save(form: _Form) -> None:
    """Set or remove both budgets as the form says."""
    if not form.person_id:
        st.session_state[_OPENED] = form.connection.id if form.connection else _ALL
    st.session_state.pop(_REFUSED, None)
    budgets, connection = get_studio().budgets, form.connection
    try:
        typed = {period: _typed(form.key, period) for period in Period}
        for period, amount in typed.items():
            if amount is None:
                budgets.remove(connection, period, form.person_id)
            else:
                hard = bool(st.session_state.get(f"{form.key}.{period.value}.hard", True))
                budgets.set(connection, {period: amount}, hard=hard, person_id=form.person_id)
    except DeskError as error:
        st.session_state[_REFUSED] = (form.key, error)
        return
    st.session_state[_SAVED] = form.key


def _typed(own: str, period: Period) -> Decimal | None:
    text = st.session_state.get(f"{own}.{period.value}.amount")
    return amount_of(str(text or ""), field=f"budget.{period.value}", empty=_("for no limit"))


def _is_practice(connection: Connection) -> bool:
    return get_studio().connections.profile(connection).kind == "sandbox"
