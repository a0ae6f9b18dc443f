"""Every request that our client makes of Runway is one that Runway's own description allows.

The client talks to a real socket; what arrives there is judged by schemas that know nothing of the catalogue.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runway_core.catalog import AS_SENT, MediaSpec, ModelSpec, OptionSpec, check
from runway_core.domain import Frame, FramePosition, GenerationRequest, Media, MediaKind, Role
from runway_core.errors import InvalidInputError
from runway_core.http import Http
from runway_core.providers import open_provider
from tests.catalog.requests import CATALOG, LINKS, files, frame, good, needed
from tests.http.raw_server import RawServer, always, answer
from tests.official import complaints

ID = "5f0c9e4e-8d0b-4c55-9a53-4f0e6a1b2c3d"
PROFILE = CATALOG.profile("runway")
ROWS = PROFILE.specs
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.id}-{row.capability}")
Send = Callable[[GenerationRequest], tuple[str, dict[str, Any]]]
Wish = dict[str, Any]


@pytest.fixture(scope="module")
def send() -> Iterator[Send]:
    """Sends a request through our client; gives the endpoint and the body that arrived."""
    loop = asyncio.new_event_loop()
    with RawServer(always(answer(json.dumps({"id": ID})))) as server:
        http = loop.run_until_complete(Http(private_hosts=server.private).__aenter__())
        provider = open_provider(PROFILE, server.url, key="key_1", http=http)

        def sent(request: GenerationRequest) -> tuple[str, dict[str, Any]]:
            server.requests.clear()
            loop.run_until_complete(provider.submit(request, token="a wish"))
            (arrived,) = server.requests
            return arrived.line.split()[1].removeprefix("/v1/"), json.loads(arrived.body)

        yield sent
        loop.run_until_complete(http.__aexit__(None, None, None))
    loop.close()


def judged(send: Send, request: GenerationRequest, row: ModelSpec) -> list[str]:
    """What Runway would say against it, after our own check has let it pass."""
    check(request, row, PROFILE)
    endpoint, body = send(request)
    assert endpoint == request.capability
    assert body.keys() <= row.given(request.options).body_keys()
    return complaints(endpoint, body)


def shapes(row: ModelSpec) -> Iterator[Wish]:
    """Requests with every file, frame and option of a row, one thing at a time."""
    yield {}
    yield {"seed": row.seed_max or None}
    yield from ({"ratio": ratio} for ratio in row.ratios if ratio != AS_SENT)
    yield from ({"duration": duration} for duration in row.durations)
    yield from ({"prompt": text} for text in prompts(row))
    if FramePosition.LAST in row.positions:
        yield {"frames": (frame("last"), frame("first"))}
    for uri in ("runway://an-upload", "data:image/png;base64,AAAA"):
        yield {"frames": (frame(uri=uri),) if row.frames_min else ()}
    for medium in row.media:
        yield from with_files(row, medium)
    for option in row.options:
        yield from ({"options": chosen} for chosen in values(option))
    every = {name: value for o in row.options for name, value in values(o)[-1].items()}
    for option in row.options:
        every |= option.only_with
    yield {"options": every}


def prompts(row: ModelSpec) -> list[str]:
    if not row.prompt_max:
        return []
    optional = [] if row.prompt_required or not (row.frames_min or needed(row)) else [""]
    return [*optional, "a" * max(2, row.prompt_min), "画" * row.prompt_max, "two\nlines"]


def with_files(row: ModelSpec, medium: MediaSpec) -> Iterator[Wish]:
    frames = {"frames": ()} if medium.instead_of_frames else {}
    others = needed(row, medium)
    for kind in medium.kinds:
        for count in {max(1, medium.least), medium.most}:
            yield {"media": others + files(medium, count, kind=kind), **frames}
        for uri in ("runway://an-upload", f"data:{kind}/x;base64,AAAA"):
            uri = uri.replace("image/x", "image/webp")
            (one,) = files(medium, 1, kind=kind)
            yield {"media": (*others, one.model_copy(update={"uri": uri})), **frames}
    if medium.shape == "tagged-list":
        (one,) = files(medium, 1)
        yield {"media": (*others, one.model_copy(update={"tag": "sky_1"})), **frames}


def values(option: OptionSpec) -> list[Wish]:
    every: dict[str, list[Any]] = {
        "switch": [True, False],
        "number": [option.low, option.high],
        "choice": list(option.choices),
    }
    plain = every.get(option.kind, ["", "a", "a" * option.high])
    return [{**option.only_with, option.name: value} for value in plain]


@every_row
def test_every_shape_of_request_is_one_that_runway_takes(row: ModelSpec, send: Send) -> None:
    refused = {
        str(wish)[:200]: said
        for wish in shapes(row)
        if (said := judged(send, good(row, **wish), row))
    }
    assert refused == {}


def test_every_option_arrives_where_its_key_leads(send: Send) -> None:
    row = CATALOG.spec("runway", "aleph2", "video_to_video")
    chosen = {
        "target_ratio": "21:9",
        "output_format": "prores",
        "prores_profile": "422 HQ",
        "public_figures": "low",
    }
    keyframe = Media(
        role=Role.KEYFRAME, kind=MediaKind.IMAGE, uri=LINKS[MediaKind.IMAGE], seconds=1.5
    )
    wish = good(row, prompt="", options=chosen, seed=0, media=(*needed(row), keyframe))
    assert send(wish) == (
        "video_to_video",
        {
            "model": "aleph2",
            "seed": 0,
            "videoUri": LINKS[MediaKind.VIDEO],
            "keyframes": [{"uri": LINKS[MediaKind.IMAGE], "seconds": 1.5}],
            "targetAspectRatio": "21:9",
            "outputFormat": "prores",
            "proresProfile": "422 HQ",
            "contentModeration": {"publicFigureThreshold": "low"},
        },
    )


def test_what_an_option_rules_out_is_not_sent(send: Send) -> None:
    row = CATALOG.spec("runway", "seedance2_5", "video_to_video")
    _, body = send(good(row, options={"mode": "extend"}))
    assert body["mode"] == "extend" and "ratio" not in body
    _, body = send(good(row))
    assert body["ratio"] == "1280:720" and body["mode"] == "reference"
    row = CATALOG.spec("runway", "gen4.5", "text_to_video")
    _, body = send(good(row))
    assert body.keys() == {"model", "promptText", "ratio", "duration"}


def test_sound_is_always_said_because_it_doubles_the_price(send: Send) -> None:
    row = CATALOG.spec("runway", "veo3.1", "text_to_video")
    assert send(good(row))[1]["audio"] is True
    assert send(good(row, options={"audio": False}))[1]["audio"] is False


def test_pictures_to_follow_have_no_position_and_frames_have_one(send: Send) -> None:
    row = CATALOG.spec("runway", "seedance2", "image_to_video")
    medium = row.medium(Role.REFERENCE)
    assert medium is not None
    uri = LINKS[MediaKind.IMAGE]
    _, body = send(good(row, frames=(), media=files(medium, 2)))
    assert body["promptImage"] == [{"uri": uri}, {"uri": uri}]
    _, body = send(good(row, frames=(frame("last"), frame("first"))))
    assert [one["position"] for one in body["promptImage"]] == ["first", "last"]


# --- whatever the check lets pass --------------------------------------------------------------

uris = st.sampled_from(
    [
        *LINKS.values(),
        "https://a.co",
        "https://a.co/",
        "HTTPS://example.com/a.png",
        "https://" + "a" * 2040 + ".example.com/",
        "https://example.com/" + "a" * 2028,
        "https://example.com/" + "a" * 2029,
        "runway://abc",
        "runway://abcd",
        "runway://" + "a" * 4991,
        "runway://" + "a" * 4992,
        "data:image/png;base64,AAAA",
        "data:video/mp4;base64,AAAA",
        "data:audio/mpeg;base64,AAAA",
        "http://example.com/a.png",
    ]
)
texts = st.text(max_size=40) | st.sampled_from(
    ["🎬", "a" * 2501, "画" * 1001, "🎬" * 1250, "\ud83c"]
)
seconds = st.one_of(*[st.floats(0, 30)] * 3, st.none(), st.floats(-1, 31), st.floats())
tags = st.sampled_from(["", "sky", "Sky", "ab", "a" * 17])


@st.composite
def wishes(draw: st.DrawFn, row: ModelSpec) -> GenerationRequest:
    """A good request with some of it replaced by anything, right or wrong."""
    changes: Wish = {}
    sometimes = st.sampled_from((False, False, True))
    if draw(sometimes):
        changes["prompt"] = draw(texts)
    if draw(sometimes):
        changes["frames"] = tuple(
            Frame(position=draw(st.sampled_from(FramePosition)), uri=draw(uris))
            for _ in range(draw(st.integers(0, 3)))
        )
    if draw(sometimes):
        changes["media"] = tuple(one for medium in row.media for one in draw(some_files(medium)))
    if draw(sometimes):
        changes["ratio"] = draw(st.sampled_from(("", AS_SENT, "1:1", "1280:720", *row.ratios)))
    if draw(sometimes):
        changes["duration"] = draw(st.sampled_from((-1, 0, 2, 3, 4, 5, 8, 10, 15, 30, 31)))
        changes["seed"] = draw(st.sampled_from((None, -1, 0, row.seed_max, 2**32)))
    wrong: list[Any] = [True, 0, -1, 101, "", "x"]
    changes["options"] = {
        option.name: draw(st.sampled_from(choices(option) * 3 + wrong))
        for option in row.options
        if draw(sometimes)
    }
    return good(row, **changes)


def choices(option: OptionSpec) -> list[Any]:
    return [wish[option.name] for wish in values(option)]


@st.composite
def some_files(draw: st.DrawFn, medium: MediaSpec) -> tuple[Media, ...]:
    counts = st.sampled_from((0, medium.least, 1, medium.most, medium.most + 1))
    kinds = st.sampled_from((*medium.kinds * 20, *MediaKind))
    made = []
    for _ in range(draw(counts)):
        kind = draw(kinds)
        made.append(
            Media(
                role=medium.role,
                kind=kind,
                uri=draw(uris) if draw(st.integers(0, 5)) == 0 else LINKS[kind],
                tag=draw(tags) if draw(st.integers(0, 5)) == 0 else "",
                seconds=draw(seconds) if medium.shape == "keyframes" else None,
            )
        )
    return tuple(made)


@every_row
def test_whatever_the_check_lets_pass_is_valid_for_runway(row: ModelSpec, send: Send) -> None:
    # A ratio that is disputed is not in the description: that is what the warning says.
    plain = row.model_copy(update={"disputed": ()})
    passed = 0

    @settings(max_examples=60, deadline=None)  # a socket may wait its turn
    @given(wishes(plain))
    def try_it(request: GenerationRequest) -> None:
        nonlocal passed
        try:
            check(request, plain, PROFILE)
        except InvalidInputError:
            return
        passed += 1
        assert judged(send, request, plain) == []

    try_it()
    assert passed >= 5


# --- the judge can say no ----------------------------------------------------------------------


@every_row
def test_a_bound_that_is_too_wide_would_be_seen(row: ModelSpec) -> None:
    """The bodies that a row with one bound moved would make are refused by Runway's schema."""
    from runway_core.providers.body import media_body, options_body

    def body(spec: ModelSpec, **changes: Any) -> dict[str, Any]:
        request = good(spec, **changes)
        plain = {
            "model": spec.id,
            "promptText": request.prompt,
            "ratio": request.ratio,
            "duration": request.duration,
            "seed": request.seed,
            "promptImage": request.frames[0].uri if request.frames else None,
        }
        kept = {k: v for k, v in plain.items() if k in spec.body_keys() and v not in (None, "")}
        return kept | media_body(request, spec) | options_body(request, spec)

    assert complaints(row.capability, body(row)) == []
    wide: list[Wish] = [{"ratio": "7:5"}] if row.ratios else []
    wide += [{"prompt": "a" * (row.prompt_max + 1)}] if row.prompt_max else []
    wide += [{"duration": max(row.durations) + 1}] if row.durations else []
    wide += [{"seed": row.seed_max + 1}] if row.seed_max else []
    for medium in row.media:
        if medium.most > 1 and not medium.instead_of_frames:
            wide.append({"media": needed(row, medium) + files(medium, medium.most + 1)})
        if medium.least:
            wide.append({"media": needed(row, medium)})
    for option in row.options:
        over: Any = {"choice": "x", "number": option.high + 1, "switch": "on"}.get(
            option.kind, "a" * (option.high + 1)
        )
        wide.append({"options": {**option.only_with, option.name: over}})
    missed = [str(one)[:100] for one in wide if not complaints(row.capability, body(row, **one))]
    assert missed == []
