"""The prices that Runway has published, one by one, as its price list and its bills have them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from runway_core.catalog import Extra, ModelSpec, Price, Profile, Rate, catalog
from runway_core.pricing import Asked, estimate, steps

RUNWAY = catalog().profile("runway")


def _offer(model: str, capability: str | None = None) -> tuple[ModelSpec, Profile]:
    found = (s for s in RUNWAY.specs if s.id == model and capability in (None, s.capability))
    return next(found), RUNWAY


def _cost(model: str, capability: str | None = None, **asked: Any) -> tuple[str, str]:
    cost = estimate(*_offer(model, capability), Asked(**asked))
    return f"{cost.low:f}", f"{cost.high:f}"


P480, P720, P1080, P4K = "864:496", "1280:720", "1920:1080", "3840:2160"
PUBLISHED: list[tuple[str, dict[str, Any], str]] = [
    ("gen4_turbo", {"duration": 5, "ratio": P720}, "25"),
    ("gen4_turbo", {"duration": 10, "ratio": P720}, "50"),
    ("gen4_turbo", {"duration": 2}, "10"),
    ("gen4.5", {"duration": 5}, "60"),
    ("gen4.5", {"duration": 2}, "24"),
    ("gen4.5", {"duration": 10}, "120"),
    ("gen4.5", {"duration": 5, "options": {"output_format": "mp4"}}, "60"),
    ("gen4.5", {"duration": 5, "options": {"output_format": "prores"}}, "85"),
    ("gen4.5", {"duration": 10, "options": {"output_format": "png_sequence"}}, "170"),
    ("aleph2", {"video_seconds": "5"}, "140"),
    ("aleph2", {"video_seconds": "2"}, "56"),
    ("aleph2", {"video_seconds": "1"}, "56"),
    ("aleph2", {"video_seconds": "30"}, "840"),
    ("aleph2", {"video_seconds": "10", "options": {"output_format": "prores"}}, "330"),
    ("act_two", {"video_seconds": "3", "ratio": P720}, "15"),
    ("act_two", {"video_seconds": "30"}, "150"),
    ("veo3.1", {"duration": 8}, "320"),
    ("veo3.1", {"duration": 8, "options": {"audio": True}}, "320"),
    ("veo3.1", {"duration": 8, "options": {"audio": False}}, "160"),
    ("veo3.1", {"duration": 4, "options": {"audio": False}}, "80"),
    ("veo3.1_fast", {"duration": 4}, "60"),
    ("veo3.1_fast", {"duration": 8, "options": {"audio": False}}, "80"),
    ("veo3.1_fast", {"duration": 4, "options": {"audio": False}}, "40"),
    ("gen4_image", {"ratio": "1280:720"}, "5"),
    ("gen4_image", {"ratio": "1680:720"}, "5"),
    ("gen4_image", {"ratio": "1920:1080"}, "8"),
    ("gen4_image", {"ratio": "1080:1440", "references": 3}, "8"),
    ("gen4_image_turbo", {"ratio": "1280:720", "references": 1}, "2"),
    ("gen4_image_turbo", {"ratio": "1920:1080", "references": 3}, "2"),
    ("seedance2", {"duration": 5, "ratio": P480}, "180"),
    ("seedance2", {"duration": 5, "ratio": P720}, "180"),
    ("seedance2", {"duration": 5, "ratio": P1080}, "200"),
    ("seedance2", {"duration": 5, "ratio": P4K}, "750"),
    ("seedance2_fast", {"duration": 5, "ratio": P480}, "145"),
    ("seedance2_mini", {"duration": 5, "ratio": P720}, "80"),
    ("seedance2_mini", {"duration": 4, "ratio": P720}, "64"),
    ("seedance2_mini", {"duration": 3}, "64"),
    ("seedance2_5", {"duration": 5, "ratio": "854:480"}, "100"),
    ("seedance2_5", {"duration": 4, "ratio": "854:480"}, "80"),
    ("seedance2_5", {"duration": 3, "ratio": "854:480"}, "80"),
    ("seedance2_5", {"duration": 5, "ratio": P720}, "150"),
    ("seedance2_5", {"duration": 5, "ratio": P1080}, "340"),
    ("hailuo3", {"duration": 5, "ratio": "16:9"}, "50"),
    ("hailuo3", {"duration": 5, "options": {"resolution": "768P"}}, "50"),
    ("hailuo3", {"duration": 5, "options": {"resolution": "2K"}}, "75"),
    ("hailuo3", {"duration": 5, "references": 4}, "58"),
    ("hailuo3", {"duration": 6, "references": 9, "options": {"resolution": "2K"}}, "108"),
]


@pytest.mark.parametrize(("model", "asked", "credits"), PUBLISHED)
def test_runways_own_prices_are_exact(model: str, asked: dict[str, Any], credits: str) -> None:
    assert _cost(model, **asked) == (credits, credits)


@pytest.mark.parametrize(
    ("ratio", "sent", "credits"),
    [("854:480", 10, "200"), (P720, 10, "300"), (P1080, 10, "680"), (P720, 1, "165")],
)
def test_a_second_of_a_video_that_is_sent_costs_half_with_seedance_2_5(
    ratio: str, sent: int, credits: str
) -> None:
    asked = {"duration": 5, "ratio": ratio, "sends_video": True, "sent_seconds": Decimal(sent)}
    assert _cost("seedance2_5", "video_to_video", **asked) == (credits, credits)
    assert _cost("seedance2_5", "text_to_video", **asked) == (credits, credits)
    unmeasured = asked | {"sent_seconds": None}
    low, high = map(Decimal, _cost("seedance2_5", "video_to_video", **unmeasured))
    assert low < Decimal(credits) < high or (sent == 1 and low == Decimal(credits))


def test_continuing_a_video_costs_what_any_size_may() -> None:
    asked = {
        "duration": 5,
        "ratio": P720,
        "options": {"mode": "extend"},
        "sends_video": True,
        "sent_seconds": Decimal(10),
    }
    assert _cost("seedance2_5", "video_to_video", **asked) == ("200", "680")


@pytest.mark.parametrize(
    ("resolution", "seconds", "fps", "credits"),
    [
        ("720p", "3", "30", "63"),
        ("1k", "3", "30", "63"),
        ("2k", "3", "30", "81"),
        ("4k", "3", "30", "108"),
        ("720p", "3.003", "29.97", "63"),
        ("2k", "3.75", "24", "81"),
        ("1k", "0.01", "24", "1"),
        ("1k", "0.1", "24", "2"),
    ],
)
def test_an_upscale_costs_by_frame_and_in_whole_credits(
    resolution: str, seconds: str, fps: str, credits: str
) -> None:
    asked: dict[str, Any] = {
        "video_seconds": seconds,
        "video_fps": fps,
        "sends_video": True,
        "options": {"resolution": resolution},
    }
    found = _cost("magnific_video_upscaler_creative", **asked)
    assert found == (credits, credits)


def test_more_frames_may_be_charged_where_they_are_asked_for() -> None:
    boosted: dict[str, object] = {"resolution": "720p", "fps_boost": True}
    asked: dict[str, Any] = {"video_seconds": "3", "video_fps": "30", "options": boosted}
    assert _cost("magnific_video_upscaler_creative", **asked) == ("63", "126")
    assert _cost("magnific_video_upscaler_creative", **asked | {"video_fps": "120"}) == (
        *("252", "252"),
    )


def test_what_is_not_measured_gives_a_range_and_never_nothing() -> None:
    assert _cost("aleph2") == ("56", "840")
    assert _cost("act_two") == ("15", "150")
    assert _cost("magnific_video_upscaler_creative") == ("22", "1620")
    assert _cost("gemini_omni_flash", "video_to_video") == ("10", "110")
    for spec in RUNWAY.specs:
        low = estimate(spec, RUNWAY, Asked()).low
        assert low > 0 if low is not None else spec.unpriced


def test_a_part_of_a_second_is_charged_as_none_or_as_a_whole_one() -> None:
    assert _cost("aleph2", video_seconds="5.04") == ("140", "168")
    assert _cost("gemini_omni_flash", "video_to_video", video_seconds="0.4") == ("10", "11")


def test_a_published_range_stays_a_range() -> None:
    assert _cost("gemini_omni_flash", "image_to_video", duration=5) == ("50", "55")


def test_a_share_of_a_range_is_a_range() -> None:
    spec, profile = _offer("seedance2_5", "video_to_video")
    rate = Rate(low=Decimal(20), high=Decimal(30))
    half = Extra(share=Decimal("0.5"), low=Decimal(1), high=Decimal(2), per="video_second")
    price = Price(rates=(rate,), extras=(half,), source="a test", as_of="2026-11-22")
    asked = Asked(duration=4, sends_video=True, sent_seconds=Decimal(10))
    cost = estimate(spec.model_copy(update={"price": price}), profile, asked)
    assert (cost.low, cost.high) == (Decimal(80 + 110), Decimal(120 + 170))


def test_what_decides_and_is_not_known_gives_a_range() -> None:
    assert _cost("seedance2", "text_to_video", duration=5) == ("180", "750")
    assert _cost("gen4_image") == ("5", "8")
    assert _cost("hailuo3", "text_to_video", duration=5) == ("50", "50")


DOITONG: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("runway", {"duration": 5}, ("100", "200")),
    ("runway", {"duration": 10, "options": {"quality": "standard"}}, ("100", "200")),
    ("runway", {"duration": 5, "options": {"quality": "high"}}, ("300", "500")),
    ("runway", {"duration": 10, "options": {"quality": "high"}}, ("300", "500")),
    ("runway-i2v", {"duration": 5}, ("10", "50")),
    ("runway-i2v", {"duration": 5, "options": {"quality": "high"}}, ("100", "500")),
    ("runway-i2v", {"duration": 10}, ("10", "500")),
]


@pytest.mark.parametrize(("model", "asked", "credits"), DOITONG)
def test_doitongs_prices_are_the_ranges_on_its_pages(
    model: str, asked: dict[str, Any], credits: tuple[str, str]
) -> None:
    profile = catalog().profile("doitong")
    spec = next(spec for spec in profile.specs if spec.id == model)
    cost = estimate(spec, profile, Asked(**asked))
    assert (f"{cost.low:f}", f"{cost.high:f}") == credits
    assert (cost.basis, cost.unit, cost.usd_high) == ("assumed", "credit", None)


@pytest.mark.parametrize(
    ("relay", "model", "seconds", "fives"),
    [
        ("openai-hk", "gen3a_turbo", 5, 1),
        ("openai-hk", "gen3a_turbo", 10, 2),
        ("openai-hk", "gen4_turbo", 10, 2),
        ("yunwu", "gen4_turbo", 10, 2),
        ("yunwu", "gen3a_turbo", 10, 2),
    ],
)
def test_ten_seconds_of_a_relay_cost_twice_five(
    relay: str, model: str, seconds: int, fives: int
) -> None:
    profile = catalog().profile(relay)
    spec = next(spec for spec in profile.specs if spec.id == model)
    price = Decimal("1.7")
    cost = estimate(spec, profile, Asked(duration=seconds), unit_price=price, unit="CNY")
    assert cost.low == cost.high == fives * price
    assert steps(profile, spec, seconds) == fives


def test_every_model_that_runway_has_a_price_for_is_in_this_list() -> None:
    listed = {model for model, _, _ in PUBLISHED}
    elsewhere = {"magnific_video_upscaler_creative", "gemini_omni_flash"}
    priced = {spec.id for spec in RUNWAY.specs if spec.price is not None}
    assert priced == listed | elsewhere


def test_dollars_and_source_come_with_the_credits() -> None:
    cost = estimate(*_offer("gen4.5"), Asked(duration=7), count=3)
    assert (cost.low, cost.high) == (Decimal(252), Decimal(252))
    assert (cost.usd_low, cost.usd_high) == (Decimal("2.52"), Decimal("2.52"))
    assert (cost.unit, cost.basis, cost.is_known) == ("credit", "published", True)
    assert "docs.dev.runwayml.com" in cost.source and cost.as_of.startswith("2026-")
