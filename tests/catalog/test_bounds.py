"""Each bound of each model: the last good value passes, the next one is refused by its field's name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from runway_core.catalog import ModelSpec, Profile, check, utf16_length
from runway_core.domain import Frame
from runway_core.errors import InvalidInputError
from tests.catalog.requests import (
    CATALOG,
    OFFER_IDS,
    OFFERS,
    frame,
    good,
    offer,
    refused,
    seen,
    warned,
)

every_offer = pytest.mark.parametrize(("profile", "spec"), OFFERS, ids=OFFER_IDS)
every_worded_offer = pytest.mark.parametrize(
    ("profile", "spec"),
    [found for found in OFFERS if found[1].prompt_max],
    ids=[name for name, found in zip(OFFER_IDS, OFFERS, strict=True) if found[1].prompt_max],
)
EVERY_RATIO = sorted({ratio for spec in CATALOG.models for ratio in spec.ratios})


@every_worded_offer
def test_a_prompt_of_the_greatest_length_passes_and_one_more_is_refused(
    profile: Profile, spec: ModelSpec
) -> None:
    assert refused(profile, spec, prompt="a" * spec.prompt_max) == {}
    said = refused(profile, spec, prompt="a" * (spec.prompt_max + 1))
    assert list(said) == ["prompt"]
    assert "is 1 too long" in said["prompt"]
    assert str(spec.prompt_max) in said["prompt"]


@every_worded_offer
def test_an_emoji_counts_as_two_characters(profile: Profile, spec: ModelSpec) -> None:
    half = spec.prompt_max // 2
    assert refused(profile, spec, prompt="🎬" * half) == {}
    assert "is 2 too long" in refused(profile, spec, prompt="🎬" * (half + 1))["prompt"]
    assert refused(profile, spec, prompt="画" * spec.prompt_max) == {}


@every_worded_offer
@pytest.mark.parametrize("blank", ["", "   ", "\n\t"])
def test_an_empty_prompt_is_refused_only_where_words_are_needed(
    profile: Profile, spec: ModelSpec, blank: str
) -> None:
    said = refused(profile, spec, prompt=blank)
    nothing = not (good(spec).frames or good(spec).media)
    assert list(said) == (["prompt"] if spec.prompt_required or nothing else [])


def test_a_model_without_words_refuses_them() -> None:
    for model, capability in (
        ("act_two", "character_performance"),
        ("magnific_video_upscaler_creative", "video_upscale"),
    ):
        said = refused(*offer("runway", model, capability), prompt="wave")
        assert said == {"prompt": f"{model} takes none; leave it empty."}


def test_a_prompt_may_have_a_least_length() -> None:
    profile, spec = offer("runway", "happyhorse_1_0", "text_to_video")
    assert "at least 2" in refused(profile, spec, prompt="a")["prompt"]
    assert refused(profile, spec, prompt="ab") == {}


@pytest.mark.parametrize("bad", ["a\x00b", "a\x1bb", "half a \ud83c emoji"])
def test_characters_that_cannot_be_sent_are_refused(bad: str) -> None:
    profile, spec = offer("runway", "gen4_turbo")
    assert list(refused(profile, spec, prompt=bad)) == ["prompt"]


def test_line_breaks_in_a_prompt_are_fine() -> None:
    profile, spec = offer("runway", "gen4_turbo")
    assert refused(profile, spec, prompt="one\r\ntwo\tthree") == {}


@every_offer
def test_a_ratio_is_taken_or_refused_with_the_choices_named(
    profile: Profile, spec: ModelSpec
) -> None:
    for ratio in [*EVERY_RATIO, "16:10", "1280x720", "", "1280:720 "]:
        said = refused(profile, spec, **seen(spec, ratio))
        if ratio in (spec.offered_ratios() or ("",)):
            assert said == {}, ratio
        else:
            assert list(said) == ["ratio"], ratio
            assert all(own in said["ratio"] for own in spec.ratios)


@every_offer
def test_a_duration_is_taken_or_refused_by_name(profile: Profile, spec: ModelSpec) -> None:
    for duration in range(-1, 40):
        expected = [] if duration in (spec.offered_durations() or (0,)) else ["duration"]
        assert list(refused(profile, spec, duration=duration)) == expected, duration


def test_durations_are_said_as_a_person_would() -> None:
    assert (
        "makes 2 to 10 s, not 11 s"
        in refused(*offer("runway", "gen4_turbo"), duration=11)["duration"]
    )
    assert (
        "makes 5 or 10 s, not 7 s"
        in refused(*offer("openai-hk", "gen3a_turbo"), duration=7)["duration"]
    )


@every_offer
def test_a_seed_is_a_whole_number_up_to_the_greatest(profile: Profile, spec: ModelSpec) -> None:
    for seed in (None, 0, spec.seed_max):
        assert refused(profile, spec, seed=seed) == {}
    for seed in (-1, spec.seed_max + 1):
        assert list(refused(profile, spec, seed=seed)) == ["seed"]
    assert spec.seed_max in (0, 4294967295)


@every_offer
def test_every_position_is_taken_or_refused_by_name(profile: Profile, spec: ModelSpec) -> None:
    said = refused(profile, spec, frames=(frame("first"), frame("last")))
    offered = {f"frames.{position}" for position in spec.offered_positions()}
    assert set(said) == {"frames.first", "frames.last"} - offered


@every_offer
def test_a_missing_picture_is_refused_only_where_one_is_needed(
    profile: Profile, spec: ModelSpec
) -> None:
    assert list(refused(profile, spec, frames=())) == (["frames.first"] if spec.frames_min else [])


def test_two_first_frames_are_one_too_many() -> None:
    said = refused(*offer("openai-hk", "gen3a_turbo"), frames=(frame(), frame()))
    assert said == {"frames.first": "there can be only one."}


def test_all_problems_are_said_at_once() -> None:
    profile, spec = offer("runway", "gen4.5")
    said = refused(profile, spec, prompt="", ratio="1:1", duration=99, seed=-1, frames=())
    assert set(said) == {"prompt", "ratio", "duration", "seed", "frames.first"}
    request = good(spec, ratio="1:1", duration=99)
    with pytest.raises(InvalidInputError, match=r"ratio: .*; duration: ") as refusal:
        check(request, spec, profile)
    assert "Nothing was sent" in refusal.value.hint
    assert refusal.value.retryable is False


@pytest.mark.parametrize(
    ("profile", "model", "changes", "field"),
    [
        ("openai-hk", "gen4_turbo", {"frames": (frame("first"), frame("last"))}, "frames.last"),
        ("yunwu", "gen4_turbo", {"ratio": "1584:672"}, "ratio"),
        ("yunwu", "gen3a_turbo", {"frames": (frame("first"), frame("last"))}, "frames.last"),
        ("custom", "gen4_turbo", {"duration": 7}, "duration"),
        ("runway", "seedance2_5", {"ratio": "1920:1080"}, "ratio"),
    ],
)
def test_what_sources_disagree_about_is_warned_of_and_not_refused(
    profile: str, model: str, changes: dict[str, Any], field: str
) -> None:
    assert field in {notice.field for notice in warned(*offer(profile, model), **changes)}
    assert field not in {notice.field for notice in warned(*offer(profile, model))}


@pytest.mark.parametrize("model", ["gen4_turbo", "gen4.5"])
def test_a_last_frame_is_refused_by_runway_itself(model: str) -> None:
    said = refused(*offer("runway", model), frames=(frame("first"), frame("last")))
    assert list(said) == ["frames.last"]


@given(st.text())
def test_length_is_counted_as_javascript_counts_it(text: str) -> None:
    assert utf16_length(text) == sum(2 if ord(c) > 0xFFFF else 1 for c in text)


@given(seed=st.integers(), duration=st.integers(), ratio=st.text(max_size=12), prompt=st.text())
def test_whatever_is_asked_is_answered_by_field_name(
    seed: int, duration: int, ratio: str, prompt: str
) -> None:
    profile, spec = offer("runway", "gen4_turbo")
    said = refused(profile, spec, seed=seed, duration=duration, ratio=ratio, prompt=prompt)
    assert set(said) <= {"seed", "duration", "ratio", "prompt"}
    assert ("duration" in said) == (not 2 <= duration <= 10)
    assert ("seed" in said) == (not 0 <= seed <= 4294967295)
    assert ("ratio" in said) == (ratio not in spec.ratios)


def test_a_position_that_does_not_exist_is_no_frame() -> None:
    with pytest.raises(ValidationError, match="position"):
        Frame.model_validate({"position": "middle", "uri": "https://example.com/a.png"})
