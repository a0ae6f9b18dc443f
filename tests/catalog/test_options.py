"""Options of models: what each may be set to, which go together, and how some change the row."""

from __future__ import annotations

import pytest

from runway_core.catalog import ModelSpec, OptionSpec, Profile, active_options
from tests.catalog.requests import OFFER_IDS, OFFERS, good, offer, refused, warned

every_offer = pytest.mark.parametrize(("profile", "spec"), OFFERS, ids=OFFER_IDS)
GEN45 = offer("runway", "gen4.5")
EXTENDS = offer("runway", "seedance2_5", "video_to_video")


def goods(option: OptionSpec) -> list[bool | int | str]:
    if option.kind == "switch":
        return [True, False]
    if option.kind == "number":
        return [option.low, option.high]
    return list(option.choices) if option.kind == "choice" else ["", "a" * option.high]


def bads(option: OptionSpec) -> list[bool | int | str]:
    if option.kind == "switch":
        return [0, 1, "on", ""]
    if option.kind == "number":
        return [option.low - 1, option.high + 1, True, str(option.low)]
    rest = ["none of these", ""] if option.kind == "choice" else ["a" * (option.high + 1), "\x00"]
    return [*rest, 1, True]


@every_offer
def test_each_value_of_an_option_is_taken_or_refused_by_name(
    profile: Profile, spec: ModelSpec
) -> None:
    for option in spec.options:
        field = f"options.{option.name}"
        for value in goods(option):
            said = refused(profile, spec, options={**option.only_with, option.name: value})
            assert said == {}, (option.name, value)
        for wrong in bads(option):
            said = refused(profile, spec, options={**option.only_with, option.name: wrong})
            assert list(said) == [field], (option.name, wrong)


@every_offer
def test_an_option_that_the_model_lacks_is_refused(profile: Profile, spec: ModelSpec) -> None:
    said = refused(profile, spec, options={"wings": 2})
    assert list(said) == ["options.wings"]
    assert all(option.name in said["options.wings"] for option in spec.options)


def test_a_prores_profile_makes_sense_only_in_a_prores_file() -> None:
    for other in ({}, {"output_format": "mp4"}):
        said = refused(*GEN45, options={**other, "prores_profile": "422 HQ"})
        assert said == {"options.prores_profile": "makes sense only with output_format = prores."}
    chosen = {"output_format": "prores", "prores_profile": "422 HQ"}
    assert refused(*GEN45, options=chosen) == {}


def test_a_condition_on_a_switch_is_written_as_in_toml() -> None:
    spec = offer("runway", "veo3.1")[1]
    options = (
        *spec.options,
        OptionSpec(
            name="voice",
            kind="choice",
            choices=("low",),
            title="Voice",
            only_with={"audio": "true"},
        ),
    )
    with_voice = spec.model_copy(update={"options": options})
    on, off = good(spec), good(spec, options={"audio": False})
    assert "voice" in {o.name for o in active_options(on, with_voice)}
    assert "voice" not in {o.name for o in active_options(off, with_voice)}


def test_continuing_a_video_needs_words_and_keeps_its_shape() -> None:
    profile, spec = EXTENDS
    extend = {"mode": "extend"}
    assert refused(profile, spec, prompt="") == {}
    assert list(refused(profile, spec, prompt="", options=extend)) == ["prompt"]
    assert refused(profile, spec, ratio="", options=extend) == {}
    assert list(refused(profile, spec, ratio="")) == ["ratio"]
    assert list(refused(profile, spec, ratio="1:1", options=extend)) == ["ratio"]
    assert refused(profile, spec, options=extend) == {}
    assert [notice.field for notice in warned(profile, spec, options=extend)] == ["ratio"]
    assert warned(profile, spec, ratio="", options=extend) == ()
    assert "ratio" in spec.body_keys()
    assert "ratio" not in spec.given(extend).body_keys()
    assert spec.given(extend).offered_ratios() == ()


@every_offer
def test_a_row_is_itself_while_no_option_is_set(profile: Profile, spec: ModelSpec) -> None:
    assert spec.given({}) == spec


def test_a_choice_is_called_by_its_label_or_by_itself() -> None:
    option = GEN45[1].option("output_format")
    assert option is not None
    assert option.label("prores") == "ProRes (.mov)"
    profile = GEN45[1].option("prores_profile")
    assert profile is not None
    assert profile.label("422 HQ") == "422 HQ"
