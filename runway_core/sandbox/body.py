"""Reads the body of a create request the way Runway does, and says what is wrong in Runway's own shape.

The bounds are the catalogue's rows, whatever they hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runway_core.catalog import ModelSpec, OptionSpec, catalog
from runway_core.domain import Capability, Value
from runway_core.sandbox.issues import MISSING, Issues, Refusal
from runway_core.sandbox.media import Given, MediaReader
from runway_core.sandbox.sent import Finder, Sent, no_uploads
from runway_core.sandbox.unlisted import UNSAID, also


@dataclass(frozen=True)
class Order:
    """A valid create request."""

    spec: ModelSpec
    prompt: str
    ratio: str
    """Empty where the model has none to choose."""
    duration: int
    """Seconds; 0 where the model has no length to choose."""
    seed: int | None
    pictures: Mapping[str, Sent]
    """By position, ``first`` and ``last``."""
    media: tuple[Given, ...] = ()
    options: Mapping[str, Value] = field(default_factory=dict)
    """By the names of the catalogue's row; only what was asked for."""

    def chosen(self, name: str) -> str:
        """An option as text, its default included; empty when there is none."""
        option = self.spec.option(name)
        value = self.options.get(name, option.default if option else None)
        if isinstance(value, bool):
            return str(value).lower()
        return "" if value is None else str(value)


def read_order(body: object, capability: Capability, find: Finder = no_uploads) -> Order:
    """Turn a decoded JSON body into an order. `find` leads to this key's uploads.

    Raises:
        Refusal: 400 with every issue, or 403 for a model that does not exist.
    """
    issues = Issues()
    if not isinstance(body, dict):
        issues.wrong_type("object", body)
        raise issues.refusal()
    own = _spec(body, capability, issues)
    options = _Options(body, own, issues).read()
    spec = own.given(options)
    files = MediaReader(body, spec, issues, find)
    order = Order(
        spec=spec,
        prompt=_prompt(body, spec, issues),
        ratio=_ratio(body, spec, issues),
        duration=_duration(body, spec, issues),
        seed=_seed(body, spec, issues),
        pictures=files.frames,
        media=_files(files),
        options=options,
    )
    if spec.strict:
        known = own.body_keys() | _roots(also(spec)) | {"model"}
        issues.unknown_keys(key for key in body if key not in known)
    if own.ratios and not spec.ratios and "ratio" in body:
        issues.add("custom", "ratio may not be provided with these settings", "ratio")
    if issues.found:
        raise issues.refusal()
    return order


def models() -> tuple[ModelSpec, ...]:
    """Every model that is spoken of in Runway's words."""
    offered = {s.id for p in catalog().profiles if p.protocol == "runwayml" for s in p.specs}
    return tuple(spec for spec in catalog().models if spec.id in offered)


def _spec(body: dict[str, Any], capability: Capability, issues: Issues) -> ModelSpec:
    model = body.get("model", MISSING)
    if not isinstance(model, str):
        issues.wrong_type("string", model, "model")
        raise issues.refusal()
    own = [spec for spec in models() if spec.id == model]
    if not own:
        raise Refusal(403, {"error": f"Model variant {model} is not available"})
    for spec in own:
        if spec.capability is capability:
            return spec
    here = dict.fromkeys(s.id for s in models() if s.capability is capability)
    issues.one_of(model, here, "model")
    raise issues.refusal()


def _files(files: MediaReader) -> tuple[Given, ...]:
    files.read()
    return tuple(files.media)


def _prompt(body: dict[str, Any], spec: ModelSpec, issues: Issues) -> str:
    if not spec.prompt_max or ("promptText" not in body and not spec.prompt_required):
        return ""
    value = body.get("promptText", MISSING)
    return issues.text(value, spec.prompt_min, spec.prompt_max, "promptText")


def _ratio(body: dict[str, Any], spec: ModelSpec, issues: Issues) -> str:
    if not spec.ratios:
        return ""
    default = UNSAID.get(spec.id, {}).get("ratio", spec.default_ratio or spec.ratios[0])
    ratio = body.get("ratio", MISSING if "ratio" in spec.required else default)
    further = also(spec).get("ratio", ())
    good = issues.one_of(ratio, spec.ratios + further, "ratio")
    return str(ratio) if good and ratio not in further else spec.ratios[0]


def _duration(body: dict[str, Any], spec: ModelSpec, issues: Issues) -> int:
    if not spec.durations:
        return 0
    default = UNSAID.get(spec.id, {}).get("duration", spec.default_duration)
    value = body.get("duration", MISSING if "duration" in spec.required else default)
    if value in also(spec).get("duration", ()):
        return spec.default_duration
    low, high = min(spec.durations), max(spec.durations)
    if len(spec.durations) == high - low + 1:
        return issues.integer(value, low, high, "duration")
    return int(value) if issues.one_of(value, spec.durations, "duration") else low


def _seed(body: dict[str, Any], spec: ModelSpec, issues: Issues) -> int | None:
    if "seed" not in body or not spec.seed_max:
        return None
    return issues.integer(body["seed"], 0, spec.seed_max, "seed")


def _roots(keys: Mapping[str, object]) -> frozenset[str]:
    return frozenset(key.partition(".")[0] for key in keys)


@dataclass
class _Options:
    """Reads the further settings; dots in their keys lead into objects."""

    body: dict[str, Any]
    spec: ModelSpec
    issues: Issues

    def read(self) -> dict[str, Value]:
        sent = [option for option in self.spec.options if option.key]
        keys = [option.key for option in sent] + list(also(self.spec))
        files = {medium.key for medium in self.spec.media}
        for parent in dict.fromkeys(k.rpartition(".")[0] for k in keys if "." in k):
            if parent not in files:
                self._parent(parent, keys)
        found: dict[str, Value] = {}
        for option in sent:
            value = self._at(option.key)
            if value is not MISSING:
                self._check(option, value)
                found[option.name] = _listed(option, value)
        return found

    def _parent(self, parent: str, keys: list[str]) -> None:
        value = self._at(parent)
        if isinstance(value, dict):
            unknown = (k for k in value if f"{parent}.{k}" not in keys)
            self.issues.unknown_keys(unknown, *parent.split("."))
        elif value is not MISSING and parent not in keys:
            self.issues.wrong_type("object", value, *parent.split("."))

    def _at(self, key: str) -> Any:
        value: Any = self.body
        for name in key.split("."):
            value = value.get(name, MISSING) if isinstance(value, dict) else MISSING
        return value

    def _check(self, option: OptionSpec, value: object) -> None:
        path = option.key.split(".")
        if option.kind == "switch":
            self.issues.boolean(value, *path)
        elif option.kind == "number":
            self.issues.integer(value, option.low, option.high, *path)
        elif option.kind == "choice":
            self.issues.one_of(value, option.choices + also(self.spec).get(option.key, ()), *path)
        else:
            self.issues.text(value, 1, option.high, *path)


def _listed(option: OptionSpec, value: Value) -> Value:
    """The choice that is meant by another spelling of it."""
    spelt = (c for c in option.choices if isinstance(value, str) and c.lower() == value.lower())
    return next(spelt, value)
