"""The ways in which Doitong's own pages write one and the same wish.

They contradict one another (doitong.com/{tr,ms,ko}/developers/api/runway and /runway-i2v, 2026-11): the
picture is ``imageUrl`` in two samples and ``image`` in a third, and a fourth uses another mutation. Where
a page says nothing, the names are those of its parameter table, and that is assumed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from runway_core.catalog import ModelSpec
from runway_core.domain import Capability, FramePosition, GenerationRequest
from runway_core.errors import InvalidInputError, Problem
from runway_core.providers.body import Json, options_body, place

NEUTRAL_PROMPT: Final = "Animate this image"
"""Sent where the parameter table of REST demands a prompt and the person gave none."""

_GENERATE = (
    "mutation Generate($input: GenerateInput!) { generate(input: $input) "
    "{ id status type provider url metadata creditCost } }"
)
_ANIMATE = (
    "mutation AnimateImage($input: ImageAnimationInput!) { animateImage(input: $input) "
    "{ id status url } }"
)


@dataclass(frozen=True)
class Wish:
    """What is to be sent, before it is written in one of the shapes."""

    request: GenerationRequest
    spec: ModelSpec
    callback_url: str = ""
    webhook_field: str = ""
    """Where the callback goes in GraphQL, as a path in ``input``; empty when it is not sent."""

    @property
    def picture(self) -> str:
        """The link of the first frame; empty for a wish of words alone.

        Raises:
            InvalidInputError: the picture is no link.
        """
        frame = self.request.frame(FramePosition.FIRST)
        if self.spec.capability is not Capability.IMAGE_TO_VIDEO or frame is None:
            return ""
        if not frame.uri.startswith("https://"):
            raise InvalidInputError(
                Problem("frames.first", "must be a link that begins with https://, not a file.")
            )
        return frame.uri


@dataclass(frozen=True)
class Shape:
    """One way to write a wish."""

    name: str
    """Remembered when it worked, and part of the idempotency key."""
    build: Callable[[Wish], Json]
    names: frozenset[str] = frozenset()
    """What only this shape needs: if the other side lacks one of these, the next shape may do."""


def shapes_for(spec: ModelSpec, *, rest: bool, remembered: str = "") -> tuple[Shape, ...]:
    """The shapes to try, in order; the one that worked before comes first."""
    if rest:
        return (Shape("rest", _rest),)
    if spec.capability is not Capability.IMAGE_TO_VIDEO:
        return (Shape("text", lambda wish: _generate(wish, {"text": wish.request.prompt})),)
    return tuple(sorted(_IMAGE_SHAPES, key=lambda shape: shape.name != remembered))


def _generate(wish: Wish, content: Json) -> Json:
    request = wish.request
    options: Json = {"duration": request.duration, **options_body(request, wish.spec)}
    if not wish.picture or request.ratio != (wish.spec.default_ratio or wish.spec.ratios[0]):
        options["aspectRatio"] = request.ratio
    made: Json = {
        "type": "VIDEO",
        "provider": request.model,
        "input": content,
        "options": options,
    }
    return {"query": _GENERATE, "variables": {"input": _with_webhook(made, wish)}}


def _picture_as(key: str) -> Callable[[Wish], Json]:
    def build(wish: Wish) -> Json:
        said: Json = {"text": wish.request.prompt} if wish.request.prompt else {}
        return _generate(wish, {key: wish.picture, **said})

    return build


def _animate(wish: Wish) -> Json:
    flat = _flat(wish)
    if wish.request.ratio == (wish.spec.default_ratio or wish.spec.ratios[0]):
        del flat["aspectRatio"]
    if wish.callback_url and wish.webhook_field:
        flat["webhookUrl"] = wish.callback_url
    return {"query": _ANIMATE, "variables": {"input": flat}}


def _rest(wish: Wish) -> Json:
    flat = _flat(wish)
    flat.setdefault("prompt", NEUTRAL_PROMPT)
    if wish.callback_url:
        flat["webhookUrl"] = wish.callback_url
    return flat


def _flat(wish: Wish) -> Json:
    request = wish.request
    flat: Json = {"service": request.model, "duration": request.duration}
    if request.prompt:
        flat["prompt"] = request.prompt
    if wish.picture:
        flat["imageUrl"] = wish.picture
    return flat | {"aspectRatio": request.ratio, **options_body(request, wish.spec)}


def _with_webhook(made: Json, wish: Wish) -> Json:
    if wish.callback_url and wish.webhook_field:
        place(made, wish.webhook_field, wish.callback_url)
    return made


_GENERATE_NAMES = frozenset({"generate", "GenerateInput"})
_IMAGE_SHAPES = (
    Shape("imageUrl", _picture_as("imageUrl"), _GENERATE_NAMES | {"imageUrl"}),
    Shape("image", _picture_as("image"), _GENERATE_NAMES | {"image"}),
    Shape("animateImage", _animate, frozenset({"animateImage", "ImageAnimationInput", "imageUrl"})),
)
