"""What a video should cost: every row of the catalogue, and arithmetic that loses nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.catalog import ModelSpec, Profile, catalog
from runway_core.domain import Estimate
from runway_core.pricing import Asked, estimate

OFFERS = [(profile, spec) for profile in catalog().profiles for spec in profile.specs]
PRICED = [(profile, spec) for profile, spec in OFFERS if profile.price == "model"]
UNPRICED = [(profile, spec) for profile, spec in OFFERS if profile.price == "unknown"]
offers, priced, unpriced = (st.sampled_from(rows) for rows in (OFFERS, PRICED, UNPRICED))
durations, counts = st.integers(1, 60), st.integers(1, 500)
prices = st.decimals(0, 10**9, places=6)


def _ids(offer: object) -> str:
    return getattr(offer, "id", "")


def _offer(profile_id: str, model: str) -> tuple[ModelSpec, Profile]:
    profile = catalog().profile(profile_id)
    return next(spec for spec in profile.specs if spec.id == model), profile


def _amounts(cost: Estimate) -> list[Decimal | None]:
    return [cost.low, cost.high, cost.usd_low, cost.usd_high]


# --- published prices --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "duration", "count", "credits", "usd"),
    [
        ("gen4_turbo", 5, 1, "25", "0.25"),
        ("gen4_turbo", 10, 1, "50", "0.50"),
        ("gen4_turbo", 2, 1, "10", "0.10"),
        ("gen4_turbo", 5, 4, "100", "1.00"),
        ("gen4.5", 5, 1, "60", "0.60"),
        ("gen4.5", 10, 1, "120", "1.20"),
        ("gen4.5", 7, 3, "252", "2.52"),
    ],
)
def test_runways_own_prices_are_exact(
    model: str, duration: int, count: int, credits: str, usd: str
) -> None:
    cost = estimate(*_offer("runway", model), Asked(duration=duration), count=count)
    assert _amounts(cost) == [Decimal(credits)] * 2 + [Decimal(usd)] * 2
    assert (cost.unit, cost.basis, cost.is_known) == ("credit", "published", True)
    assert "docs.dev.runwayml.com" in cost.source and cost.as_of.startswith("2026-")


@pytest.mark.parametrize(("profile", "spec"), PRICED, ids=_ids)
def test_every_published_price_is_the_rows_price_a_second(
    profile: Profile, spec: ModelSpec
) -> None:
    assert spec.price is not None and spec.price.rates[0].high > 0
    for duration in spec.durations:
        cost = estimate(spec, profile, Asked(duration=duration))
        assert cost.low == cost.high == spec.price.rates[0].high * duration
        assert (cost.source, cost.as_of) == (spec.price.source, spec.price.as_of)
        assert cost.unit == profile.unit


@pytest.mark.parametrize(("profile", "spec"), PRICED, ids=_ids)
def test_an_own_price_never_replaces_a_published_one(profile: Profile, spec: ModelSpec) -> None:
    own = estimate(spec, profile, Asked(duration=5), unit_price=Decimal(1), unit="CNY")
    assert own == estimate(spec, profile, Asked(duration=5))


def test_the_sandbox_counts_credits_and_costs_no_dollars() -> None:
    cost = estimate(*_offer("sandbox", "gen4_turbo"), Asked(duration=5))
    assert _amounts(cost) == [Decimal(25), Decimal(25), Decimal(0), Decimal(0)]


# --- unknown and own prices --------------------------------------------------------------------


@pytest.mark.parametrize(("profile", "spec"), UNPRICED, ids=_ids)
def test_an_unknown_price_stays_unknown_and_says_why(profile: Profile, spec: ModelSpec) -> None:
    for duration in spec.offered_durations():
        cost = estimate(spec, profile, Asked(duration=duration), count=3)
        assert _amounts(cost) == [None] * 4
        assert (cost.basis, cost.is_known) == ("unknown", False)
        assert cost.source == profile.price_note and cost.unit == profile.unit


def test_relays_have_no_published_price_here() -> None:
    assert {profile.id for profile, _ in UNPRICED} == {"openai-hk", "yunwu", "custom"}


def test_an_own_price_of_zero_is_a_price() -> None:
    cost = estimate(*_offer("yunwu", "gen4_turbo"), Asked(duration=5), unit_price=Decimal(0))
    assert (cost.low, cost.high, cost.is_known) == (Decimal(0), Decimal(0), True)


@pytest.mark.parametrize(
    ("profile", "duration", "price"),
    [
        ("openai-hk", 5, "1.25"),
        ("openai-hk", 10, "2.50"),
        ("openai-hk", 6, "2.50"),
        ("openai-hk", 2, "1.25"),
        ("yunwu", 10, "2.50"),
        ("custom", 5, "1.25"),
        ("custom", 10, "2.50"),
        ("custom", 2, "0.50"),
        ("custom", 7, "1.75"),
    ],
)
def test_an_own_price_goes_by_steps_or_in_proportion_as_the_relay_sells(
    profile: str, duration: int, price: str
) -> None:
    offer = _offer(profile, "gen4_turbo")
    cost = estimate(*offer, Asked(duration=duration), unit_price=Decimal("1.25"), unit="CNY")
    assert cost.low == cost.high == Decimal(price)
    assert (cost.unit, cost.basis) == ("CNY", "own")
    assert cost.usd_low is None and cost.usd_high is None
    assert "you entered" in cost.source


def test_an_own_price_without_a_unit_is_in_the_profiles_unit() -> None:
    cost = estimate(*_offer("openai-hk", "gen4_turbo"), Asked(duration=5), unit_price=Decimal(9000))
    assert (cost.low, cost.unit) == (Decimal(9000), "point")


@given(offer=unpriced, price=prices)
def test_ten_seconds_cost_twice_five_everywhere(
    offer: tuple[Profile, ModelSpec], price: Decimal
) -> None:
    profile, spec = offer
    five, ten = (estimate(spec, profile, Asked(duration=d), unit_price=price).low for d in (5, 10))
    assert five == price and ten == 2 * price


# --- arithmetic --------------------------------------------------------------------------------


@given(offer=offers, duration=durations, count=counts, price=st.none() | prices)
def test_amounts_are_exact_numbers_that_are_never_negative(
    offer: tuple[Profile, ModelSpec], duration: int, count: int, price: Decimal | None
) -> None:
    profile, spec = offer
    cost = estimate(spec, profile, Asked(duration=duration), count=count, unit_price=price)
    known = profile.price == "model" or price is not None
    for amount in (cost.low, cost.high):
        assert (type(amount) is Decimal and amount.is_finite() and amount >= 0) is known
    for amount in (cost.usd_low, cost.usd_high):
        assert amount is None or (type(amount) is Decimal and amount >= 0)


@given(offer=offers, duration=durations, count=counts, price=prices)
def test_longer_or_more_never_costs_less(
    offer: tuple[Profile, ModelSpec], duration: int, count: int, price: Decimal
) -> None:
    profile, spec = offer

    def low(duration: int, count: int) -> Decimal:
        found = estimate(spec, profile, Asked(duration=duration), count=count, unit_price=price).low
        assert found is not None
        return found

    assert low(duration, count) <= low(duration + 1, count)
    assert low(duration, count) <= low(duration, count + 1)


@given(
    offer=offers, duration=durations, parts=st.lists(counts, min_size=1, max_size=6), price=prices
)
def test_the_sum_of_the_parts_is_the_whole(
    offer: tuple[Profile, ModelSpec], duration: int, parts: list[int], price: Decimal
) -> None:
    profile, spec = offer

    def cost(count: int) -> Estimate:
        return estimate(spec, profile, Asked(duration=duration), count=count, unit_price=price)

    whole = cost(sum(parts))
    assert sum(cost(count).low or 0 for count in parts) == whole.low
    if whole.usd_low is not None:
        assert sum(cost(count).usd_low or 0 for count in parts) == whole.usd_low
