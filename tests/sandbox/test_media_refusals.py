"""What the sandbox refuses of files, options and unknown keys, by the catalogue's rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runway_core.domain import Capability
from runway_core.sandbox.body import models
from tests.sandbox.conftest import Sandbox, create, data_uri
from tests.sandbox.films import film, video_uri
from tests.sandbox.test_refusals import refused

LINK = "https://example.com/video.mp4"
ACT = {
    "model": "act_two",
    "character": {"type": "image", "uri": "https://example.com/face.png"},
    "reference": {"type": "video", "uri": LINK},
}
ALEPH = {"model": "aleph2", "videoUri": LINK}
IMAGE = {"model": "gen4_image", "promptText": "x", "ratio": "1280:720"}
UPSCALE = {"model": "magnific_video_upscaler_creative", "videoUri": LINK}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("state"), speed=0.01)
    yield sandbox
    sandbox.stop()


def issues(sandbox: Sandbox, path: str, body: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    said = refused(sandbox.official, body, f"/v1/{path}")
    return [(issue["code"], issue["path"]) for issue in said["issues"]]


@pytest.mark.parametrize(
    ("path", "body", "code", "at"),
    [
        ("video_to_video", ALEPH | {"videoUri": 5}, "invalid_type", ["videoUri"]),
        ("video_to_video", {"model": "aleph2"}, "invalid_type", ["videoUri"]),
        ("video_to_video", ALEPH | {"videoUri": data_uri()}, "invalid_format", ["videoUri"]),
        ("video_to_video", ALEPH | {"keyframes": []}, "too_small", ["keyframes"]),
        ("video_to_video", ALEPH | {"keyframes": {}}, "invalid_type", ["keyframes"]),
        (
            "video_to_video",
            ALEPH | {"keyframes": [{"uri": "https://example.com/a.png"}]},
            "invalid_type",
            ["keyframes", 0, "seconds"],
        ),
        (
            "video_to_video",
            ALEPH | {"keyframes": [{"uri": "https://example.com/a.png", "seconds": 31}]},
            "too_big",
            ["keyframes", 0, "seconds"],
        ),
        (
            "video_to_video",
            ALEPH | {"keyframes": [{"uri": "https://example.com/a.png", "at": 1.5}]},
            "too_big",
            ["keyframes", 0, "at"],
        ),
        (
            "video_to_video",
            ALEPH | {"keyframes": [{"uri": "https://example.com/a.png", "at": 1, "tag": "cat"}]},
            "unrecognized_keys",
            ["keyframes", 0],
        ),
        (
            "video_to_video",
            ALEPH | {"keyframes": [{"uri": "https://example.com/a.png", "at": 1, "range": 2}]},
            "invalid_type",
            ["keyframes", 0, "range"],
        ),
        ("video_to_video", ALEPH | {"outputFormat": "gif"}, "invalid_value", ["outputFormat"]),
        ("video_to_video", ALEPH | {"watermark": False}, "unrecognized_keys", []),
        (
            "video_to_video",
            ALEPH | {"contentModeration": {"publicFigureThreshold": "no"}},
            "invalid_value",
            ["contentModeration", "publicFigureThreshold"],
        ),
        (
            "video_to_video",
            ALEPH | {"contentModeration": "low"},
            "invalid_type",
            ["contentModeration"],
        ),
        (
            "video_to_video",
            ALEPH | {"contentModeration": {"strict": True}},
            "unrecognized_keys",
            ["contentModeration"],
        ),
        ("character_performance", ACT | {"character": LINK}, "invalid_type", ["character"]),
        (
            "character_performance",
            ACT | {"character": {"type": "audio", "uri": LINK}},
            "invalid_value",
            ["character", "type"],
        ),
        (
            "character_performance",
            ACT | {"reference": {"type": "image", "uri": LINK}},
            "invalid_value",
            ["reference", "type"],
        ),
        (
            "character_performance",
            ACT | {"reference": {"type": "video"}},
            "invalid_type",
            ["reference", "uri"],
        ),
        (
            "character_performance",
            ACT | {"expressionIntensity": 6},
            "too_big",
            ["expressionIntensity"],
        ),
        ("character_performance", ACT | {"bodyControl": "yes"}, "invalid_type", ["bodyControl"]),
        ("text_to_image", IMAGE | {"ratio": "100:100"}, "invalid_value", ["ratio"]),
        (
            "text_to_image",
            IMAGE | {"referenceImages": [{"uri": "https://example.com/a.png", "tag": "X"}]},
            "too_small",
            ["referenceImages", 0, "tag"],
        ),
        (
            "text_to_image",
            IMAGE | {"referenceImages": [{"uri": "https://example.com/a.png", "tag": "Ab1"}]},
            "invalid_format",
            ["referenceImages", 0, "tag"],
        ),
        (
            "text_to_image",
            IMAGE | {"referenceImages": [{"uri": "https://example.com/a.png"}] * 4},
            "too_big",
            ["referenceImages"],
        ),
        (
            "text_to_image",
            IMAGE | {"model": "gen4_image_turbo"},
            "invalid_type",
            ["referenceImages"],
        ),
        ("video_upscale", UPSCALE | {"creativity": 101}, "too_big", ["creativity"]),
        ("video_upscale", UPSCALE | {"resolution": "8k"}, "invalid_value", ["resolution"]),
        ("video_upscale", UPSCALE | {"seed": 1, "ratio": "16:9"}, "unrecognized_keys", []),
    ],
)
def test_a_wrong_part_is_named(
    sandbox: Sandbox, path: str, body: dict[str, Any], code: str, at: list[str | int]
) -> None:
    assert issues(sandbox, path, body) == [(code, at)]


def test_the_good_bodies_of_these_tests_are_taken(sandbox: Sandbox) -> None:
    named = {"type": "video", "uri": LINK, "name": "not known, and passed over"}
    window = {"start_seconds": 0, "end_seconds": 2}
    frame = {"uri": "https://example.com/a.png", "seconds": 1, "range": window}
    for path, body in (
        ("character_performance", ACT | {"reference": named}),
        ("video_to_video", ALEPH | {"keyframes": [frame]}),
        ("video_to_video", ALEPH),
        ("character_performance", ACT),
        ("text_to_image", IMAGE),
        ("video_upscale", UPSCALE),
    ):
        create(sandbox.official, body, f"/v1/{path}")
        create(sandbox.relay, body, f"/v1/{path}")


def test_a_video_of_31_seconds_is_refused_in_runways_words_and_makes_no_task(
    sandbox: Sandbox,
) -> None:
    before = sandbox.official.get("/v1/organization").json()["usage"]["models"]
    long = film(31, size=(64, 64), fps=4)
    for path, body in (("video_to_video", ALEPH), ("video_upscale", UPSCALE)):
        said = refused(sandbox.official, body | {"videoUri": video_uri(long)}, f"/v1/{path}")
        assert [i["code"] for i in said["issues"]] == ["too_big"]
        assert said["issues"][0]["message"] == "Asset duration must be at most 30 seconds"
        assert said["issues"][0]["path"] == ["videoUri"]
    assert sandbox.official.get("/v1/organization").json()["usage"]["models"] == before
    thirty = film(30, size=(64, 64), fps=4)
    create(sandbox.official, ALEPH | {"videoUri": video_uri(thirty)}, "/v1/video_to_video")
    short = ACT | {"reference": {"type": "video", "uri": video_uri(film(2))}}
    assert issues(sandbox, "character_performance", short) == [("too_small", ["reference", "uri"])]


def test_videos_together_are_held_against_their_greatest_length(sandbox: Sandbox) -> None:
    ten = video_uri(film(10, size=(64, 64), fps=4))
    body = {
        "model": "seedance2",
        "promptText": "x",
        "referenceVideos": [{"type": "video", "uri": ten}],
    }
    create(sandbox.official, body, "/v1/text_to_video")
    body["referenceVideos"] = [{"type": "video", "uri": ten}] * 2
    assert issues(sandbox, "text_to_video", body) == [("too_big", ["referenceVideos"])]


def test_pictures_with_and_without_a_position_are_not_mixed(sandbox: Sandbox) -> None:
    one, other = {"uri": "https://example.com/a.png"}, {"uri": "https://example.com/b.png"}
    body = {"model": "seedance2", "promptText": "x", "promptImage": [one, other]}
    create(sandbox.official, body, "/v1/image_to_video")
    first = one | {"position": "first"}
    create(sandbox.official, body | {"promptImage": [first]}, "/v1/image_to_video")
    mixed = body | {"promptImage": [first, other]}
    assert issues(sandbox, "image_to_video", mixed) == [("custom", ["promptImage"])]


def test_extending_a_video_takes_no_ratio_and_needs_a_prompt(sandbox: Sandbox) -> None:
    body = {"model": "seedance2_5", "promptVideo": LINK, "mode": "extend"}
    assert issues(sandbox, "video_to_video", body) == [("invalid_type", ["promptText"])]
    body["promptText"] = "x"
    create(sandbox.official, body, "/v1/video_to_video")
    assert issues(sandbox, "video_to_video", body | {"ratio": "1280:720"}) == [
        ("custom", ["ratio"])
    ]


@pytest.mark.parametrize("spec", models(), ids=lambda s: f"{s.id}-{s.capability}")
def test_every_row_takes_a_plain_request_and_names_an_unknown_key_if_it_is_strict(
    sandbox: Sandbox, spec: Any
) -> None:
    body: dict[str, Any] = {"model": spec.id}
    if spec.prompt_max:
        body["promptText"] = "a harbour"
    if spec.positions:
        body["promptImage"] = "https://example.com/a.png"
    if spec.ratios:
        body["ratio"] = spec.ratios[-1]
    if spec.durations:
        body["duration"] = spec.durations[-1]
    for medium in spec.media:
        if medium.least:
            item = {"type": str(medium.kinds[-1]), "uri": LINK}
            plain = {"uri": LINK}
            shapes = {"uri": LINK, "typed": item, "typed-list": [item]}
            body[medium.key] = shapes.get(medium.shape, [plain])
    path = f"/v1/{spec.capability}"
    answer = sandbox.official.post(path, json=body)
    assert answer.status_code == 200, answer.text
    priced = spec.price is not None
    assert (answer.json()["estimatedCost"]["credits"] > 0) is priced
    extra = sandbox.official.post(path, json=body | {"watermark": False})
    assert extra.status_code == (400 if spec.strict else 200)
    if spec.strict:
        assert extra.json()["issues"] == [
            {
                "code": "unrecognized_keys",
                "keys": ["watermark"],
                "path": [],
                "message": 'Unrecognized key: "watermark"',
            }
        ]


def test_models_of_other_protocols_are_not_known_here(sandbox: Sandbox) -> None:
    answer = sandbox.official.post(
        f"/v1/{Capability.TEXT_TO_VIDEO}",
        json={"model": "runway", "promptText": "x", "ratio": "16:9", "duration": 5},
    )
    assert answer.status_code == 403
