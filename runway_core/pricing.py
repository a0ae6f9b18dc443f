"""What a request should cost: exact arithmetic on catalogue rows, nothing else."""

from __future__ import annotations

from decimal import Decimal

from runway_core.catalog import ModelSpec, Profile
from runway_core.domain import Estimate

STEP = 5
"""Seconds in one step of profiles that sell by steps, and in the price that an owner enters."""


def estimate(
    spec: ModelSpec,
    profile: Profile,
    *,
    duration: int,
    count: int = 1,
    unit_price: Decimal | None = None,
    unit: str = "",
) -> Estimate:
    """Price `count` videos of `duration` seconds.

    `unit_price` is what the connection's owner says a 5-second video costs, in `unit`; it counts only
    where nobody published a price. Without either, the amounts are None: never guessed as zero.
    """
    if profile.price == "model" and spec.price is not None:
        amount = spec.price.per_second * duration * count
        usd = None if profile.usd_per_unit is None else amount * profile.usd_per_unit
        return Estimate(
            low=amount,
            high=amount,
            unit=profile.unit,
            usd_low=usd,
            usd_high=usd,
            source=spec.price.source,
            as_of=spec.price.as_of,
            basis="published",
        )
    unit = unit or profile.unit
    if unit_price is None:
        note = profile.price_note or "Nobody has published a price."
        return Estimate(low=None, high=None, unit=unit, source=note, as_of=profile.as_of)
    amount = unit_price * _steps(profile, duration) * count
    source = "the price of a 5-second video that you entered in Settings"
    return Estimate(low=amount, high=amount, unit=unit, source=source, basis="own")


def _steps(profile: Profile, duration: int) -> Decimal:
    if profile.price_rule == "5s-steps":
        return Decimal(-(-duration // STEP))
    return Decimal(duration) / STEP
