"""Who makes what is wished for: a row for each connection and model, and which is cheapest and fastest."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.catalog import Profile, catalog
from runway_core.domain import Capability
from runway_core.pricing import Offer, Reporting, Seller, Wish, offers
from tests.builders import connection

RATES = Reporting(currency="USD", rates={"CNY": Decimal("0.14")})
PROFILES = {profile.id: profile for profile in catalog().profiles}


def seller(profile: str, **changes: Any) -> Seller:
    made = {"id": profile, "name": profile, "profile": profile}
    return Seller.of(connection(**made | changes), PROFILES[profile])


def told(*amounts: Decimal | None) -> str:
    """As a person reads them."""
    return " ".join("?" if amount is None else f"{amount.normalize():f}" for amount in amounts)


def rows(wish: Wish, *sellers: Seller, **more: Any) -> dict[str, Offer]:
    """By connection and model."""
    return {f"{o.connection} {o.model}": o for o in offers(wish, sellers, **more)}


def test_each_connection_and_model_has_its_row_in_its_own_unit_and_in_money() -> None:
    wish = Wish(capability=Capability.IMAGE_TO_VIDEO, models=("gen4_turbo",), duration=10, count=3)
    found = rows(
        wish,
        seller("runway"),
        seller("openai-hk", unit_price=Decimal(9000)),
        seller("yunwu"),
        reporting=RATES,
    )
    runway, hk, yunwu = found.values()
    assert told(runway.each.high, runway.total.high) == "50 150"
    assert runway.total.unit == "credit"
    assert told(runway.told_low, runway.told_high) == "1.5 1.5"
    assert runway.currency == "USD"
    assert told(runway.rated.low) == "5"
    assert (runway.steps, runway.rated.per) == (1, "second")
    assert told(hk.each.high, hk.total.high) == "18000 54000"
    assert (hk.total.unit, hk.total.basis) == ("point", "own")
    assert hk.told_high == Decimal("0.756")  # 5.4 CNY
    assert told(hk.rated.low) == "9000"
    assert (hk.steps, hk.rated.per) == (2, "5 s")
    assert (yunwu.total.high, yunwu.told_high, yunwu.total.basis) == (None, None, "unknown")
    assert "no price" in yunwu.total.source
    assert runway.total.source and runway.total.as_of.startswith("2026-")
    assert [o.cheapest for o in found.values()] == [False, True, False]


@pytest.mark.parametrize(
    ("model", "wish", "field", "says"),
    [
        ("gen4_turbo", {"duration": 12}, "duration", "not 12 s"),
        ("gen4_turbo", {"options": {"audio": True}}, "options.audio", "no such setting"),
        ("veo3.1", {"options": {"audio": "perhaps"}}, "options.audio", "on or off"),
        ("gen4_image", {"references": 4}, "references", "3 reference pictures at most"),
        ("gen4_turbo", {"references": 1}, "references", "no reference pictures"),
        ("aleph2", {"duration": 45}, "duration", "2 to 30 s"),
        ("gen4_turbo", {"ratio": "wide"}, "ratio", "not width:height"),
    ],
)
def test_who_can_t_make_it_says_why_and_names_no_price(
    model: str, wish: dict[str, Any], field: str, says: str
) -> None:
    for offer in offers(Wish(models=(model,), **wish), [seller("runway")]):
        assert [problem.field for problem in offer.problems] == [field]
        assert says in offer.problems[0].message
        assert offer.total.high is offer.each.low is offer.told_high is None
        assert not offer.can and not offer.cheapest and not offer.fastest


def test_options_may_be_text_and_change_the_price() -> None:
    wish = Wish(models=("veo3.1",), duration=8, capability=Capability.TEXT_TO_VIDEO)
    (loud,) = offers(wish, [seller("runway")])
    (quiet,) = offers(wish.model_copy(update={"options": {"audio": "off"}}), [seller("runway")])
    assert told(loud.total.high, loud.rated.high) == "320 40"
    assert told(quiet.total.high, quiet.rated.high) == "160 20"


def test_the_length_of_what_is_worked_on_may_be_said_like_any_other() -> None:
    (offer,) = offers(Wish(models=("aleph2",), duration=5), [seller("runway")])
    assert told(offer.total.low, offer.total.high) == "140 140"
    assert offer.duration == 0


def test_another_shape_is_the_nearest_that_the_model_has() -> None:
    wish = Wish(models=("runway",), ratio="1280:720", duration=5)
    (offer,) = offers(wish, [seller("doitong")])
    assert (offer.ratio, offer.can) == ("16:9", True)
    assert any("nearest to 1280:720" in note for note in offer.notes)
    assert any("nobody has confirmed" in note for note in offer.notes)


def test_a_range_stays_a_range_and_is_compared_by_the_most_it_may_cost() -> None:
    wish = Wish(
        duration=5, count=2, models=("runway", "gen4.5"), capability=Capability.TEXT_TO_VIDEO
    )
    doitong = seller("doitong", options={"unit_worth": "0.001 USD"})
    found = rows(wish, seller("runway"), doitong)
    ranged = found["doitong runway"]
    assert told(ranged.total.low, ranged.total.high) == "200 400"
    assert (ranged.told_low, ranged.told_high) == (Decimal("0.2"), Decimal("0.4"))
    assert ranged.cheapest and not found["runway gen4.5"].cheapest
    dear = seller("doitong", options={"unit_worth": "0.004 USD"})
    assert rows(wish, seller("runway"), dear)["runway gen4.5"].cheapest


def test_what_has_no_common_currency_is_not_compared() -> None:
    wish = Wish(duration=5, capability=Capability.TEXT_TO_VIDEO)
    found = offers(wish, [seller("doitong"), seller("runway")])
    assert {o.connection for o in found if o.cheapest} == {"runway"}
    (alone,) = offers(wish, [seller("doitong")])
    assert alone.cheapest  # of one provider, its own unit compares


def test_practice_and_models_that_ended_are_no_rivals() -> None:
    wish = Wish(duration=5, capability=Capability.IMAGE_TO_VIDEO)
    found = offers(wish, [seller("sandbox"), seller("runway")])
    assert all(o.total.usd_high == 0 for o in found if o.practice and o.total.is_known)
    assert {o.connection for o in found if o.cheapest} == {"runway"}
    assert {o.practice for o in offers(wish, [seller("sandbox")]) if o.cheapest} == {True}
    hk = offers(wish, [seller("openai-hk", unit_price=Decimal(1), unit="CNY")])
    assert [(o.model, o.retired, o.cheapest) for o in hk] == [
        ("gen4_turbo", False, True),
        ("gen3a_turbo", True, False),
    ]


def test_the_fastest_is_known_from_history_alone() -> None:
    wish = Wish(duration=5, capability=Capability.IMAGE_TO_VIDEO, models=("gen4_turbo", "gen4.5"))
    typical = {("runway", "gen4_turbo"): timedelta(seconds=40), ("runway", "gen4.5"): timedelta(90)}
    found = rows(wish, seller("runway"), seller("yunwu"), typical=typical)
    assert [name for name, o in found.items() if o.fastest] == ["runway gen4_turbo"]
    assert found["yunwu gen4_turbo"].takes is None
    assert not any(o.fastest for o in offers(wish, [seller("runway")]))


wishes = st.builds(
    Wish,
    capability=st.none() | st.sampled_from(list(Capability)),
    duration=st.integers(0, 40),
    count=st.integers(1, 300),
    ratio=st.sampled_from(["", "1280:720", "16:9", "1:1", "adaptive"]),
    options=st.dictionaries(
        st.sampled_from(["audio", "quality", "resolution", "mode"]),
        st.sampled_from([True, False, "high", "2k", "720p", "extend"]),
    ),
    references=st.integers(0, 12),
    video_seconds=st.none() | st.decimals("0.1", 60, places=2),
)
prices = st.none() | st.decimals(0, 10**6, places=4)


@given(wish=wishes, price=prices, profile=st.sampled_from(list(PROFILES.values())))
def test_rows_are_exact_and_all_of_them_are_as_many_times_one(
    wish: Wish, price: Decimal | None, profile: Profile
) -> None:
    sold_by = seller(profile.id, unit_price=price, options={"unit_worth": "0.003 EUR"})
    told_in = Reporting(currency="USD", rates={"EUR": Decimal("1.08")})
    for offer in offers(wish, [sold_by], reporting=told_in):
        assert offer.can or offer.total.low is None
        for one, whole in ((offer.each.low, offer.total.low), (offer.each.high, offer.total.high)):
            assert (one is None) == (whole is None)
            if one is not None and whole is not None:
                assert type(whole) is Decimal and whole >= 0
                assert whole == one * wish.count
        if offer.total.high is not None and offer.told_high is not None:
            assert offer.told_high == offer.total.high * Decimal("0.00324")


@given(wish=wishes, price=prices)
def test_more_never_costs_less_in_any_row(wish: Wish, price: Decimal | None) -> None:
    sellers = [seller(name, unit_price=price) for name in PROFILES]
    more = wish.model_copy(update={"count": wish.count + 1})
    for one, two in zip(offers(wish, sellers), offers(more, sellers), strict=True):
        if one.total.high is not None:
            assert two.total.high is not None and two.total.high >= one.total.high
