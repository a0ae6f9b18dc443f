"""The one check of a request: refuses the impossible by field name, warns of the disputed and the retired."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from runway_core.catalog.spec import ModelSpec, Profile
from runway_core.domain import Frame, FramePosition, GenerationRequest, Noun
from runway_core.errors import InvalidInputError, Problem

URL_MAX = 2048
"""Characters of a picture's link (docs.dev.runwayml.com/assets/inputs)."""
DATA_URI_MAX = 5_242_880
"""Characters of an encoded picture (Runway OpenAPI of 2026-08-08)."""
_DATA_URI = re.compile(r"data:image/(?:png|jpe?g|webp);base64,[A-Za-z0-9+/]+={0,2}")
_SITE = re.compile(r"(?:[a-z0-9_-]+\.)+(?!(?:\d+|0x[0-9a-f]*)\.?\Z)[a-z0-9-]+\.?")
"""A host name with a dot; one that ends in a number is an IP address in some spelling."""


class Notice(Noun):
    """Something to know before paying; it refuses nothing."""

    field: str
    message: str


def utf16_length(text: str) -> int:
    """Length as Runway counts it: UTF-16 code units, so an emoji is 2."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check(request: GenerationRequest, spec: ModelSpec, profile: Profile) -> tuple[Notice, ...]:
    """Hold a request against what the model and the profile allow.

    Raises:
        InvalidInputError: with every problem at once, each naming its field.
    """
    problems = tuple(_problems(request, spec))
    if problems:
        raise InvalidInputError(*problems)
    return tuple(_notices(request, spec, profile))


def _problems(request: GenerationRequest, spec: ModelSpec) -> Iterator[Problem]:
    yield from _prompt_problems(request.prompt, spec)
    yield from _frame_problems(request, spec)
    if request.ratio not in spec.offered_ratios():
        allowed = ", ".join(spec.ratios)
        yield Problem("ratio", f"{spec.id} has no “{request.ratio}”. Choose one of: {allowed}.")
    if request.duration not in spec.offered_durations():
        allowed = _spans(spec.durations)
        yield Problem("duration", f"{spec.id} makes {allowed} s, not {request.duration} s.")
    if request.seed is not None and not 0 <= request.seed <= spec.seed_max:
        yield Problem("seed", f"must be a whole number from 0 to {spec.seed_max}.")


def _prompt_problems(prompt: str, spec: ModelSpec) -> Iterator[Problem]:
    length = utf16_length(prompt)
    if length > spec.prompt_max:
        over = length - spec.prompt_max
        yield Problem(
            "prompt",
            f"is {over} too long: {length} of {spec.prompt_max} characters (an emoji is 2).",
        )
    if spec.prompt_required and not prompt.strip():
        yield Problem("prompt", f"{spec.id} needs a sentence that says what happens.")
    if any("\ud800" <= c <= "\udfff" or (c < " " and c not in "\n\r\t") for c in prompt):
        yield Problem("prompt", "contains characters that can't be sent; type them again.")


def _frame_problems(request: GenerationRequest, spec: ModelSpec) -> Iterator[Problem]:
    positions = [frame.position for frame in request.frames]
    if len(positions) < spec.frames_min or (
        request.frames and FramePosition.FIRST not in positions and spec.frames_min
    ):
        yield Problem("frames.first", f"{spec.id} needs a picture to start from.")
    for position in sorted(set(positions)):
        if position not in spec.offered_positions():
            takes = "no picture" if not spec.positions else "only a first frame"
            yield Problem(f"frames.{position}", f"{spec.id} takes {takes}.")
        if positions.count(position) > 1:
            yield Problem(f"frames.{position}", "there can be only one.")
    for frame in request.frames:
        yield from _uri_problems(frame)


def _uri_problems(frame: Frame) -> Iterator[Problem]:
    field, uri = f"frames.{frame.position}", frame.uri
    if frame.asset is not None:
        if not re.fullmatch(r"[0-9a-f]{64}", frame.asset):
            yield Problem(field, "is not a picture that is kept here.")
    elif uri.startswith("data:"):
        if len(uri) > DATA_URI_MAX:
            yield Problem(field, f"is {len(uri)} characters when encoded; at most {DATA_URI_MAX}.")
        elif not _DATA_URI.fullmatch(uri):
            yield Problem(field, "must be a PNG, JPEG or WebP picture.")
    else:
        message = link_problem(uri)
        if message:
            yield Problem(field, message)


def link_problem(link: str) -> str:
    """Say what is wrong with a link to a picture, by Runway's own rules; empty when nothing is.

    Nothing is fetched. Source: docs.dev.runwayml.com/assets/inputs.
    """
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        parts.port  # noqa: B018 - raises ValueError for a bad port
    except ValueError:
        return "is not a link."
    if parts.scheme != "https" or not host:
        return "must be a link that begins with https://, or an uploaded picture."
    if len(link) > URL_MAX:
        return f"is {len(link)} characters; a link may have {URL_MAX}."
    if parts.username is not None or re.search(r"[\s\x00-\x1f\x7f\ud800-\udfff]", link):
        return "must not hold a user name, spaces or control characters."
    if not _SITE.fullmatch(host):
        return "must name a site such as example.com, not a bare address."
    return ""


def _notices(request: GenerationRequest, spec: ModelSpec, profile: Profile) -> Iterator[Notice]:
    if spec.retired:
        yield Notice(field="model", message=spec.retired.says)
    asked = [("ratio", request.ratio), ("duration", request.duration)]
    asked += [(f"frames.{frame.position}", frame.position) for frame in request.frames]
    for field, value in asked:
        disputed = spec.dispute(field, value)
        if disputed:
            yield Notice(field=field, message=disputed.says)
    if profile.assumed:
        yield Notice(
            field="model",
            message=f"What {profile.title} accepts is assumed from Runway's own API; "
            "nobody has confirmed it.",
        )


def _spans(numbers: tuple[int, ...]) -> str:
    if len(numbers) > 2 and numbers == tuple(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return " or ".join(map(str, numbers))


def aspect(ratio: str) -> float:
    """Width divided by height of ``width:height``."""
    width, _, height = ratio.partition(":")
    return int(width) / int(height)


def nearest_ratio(spec: ModelSpec, ratio: str) -> str:
    """The model's own ratio whose shape is nearest to `ratio`; the first one if `ratio` is no ratio."""
    if ratio in spec.ratios:
        return ratio
    try:
        wanted = aspect(ratio)
        return min(spec.ratios, key=lambda own: abs(math.log(aspect(own) / wanted)))
    except (ValueError, ArithmeticError):
        return spec.ratios[0]
