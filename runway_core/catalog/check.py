"""The one check of a request: refuses the impossible by field name, warns of the disputed and the retired."""

from __future__ import annotations

from collections.abc import Iterator

from runway_core.catalog.file_check import frame_problems, link_only_problems, media_problems
from runway_core.catalog.parts import AS_SENT, OptionSpec, as_text, unsendable
from runway_core.catalog.spec import ModelSpec, Profile
from runway_core.domain import GenerationRequest, MediaKind, Noun
from runway_core.errors import InvalidInputError, Problem


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
        if all(other and as_text(value_of(request, other)) == value for other, value in others):
            yield option


def value_of(request: GenerationRequest, option: OptionSpec) -> object:
    """What an option is set to, or its default."""
    return request.options.get(option.name, option.default)


def _problems(request: GenerationRequest, row: ModelSpec, profile: Profile) -> Iterator[Problem]:
    spec = row.given(request.options)
    yield from _prompt_problems(request, spec)
    yield from frame_problems(request, spec)
    yield from media_problems(request, spec)
    yield from link_only_problems(request, profile)
    yield from _option_problems(request, spec)
    yield from _ratio_problems(request, spec, row)
    if request.duration not in (spec.offered_durations() or (0,)):
        allowed = f"makes {_spans(spec.durations)} s" if spec.durations else "has no length to set"
        yield Problem("duration", f"{spec.id} {allowed}, not {request.duration} s.")
    if request.seed is not None and not 0 <= request.seed <= spec.seed_max:
        takes = f"must be a whole number from 0 to {spec.seed_max}."
        yield Problem("seed", takes if spec.seed_max else f"{spec.id} takes none.")


def _ratio_problems(
    request: GenerationRequest, spec: ModelSpec, row: ModelSpec
) -> Iterator[Problem]:
    """A ratio that the options rule out is no mistake: it is not sent, and a notice says so."""
    allowed = row.offered_ratios() + (() if spec.offered_ratios() else ("",))
    if request.ratio not in allowed:
        takes = f"Choose one of: {', '.join(row.ratios)}." if row.ratios else "It takes none."
        yield Problem("ratio", f"{spec.id} has no “{request.ratio}”. {takes}")
    seen = request.frames or any(m.kind is not MediaKind.AUDIO for m in request.media)
    must = spec.frames_min or any(medium.least for medium in spec.media)  # said elsewhere
    if request.ratio == AS_SENT and AS_SENT in allowed and not (seen or must):
        yield Problem("ratio", f"“{AS_SENT}” needs a picture or a video to take the shape from.")


def _prompt_problems(request: GenerationRequest, spec: ModelSpec) -> Iterator[Problem]:
    prompt, length = request.prompt, utf16_length(request.prompt)
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
    elif prompt and len(prompt) < spec.prompt_min:
        yield Problem("prompt", f"must have at least {spec.prompt_min} characters.")
    elif not (prompt.strip() or request.frames or request.media or _needs_a_file(spec)):
        yield Problem("prompt", f"{spec.id} needs something to go by: a sentence or a file.")
    if unsendable(prompt):
        yield Problem("prompt", "contains characters that can't be sent; type them again.")


def _needs_a_file(spec: ModelSpec) -> bool:
    """Whether the lack of a file is a problem of its own."""
    return bool(spec.frames_min or any(medium.least for medium in spec.media))


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


def _notices(request: GenerationRequest, row: ModelSpec, profile: Profile) -> Iterator[Notice]:
    spec = row.given(request.options)
    if spec.retired:
        yield Notice(field="model", message=spec.retired.says)
    if request.ratio and not spec.ratios:
        message = "It is not sent: with these settings the shape follows what you send."
        yield Notice(field="ratio", message=message)
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
