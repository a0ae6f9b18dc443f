"""What the catalogue says of Doitong: ranges by quality and length, and what nobody has confirmed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from runway_core.domain import Value
from runway_core.pricing import Asked, estimate
from tests.catalog.requests import CATALOG, frame, offer, refused, warned

TEXT = ("doitong", "runway", "text_to_video")
IMAGE = ("doitong", "runway-i2v", "image_to_video")


@pytest.mark.parametrize(
    ("row", "duration", "options", "low", "high"),
    [
        (TEXT, 5, {}, 100, 200),
        (TEXT, 10, {"quality": "standard"}, 100, 200),
        (TEXT, 7, {"quality": "high"}, 300, 500),
        (IMAGE, 5, {}, 10, 50),
        (IMAGE, 5, {"motion_intensity": "high", "version": "gen-3"}, 10, 50),
        (IMAGE, 9, {}, 10, 500),
        (IMAGE, 5, {"quality": "high"}, 100, 500),
    ],
)
def test_a_price_is_a_range_of_credits_that_is_assumed(
    row: tuple[str, str, str], duration: int, options: dict[str, Value], low: int, high: int
) -> None:
    profile, spec = offer(*row)
    asked = Asked(duration=duration, ratio="16:9", options=options)
    found = estimate(spec, profile, asked, count=3)
    assert (found.low, found.high) == (Decimal(3 * low), Decimal(3 * high))
    assert (found.unit, found.basis) == ("credit", "assumed")
    assert found.usd_low is None
    assert found.usd_high is None


@pytest.mark.parametrize("row", [TEXT, IMAGE])
def test_its_bounds_are_those_of_its_pages(row: tuple[str, str, str]) -> None:
    profile, spec = offer(*row)
    assert spec.durations == (5, 6, 7, 8, 9, 10)
    assert (spec.ratios, spec.default_ratio) == (("16:9", "9:16", "1:1"), "16:9")
    assert spec.default_duration == 5
    assert profile.poll_floor >= 10
    assert list(refused(profile, spec, duration=4)) == ["duration"]
    assert list(refused(profile, spec, ratio="1280:720")) == ["ratio"]
    assert refused(profile, spec, options={"version": "gen-9-whatever"}) == {}
    assert list(refused(profile, spec, options={"quality": "ultra"})) == ["options.quality"]


def test_a_file_is_refused_because_it_takes_only_links() -> None:
    profile, spec = offer(*IMAGE)
    for uri in ("asset:" + "0" * 64, "data:image/png;base64,AAAA"):
        found = refused(profile, spec, frames=(frame(uri=uri),))
        assert "only a link" in found["frames.first"]
    assert list(refused(profile, spec, frames=())) == ["frames.first"]


def test_whatever_nobody_confirmed_says_so() -> None:
    profile = CATALOG.profile("doitong")
    confirmed = {setting.name for setting in profile.settings if not setting.assumed}
    assert confirmed == {"callback_url"}
    assert profile.assumed
    for spec in profile.specs:
        assert spec.assumed
        assert {option.name for option in spec.options if not option.assumed} == {"version"}
        assert any("nobody has confirmed" in n.message for n in warned(profile, spec))


def test_the_questions_for_a_state_begin_with_graphql_and_can_be_changed() -> None:
    setting = CATALOG.profile("doitong").setting("status_ladder")
    assert setting is not None
    lines = str(setting.default).strip().splitlines()
    assert [line.split()[0] for line in lines] == ["query", "query", "GET", "GET", "GET", "GET"]
    assert setting.problem("GET /mine/{id}") == ""
