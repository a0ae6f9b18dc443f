"""Budgets in plain words. Pure: no Streamlit, no database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from babel.dates import format_date, format_skeleton

from runway_core.domain import Period
from runway_core.language import _, current, ngettext
from runway_core.pricing import Outlook, cents, exactly, over_all
from runway_core.ui.price_words import money
from runway_core.ui.words import amount


def leads_to(found: Outlook, *, at_most: bool = False) -> str:
    """Where one more task takes a budget.

    Args:
        at_most: the task may also cost less.
    """
    budget = name(found)
    if found.after is None:
        return _not_counted(found, budget)
    used, whole = told(found, found.after, bare=True), told(found, found.budget.amount)
    parts = {"budget": budget, "share": share(found), "used": used, "whole": whole}
    if found.verdict == "over" and at_most:
        says = _("This takes you over {budget}: up to {used} of {whole}, {share}.")
    elif found.verdict == "over":
        says = _("This takes you over {budget}: {used} of {whole}, {share}.")
    elif at_most:
        says = _("This takes you to up to {share} of {budget} ({used} of {whole}).")
    else:
        says = _("This takes you to {share} of {budget} ({used} of {whole}).")
    return says.format(**parts)


def _not_counted(found: Outlook, budget: str) -> str:
    if found.measure.rate is not None:
        says = _("Its cost is not known, so it is not counted in {budget}.")
        return says.format(budget=budget)
    says = _(
        "What one {unit} is worth in {currency} is not known, so it is not counted in {budget}."
    )
    unit = _(found.measure.lacks or found.measure.unit)
    return says.format(unit=unit, currency=found.budget.unit, budget=budget)


def name(found: Outlook) -> str:
    """A budget in a sentence: whose it is, and for when."""
    own, all_of_them = bool(found.budget.person_id), over_all(found.budget)
    says = _("the budget for {period}")
    if own and all_of_them:
        says = _("your own budget over all connections for {period}")
    elif own:
        says = _("your own budget for {period}")
    elif all_of_them:
        says = _("the team's budget for {period}")
    return says.format(period=period(found))


def period(found: Outlook) -> str:
    """The period of a budget as people call it, such as ``July`` or ``22 July``; of UTC."""
    last = found.resets_at - timedelta(days=1)
    if found.budget.period is Period.MONTH:
        return format_date(last, "LLLL", locale=_locale())
    return format_skeleton("MMMMd", last, locale=_locale())


def starts_anew(found: Outlook) -> str:
    """When a budget starts anew."""
    day = format_date(found.resets_at, "long", locale=_locale())
    return _("Starts anew on {day} at 00:00 UTC.").format(day=day)


def told(found: Outlook, value: Decimal, *, bare: bool = False) -> str:
    """An amount as it is told of a budget: money to cents, other units as they are, where `bare` without the unit."""
    unit = found.budget.unit
    if over_all(found.budget):
        return money(cents(value), unit)
    return amount(value, "" if bare else unit)


def stands(found: Outlook) -> str:
    """Where a budget stands now, in one line."""
    used = told(found, exactly(found.spent, found.reserved), bare=True)
    says = _("{period}: {used} of {whole}, {share}")
    whole = told(found, found.budget.amount)
    return says.format(period=period(found), used=used, whole=whole, share=share(found))


def parts(found: Outlook) -> str:
    """What is behind that, and when it starts anew."""
    spent = _("{amount} spent").format(amount=told(found, found.spent, bare=True))
    if found.assumed:
        assumed = _("({amount} of it assumed: the provider has not said)")
        spent += " " + assumed.format(amount=told(found, found.assumed, bare=True))
    pieces = [spent]
    if found.reserved:
        held = told(found, found.reserved, bare=True)
        pieces.append(_("{amount} held for what is on its way").format(amount=held))
    pieces.append(_("{amount} left").format(amount=told(found, found.left, bare=True)))
    words = f"{', '.join(pieces)}. {starts_anew(found)}"
    return f"{words} {_missing(found)}".rstrip()


def _missing(found: Outlook) -> str:
    count = found.unpriced
    if not count:
        return ""
    if over_all(found.budget):
        says = ngettext(
            "Not in it: {n} video whose cost in {currency} is not known.",
            "Not in it: {n} videos whose cost in {currency} is not known.",
            count,
        )
        return says.format(n=count, currency=found.budget.unit)
    says = ngettext(
        "Not in it: {n} video whose cost is not known.",
        "Not in it: {n} videos whose cost is not known.",
        count,
    )
    return says.format(n=count)


def share(found: Outlook) -> str:
    """How much of it is used with the task asked about, or without one."""
    return f"{found.percent} %"


def _locale() -> str:
    return "en_GB" if current() == "en" else current()
