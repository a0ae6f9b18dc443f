"""Prices, times and sources of offers in words. Pure: no Streamlit, no database."""

from __future__ import annotations

from decimal import Decimal

from runway_core.domain import Estimate
from runway_core.language import N_, _, number, translated
from runway_core.pricing import Learnt, Offer, cents
from runway_core.ui.words import amount, amounts, dollars, lasting, plain, sentence

_STEPS = {
    "second": N_("{price} a second"),
    "frame": N_("{price} a frame"),
    "image": N_("{price} a picture"),
    "video": N_("{price} a video"),
    "5 s": N_("{price} for 5 s"),
}
"""The price of one step, by what is counted."""


def money(value: Decimal, currency: str) -> str:
    """An amount of money: ``US$0.35`` or ``2.50 CNY``; less than a cent keeps its digits."""
    if currency == "USD":
        return dollars(value)
    return f"{number(cents(value))} {currency}"


def money_range(low: Decimal | None, high: Decimal | None, currency: str) -> str:
    """What it should cost in money; empty when that can't be told."""
    if low is None or high is None:
        return ""
    if low == high:
        return money(high, currency)
    if currency == "USD":
        return f"{money(low, currency)}–{money(high, currency).removeprefix('US$')}"
    return f"{number(cents(low))}–{money(high, currency)}"


def told_total(offer: Offer) -> str:
    """The total in the reporting currency; empty when that can't be told."""
    return money_range(offer.told_low, offer.told_high, offer.currency)


def total(offer: Offer) -> str:
    """The total in the provider's own unit, or that it is free or not known."""
    if offer.practice:
        return _("Free")
    return units(offer.total) or _("Price not known")


def units(estimate: Estimate) -> str:
    """An estimate in the provider's own unit; empty when it is not known."""
    return amounts(estimate)


def each(offer: Offer) -> str:
    """What one costs and how that is counted; empty where nobody knows, or nothing is charged."""
    if offer.practice or not offer.each.is_known:
        return ""
    is_step = (offer.rated.low, offer.rated.high) == (offer.each.low, offer.each.high)
    several = offer.count > 1 and not is_step
    one = _("{price} each").format(price=units(offer.each)) if several else ""
    in_steps = _("charged as {n} × 5 s").format(n=offer.steps) if offer.steps > 1 else ""
    return " · ".join(filter(None, (one, step(offer), in_steps)))


def step(offer: Offer) -> str:
    """The price of one step, such as ``5 credits a second``; empty when it is not known."""
    low, high, unit = offer.rated.low, offer.rated.high, offer.each.unit
    if low is None or high is None:
        return ""
    price = amount(high, unit)
    if low != high:
        price = f"{amount(low, '')}–{price}"
    return _(_STEPS[offer.rated.per]).format(price=price)


def practice_worth(offer: Offer) -> str:
    """What the same would cost where it is made for real; empty when that is not known."""
    if not offer.total.is_known:
        return ""
    return _("At Runway: {price}.").format(price=units(offer.total))


def takes(offer: Offer) -> str:
    """How long one takes; empty while own history does not tell."""
    if offer.takes is None:
        return ""
    return _("One takes about {time}").format(time=lasting(offer.takes))


def source(estimate: Estimate) -> str:
    """Where a price is from and of which day, as Markdown."""
    day = f", {estimate.as_of}" if estimate.as_of else ""
    return plain(f"{sentence(translated(estimate.source)).rstrip('.')}{day}")


def learnt_price(found: Learnt) -> str:
    """What own videos of 5 seconds have cost, such as ``0.35 CNY``."""
    return amount(found.price, found.unit)
