"""What providers themselves say was used each day, beside the ledger: for admins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from runway_core.domain import Connection
from runway_core.errors import DeskError
from runway_core.language import _, ngettext, number, translated
from runway_core.pricing import Gap
from runway_core.store import UsageRead
from runway_core.studio.usage import Comparison
from runway_core.ui import errors
from runway_core.ui.clock import now
from runway_core.ui.rights import manages
from runway_core.ui.services import get_studio
from runway_core.ui.spend_filters import Asked
from runway_core.ui.spend_table import table
from runway_core.ui.spend_words import day_words, unknown
from runway_core.ui.words import ago, amount, plain

_EVERY = 1.0
"""Seconds between looks at the database while an answer is waited for."""
_MOST = 31
"""Days that are shown; the newest come first."""


def usage(asked: Asked) -> None:
    """Draw the comparison for each connection that is asked about and whose provider tells what was used.

    Raises:
        StorageError: the database can't be read.
    """
    if not manages():
        return
    connections, wanted = get_studio().connections, asked.query.connection_id
    tellers = get_studio().usage.tellers()
    found = [
        one
        for one in tellers
        if one.id == wanted or (not wanted and connections.profile(one).kind == "official")
    ]
    if not found and not wanted:
        return
    st.subheader(_("Beside the provider's own count"), anchor=False)
    if not found:
        st.caption(_("This provider has no call that tells what was used each day."))
    for connection in found:
        read = get_studio().usage.compare(connection, asked.since, asked.until).read
        every = _EVERY if _waits(read) else None
        with st.container(border=True, key=f"spend.usage.{connection.id}"):
            st.fragment(_comparison, run_every=every)(connection, asked)


def _waits(read: UsageRead) -> bool:
    return read.pending or read.under_way(now())


def _comparison(connection: Connection, asked: Asked) -> None:
    try:
        found = get_studio().usage.compare(connection, asked.since, asked.until)
    except DeskError as error:
        errors.show(error)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(connection.name)}**", width="content")
        st.caption(_standing(found.read), width="content")
        st.button(
            _("Ask now"),
            key=f"spend.usage.ask.{connection.id}",
            icon=":material/sync:",
            disabled=_waits(found.read),
            on_click=_ask,
            args=(connection,),
        )
    if found.read.problem:
        st.warning(plain(translated(found.read.problem)), icon=":material/cloud_off:")
    if found.read.read_at is not None:
        _tables(found)
    _stop_waiting(connection, waits=_waits(found.read))


def _standing(read: UsageRead) -> str:
    if _waits(read):
        return _("Asking the provider…")
    if read.read_at is None:
        return _("It is asked once a day where there is something to compare. Asking is free.")
    return _("Told {ago}.").format(ago=ago(read.read_at, now()))


def _ask(connection: Connection) -> None:
    with errors.told():
        get_studio().usage.ask(connection)


def _stop_waiting(connection: Connection, *, waits: bool) -> None:
    """Draw the whole page once more when the answer has come, so that the looks stop; or begin them."""
    key = f"spend.usage.waits.{connection.id}"
    before = st.session_state.get(key, False)
    st.session_state[key] = waits
    if before != waits:
        st.rerun()


def _tables(found: Comparison) -> None:
    known = [day for day in found.days if day.told is not None]
    if not known:
        st.caption(_("The provider counts nothing in this time, and neither does the ledger."))
        return
    _verdict(found)
    rows = [
        _cells(day_words(date.fromisoformat(day.key)), day, found.unit) for day in known[:_MOST]
    ]
    head = (_("Day"), _("The provider says"), _("The ledger says"), _("Gap"))
    table(head, [*rows, _cells(_("All days"), found.whole, found.unit)])
    if len(known) > _MOST:
        st.caption(_("The newest {n} days are shown; the last row has all.").format(n=_MOST))
    with st.expander(_("By model"), icon=":material/category:"):
        _by_model(found.models, found.unit)
    _told_only(found)


def _by_model(models: Sequence[Gap], unit: str) -> None:
    head = (_("Model"), _("The provider says"), _("The ledger says"), _("Gap"))
    table(head, [_cells(one.key or _("not known"), one, unit) for one in models])


def _cells(name: str, one: Gap, unit: str) -> tuple[str, ...]:
    own = amount(one.own, unit)
    if one.assumed:
        own = _("{amount}, {assumed} of it assumed").format(
            amount=own, assumed=amount(one.assumed, "")
        )
    if one.uncounted:
        own = f"{own} + {unknown(one.uncounted)}"
    told = "" if one.told is None else amount(one.told, unit)
    return plain(name).replace(" ", "\u00a0"), plain(told), plain(own), _gap(one)


def _gap(one: Gap) -> str:
    if one.gap is None:
        return ""
    if not one.gap:
        return ":material/check: 0"
    sign = "+" if one.gap > 0 else "\u2212"
    return f"**{sign}{number(abs(one.gap.normalize()))}**"


def _verdict(found: Comparison) -> None:
    gap = found.whole.gap
    if not gap and not any(day.gap for day in found.days):
        st.markdown(_(":material/check_circle: Both count the same."))
        return
    if gap is not None and gap > 0:
        says = _(
            "The provider counts {amount} more than this desk. It may be from videos made outside this desk, "
            "or with another key of the same account: all of the account is in its count."
        )
        st.markdown(f":material/compare_arrows: {says.format(amount=_size(found))}")
    elif gap:
        says = _(
            "The provider counts {amount} less than this desk. It may have given something back, or not charged "
            "what was assumed here; and it may tell the last hours late."
        )
        st.markdown(f":material/compare_arrows: {says.format(amount=_size(found))}")
    else:
        st.markdown(
            _(":material/compare_arrows: All days together are the same; single days differ.")
        )
    st.caption(
        _(
            "A video counts here on the day on which it was asked for, and there when it was charged: around "
            "midnight UTC that may be two days. Today is told only so far."
        )
    )


def _size(found: Comparison) -> str:
    return amount(abs(found.whole.gap or found.whole.own), found.unit)


def _told_only(found: Comparison) -> None:
    missing = [day for day in found.days if day.told is None]
    if missing:
        words = ngettext(
            "{n} day with videos is left out: the provider has not been asked about it.",
            "{n} days with videos are left out: the provider has not been asked about them.",
            len(missing),
        )
        st.caption(words.format(n=len(missing)))
