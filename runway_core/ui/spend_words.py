"""What was spent, in words. Pure: no Streamlit, no database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel.dates import format_date

from runway_core.language import _, current, ngettext, number
from runway_core.pricing import Spent, Told
from runway_core.studio.spending import Group
from runway_core.ui.price_words import money
from runway_core.ui.words import amount

NONE = "–"
_ZERO = Decimal(0)


def day_words(day: date) -> str:
    """A day as it is written in the language of now."""
    return format_date(day, "medium", locale="en_GB" if current() == "en" else current())


def unknown(count: int) -> str:
    """How many videos cost something that nobody knows."""
    return ngettext("{n} not known", "{n} not known", count).format(n=number(count))


def with_unknown(text: str, missing: int, *, any_known: bool) -> str:
    """An amount, and that there is more to it; never nothing where it is only not known."""
    if not missing:
        return text
    return f"{text} + {unknown(missing)}" if any_known else unknown(missing)


def charged(spent: Spent) -> str:
    """What was charged or is assumed to have been, in the provider's own unit."""
    sum_ = spent.confirmed + spent.assumed
    return with_unknown(amount(sum_, spent.unit), spent.unpriced, any_known=bool(sum_))


def in_money(told: Told, value: Decimal, currency: str) -> str:
    """An amount in the reporting currency, as far as it can be told."""
    missing = told.untold + told.unpriced
    return with_unknown(money(value, currency), missing, any_known=bool(told.total))


def some(value: Decimal, unit: str) -> str:
    """An amount in a unit; a dash for none of it."""
    return amount(value, unit) if value else NONE


def estimated(spent: Spent) -> str:
    """What was estimated for what its provider told the charge of; a dash where nothing was."""
    if not spent.compared and not spent.high:
        return NONE
    if spent.low == spent.high:
        return amount(spent.high, spent.unit)
    return f"{amount(spent.low, '')}–{amount(spent.high, spent.unit)}"


def against_estimate(spent: Spent) -> str:
    """How the charges that were told compare with what was estimated; empty where neither is known."""
    if estimated(spent) == NONE:
        return ""
    says = _("Estimated at {estimate}, came to {charge}: {verdict}.")
    return says.format(
        estimate=estimated(spent),
        charge=amount(spent.compared, spent.unit),
        verdict=_verdict(spent),
    )


def _verdict(spent: Spent) -> str:
    exact = spent.low == spent.high
    if spent.compared > spent.high:
        more = _percent(spent.compared - spent.high, spent.high)
        says = _("{percent} more") if exact else _("{percent} above the most")
        return says.format(percent=more) if more else _("more than nothing")
    if spent.compared < spent.low:
        less = _percent(spent.low - spent.compared, spent.low)
        says = _("{percent} less") if exact else _("{percent} below the least")
        return says.format(percent=less)
    return _("as estimated")


def _percent(part: Decimal, whole: Decimal) -> str:
    """A share in percent, of two digits at least; empty of nothing."""
    if not whole:
        return ""
    share = part * 100 / whole
    return f"{number(share.quantize(Decimal(1) if share >= 10 else Decimal('0.1')))} %"


def videos(spent: Spent) -> str:
    """How many videos there were, and how many of them failed."""
    count = number(spent.tasks)
    failed = ngettext("{n} failed", "{n} failed", spent.failed).format(n=number(spent.failed))
    return f"{count} ({failed})" if spent.failed else count


def failed_charged(spent: Spent) -> str:
    """What failed videos cost; told by the provider, or assumed where it did not say."""
    told, assumed = spent.failed_confirmed, spent.failed_assumed
    if told and assumed:
        says = _("{amount}, {assumed} of it assumed")
        return says.format(amount=amount(told + assumed, spent.unit), assumed=amount(assumed, ""))
    if assumed:
        return _("{amount}, assumed").format(amount=amount(assumed, spent.unit))
    return some(told, spent.unit)


def a_second(spent: Spent) -> str:
    """What each second that came out cost."""
    return NONE if spent.per_second is None else amount(finely(spent.per_second), spent.unit)


def finely(value: Decimal) -> Decimal:
    """A price of a second, with no more digits than are read."""
    return value.quantize(Decimal("0.01") if value >= 1 else Decimal("0.0001"))


def name_of(group: Group) -> str:
    """What a group is called where people see it."""
    if group.name:
        return group.name
    return _("nobody in particular")
