"""What the Spend page shows: a time, a connection and what to put together by, kept in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

import streamlit as st

from runway_core.language import N_, _
from runway_core.store import CellQuery
from runway_core.studio.spending import By
from runway_core.ui.clock import now
from runway_core.ui.rights import makers, manages
from runway_core.ui.services import get_studio

PERIODS = {
    "7d": N_("Last 7 days"),
    "30d": N_("Last 30 days"),
    "90d": N_("Last 90 days"),
    "month": N_("This month"),
    "last-month": N_("Last month"),
    "year": N_("Last 12 months"),
    "days": N_("Choose days"),
}
"""Each time by its word in the address."""
BYS: dict[By, str] = {
    "day": N_("Day"),
    "connection": N_("Connection"),
    "model": N_("Model"),
    "person": N_("Person"),
}
_USUAL = {"period": "30d", "connection": "", "by": "day"}
_MOST = 366
"""Days that are shown at once."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """What to show."""

    query: CellQuery
    by: By
    since: date
    until: date
    """The last day."""


def filters() -> Asked:
    """Draw the filters.

    Raises:
        StorageError: the database can't be read.
    """
    names = {"": _("All connections")}
    names |= {one.id: one.name for one in get_studio().connections.all()}
    bys = {by: label for by, label in BYS.items() if by != "person" or _has_people()}
    for name, allowed in _offered(names, bys).items():
        _seat(name, allowed)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = st.selectbox(
            _("Time"),
            list(PERIODS),
            format_func=lambda word: _(PERIODS[word]),
            key="spend.period",
            width=180,
        )
        connection = st.selectbox(
            _("Connection"),
            list(names),
            format_func=lambda word: names[word],
            key="spend.connection",
            width=220,
        )
        by = st.segmented_control(
            _("Put together by"),
            list(bys),
            format_func=lambda word: _(bys[word]),
            key="spend.by",
            required=True,
            wrap=True,
        )
    since, until = _days(period or "30d")
    _remember({"period": period or "30d", "connection": connection or "", "by": by or "day"})
    query = CellQuery(since=since, until=until, connection_id=connection or "")
    return Asked(query=query, by=by or "day", since=since, until=until)


def _offered(names: dict[str, str], bys: dict[By, str]) -> dict[str, set[str]]:
    return {"period": {*PERIODS}, "connection": {*names}, "by": {*bys}}


def show_practice() -> None:
    """Choose the built-in practice, or whatever else costs nothing."""
    connections = get_studio().connections
    practice = [c.id for c in connections.all() if connections.profile(c).kind == "sandbox"]
    st.session_state["spend.connection"] = next(iter(practice), "")


def _has_people() -> bool:
    return manages() and bool(makers())


def _seat(name: str, allowed: set[str]) -> None:
    """Take a filter from the address when its widget is new; undo a choice that is not offered."""
    key = f"spend.{name}"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get(name, _USUAL[name])
    if st.session_state[key] not in allowed:
        st.session_state[key] = _USUAL[name]


def _days(period: str) -> tuple[date, date]:
    today = now().astimezone(UTC).date()
    first = today.replace(day=1)
    if period == "days":
        return _chosen(today)
    if period == "month":
        return first, today
    if period == "last-month":
        return (first - _DAY).replace(day=1), first - _DAY
    back = {"7d": 7, "90d": 90, "year": 365}.get(period, 30)
    return today - (back - 1) * _DAY, today


def _chosen(today: date) -> tuple[date, date]:
    """From the first to the last day that somebody chooses; the address keeps them."""
    if "spend.days" not in st.session_state:
        since = _read(st.query_params.get("from", ""), today - 29 * _DAY)
        until = _read(st.query_params.get("to", ""), today)
        st.session_state["spend.days"] = (min(since, until), max(since, until))
    found: Any = st.date_input(
        _("From and to"), key="spend.days", max_value=today, format="YYYY-MM-DD", width=260
    )
    days = list(found) if isinstance(found, tuple) else [found]  # one while the other is chosen
    since, until = (days[0], days[-1]) if days else (today, today)
    if (until - since).days >= _MOST:
        since = until - (_MOST - 1) * _DAY
        st.caption(_("At most {n} days are shown: the last ones of these.").format(n=_MOST))
    return since, until


def _read(text: str, usual: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return usual
    return found if date(2000, 1, 1) <= found <= now().date() else usual


def _remember(wanted: dict[str, str]) -> None:
    if wanted["period"] == "days":
        chosen = st.session_state.get("spend.days") or ()
        for name, day in zip(("from", "to"), chosen, strict=False):
            wanted[name] = day.isoformat()
    for name in ("period", "connection", "by", "from", "to"):
        value = wanted.get(name, "")
        if value == _USUAL.get(name, ""):
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value
