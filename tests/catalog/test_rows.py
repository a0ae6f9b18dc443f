"""What ships in the catalogue, row by row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from runway_core.catalog import ModelSpec, Profile
from runway_core.domain import FramePosition
from runway_core.errors import InvalidInputError
from tests.catalog.requests import CATALOG, OFFER_IDS, OFFERS, offer, refused, warned

every_offer = pytest.mark.parametrize(("profile", "spec"), OFFERS, ids=OFFER_IDS)


def sources() -> list[tuple[str, str, str]]:
    found = [(f"profile {p.id}", p.source, p.as_of) for p in CATALOG.profiles]
    specs = [*CATALOG.models, *(spec for _, spec in OFFERS)]
    for spec in specs:
        found.append((f"model {spec.id}", spec.source, spec.as_of))
        found += [(f"dispute of {spec.id}", d.source, d.as_of) for d in spec.disputed]
        if spec.price:
            found.append((f"price of {spec.id}", spec.price.source, spec.price.as_of))
    return found


def test_every_row_says_where_it_is_from_and_when_it_was_read() -> None:
    for row, source, day in sources():
        assert len(source) > 10, row
        assert date(2024, 1, 1) <= date.fromisoformat(day), row


def test_the_known_endpoints_are_there() -> None:
    ids = [profile.id for profile in CATALOG.profiles]
    assert ids == ["sandbox", "openai-hk", "yunwu", "runway", "custom"]
    openai_hk = CATALOG.profile("openai-hk")
    assert (openai_hk.root, openai_hk.prefix) == ("https://api.openai-hk.com", "/runwayml")
    assert CATALOG.profile("runway").prefix == ""


def test_no_endpoint_is_looked_at_faster_than_it_allows() -> None:
    assert CATALOG.profile("runway").poll_floor >= 5
    assert CATALOG.profile("openai-hk").poll_floor >= 6
    assert CATALOG.profile("yunwu").poll_floor >= 10
    assert CATALOG.profile("custom").poll_floor >= 10


def test_every_profile_explains_a_price_that_nobody_published() -> None:
    silent = [p.id for p in CATALOG.profiles if p.price == "unknown" and not p.price_note]
    assert silent == []


def test_the_official_prices_are_exact_credits_a_second() -> None:
    prices = {s.id: s.price.rates[0].high for s in CATALOG.profile("runway").specs if s.price}
    assert prices == {"gen4_turbo": Decimal(5), "gen4.5": Decimal(12)}
    assert CATALOG.profile("runway").usd_per_unit == Decimal("0.01")


@every_offer
def test_a_plain_request_passes_everywhere(profile: Profile, spec: ModelSpec) -> None:
    assert refused(profile, spec) == {}


@every_offer
def test_the_default_needs_no_warning_but_a_retired_or_assumed_one(
    profile: Profile, spec: ModelSpec
) -> None:
    fields = {notice.field for notice in warned(profile, spec)}
    assert fields == ({"model"} if spec.retired or profile.assumed else set())


@every_offer
def test_only_keys_that_the_model_takes_may_be_sent(profile: Profile, spec: ModelSpec) -> None:
    assert {"model", "ratio", "duration"} <= spec.body_keys()
    assert ("promptImage" in spec.body_keys()) == bool(spec.positions)
    assert "watermark" not in spec.body_keys()


@every_offer
def test_forms_never_offer_what_the_check_refuses(profile: Profile, spec: ModelSpec) -> None:
    for ratio in spec.offered_ratios():
        assert refused(profile, spec, ratio=ratio) == {}
    for duration in spec.offered_durations():
        assert refused(profile, spec, duration=duration) == {}
    assert len(set(spec.offered_ratios())) == len(spec.offered_ratios())
    assert list(spec.offered_durations()) == sorted(set(spec.offered_durations()))
    assert set(spec.offered_positions()) <= {FramePosition.FIRST, FramePosition.LAST}


def test_a_retired_model_says_so_and_names_what_to_take_instead() -> None:
    profile, spec = offer("openai-hk", "gen3a_turbo")
    (notice,) = warned(profile, spec)
    assert notice.field == "model"
    assert "2026-07-30" in notice.message
    with pytest.raises(InvalidInputError) as refusal:
        CATALOG.spec("runway", "gen3a_turbo", "image_to_video")
    (problem,) = refusal.value.problems
    assert problem.field == "model"
    assert "2026-07-30" in problem.message
    assert "gen4_turbo" in problem.message


@pytest.mark.parametrize(
    ("profile", "model", "capability", "field", "words"),
    [
        ("nowhere", "gen4_turbo", "image_to_video", "profile", "openai-hk"),
        ("yunwu", "gen4.5", "image_to_video", "model", "gen4_turbo"),
        ("runway", "gen9", "image_to_video", "model", "gen4.5"),
        ("runway", "gen4_turbo", "text_to_video", "capability", "image to video"),
    ],
)
def test_what_is_not_offered_names_what_is(
    profile: str, model: str, capability: str, field: str, words: str
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        CATALOG.spec(profile, model, capability)
    (problem,) = refusal.value.problems
    assert problem.field == field
    assert words in problem.message


def test_the_same_model_differs_by_capability() -> None:
    _, from_words = offer("runway", "gen4.5", "text_to_video")
    _, from_picture = offer("runway", "gen4.5", "image_to_video")
    assert (len(from_words.ratios), len(from_picture.ratios)) == (2, 6)
