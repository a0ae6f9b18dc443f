"""What a video should cost: every row of the catalogue, and arithmetic that loses nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.catalog import ModelSpec, Profile, catalog
from runway_core.domain import Asset, Estimate, GenerationRequest, Media, MediaKind, Role
from runway_core.pricing import Asked, asked_by, estimate

OFFERS = [(profile, spec) for profile in catalog().profiles for spec in profile.specs]
PRICED = [(p, s) for p, s in OFFERS if p.price == "model" and s.price is not None]
UNPRICED = [(profile, spec) for profile, spec in OFFERS if profile.price == "unknown"]
offers, priced, unpriced = (st.sampled_from(rows) for rows in (OFFERS, PRICED, UNPRICED))
durations, counts = st.integers(1, 60), st.integers(1, 500)
prices = st.decimals(0, 10**9, places=6)


def _ids(offer: object) -> str:
    return getattr(offer, "id", "")


def _offer(profile_id: str, model: str, capability: str | None = None) -> tuple[ModelSpec, Profile]:
    profile = catalog().profile(profile_id)
    found = (s for s in profile.specs if s.id == model and capability in (None, s.capability))
    return next(found), profile


def _amounts(cost: Estimate) -> list[Decimal | None]:
    return [cost.low, cost.high, cost.usd_low, cost.usd_high]


# --- published prices --------------------------------------------------------------------------


@pytest.mark.parametrize(("profile", "spec"), PRICED, ids=_ids)
def test_every_published_price_says_where_it_is_from(profile: Profile, spec: ModelSpec) -> None:
    assert spec.price is not None
    for ratio in spec.ratios or ("",):
        cost = estimate(spec, profile, Asked(duration=spec.default_duration, ratio=ratio))
        assert cost.low is not None and cost.high is not None and 0 < cost.low <= cost.high
        assert (cost.source, cost.as_of) == (spec.price.source, spec.price.as_of)
        assert cost.unit == profile.unit
        assert cost.basis == ("assumed" if spec.assumed else "published")


@pytest.mark.parametrize(("profile", "spec"), PRICED, ids=_ids)
def test_an_own_price_never_replaces_a_published_one(profile: Profile, spec: ModelSpec) -> None:
    own = estimate(spec, profile, Asked(duration=5), unit_price=Decimal(1), unit="CNY")
    assert own == estimate(spec, profile, Asked(duration=5))


def test_the_sandbox_counts_credits_and_costs_no_dollars() -> None:
    cost = estimate(*_offer("sandbox", "gen4_turbo"), Asked(duration=5))
    assert _amounts(cost) == [Decimal(25), Decimal(25), Decimal(0), Decimal(0)]


# --- what is sent ------------------------------------------------------------------------------


def _asset(name: str, seconds: float | None, fps: float | None = None) -> Asset:
    return Asset(
        sha256=name * 64,
        filename="a.mp4",
        kind=MediaKind.VIDEO,
        mime="video/mp4",
        width=1280,
        height=720,
        size=1,
        seconds=seconds,
        fps=fps,
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
    )


def _sent(*media: tuple[Role, MediaKind, str]) -> GenerationRequest:
    made = tuple(Media(role=role, kind=kind, uri=uri) for role, kind, uri in media)
    return GenerationRequest(capability=None, model="x", duration=5, ratio="1:1", media=made)


def test_the_video_that_is_worked_on_is_measured_and_all_are_added_up() -> None:
    main, more = _asset("a", 10.01, 29.97), _asset("b", 4.5)
    request = _sent(
        (Role.REFERENCE_VIDEO, MediaKind.VIDEO, more.uri),
        (Role.VIDEO, MediaKind.VIDEO, main.uri),
        (Role.REFERENCE, MediaKind.IMAGE, "https://p.example.com/a.png"),
    )
    asked = asked_by(request, [main, more])
    assert (asked.video_seconds, asked.video_fps) == (Decimal("10.01"), Decimal("29.97"))
    assert (asked.sends_video, asked.sent_seconds) == (True, Decimal("14.51"))
    assert (asked.references, asked.duration, asked.ratio) == (1, 5, "1:1")


def test_one_video_that_is_not_measured_leaves_the_sum_open() -> None:
    main = _asset("a", 10)
    link = (Role.REFERENCE_VIDEO, MediaKind.VIDEO, "https://v.example.com/a.mp4")
    asked = asked_by(_sent((Role.VIDEO, MediaKind.VIDEO, main.uri), link), [main])
    assert (asked.video_seconds, asked.sent_seconds) == (Decimal(10), None)
    assert asked_by(_sent(link)).video_seconds is None


def test_the_acting_is_charged_and_not_the_video_of_the_character() -> None:
    character, acting = _asset("c", 25.0), _asset("a", 5.0)
    request = _sent(
        (Role.CHARACTER, MediaKind.VIDEO, character.uri),
        (Role.PERFORMANCE, MediaKind.VIDEO, acting.uri),
    ).model_copy(update={"duration": 0})
    asked = asked_by(request, [character, acting])
    assert estimate(*_offer("runway", "act_two"), asked).high == Decimal(25)


def test_a_request_without_videos_sends_none() -> None:
    asked = asked_by(_sent())
    assert (asked.sends_video, asked.sent_seconds, asked.video_seconds) == (False, Decimal(0), None)


# --- unknown and own prices --------------------------------------------------------------------


@pytest.mark.parametrize(("profile", "spec"), UNPRICED, ids=_ids)
def test_an_unknown_price_stays_unknown_and_says_why(profile: Profile, spec: ModelSpec) -> None:
    for duration in spec.offered_durations():
        cost = estimate(spec, profile, Asked(duration=duration), count=3)
        assert _amounts(cost) == [None] * 4
        assert (cost.basis, cost.is_known) == ("unknown", False)
        assert cost.source == profile.price_note and cost.unit == profile.unit


@pytest.mark.parametrize("profile", ["runway", "sandbox"])
@pytest.mark.parametrize("capability", ["image_to_video", "text_to_video"])
def test_a_model_that_nobody_priced_is_asked_for_and_never_free(
    profile: str, capability: str
) -> None:
    spec, seller = _offer(profile, "happyhorse_1_0", capability)
    cost = estimate(spec, seller, Asked(duration=5, ratio="1280:720"), count=2)
    assert _amounts(cost) == [None] * 4
    assert (cost.basis, cost.unit) == ("unknown", "credit")
    assert "Nobody has published" in cost.source
    own = estimate(spec, seller, Asked(duration=10), unit_price=Decimal(70))
    assert (own.low, own.high, own.basis) == (Decimal(140), Decimal(140), "own")


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


@st.composite
def asks(draw: st.DrawFn, spec: ModelSpec) -> Asked:
    """Anything that can be asked of a model, as far as a price goes."""
    seconds = st.none() | st.decimals("0.01", 600, places=3)
    values = {
        o.name: draw(st.sampled_from(o.choices) if o.kind == "choice" else st.booleans())
        for o in spec.options
        if o.kind in ("choice", "switch") and draw(st.booleans())
    }
    return Asked(
        duration=draw(st.integers(0, 60)),
        ratio=draw(st.sampled_from(("", *spec.offered_ratios()))),
        options=values,
        references=draw(st.integers(0, 30)),
        video_seconds=draw(seconds),
        video_fps=draw(st.none() | st.decimals(1, 240, places=2)),
        sends_video=draw(st.booleans()),
        sent_seconds=draw(seconds),
    )


@given(data=st.data(), offer=offers, count=counts, price=st.none() | prices)
def test_amounts_are_exact_numbers_that_are_never_negative(
    data: st.DataObject, offer: tuple[Profile, ModelSpec], count: int, price: Decimal | None
) -> None:
    profile, spec = offer
    asked = data.draw(asks(spec))
    cost = estimate(spec, profile, asked, count=count, unit_price=price)
    published = profile.price == "model" and spec.price is not None
    known = published or (price is not None and asked.duration > 0)
    for amount in (cost.low, cost.high):
        assert (type(amount) is Decimal and amount.is_finite() and amount >= 0) is known
    if cost.low is not None and cost.high is not None:
        assert cost.low <= cost.high
        assert not published or cost.low > 0
    for amount in (cost.usd_low, cost.usd_high):
        assert amount is None or (type(amount) is Decimal and amount >= 0)


@given(data=st.data(), offer=offers, count=counts, price=prices)
def test_longer_or_more_never_costs_less(
    data: st.DataObject, offer: tuple[Profile, ModelSpec], count: int, price: Decimal
) -> None:
    profile, spec = offer
    asked = data.draw(asks(spec))
    if not asked.duration:
        asked = asked.model_copy(update={"duration": 1})

    def ends(more: int, count: int, **changes: Any) -> tuple[Decimal, Decimal]:
        longer = asked.model_copy(update={"duration": asked.duration + more, **changes})
        found = estimate(spec, profile, longer, count=count, unit_price=price)
        assert found.low is not None and found.high is not None
        return found.low, found.high

    def no_less(later: tuple[Decimal, Decimal]) -> bool:
        return all(a <= b for a, b in zip(ends(0, count), later, strict=True))

    assert no_less(ends(1, count))
    assert no_less(ends(0, count + 1))
    assert no_less(ends(0, count, references=asked.references + 1))


@given(data=st.data(), offer=offers, parts=st.lists(counts, min_size=1, max_size=6), price=prices)
def test_the_sum_of_the_parts_is_the_whole(
    data: st.DataObject, offer: tuple[Profile, ModelSpec], parts: list[int], price: Decimal
) -> None:
    profile, spec = offer
    asked = data.draw(asks(spec))

    def cost(count: int) -> Estimate:
        return estimate(spec, profile, asked, count=count, unit_price=price)

    whole = cost(sum(parts))
    if whole.low is not None:
        assert sum(cost(count).low or 0 for count in parts) == whole.low
    if whole.usd_high is not None:
        assert sum(cost(count).usd_high or 0 for count in parts) == whole.usd_high


@given(data=st.data(), offer=priced)
def test_knowing_more_never_leaves_the_range_that_was_said_before(
    data: st.DataObject, offer: tuple[Profile, ModelSpec]
) -> None:
    profile, spec = offer
    follows = spec.follows.seconds if spec.follows and spec.follows.seconds else (1, 30)
    length = data.draw(st.decimals(max(1, follows[0]), follows[1], places=2))
    known = {
        "ratio": data.draw(st.sampled_from(spec.ratios or ("",))),
        "video_seconds": length,
        "video_fps": data.draw(st.decimals(24, 60, places=2)),
    }
    before = estimate(spec, profile, Asked(duration=spec.default_duration))
    after = estimate(spec, profile, Asked(duration=spec.default_duration, **known))
    assert before.low is not None and before.high is not None
    assert after.low is not None and after.high is not None
    assert before.low <= after.low <= after.high <= before.high
