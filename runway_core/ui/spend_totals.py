"""What was spent in all: in the reporting currency as far as it can be told, and in each provider's own unit."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from runway_core.language import _, ngettext, number
from runway_core.studio.spending import Group, Report
from runway_core.ui.places import SETTINGS
from runway_core.ui.price_words import money
from runway_core.ui.rights import manages
from runway_core.ui.spend_words import (
    NONE,
    a_second,
    against_estimate,
    charged,
    failed_charged,
    in_money,
)
from runway_core.ui.words import amount, plain


def totals(report: Report) -> None:
    """Draw the figures of a time."""
    _in_currency(report)
    grid = st.grid(3, min_column_width=260, gap="small")
    for at, group in enumerate(report.whole):
        with grid.container(border=True, height="stretch", key=f"spend.purse.{at}"):
            _purse(group, report.currency)


def _in_currency(report: Report) -> None:
    told = report.told
    paid = told.confirmed + told.assumed
    facts = {
        _("Spent"): _figure(report, paid),
        _("Held for what is being made"): _figure(report, told.reserved),
        _("Failed, but charged"): _figure(report, told.failed),
        _("Videos"): number(sum(group.spent.tasks for group in report.whole)),
    }
    with st.grid(4, min_column_width=170, gap="small"):
        for label, value in facts.items():
            st.metric(label, value)
    _missing(report)


def _figure(report: Report, value: Decimal) -> str:
    return money(value, report.currency) if report.told.known else _("not known")


def _missing(report: Report) -> None:
    """Say what is in no figure above, and how that can be mended."""
    told = report.told
    if told.untold:
        words = ngettext(
            "{n} video is not in these figures: nobody has said what its provider's unit is worth in {currency}.",
            "{n} videos are not in these figures: nobody has said what their provider's unit is worth in {currency}.",
            told.untold,
        )
        st.caption(
            f":material/help: {words.format(n=number(told.untold), currency=report.currency)}"
        )
        if manages():
            st.page_link(
                SETTINGS, label=_("Enter what units are worth"), icon=":material/currency_exchange:"
            )
    if told.unpriced:
        words = ngettext(
            "{n} video cost something that nobody knows. It is in no figure.",
            "{n} videos cost something that nobody knows. They are in no figure.",
            told.unpriced,
        )
        st.caption(f":material/help: {words.format(n=number(told.unpriced))}")


def _purse(group: Group, currency: str) -> None:
    spent, told = group.spent, group.told
    paid = told.confirmed + told.assumed
    worth = in_money(told, paid, currency) if paid or told.known else ""
    with st.container(gap=None):
        st.caption(plain(group.provider or _("A removed connection")))
        st.markdown(f"**{plain(charged(spent))}**")
    if group.practice:
        st.caption(_("Practice: nothing was really paid."))
    elif worth:
        st.caption(plain(worth))
    st.caption("\n".join(f"- {plain(line)}" for line in _lines(group)))


def _lines(group: Group) -> list[str]:
    spent, unit = group.spent, group.spent.unit
    told = _("{amount} told by the provider").format(amount=amount(spent.confirmed, unit))
    assumed = _("{amount} assumed: the provider did not say").format(
        amount=amount(spent.assumed, unit)
    )
    held = _("{amount} held for what is being made").format(amount=amount(spent.reserved, unit))
    failed = _("Failed, but charged: {amount}").format(amount=failed_charged(spent))
    second = _("{amount} per finished second").format(amount=a_second(spent))
    found = {
        told: bool(spent.confirmed),
        assumed: bool(spent.assumed),
        held: bool(spent.reserved),
        failed: failed_charged(spent) != NONE,
        against_estimate(spent): bool(against_estimate(spent)),
        second: spent.per_second is not None,
    }
    return [line for line, there in found.items() if there]
