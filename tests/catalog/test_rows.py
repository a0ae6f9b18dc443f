"""What ships in the catalogue, row by row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from runway_core.catalog import MediaSpec, ModelSpec, OptionSpec, Profile
from runway_core.domain import Capability, FramePosition
from runway_core.errors import InvalidInputError
from tests.catalog.requests import CATALOG, OFFER_IDS, OFFERS, offer, refused, seen, warned

EVERY_RATIO = {ratio for _, spec in OFFERS for ratio in spec.offered_ratios()}
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
    assert ids == ["sandbox", "openai-hk", "yunwu", "runway", "doitong", "custom"]
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


def test_a_credit_of_runway_is_a_cent() -> None:
    assert CATALOG.profile("runway").usd_per_unit == Decimal("0.01")


def test_runway_offers_every_way_to_make_moving_pictures() -> None:
    offered: dict[str, set[str]] = {}
    for spec in CATALOG.profile("runway").specs:
        offered.setdefault(spec.capability, set()).add(spec.id)
    anywhere = {"veo3.1", "veo3.1_fast", "hailuo3", "happyhorse_1_0", "gemini_omni_flash"}
    anywhere |= {"seedance2", "seedance2_fast", "seedance2_mini", "seedance2_5", "gen4.5"}
    third = anywhere - {"veo3.1", "veo3.1_fast", "happyhorse_1_0", "gen4.5"}
    assert offered == {
        Capability.IMAGE_TO_VIDEO: anywhere | {"gen4_turbo"},
        Capability.TEXT_TO_VIDEO: anywhere,
        Capability.VIDEO_TO_VIDEO: third | {"aleph2"},
        Capability.CHARACTER_PERFORMANCE: {"act_two"},
        Capability.VIDEO_UPSCALE: {"magnific_video_upscaler_creative"},
        Capability.TEXT_TO_IMAGE: {"gen4_image", "gen4_image_turbo"},
    }


def test_the_sandbox_offers_what_runway_does_and_what_it_has_ended() -> None:
    def names(profile: str) -> set[tuple[str, str]]:
        return {(spec.id, spec.capability) for spec in CATALOG.profile(profile).specs}

    assert names("sandbox") == names("runway") | {("gen3a_turbo", "image_to_video")}


@pytest.mark.parametrize("relay", ["openai-hk", "yunwu", "custom"])
def test_relays_animate_pictures_and_nothing_else(relay: str) -> None:
    profile = CATALOG.profile(relay)
    assert profile.capabilities() == (Capability.IMAGE_TO_VIDEO,)
    assert profile.specs[0].id == "gen4_turbo"
    for spec in profile.specs:
        assert spec.body_keys() <= {
            *("model", "promptImage", "promptText", "ratio", "duration", "seed")
        }


def test_only_runway_and_the_sandbox_take_uploads() -> None:
    assert [p.id for p in CATALOG.profiles if p.uploads] == ["sandbox", "runway"]


def test_what_a_relays_connection_can_set_is_off_until_it_is_set() -> None:
    settings = {p.id: {s.name: s for s in p.settings} for p in CATALOG.profiles}
    assert set(settings["openai-hk"]) == {"callback_url", "model_name", "prefix"}
    assert set(settings["custom"]) == {"callback_url", "model_name", "prefix"}
    assert set(settings["yunwu"]) == {"model_name", "prefix"}
    assert settings["sandbox"] == settings["runway"] == {}
    for name in ("callback_url", "prefix"):
        assert settings["custom"][name].default is None
        assert settings["custom"][name].advanced
    assert settings["custom"]["model_name"].default == "plain"
    assert settings["custom"]["model_name"].choices == ("plain", "billing id")


@pytest.mark.parametrize(
    ("setting", "good", "bad"),
    [
        (
            "prefix",
            ["", "/runwayml", "/pro/runwayml", "/", "/a-b_c.d~e"],
            ["runwayml", "//", "/a/"],
        ),
        ("prefix", [], ["/a b", "/a?b", "/a#b", "/" + "a" * 200, "/../x y", "/ä"]),
        (
            "callback_url",
            ["", "https://desk.example.com/hooks/abc", "http://127.0.0.1:8501/hooks/x"],
            [
                "desk.example.com",
                "ftp://x.example",
                "https://",
                "https://a b",
                "https://x.example/\n",
            ],
        ),
    ],
)
def test_a_relays_settings_are_held_to_their_form(
    setting: str, good: list[str], bad: list[str]
) -> None:
    option = CATALOG.profile("custom").setting(setting)
    assert option is not None
    assert [text for text in good if option.problem(text)] == []
    assert [text for text in bad if not option.problem(text)] == []
    assert option.problem("?") == f"must look like {option.example}."


@every_offer
def test_a_plain_request_passes_everywhere(profile: Profile, spec: ModelSpec) -> None:
    assert refused(profile, spec) == {}


@every_offer
def test_the_default_needs_no_warning_but_a_retired_or_assumed_one(
    profile: Profile, spec: ModelSpec
) -> None:
    fields = {notice.field for notice in warned(profile, spec)}
    assert fields == ({"model"} if spec.retired or profile.assumed or spec.assumed else set())


@every_offer
def test_only_keys_that_the_model_takes_may_be_sent(profile: Profile, spec: ModelSpec) -> None:
    keys = spec.body_keys()
    there = {
        "model": True,
        "ratio": bool(spec.ratios),
        "duration": bool(spec.durations),
        "seed": bool(spec.seed_max),
        "promptText": bool(spec.prompt_max),
        "promptImage": bool(spec.positions),
    }
    assert {key: key in keys for key in there} == there
    assert keys - there.keys() == {
        *(m.key for m in spec.media if m.key not in there),
        *(o.key.split(".")[0] for o in spec.options if o.key),
    }
    assert "watermark" not in keys


@every_offer
def test_forms_never_offer_what_the_check_refuses(profile: Profile, spec: ModelSpec) -> None:
    for ratio in spec.offered_ratios():
        assert refused(profile, spec, **seen(spec, ratio)) == {}
    for duration in spec.offered_durations():
        assert refused(profile, spec, duration=duration) == {}
    assert len(set(spec.offered_ratios())) == len(spec.offered_ratios())
    assert list(spec.offered_durations()) == sorted(set(spec.offered_durations()))
    assert set(spec.offered_positions()) <= {FramePosition.FIRST, FramePosition.LAST}


@every_offer
def test_every_field_of_a_form_has_words_for_people(profile: Profile, spec: ModelSpec) -> None:
    named: list[MediaSpec | OptionSpec] = [*spec.media, *spec.options, *profile.settings]
    for one in named:
        assert one.title[0].isupper() and not one.title.endswith("."), one.title
        assert not one.help or one.help.endswith("."), one.help
    titles = [m.title for m in spec.media] + [o.title for o in spec.options]
    assert len(titles) == len(set(titles))
    assert spec.about.endswith(".") and spec.title and spec.maker


@every_offer
def test_conditions_name_what_is_there(profile: Profile, spec: ModelSpec) -> None:
    conditions = [option.only_with for option in spec.options]
    conditions += [variant.given for variant in spec.variants]
    if spec.price and profile.price == "model":
        conditions += [spec.price.faster_with]
        whens = [*(r.when for r in spec.price.rates), *(e.when for e in spec.price.extras)]
        conditions += [{n: v} for when in whens for n, values in when.items() for v in values]
    for name, value in ((n, v) for condition in conditions for n, v in condition.items()):
        if name in ("ratio", "duration"):
            known = {"ratio": EVERY_RATIO, "duration": {str(d) for d in spec.durations}}
            assert value in known[name], (name, value)
            continue
        option = spec.option(name)
        assert option is not None, name
        real = {"true": True, "false": False}[value] if option.kind == "switch" else value
        assert option.problem(real) == "", (name, value)


@every_offer
def test_a_rate_is_there_for_each_ratio_and_choice(profile: Profile, spec: ModelSpec) -> None:
    if spec.price is None:
        assert spec.unpriced or profile.price == "unknown"
        return
    for ratio in spec.offered_ratios():
        decided = [rate for rate in spec.price.rates if ratio in rate.when.get("ratio", (ratio,))]
        assert decided, f"{spec.id} has no price for {ratio}"


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
