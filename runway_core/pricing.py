"""What a request should cost: exact arithmetic on catalogue rows, nothing else."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from pydantic import Field

from runway_core.catalog import Extra, ModelSpec, Price, Profile
from runway_core.domain import Estimate, GenerationRequest, Noun, Role, Value

STEP = 5
"""Seconds in one step of profiles that sell by steps, and in the price that an owner enters."""
FPS_LEAST, FPS_MOST = Decimal(24), Decimal(60)
"""Frames a second that are reckoned with where the video to enlarge has not been measured."""


class Asked(Noun):
    """What has a bearing on the price."""

    duration: int = 0
    """Seconds of what is made; 0 where it follows what is sent."""
    ratio: str = ""
    options: dict[str, Value] = Field(default_factory=dict)
    references: int = 0
    """Pictures sent as references."""
    video_seconds: Decimal | None = None
    """Length of the video that is sent; None when it is not known."""
    video_fps: Decimal | None = None
    sends_video: bool = False


def asked_by(
    request: GenerationRequest,
    *,
    video_seconds: Decimal | None = None,
    video_fps: Decimal | None = None,
) -> Asked:
    """What of a request has a bearing on its price; length and frame rate are those of the video sent."""
    sent = (Role.VIDEO, Role.REFERENCE_VIDEO)
    return Asked(
        duration=request.duration,
        ratio=request.ratio,
        options=request.options,
        references=len(request.of_role(Role.REFERENCE)),
        video_seconds=video_seconds,
        video_fps=video_fps,
        sends_video=any(request.of_role(role) for role in sent),
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
    Low and high differ where the provider gives a range, or where the length is not known before.
    """
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
        note = profile.price_note or "Nobody has published a price."
        return Estimate(low=None, high=None, unit=unit, source=note, as_of=profile.as_of)
    amount = unit_price * _steps(profile, asked.duration) * count
    source = "the price of a 5-second video that you entered in Settings"
    return Estimate(low=amount, high=amount, unit=unit, source=source, basis="own")


def _published(price: Price, spec: ModelSpec, asked: Asked) -> tuple[Decimal, Decimal]:
    chosen = _chosen(spec, asked)
    rate = next((r for r in price.rates if r.fits(chosen)), price.rates[-1])
    few, many = _seconds(spec, asked)
    low, high = (
        rate.low * _size(price, few, asked, FPS_LEAST),
        rate.high * _size(price, many, asked, FPS_MOST),
    )
    for extra in price.extras:
        if extra.fits(chosen):
            low += _extra(extra, extra.low, few, asked, longest=False)
            high += _extra(extra, extra.high, many, asked, longest=True)
    if price.whole:
        low, high = (v.to_integral_value(ROUND_CEILING) for v in (low, high))
    return max(low, price.minimum), max(high, price.minimum)


def _chosen(spec: ModelSpec, asked: Asked) -> dict[str, str]:
    """Every choice as text, defaults included."""
    chosen = {"ratio": asked.ratio, "duration": str(asked.duration)}
    for option in spec.options:
        value = asked.options.get(option.name, option.default)
        if value is not None:
            chosen[option.name] = str(value).lower() if isinstance(value, bool) else str(value)
    return chosen


def _seconds(spec: ModelSpec, asked: Asked) -> tuple[Decimal, Decimal]:
    """Least and greatest length of what is charged by its length."""
    if asked.duration:
        return Decimal(asked.duration), Decimal(asked.duration)
    if asked.video_seconds is not None:
        return asked.video_seconds, asked.video_seconds
    bounds = next((m.seconds for m in spec.media if m.seconds), None)
    few, many = bounds or (0, 0)
    return Decimal(str(few)), Decimal(str(many))


def _size(price: Price, seconds: Decimal, asked: Asked, fps: Decimal) -> Decimal:
    if price.per == "second":
        return seconds
    if price.per == "frame":
        return seconds * (asked.video_fps if asked.video_fps is not None else fps)
    return Decimal(1)


def _extra(
    extra: Extra, amount: Decimal, seconds: Decimal, asked: Asked, *, longest: bool
) -> Decimal:
    if extra.per == "second":
        return amount * seconds
    if extra.per == "reference":
        return amount * asked.references
    if extra.per == "video_second":
        if not asked.sends_video:
            return Decimal(0)
        unknown = seconds if longest else Decimal(0)
        return amount * (asked.video_seconds if asked.video_seconds is not None else unknown)
    return amount


def _steps(profile: Profile, duration: int) -> Decimal:
    if profile.price_rule == "5s-steps":
        return Decimal(-(-duration // STEP))
    return Decimal(duration) / STEP
