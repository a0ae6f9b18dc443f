"""The nearest ratio: what a form falls back to when the model changes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.catalog import AS_SENT, ModelSpec, nearest_ratio
from tests.catalog.requests import CATALOG, offer

specs = st.sampled_from([spec for spec in CATALOG.models if spec.ratios])
sides = st.integers(1, 10_000)


@given(specs, st.text())
def test_the_nearest_ratio_is_always_one_of_the_model(spec: ModelSpec, ratio: str) -> None:
    assert nearest_ratio(spec, ratio) in spec.ratios


@given(specs, sides, sides)
def test_no_other_ratio_of_the_model_is_nearer(spec: ModelSpec, width: int, height: int) -> None:
    def distance(ratio: str) -> float:
        w, h = map(int, ratio.split(":"))
        return abs(math.log(w / h) - math.log(width / height))

    chosen = nearest_ratio(spec, f"{width}:{height}")
    shapes = [ratio for ratio in spec.ratios if ratio != AS_SENT]
    assert distance(chosen) <= min(map(distance, shapes)) + 1e-9


@given(st.data(), specs)
def test_a_ratio_of_the_model_is_its_own_nearest(data: st.DataObject, spec: ModelSpec) -> None:
    ratio = data.draw(st.sampled_from(spec.ratios))
    assert nearest_ratio(spec, ratio) == ratio


@given(specs, sides, sides)
def test_turning_a_picture_never_turns_it_back(spec: ModelSpec, width: int, height: int) -> None:
    chosen = nearest_ratio(spec, f"{width}:{height}")
    turned = nearest_ratio(spec, f"{height}:{width}")
    if width > 2 * height:
        assert chosen.split(":") != turned.split(":")


@pytest.mark.parametrize(
    ("model", "asked", "nearest"),
    [
        ("gen4_turbo", "1280:768", "1280:720"),
        ("gen4_turbo", "768:1280", "720:1280"),
        ("gen4_turbo", "1:1", "960:960"),
        ("gen4_turbo", "21:9", "1584:672"),
        ("gen4_turbo", "4:3", "1104:832"),
        ("gen4.5", "16:9", "1280:720"),
    ],
)
def test_a_common_shape_finds_its_ratio(model: str, asked: str, nearest: str) -> None:
    assert nearest_ratio(offer("runway", model)[1], asked) == nearest


def test_a_model_without_ratios_has_none_that_is_near() -> None:
    assert nearest_ratio(offer("runway", "aleph2", "video_to_video")[1], "16:9") == ""


def test_the_shape_of_what_is_sent_is_no_neighbour_of_another() -> None:
    spec = offer("runway", "hailuo3")[1]
    assert nearest_ratio(spec, AS_SENT) == AS_SENT
    assert nearest_ratio(spec, "1280:720") == "16:9"
    assert nearest_ratio(offer("runway", "gen4_turbo")[1], AS_SENT) == "1280:720"


@pytest.mark.parametrize(
    "nonsense", ["", ":", "a:b", "0:1", "1:0", "-16:9", "9" * 400 + ":1", "1:" + "9" * 400]
)
def test_nonsense_falls_back_to_the_first_ratio_of_the_model(nonsense: str) -> None:
    spec = offer("runway", "gen4_turbo")[1]
    assert nearest_ratio(spec, nonsense) == spec.ratios[0]
