"""Reads the body of a create request the way Runway does, and says what is wrong in Runway's own shape.

The bounds are the catalogue's rows; the shape of an issue is that of zod 4, which Runway uses
(docs.dev.runwayml.com/openapi.json, version 2026-08-08).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from runway_core.catalog import ModelSpec, catalog
from runway_core.domain import Capability
from runway_core.sandbox.pictures import Picture, PictureRefused, read_picture

DOC_URL = "https://docs.dev.runwayml.com/api"
PATHS = {
    Capability.IMAGE_TO_VIDEO: "image_to_video",
    Capability.TEXT_TO_VIDEO: "text_to_video",
}
NOT_REQUIRED: dict[str, dict[str, Any]] = {
    "gen4_turbo": {"duration": 10},
    "gen3a_turbo": {"duration": 10, "ratio": "1280:768"},
}
"""What Runway takes when the key is missing; every other model requires it.
Source: OpenAPI of 2026-03-04 for gen3a_turbo; gen4_turbo states no default, the older model's is assumed."""


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """An HTTP answer that ends a request."""

    def __init__(self, status_code: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status_code} {body}")
        self.status_code = status_code
        self.body = body


@dataclass(frozen=True)
class Order:
    """A valid create request."""

    spec: ModelSpec
    prompt: str
    ratio: str
    duration: int
    seed: int | None
    pictures: dict[str, Picture]
    """By position, ``first`` and ``last``."""


class _Missing:
    """A key that is not there, as JavaScript's undefined."""


MISSING = _Missing()


@dataclass
class _Reader:
    body: dict[str, Any]
    issues: list[dict[str, Any]] = field(default_factory=list)

    def issue(self, code: str, message: str, *path: str | int, **more: Any) -> None:
        self.issues.append({"code": code, **more, "path": list(path), "message": message})

    def wrong_type(self, expected: str, value: object, *path: str | int) -> None:
        received = _kind(value)
        self.issue(
            "invalid_type",
            f"Invalid input: expected {expected}, received {received}",
            *path,
            expected=expected,
        )

    def one_of(self, value: object, allowed: Iterable[object], *path: str | int) -> None:
        values = list(allowed)
        if isinstance(value, bool) or value not in values:
            self.issue("invalid_value", "Invalid input", *path, values=values)

    def text(self, key: str, *, required: bool, most: int) -> str:
        value = self.body.get(key, MISSING)
        if value is MISSING and not required:
            return ""
        if not isinstance(value, str):
            self.wrong_type("string", value, key)
            return ""
        if not value:
            message = "Too small: expected string to have >=1 characters"
            self.issue("too_small", message, key, origin="string", minimum=1, inclusive=True)
        elif len(value.encode("utf-16-le", "surrogatepass")) // 2 > most:
            message = f"Too big: expected string to have <={most} characters"
            self.issue("too_big", message, key, origin="string", maximum=most, inclusive=True)
        # A lone surrogate can be counted, but neither stored nor drawn.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def integer(self, value: object, low: int, high: int, *path: str) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong_type("number", value, *path)
        elif isinstance(value, float):
            self.wrong_type("int", value, *path)
        elif value < low:
            message = f"Too small: expected number to be >={low}"
            self.issue("too_small", message, *path, origin="number", minimum=low, inclusive=True)
        elif value > high:
            message = f"Too big: expected number to be <={high}"
            self.issue("too_big", message, *path, origin="number", maximum=high, inclusive=True)
        else:
            return value
        return low


def read_order(body: object, capability: Capability) -> Order:
    """Turn a decoded JSON body into an order.

    Raises:
        Refusal: 400 with every issue, or 403 for a model that does not exist.
    """
    reader = _Reader(body if isinstance(body, dict) else {})
    if not isinstance(body, dict):
        reader.wrong_type("object", body)
        raise _invalid(reader)
    spec = _spec(reader, capability)
    order = Order(
        spec=spec,
        prompt=reader.text("promptText", required=spec.prompt_required, most=spec.prompt_max),
        ratio=_ratio(reader, spec),
        duration=_duration(reader, spec),
        seed=_seed(reader, spec),
        pictures=_pictures(reader, spec) if spec.positions else {},
    )
    if reader.issues:
        raise _invalid(reader)
    return order


def _invalid(reader: _Reader) -> Refusal:
    return Refusal(
        400,
        {"error": "Validation of body failed", "issues": reader.issues, "docUrl": DOC_URL},
    )


def _spec(reader: _Reader, capability: Capability) -> ModelSpec:
    model = reader.body.get("model", MISSING)
    if not isinstance(model, str):
        reader.wrong_type("string", model, "model")
        raise _invalid(reader)
    own = [spec for spec in catalog().models if spec.id == model]
    if not own:
        raise Refusal(403, {"error": f"Model variant {model} is not available"})
    for spec in own:
        if spec.capability is capability:
            return spec
    here = dict.fromkeys(s.id for s in catalog().models if s.capability is capability)
    reader.one_of(model, here, "model")
    raise _invalid(reader)


def _ratio(reader: _Reader, spec: ModelSpec) -> str:
    ratio = reader.body.get("ratio", NOT_REQUIRED.get(spec.id, {}).get("ratio", MISSING))
    reader.one_of(None if ratio is MISSING else ratio, spec.ratios, "ratio")
    return str(ratio)


def _duration(reader: _Reader, spec: ModelSpec) -> int:
    value = reader.body.get("duration", NOT_REQUIRED.get(spec.id, {}).get("duration", MISSING))
    low, high = min(spec.durations), max(spec.durations)
    if len(spec.durations) == high - low + 1:
        return reader.integer(value, low, high, "duration")
    reader.one_of(None if value is MISSING else value, spec.durations, "duration")
    return int(value) if value in spec.durations else low


def _seed(reader: _Reader, spec: ModelSpec) -> int | None:
    if "seed" not in reader.body:
        return None
    return reader.integer(reader.body["seed"], 0, spec.seed_max, "seed")


def _pictures(reader: _Reader, spec: ModelSpec) -> dict[str, Picture]:
    value = reader.body.get("promptImage", MISSING)
    found: dict[str, Picture] = {}
    if isinstance(value, str):
        _add_picture(reader, found, value, "first", spec, ("promptImage",))
    elif isinstance(value, list):
        _read_list(reader, found, value, spec)
    else:
        reader.wrong_type("string", value, "promptImage")
    return found


def _read_list(
    reader: _Reader, found: dict[str, Picture], value: list[Any], spec: ModelSpec
) -> None:
    most = len(spec.positions)
    if not value:
        message = "Too small: expected array to have >=1 items"
        reader.issue("too_small", message, "promptImage", origin="array", minimum=1, inclusive=True)
    if len(value) > most:
        message = f"Too big: expected array to have <={most} items"
        reader.issue(
            "too_big", message, "promptImage", origin="array", maximum=most, inclusive=True
        )
        return
    for index, item in enumerate(value):
        _read_item(reader, found, item, spec, ("promptImage", index))


def _read_item(
    reader: _Reader,
    found: dict[str, Picture],
    item: object,
    spec: ModelSpec,
    path: tuple[str | int, ...],
) -> None:
    if not isinstance(item, dict):
        reader.wrong_type("object", item, *path)
        return
    uri, position = item.get("uri", MISSING), item.get("position")
    known = [str(p) for p in spec.positions]
    if position not in known:
        reader.one_of(position, known, *path, "position")
    elif position in found:
        reader.issue("custom", f"Position {position} is given twice", *path, "position")
    if not isinstance(uri, str):
        reader.wrong_type("string", uri, *path, "uri")
        return
    _add_picture(reader, found, uri, str(position), spec, (*path, "uri"))


def _add_picture(
    reader: _Reader,
    found: dict[str, Picture],
    uri: str,
    position: str,
    spec: ModelSpec,
    path: tuple[str | int, ...],
) -> None:
    try:
        found[position] = read_picture(uri, aspect=spec.image_aspect)
    except PictureRefused as error:
        reader.issue(error.code, str(error), *path)


def _kind(value: object) -> str:
    """The JavaScript name of a JSON value's type."""
    if value is MISSING:
        return "undefined"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "number", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "object")
