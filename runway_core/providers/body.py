"""The parts of a create's body that a model's catalogue row describes: its files and its further settings."""

from __future__ import annotations

from runway_core.catalog import MediaSpec, ModelSpec, active_options, value_of
from runway_core.domain import GenerationRequest, Media
from runway_core.errors import InvalidInputError, Problem

Json = dict[str, object]


def media_body(request: GenerationRequest, spec: ModelSpec) -> Json:
    """Each kind of file under its key, in the shape that the model takes.

    Raises:
        InvalidInputError: a file is not yet a link, a data URI or an upload.
    """
    body: Json = {}
    for medium in spec.media:
        sent = request.of_role(medium.role)
        for one in sent:
            if not one.uri.startswith(("https://", "data:", "runway://")):
                raise InvalidInputError(
                    Problem(f"media.{one.role}", "must be a link or a file that is kept here.")
                )
        if sent:
            body[medium.key] = _shaped(sent, medium)
    return body


def options_body(request: GenerationRequest, spec: ModelSpec) -> Json:
    """Each option that makes sense and is set, where its key leads."""
    body: Json = {}
    for option in active_options(request, spec):
        value = value_of(request, option)
        if option.key and value is not None and value != "":
            place(body, option.key, value)
    return body


def place(body: Json, path: str, value: object) -> None:
    """Put a value where a dotted path leads, making objects on the way."""
    *parents, last = path.split(".")
    for name in parents:
        inner = body.setdefault(name, {})
        assert isinstance(inner, dict)
        body = inner
    body[last] = value


def _shaped(sent: tuple[Media, ...], medium: MediaSpec) -> object:
    if medium.shape == "uri":
        return sent[0].uri
    if medium.shape == "typed":
        return _one(sent[0], medium)
    return [_one(one, medium) for one in sent]


def _one(sent: Media, medium: MediaSpec) -> Json:
    made: Json = {"uri": sent.uri}
    if medium.shape in ("typed", "typed-list"):
        made["type"] = sent.kind.value
    if medium.shape == "tagged-list" and sent.tag:
        made["tag"] = sent.tag
    if medium.shape == "keyframes":
        made["seconds"] = sent.seconds or 0
    return made
