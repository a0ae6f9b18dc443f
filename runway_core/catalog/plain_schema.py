"""Brings a JSON Schema into one plain form, so that two that mean the same are the same."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_WORDS = {"title", "description", "example", "examples", "default", "deprecated", "discriminator"}
"""Say something to people and decide nothing."""
_LISTS = {"anyOf", "oneOf", "enum", "required"}
_NOTHING = (("minItems", 0), ("minItems", 1))


def plain(
    schema: object, root: Schema, *, outermost: bool = True, seen: frozenset[str] = frozenset()
) -> Schema:
    """The plain form of a schema; `root` is the document that its references lead into.

    Words for people are dropped, ``const`` is a choice of one, choices have no type, and choices within
    choices are one list. A list's minimum of 0 or 1 is dropped, because we send no empty list. Only the
    outermost ``additionalProperties`` is kept: within lists and objects we send no key that is not named.
    What is no schema at all is an empty one, and so is a reference that leads to itself.
    """
    schema, seen = _followed(schema, root, seen)
    made: Schema = {}
    for key, value in schema.items():
        if key == "properties":
            inner = value if isinstance(value, dict) else {}
            of = {name: plain(one, root, outermost=False, seen=seen) for name, one in inner.items()}
            made[key] = of
        elif key == "items":
            made[key] = plain(value, root, outermost=False, seen=seen)
        elif key in ("anyOf", "oneOf") and isinstance(value, list):
            # A branch of the whole body is a body too, so that it keeps its additionalProperties.
            made["anyOf"] = [plain(one, root, outermost=outermost, seen=seen) for one in value]
        elif not _silent(key, value, outermost):
            made |= _renamed(key, value)
    if "enum" in made:
        made.pop("type", None)
    return _flat(made)


def _silent(key: str, value: object, outermost: bool) -> bool:
    if key == "additionalProperties":
        return value is not False or not outermost
    broken = key in _LISTS and not isinstance(value, list)
    return broken or key in _WORDS or key.startswith(("x-", "$")) or (key, value) in _NOTHING


def _renamed(key: str, value: Any) -> Schema:
    if key == "const":
        return {"enum": [value]}
    if key == "required":
        return {key: [name for name in value if isinstance(name, str)]}
    return {key: str(value).replace("\\/", "/") if key == "pattern" else value}


def _followed(schema: object, root: Schema, seen: frozenset[str]) -> tuple[Schema, frozenset[str]]:
    while isinstance(schema, dict) and isinstance(reference := schema.get("$ref"), str):
        found: Any = None if reference in seen else root
        for part in reference.removeprefix("#/").split("/"):
            found = found.get(part) if isinstance(found, dict) else None
        schema, seen = found, seen | {reference}
    return (schema if isinstance(schema, dict) else {}), seen


def _flat(schema: Schema) -> Schema:
    if "anyOf" not in schema:
        return schema
    branches = [inner for one in schema["anyOf"] for inner in one.get("anyOf", [one])]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return rest | (branches[0] if len(branches) == 1 else {"anyOf": branches})
