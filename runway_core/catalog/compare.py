"""Says in which keys and bounds two plain schemas differ: ours first, the spec's second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
Said = tuple[str, str]
"""Where, with dots, and what."""

_SETS = ("required", "enum")


def compare(ours: Schema, theirs: Schema, path: str = "") -> Iterator[Said]:
    """Every difference, each once."""
    if ours and not theirs:
        yield path, f"{_kind(ours)} is not described in the spec"
        return
    if "anyOf" in ours or "anyOf" in theirs:
        yield from _choices(ours.get("anyOf", [ours]), theirs.get("anyOf", [theirs]), path)
        return
    yield from _properties(ours.get("properties", {}), theirs.get("properties", {}), path)
    if "items" in ours or "items" in theirs:
        yield from compare(ours.get("items", {}), theirs.get("items", {}), path)
    yield from _required(set(ours.get("required", [])), set(theirs.get("required", [])), path)
    yield from _values(ours.get("enum"), theirs.get("enum"), path)
    for key in sorted((ours.keys() | theirs.keys()) - {"properties", "items", *_SETS}):
        mine, other = ours.get(key, "none"), theirs.get(key, "none")
        if mine != other:
            yield path, f"{key}: {mine} here, {other} in the spec"


def _properties(ours: Schema, theirs: Schema, path: str) -> Iterator[Said]:
    for name in sorted(ours.keys() | theirs.keys()):
        inner = f"{path}.{name}" if path else name
        if name not in ours:
            yield inner, "is missing here"
        elif name not in theirs:
            yield inner, "is not in the spec"
        else:
            yield from compare(ours[name], theirs[name], inner)


def _required(ours: set[str], theirs: set[str], path: str) -> Iterator[Said]:
    for name in sorted(theirs - ours):
        yield f"{path}.{name}" if path else name, "is required in the spec, not here"
    for name in sorted(ours - theirs):
        yield f"{path}.{name}" if path else name, "is required here, not in the spec"


def _values(ours: list[Any] | None, theirs: list[Any] | None, path: str) -> Iterator[Said]:
    if ours is None and theirs is None:
        return
    if ours is None or theirs is None:
        open_side, listed = ("here", theirs) if ours is None else ("in the spec", ours)
        yield path, f"is open {open_side} and one of {_list(listed or [])} on the other side"
        return
    for side, more in (("in the spec", _without(theirs, ours)), ("here", _without(ours, theirs))):
        if more:
            yield path, f"{_list(more)}: only {side}"


def _without(values: list[Any], others: list[Any]) -> list[Any]:
    return [value for value in values if value not in others]


def _choices(ours: list[Schema], theirs: list[Schema], path: str) -> Iterator[Said]:
    """Branches that are of one kind are compared; the rest is on one side only."""
    mine, others = ({_kind(one): one for one in side} for side in (ours, theirs))
    for kind in sorted(mine.keys() | others.keys()):
        if kind not in mine:
            yield path, f"takes in the spec also: {kind}"
        elif kind not in others:
            yield path, f"takes only here also: {kind}"
        else:
            yield from compare(mine[kind], others[kind], path)


def _kind(schema: Schema) -> str:
    """What distinguishes one branch of a choice from another."""
    if "properties" in schema:
        kind = schema["properties"].get("type", {}).get("enum", [])
        return (
            f"object of type {kind[0]}"
            if kind
            else f"object with {_list(schema.get('required', []))}"
        )
    name = str(schema.get("type", "value"))
    return f"{name} {schema['pattern']}" if "pattern" in schema else name


def _list(values: list[Any]) -> str:
    return ", ".join(sorted(map(str, values)))
