"""What a request should cost: exact arithmetic on catalogue rows, nothing else.

Where the request leaves something to the provider, or a length is not known before, the estimate is a
range that holds every price it may come to.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from pydantic import Field

from runway_core.catalog import Extra, ModelSpec, Price, Profile, Rate, as_text
from runway_core.domain import Asset, Estimate, GenerationRequest, MediaKind, Noun, Role, Value

STEP = 5
"""Seconds in one step of profiles that sell by steps, and in the price that an owner enters."""
FPS_LEAST, FPS_MOST = Decimal(24), Decimal(60)
"""Frames a second that are reckoned with where the video to enlarge has not been measured (assumed)."""
_WORKED_ON = (Role.VIDEO, Role.PERFORMANCE)
"""Files whose length the result has, where there is none to choose."""
_NONE, _ONE = Decimal(0), Decimal(1)


class Asked(Noun):
    """What has a bearing on the price."""

    duration: int = 0
    """Seconds of what is made; 0 where it follows what is sent."""
    ratio: str = ""
    """Empty when it is not known yet, or left to the provider."""
    options: dict[str, Value] = Field(default_factory=dict)
    references: int = 0
    """Pictures sent as references."""
    video_seconds: Decimal | None = None
    """Length of the video that is worked on; None when it is not known."""
    video_fps: Decimal | None = None
    sends_video: bool = False
    sent_seconds: Decimal | None = None
    """Length of all videos sent together; None when that of one is not known."""


def asked_by(request: GenerationRequest, assets: Iterable[Asset] = ()) -> Asked:
    """What of a request has a bearing on its price; `assets` are the kept files that it names."""
    kept = {asset.uri: asset for asset in assets}
    videos = [sent for sent in request.media if sent.kind is MediaKind.VIDEO]
    lengths = [_exact(a.seconds) if (a := kept.get(sent.uri)) else None for sent in videos]
    main = next((kept.get(sent.uri) for sent in videos if sent.role in _WORKED_ON), None)
    known = [length for length in lengths if length is not None]
    return Asked(
        duration=request.duration,
        ratio=request.ratio,
        options=request.options,
        references=len(request.of_role(Role.REFERENCE)),
        video_seconds=_exact(main.seconds) if main else None,
        video_fps=_exact(main.fps) if main else None,
        sends_video=bool(videos),
        sent_seconds=sum(known, Decimal(0)) if len(known) == len(videos) else None,
    )


def estimate(
    spec: ModelSpec,
    profile: Profile,
    asked: Asked,
    *,
    count: int = 1,
    unit_price: Decimal | None = None,
    unit: str = "",
) -> Estimate:
    """Price `count` of what is asked for.

    `unit_price` is what the connection's owner says a 5-second video costs, in `unit`; it counts only
    where nobody published a price. Without either, the amounts are None: never guessed as zero.
    Low and high differ where the provider gives a range, or where something is not known before.
    """
    spec = spec.given(asked.options)
    if profile.price == "model" and spec.price is not None:
        low, high = _published(spec.price, spec, asked)
        usd = profile.usd_per_unit
        return Estimate(
            low=low * count,
            high=high * count,
            unit=profile.unit,
            usd_low=None if usd is None else low * count * usd,
            usd_high=None if usd is None else high * count * usd,
            source=spec.price.source,
            as_of=spec.price.as_of,
            basis="assumed" if spec.assumed else "published",
        )
    unit = unit or profile.unit
    if unit_price is None or not asked.duration:
        note = spec.unpriced if profile.price == "model" else profile.price_note
        source = note or "Nobody has published a price."
        return Estimate(low=None, high=None, unit=unit, source=source, as_of=profile.as_of)
    amount = unit_price * unit_prices(profile, asked.duration) * count
    source = "the price of a 5-second video that you entered in Settings"
    return Estimate(low=amount, high=amount, unit=unit, source=source, basis="own")


class Rated(Noun):
    """What one step of something costs, in the unit of its estimate; both None where nobody said."""

    low: Decimal | None
    high: Decimal | None
    per: str
    """``second``, ``frame``, ``image``, ``video`` or ``5 s``; a minimum and extras by the piece come on top."""


def rated(
    spec: ModelSpec, profile: Profile, asked: Asked, *, unit_price: Decimal | None = None
) -> Rated:
    """The price of one step of what is asked for, as `estimate` reckons with it."""
    spec = spec.given(asked.options)
    if profile.price != "model" or spec.price is None:
        return Rated(low=unit_price, high=unit_price, per=f"{STEP} s")
    chosen = _chosen(spec, asked)
    rates = _possible(spec.price, chosen)
    same = [extra for extra in spec.price.extras if extra.per == spec.price.per]
    lows = [
        r.low + sum((e.low + e.share * r.low for e in same if e.fits(chosen)), _NONE) for r in rates
    ]
    highs = [
        r.high + sum((e.high + e.share * r.high for e in same if e.may_fit(chosen)), _NONE)
        for r in rates
    ]
    return Rated(low=min(lows), high=max(highs), per=spec.price.per)


def steps(profile: Profile, spec: ModelSpec, duration: int) -> int:
    """In how many 5-second steps a video is sold; 1 where it is sold as one."""
    by_steps = profile.price_rule == "5s-steps" and (profile.price != "model" or spec.price is None)
    return -(-duration // STEP) if by_steps and duration else 1


def _published(price: Price, spec: ModelSpec, asked: Asked) -> tuple[Decimal, Decimal]:
    chosen = _chosen(spec, asked)
    totals = [_total(rate, price, spec, asked, chosen) for rate in _possible(price, chosen)]
    low, high = min(low for low, _ in totals), max(high for _, high in totals)
    if price.whole:
        low, high = (v.to_integral_value(ROUND_CEILING) for v in (low, high))
    return _short(max(low, price.minimum)), _short(max(high, price.minimum))


def _chosen(spec: ModelSpec, asked: Asked) -> dict[str, str]:
    """Every choice as text, defaults included; what is left to the provider is not in it."""
    chosen = {}
    if asked.ratio and spec.ratios:
        chosen["ratio"] = asked.ratio
    if asked.duration:
        chosen["duration"] = str(asked.duration)
    for option in spec.options:
        value = asked.options.get(option.name, option.default)
        chosen[option.name] = "" if value is None else as_text(value)
    return chosen


def _possible(price: Price, chosen: dict[str, str]) -> list[Rate]:
    """The rates that may count: one, unless what decides is not known."""
    found = []
    for rate in price.rates:
        if rate.may_fit(chosen):
            found.append(rate)
        if rate.fits(chosen):
            break
    return found or list(price.rates)


def _total(
    rate: Rate, price: Price, spec: ModelSpec, asked: Asked, chosen: dict[str, str]
) -> tuple[Decimal, Decimal]:
    few, many = _lengths(spec, asked)
    if price.per == "frame":
        slow, fast = _frames_a_second(price, asked, chosen)
        low, high = rate.low * few * slow, rate.high * many * fast
    else:
        # Nobody says how a part of a second is charged: between not at all and as a whole one.
        few, many = _whole(few, many)
        by_length = price.per == "second"
        low, high = rate.low * (few if by_length else 1), rate.high * (many if by_length else 1)
    for extra in price.extras:
        shortest, longest = _times(extra, spec, asked, (few, many))
        if extra.fits(chosen):
            low += (extra.low + extra.share * rate.low) * shortest
        if extra.may_fit(chosen):
            high += (extra.high + extra.share * rate.high) * longest
    return low, high


def _lengths(spec: ModelSpec, asked: Asked) -> tuple[Decimal, Decimal]:
    """Least and greatest seconds of what is made."""
    if asked.duration:
        return Decimal(asked.duration), Decimal(asked.duration)
    if asked.video_seconds is not None:
        return asked.video_seconds, asked.video_seconds
    if spec.follows is None or spec.follows.seconds is None:
        durations = spec.durations or (0,)
        return Decimal(min(durations)), Decimal(max(durations))
    least, most = spec.follows.seconds
    return max(_ONE, _seconds(least)), _seconds(most)


def _frames_a_second(price: Price, asked: Asked, chosen: dict[str, str]) -> tuple[Decimal, Decimal]:
    slow, fast = (asked.video_fps, asked.video_fps) if asked.video_fps else (FPS_LEAST, FPS_MOST)
    boosted = price.faster_with and price.faster_with.items() <= chosen.items()
    return slow, max(fast, FPS_MOST) if boosted else fast


def _times(
    extra: Extra, spec: ModelSpec, asked: Asked, made: tuple[Decimal, Decimal]
) -> tuple[Decimal, Decimal]:
    """How often at least and at most an extra is charged."""
    if extra.per == "second":
        return made
    if extra.per == "reference":
        return Decimal(asked.references), Decimal(asked.references)
    if extra.per == "video":
        return _ONE, _ONE
    if not asked.sends_video:
        return Decimal(0), Decimal(0)
    if asked.sent_seconds is not None:
        return _whole(asked.sent_seconds, asked.sent_seconds)
    videos = [m for m in spec.media if MediaKind.VIDEO in m.kinds]
    bounds = [m.seconds_in_all or (m.seconds or (0, 0))[1] * m.most for m in videos]
    return _ONE, _seconds(max(bounds, default=1))


def _whole(few: Decimal, many: Decimal) -> tuple[Decimal, Decimal]:
    return max(_ONE, few.to_integral_value(ROUND_FLOOR)), many.to_integral_value(ROUND_CEILING)


def _short(amount: Decimal) -> Decimal:
    """The same number without a fraction of zeros."""
    whole = amount.to_integral_value()
    return whole if whole == amount else amount


def _seconds(length: float) -> Decimal:
    return Decimal(str(length))


def _exact(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number))


def unit_prices(profile: Profile, duration: int) -> Decimal:
    """How many times the price of a 5-second video one of this length costs."""
    if profile.price_rule == "5s-steps":
        return Decimal(-(-duration // STEP))
    return Decimal(duration) / STEP
