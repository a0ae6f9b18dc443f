"""What one video costs by its length: a line for each offer, all of them in one unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from runway_core.domain import Noun
from runway_core.pricing.currency import Reporting
from runway_core.pricing.offers import Offer, Seller, Wish, offers


class Point(Noun):
    """What one video of a length costs."""

    seconds: int
    low: Decimal
    high: Decimal


class Curve(Noun):
    """What one connection takes for one model, by length."""

    connection_id: str
    connection: str
    model: str
    title: str
    unit: str
    """Of the amounts: a currency, or the provider's own unit."""
    in_money: bool
    points: tuple[Point, ...]


def curves(
    wish: Wish,
    shown: Sequence[Offer],
    sellers: Mapping[str, Seller],
    lengths: Sequence[int],
    *,
    reporting: Reporting | None = None,
) -> list[Curve]:
    """A curve for each offer whose price can be told beside the others'.

    Amounts are in the reporting currency. Only where none of the offers can be told in it and all have one
    provider's unit, they are in that one.

    Args:
        wish: What was offered for.
        shown: The offers.
        sellers: Who made them, by the id of the connection.
        lengths: Seconds that are of interest; each model has those that it makes.
        reporting: The currency, US dollars when None.
    """
    known = [offer for offer in shown if offer.can and offer.total.is_known]
    in_money = any(offer.told_high is not None for offer in known)
    if not in_money and len({(offer.profile, offer.total.unit) for offer in known}) > 1:
        return []
    found = [
        Curve(
            connection_id=offer.connection_id,
            connection=offer.connection,
            model=offer.model,
            title=offer.title,
            unit=offer.currency if in_money else offer.total.unit,
            in_money=in_money,
            points=tuple(
                _points(_by_length(wish, offer, sellers, lengths, reporting), in_money=in_money)
            ),
        )
        for offer in known
    ]
    return [curve for curve in found if len(curve.points) > 1]


def _by_length(
    wish: Wish,
    offer: Offer,
    sellers: Mapping[str, Seller],
    lengths: Sequence[int],
    reporting: Reporting | None,
) -> Iterator[tuple[int, Offer]]:
    same = {"models": (offer.model,), "capability": offer.capability, "count": 1}
    for length in lengths:
        asked = wish.model_copy(update={**same, "duration": length, "video_seconds": None})
        for found in offers(asked, [sellers[offer.connection_id]], reporting=reporting):
            yield length, found


def _points(rows: Iterator[tuple[int, Offer]], *, in_money: bool) -> Iterator[Point]:
    for length, offer in rows:
        low = offer.told_low if in_money else offer.total.low
        high = offer.told_high if in_money else offer.total.high
        if offer.can and low is not None and high is not None:
            yield Point(seconds=length, low=low, high=high)
