"""What a model's row lets us send, as JSON Schema: the form in which it can be compared with Runway's own."""

from __future__ import annotations

from typing import Any

from runway_core.catalog.parts import KEYFRAME_MOST, TAG, TAG_LENGTH, MediaSpec, OptionSpec
from runway_core.catalog.spec import ModelSpec
from runway_core.catalog.uris import DATA_URI_MAX, UPLOAD_URI_MAX, URL_MAX, URL_MIN
from runway_core.domain import MediaKind

Schema = dict[str, Any]


def body_schema(spec: ModelSpec) -> Schema:
    """The JSON Schema of the bodies that may be made from a row; the last word on keys and bounds is `check`."""
    properties: Schema = {"model": {"enum": [spec.id]}}
    if spec.prompt_max:
        properties["promptText"] = _text(spec.prompt_min, spec.prompt_max)
    if spec.positions:
        properties["promptImage"] = _frames(spec)
    if spec.ratios:
        properties["ratio"] = {"enum": list(spec.ratios)}
    if spec.durations:
        properties["duration"] = _numbers(spec.durations)
    if spec.seed_max:
        properties["seed"] = {"type": "integer", "minimum": 0, "maximum": spec.seed_max}
    for medium in spec.media:
        if not medium.instead_of_frames:
            properties[medium.key] = _files(medium)
    for option in spec.options:
        if option.key:
            _place(properties, option)
    schema: Schema = {"type": "object", "properties": properties, "required": _required(spec)}
    return schema | ({"additionalProperties": False} if spec.strict else {})


def _required(spec: ModelSpec) -> list[str]:
    needed = ["model", *spec.required]
    needed += ["promptText"] if spec.prompt_required else []
    needed += ["promptImage"] if spec.frames_min else []
    return sorted(needed + [medium.key for medium in spec.media if medium.least])


def _text(least: int, most: int) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most}


def _numbers(numbers: tuple[int, ...]) -> Schema:
    low, high = min(numbers), max(numbers)
    if len(numbers) == high - low + 1:
        return {"type": "integer", "minimum": low, "maximum": high}
    return {"enum": list(numbers)}


def _uri(kind: MediaKind) -> list[Schema]:
    ways = (("https://", URL_MAX), ("runway://", UPLOAD_URI_MAX))
    return [
        _text(URL_MIN, most) | {"pattern": f"^{start}.*"}
        for start, most in (*ways, (f"data:{kind}/", DATA_URI_MAX[kind]))
    ]


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": sorted(required)}


def _list(items: Schema, most: int) -> Schema:
    return {"type": "array", "maxItems": most, "items": items}


def _frames(spec: ModelSpec) -> Schema:
    positions = {"enum": [str(p) for p in spec.positions]}
    item = {"uri": {"anyOf": _uri(MediaKind.IMAGE)}, "position": positions}
    instead = next((m for m in spec.media if m.instead_of_frames), None)
    if instead:
        pictures = _list(_object(item, "uri"), instead.most)
    else:
        pictures = _list(_object(item, "uri", "position"), len(spec.positions))
    return {"anyOf": [*_uri(MediaKind.IMAGE), pictures]}


def _files(medium: MediaSpec) -> Schema:
    if medium.shape == "uri":
        return {"anyOf": [way for kind in medium.kinds for way in _uri(kind)]}
    items = [_file(medium, kind) for kind in medium.kinds]
    one = items[0] if len(items) == 1 else {"anyOf": items}
    return one if medium.shape == "typed" else _list(one, medium.most)


def _file(medium: MediaSpec, kind: MediaKind) -> Schema:
    uri: Schema = {"anyOf": _uri(kind)}
    if medium.shape in ("typed", "typed-list"):
        return _object({"uri": uri, "type": {"enum": [str(kind)]}}, "uri", "type")
    if medium.shape == "tagged-list":
        return _object({"uri": uri, "tag": _text(*TAG_LENGTH) | {"pattern": TAG}}, "uri")
    if medium.shape == "keyframes":
        moment = {"type": "number", "minimum": 0, "maximum": KEYFRAME_MOST}
        return _object({"uri": uri, "seconds": moment}, "uri", "seconds")
    return _object({"uri": uri}, "uri")


def _place(properties: Schema, option: OptionSpec) -> None:
    *parents, last = option.key.split(".")
    for name in parents:
        inner = properties.setdefault(name, {"type": "object", "properties": {}})
        properties = inner["properties"]
    properties[last] = _value(option)


def _value(option: OptionSpec) -> Schema:
    if option.kind == "switch":
        return {"type": "boolean"}
    if option.kind == "number":
        return {"type": "integer", "minimum": option.low, "maximum": option.high}
    if option.kind == "choice":
        return {"enum": list(option.choices)}
    return _text(1, option.high)
