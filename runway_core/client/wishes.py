"""What a script asks for, in its own words, and what that is in ours."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import ValidationError

from runway_core.catalog import (
    Catalog,
    ModelSpec,
    OptionSpec,
    Profile,
    aspect,
    catalog,
    check,
    nearest_ratio,
)
from runway_core.catalog.billing import split_billing_id
from runway_core.domain import Capability, Frame, GenerationRequest
from runway_core.errors import InvalidInputError, Problem

_FIELDS = {
    "frames.first": "promptImage",
    "frames": "promptImage",
    "uri": "promptImage",
    "prompt": "promptText",
    "capability": "model",
    "options.watermark": "watermark",
}
"""What a field of ours is called in `RunwayVideoRequest`."""
_WATERMARK = OptionSpec(name="watermark", key="watermark", kind="switch", title="Watermark")
"""Relays took it from an older version of Runway's API, which has it no more; so it is sent only if asked for."""


@dataclass
class RunwayVideoRequest:
    """One video from one picture."""

    promptImage: str  # noqa: N815 - the name that scripts use
    """An https link, or a ``data:image/…;base64,…`` URI."""
    model: str
    """``runwayml-gen4_turbo-5``, ``runwayml-gen4_turbo-10``, or a model's own name such as ``gen4_turbo``."""
    promptText: str = ""  # noqa: N815 - the name that scripts use
    watermark: bool = False
    """Sent only when it is True."""
    duration: int = 5
    """Seconds; must be the model's own number where its name ends in one."""
    ratio: str = "1280:768"
    """``width:height``; the nearest one that the model has is sent."""


def create_simple_video_request(
    image_url: str,
    model: str = "runwayml-gen4_turbo-5",
    prompt_text: str = "",
    duration: int = 5,
) -> RunwayVideoRequest:
    """A request with the usual shape."""
    return RunwayVideoRequest(image_url, model, prompt_text, duration=duration)


def create_video_5s(
    image_url: str, prompt_text: str = "", ratio: str = "1280:768"
) -> RunwayVideoRequest:
    """A request for a video of 5 seconds."""
    return RunwayVideoRequest(image_url, "runwayml-gen4_turbo-5", prompt_text, ratio=ratio)


def create_video_10s(
    image_url: str, prompt_text: str = "", ratio: str = "1280:768"
) -> RunwayVideoRequest:
    """A request for a video of 10 seconds."""
    model = "runwayml-gen4_turbo-10"
    return RunwayVideoRequest(image_url, model, prompt_text, duration=10, ratio=ratio)


def profile_of(base_url: str) -> Profile:
    """What is known of whoever serves an address; the rules of an unknown relay where nothing is."""
    host = urlsplit(base_url).hostname or ""
    known = (p for p in catalog().profiles if p.root and p.protocol == "runwayml")
    official = host == "runwayml.com" or host.endswith(".runwayml.com")
    for profile in known:
        if urlsplit(profile.root).hostname == host or (official and profile.kind == "official"):
            return _with_watermark(profile)
    return _with_watermark(catalog().profile("custom"))


def wish_of(request: RunwayVideoRequest, profile: Profile) -> tuple[GenerationRequest, list[str]]:
    """What a provider is asked for, and what was changed or is doubtful about it.

    Raises:
        InvalidInputError: with the field names of `RunwayVideoRequest`.
    """
    try:
        return _wish(request, profile)
    except ValidationError as error:
        wrong = next(str(part) for part in error.errors()[0]["loc"])
        problems: tuple[Problem, ...] = (Problem(wrong, "is of a wrong type."),)
    except InvalidInputError as error:
        problems = error.problems
    raise InvalidInputError(*(Problem(_FIELDS.get(p.field, p.field), p.message) for p in problems))


def _wish(request: RunwayVideoRequest, profile: Profile) -> tuple[GenerationRequest, list[str]]:
    if not request.promptImage:
        raise InvalidInputError(Problem("promptImage", "is required: an https link to a picture."))
    if not request.model or not str(request.model).strip():
        raise InvalidInputError(Problem("model", "is required, such as runwayml-gen4_turbo-5."))
    if not isinstance(request.duration, int | None):
        raise InvalidInputError(Problem("duration", "must be a whole number of seconds."))
    model, duration = split_billing_id(str(request.model).strip(), request.duration)
    spec = _spec(profile, model)
    ratio = _nearest(spec, request.ratio)
    wish = GenerationRequest(
        capability=spec.capability,
        model=model,
        prompt=request.promptText or "",
        frames=(Frame(uri=request.promptImage),),
        ratio=ratio,
        duration=spec.default_duration if duration is None else duration,
        options={"watermark": True} if request.watermark else {},
    )
    notes = [notice.message for notice in check(wish, spec, profile)]
    if ratio != request.ratio:
        notes.insert(
            0, f"ratio {request.ratio} is sent as {ratio}: {model} has no {request.ratio}."
        )
    return wish, notes


def _spec(profile: Profile, model: str) -> ModelSpec:
    offered = Catalog(profiles=(profile,), models=catalog().models)
    return offered.spec(profile.id, model, Capability.IMAGE_TO_VIDEO)


def _nearest(spec: ModelSpec, ratio: str) -> str:
    """The model's own ratio of the nearest shape; what is no ratio stays, to be refused."""
    try:
        aspect(ratio)
    except (ValueError, ArithmeticError, AttributeError):
        return ratio
    return nearest_ratio(spec.model_copy(update={"ratios": spec.offered_ratios()}), ratio)


def _with_watermark(profile: Profile) -> Profile:
    if profile.kind == "official":
        return profile
    specs = tuple(
        spec if spec.option("watermark") else _plus(spec)
        for spec in profile.specs
        if spec.capability is Capability.IMAGE_TO_VIDEO
    )
    return profile.model_copy(update={"specs": specs})


def _plus(spec: ModelSpec) -> ModelSpec:
    return spec.model_copy(update={"options": (*spec.options, _WATERMARK)})
