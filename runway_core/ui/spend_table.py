"""What was spent, put together by day, connection, model or person: a table that a phone scrolls by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import streamlit as st

from runway_core.language import N_, _
from runway_core.studio.spending import Group, Report
from runway_core.ui.spend_filters import BYS, Asked
from runway_core.ui.spend_words import (
    NONE,
    a_second,
    charged,
    day_words,
    estimated,
    failed_charged,
    in_money,
    name_of,
    some,
    videos,
)
from runway_core.ui.words import plain

PER_PAGE = 31
"""Rows of a page: a month of days."""
_SENTENCE = 60
"""Characters from which a cell may be broken into lines."""
_COLUMNS = (
    N_("Videos"),
    N_("Spent"),
    N_("Assumed"),
    N_("Held"),
    N_("Estimated before"),
    N_("Failed, but charged"),
    N_("Per finished second"),
)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> None:
    """Draw a table; the first columns are words and the others numbers. Columns without anything are left out."""
    kept = [
        at for at in range(len(head)) if at == 0 or any(row[at] not in (NONE, "") for row in rows)
    ]
    rule = ["---" if at < left else "---:" for at in kept]
    lines = [
        [_whole(head[at]) for at in kept],
        rule,
        *[[_whole(row[at]) for at in kept] for row in rows],
    ]
    with st.container(horizontal=True, wrap=False):  # a phone scrolls the table, not the page
        st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines), width="content")


def _whole(cell: str) -> str:
    """A cell that a narrow screen does not break, unless it is a sentence."""
    return cell.replace(" ", "\u00a0") if len(cell) <= _SENTENCE else cell


def spend_table(asked: Asked, report: Report) -> None:
    """Draw the rows of one page."""
    title = _("By {what}").format(what=_(BYS[asked.by]).lower())
    st.subheader(title, anchor=False)
    several = len({(g.provider, g.spent.unit) for g in report.whole}) > 1
    last = math.ceil(len(report.groups) / PER_PAGE)
    key = f"spend.page.{asked.by}.{asked.query.model_dump_json()}"
    number = min(int(st.session_state.get(key) or 1), max(last, 1))
    shown = report.groups[(number - 1) * PER_PAGE : number * PER_PAGE]
    worth = _("In {currency}").format(currency=report.currency)
    head = [_(BYS[asked.by]), _("Provider") if several else "", worth, *map(_, _COLUMNS)]
    table(head, [_row(group, asked, report, several) for group in shown], left=2)
    if last > 1:
        st.pagination(last, key=key)
    st.caption(
        _("Estimated before: for the videos whose charge the provider has told, to compare with.")
    )


def _row(group: Group, asked: Asked, report: Report, several: bool) -> tuple[str, ...]:
    spent, told = group.spent, group.told
    paid = told.confirmed + told.assumed
    name = day_words(date.fromisoformat(group.key)) if asked.by == "day" else name_of(group)
    cells = (
        name,
        group.provider if several else "",
        in_money(told, paid, report.currency),
        videos(spent),
        charged(spent),
        some(spent.assumed, spent.unit),
        some(spent.reserved, spent.unit),
        estimated(spent),
        failed_charged(spent),
        a_second(spent),
    )
    return tuple(plain(cell) if cell else NONE for cell in cells)
