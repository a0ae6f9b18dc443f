"""What a task costs by the catalogue's price rows: reckoned here once more, so that it can judge the app's sums."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from runway_core.catalog import Extra, Price
from runway_core.domain import MediaKind, Role
from runway_core.sandbox.body import Order

FPS_MOST = 60
"""What is reckoned with until the frame rate of a linked video is known."""


@dataclass(frozen=True)
class Length:
    """What is paid for by its length."""

    seconds: float
    fps: float


def credits(order: Order, length: Length) -> int:
    """Whole credits, rounded up; 0 where nobody published a price."""
    price = order.spec.price
    if price is None:
        return 0
    chosen = {option.name: order.chosen(option.name) for option in order.spec.options}
    chosen |= {"ratio": order.ratio, "duration": str(order.duration)}
    rate = next((r for r in price.rates if r.fits(chosen)), price.rates[-1])
    total = rate.high * _size(price, length)
    total += sum(
        (_extra(extra, rate.high, order, length) for extra in price.extras if extra.fits(chosen)),
        Decimal(0),
    )
    return int(max(total, price.minimum).to_integral_value(ROUND_CEILING))


def _size(price: Price, length: Length) -> Decimal:
    seconds = Decimal(str(round(length.seconds, 3)))
    match price.per:
        case "second":
            return seconds
        case "frame":
            return seconds * Decimal(str(round(length.fps, 3)))
    return Decimal(1)


def _extra(extra: Extra, rate: Decimal, order: Order, length: Length) -> Decimal:
    amount = extra.high + extra.share * rate
    match extra.per:
        case "second":
            return amount * Decimal(str(round(length.seconds, 3)))
        case "reference":
            return amount * sum(given.role is Role.REFERENCE for given in order.media)
        case "video_second":
            videos = [g.sent for g in order.media if g.sent.kind is MediaKind.VIDEO]
            sent = sum(round(video.seconds or length.seconds, 3) for video in videos)
            return amount * Decimal(str(sent))
    return amount
