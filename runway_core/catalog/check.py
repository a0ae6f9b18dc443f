"""The one check of a request: refuses the impossible by field name, warns of the disputed and the retired."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runway_core.catalog.parts import MediaSpec, OptionSpec
from runway_core.catalog.spec import ModelSpec, Profile
from runway_core.catalog.uris import uri_problem
from runway_core.domain import FramePosition, GenerationRequest, Media, MediaKind, Noun, Role
from runway_core.errors import InvalidInputError, Problem

_TAG = re.compile(r"[a-z][a-z0-9_]{2,15}")
"""What a reference may be called (Runway OpenAPI of 2026-08-08)."""


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
    problems = tuple(_problems(request, spec, profile))
    if problems:
        raise InvalidInputError(*problems)
    return tuple(_notices(request, spec, profile))


def active_options(request: GenerationRequest, spec: ModelSpec) -> Iterator[OptionSpec]:
    """The options that make sense with the others as they are set."""
    for option in spec.options:
        others = ((spec.option(name), value) for name, value in option.only_with.items())
        if all(other and str(value_of(request, other)) == value for other, value in others):
            yield option


def value_of(request: GenerationRequest, option: OptionSpec) -> object:
    """What an option is set to, or its default."""
    return request.options.get(option.name, option.default)


def _problems(request: GenerationRequest, spec: ModelSpec, profile: Profile) -> Iterator[Problem]:
    yield from _prompt_problems(request.prompt, spec)
    yield from _frame_problems(request, spec)
    yield from _media_problems(request, spec)
    yield from _link_only_problems(request, profile)
    yield from _option_problems(request, spec)
    if request.ratio not in (spec.offered_ratios() or ("",)):
        allowed = f"Choose one of: {', '.join(spec.ratios)}." if spec.ratios else "It takes none."
        yield Problem("ratio", f"{spec.id} has no “{request.ratio}”. {allowed}")
    if request.duration not in (spec.offered_durations() or (0,)):
        allowed = f"makes {_spans(spec.durations)} s" if spec.durations else "has no length to set"
        yield Problem("duration", f"{spec.id} {allowed}, not {request.duration} s.")
    if request.seed is not None and not 0 <= request.seed <= spec.seed_max:
        takes = f"must be a whole number from 0 to {spec.seed_max}."
        yield Problem("seed", takes if spec.seed_max else f"{spec.id} takes none.")


def _prompt_problems(prompt: str, spec: ModelSpec) -> Iterator[Problem]:
    length = utf16_length(prompt)
    if prompt and not spec.prompt_max:
        yield Problem("prompt", f"{spec.id} takes none; leave it empty.")
    elif length > spec.prompt_max:
        over = length - spec.prompt_max
        yield Problem(
            "prompt",
            f"is {over} too long: {length} of {spec.prompt_max} characters (an emoji is 2).",
        )
    if spec.prompt_required and not prompt.strip():
        yield Problem("prompt", f"{spec.id} needs a sentence that says what happens.")
    elif prompt and length < spec.prompt_min:
        yield Problem("prompt", f"must have at least {spec.prompt_min} characters.")
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
        message = uri_problem(frame.uri, MediaKind.IMAGE)
        if message:
            yield Problem(f"frames.{frame.position}", message)


def _media_problems(request: GenerationRequest, spec: ModelSpec) -> Iterator[Problem]:
    for medium in spec.media:
        given = len(request.of_role(medium.role))
        name = medium.title[0].lower() + medium.title[1:]
        if given < medium.least:
            yield Problem(f"media.{medium.role}", f"{spec.id} needs it: {name}.")
        if given > medium.most:
            yield Problem(f"media.{medium.role}", f"has {given} files; at most {medium.most}.")
    for sent in request.media:
        known = spec.medium(sent.role)
        message = _medium_problem(sent, known) if known else f"{spec.id} takes none."
        if message:
            yield Problem(f"media.{sent.role}", message)
    tags = [sent.tag for sent in request.of_role(Role.REFERENCE) if sent.tag]
    if len(tags) != len(set(tags)):
        yield Problem("media.reference", "two pictures have the same name; give each its own.")


def _medium_problem(sent: Media, known: MediaSpec) -> str:
    if sent.kind not in known.kinds:
        return f"must be {' or '.join(known.kinds)}, not {sent.kind}."
    if sent.tag and not _TAG.fullmatch(sent.tag):
        return "must have a name of 3 to 16 small letters, digits or _, beginning with a letter."
    if sent.tag and known.shape != "tagged-list":
        return "takes no name."
    if known.shape == "keyframes" and not 0 <= (-1 if sent.seconds is None else sent.seconds) <= 30:
        return "needs its moment in the video, 0 to 30 seconds."
    return uri_problem(sent.uri, sent.kind)


def _link_only_problems(request: GenerationRequest, profile: Profile) -> Iterator[Problem]:
    if profile.takes_files:
        return
    message = f"{profile.title} takes only a link that begins with https://, not a file."
    for frame in request.frames:
        if frame.uri.startswith(("asset:", "data:")):
            yield Problem(f"frames.{frame.position}", message)
    for sent in request.media:
        if sent.uri.startswith(("asset:", "data:")):
            yield Problem(f"media.{sent.role}", message)


def _option_problems(request: GenerationRequest, spec: ModelSpec) -> Iterator[Problem]:
    active = {option.name for option in active_options(request, spec)}
    for name, value in request.options.items():
        option = spec.option(name)
        if option is None:
            known = ", ".join(o.name for o in spec.options) or "none"
            yield Problem(f"options.{name}", f"{spec.id} has no such setting. It has: {known}.")
            continue
        message = option.problem(value)
        if message:
            yield Problem(f"options.{name}", message)
        elif name not in active:
            needs = " and ".join(f"{o} = {v}" for o, v in option.only_with.items())
            yield Problem(f"options.{name}", f"makes sense only with {needs}.")


def _notices(request: GenerationRequest, spec: ModelSpec, profile: Profile) -> Iterator[Notice]:
    if spec.retired:
        yield Notice(field="model", message=spec.retired.says)
    asked = [("ratio", request.ratio), ("duration", request.duration)]
    asked += [(f"frames.{frame.position}", frame.position) for frame in request.frames]
    for field, value in asked:
        disputed = spec.dispute(field, value)
        if disputed:
            yield Notice(field=field, message=disputed.says)
    if profile.assumed or spec.assumed:
        yield Notice(
            field="model",
            message=f"What {profile.title} accepts is assumed from public pages; "
            "nobody has confirmed it.",
        )


def _spans(numbers: tuple[int, ...]) -> str:
    if len(numbers) > 2 and numbers == tuple(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return " or ".join(map(str, numbers))
