"""Reads the catalogue's TOML files into its shapes; a mistake in a row stops the start with the row's name."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from pydantic import ValidationError

from runway_core.catalog.spec import Catalog, ModelSpec, Profile
from runway_core.errors import ConfigError

Row = TypeVar("Row", ModelSpec, Profile)


def build(models: dict[str, Any], profiles: dict[str, Any]) -> Catalog:
    """Merge each thing a model does over its own block, and each profile's offers over the result.

    Raises:
        ConfigError: a row is wrong, or there twice; names the row and the field.
    """
    own = tuple(
        _row(ModelSpec, row, f"model {row.get('id')}")
        for block in _blocks(models, "model", "models")
        for row in _does(block)
    )
    _once([(spec.id, str(spec.capability)) for spec in own], "models")
    blocks = _blocks(profiles, "profile", "profiles.toml")
    found = tuple(_profile(row, own, f"profile {row.get('id')}") for row in blocks)
    _once([(profile.id,) for profile in found], "profiles.toml")
    return Catalog(models=own, profiles=found)


def _does(block: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each capability of a model."""
    if "does" not in block:
        return [block]
    shared = {key: value for key, value in block.items() if key != "does"}
    return [shared | one for one in _blocks(block, "does", f"model {block.get('id')}")]


def _profile(row: dict[str, Any], own: tuple[ModelSpec, ...], name: str) -> Profile:
    specs = []
    for offer in _blocks(row, "offer", name):
        model = offer.get("model")
        only = offer.get("only")
        matching = [s for s in own if s.id == model and (not only or s.capability in only)]
        if not matching:
            what = f"no model {model!r}" + (f" that does {only}" if only else "")
            raise ConfigError(f"Catalogue, {name}: offer.model: there is {what}.")
        changes = {key: value for key, value in offer.items() if key not in ("model", "only")}
        specs += [
            _row(ModelSpec, spec.model_dump() | changes, f"{name}, model {model}")
            for spec in matching
        ]
    _once([(spec.id, str(spec.capability)) for spec in specs], name)
    plans = _blocks(row, "plan", name) if "plan" in row else []
    _once([(str(plan.get("id")),) for plan in plans], f"{name}, plan")
    fields = {key: value for key, value in row.items() if key not in ("offer", "plan")}
    return _row(Profile, fields | {"specs": specs, "plans": plans}, name)


def _blocks(table: dict[str, Any], key: str, name: str) -> list[dict[str, Any]]:
    blocks = table.get(key)
    if not blocks or not isinstance(blocks, list) or not all(isinstance(b, dict) for b in blocks):
        raise ConfigError(f"Catalogue, {name}: {key}: at least one block [[…{key}]] is needed.")
    return blocks


def _once(keys: list[tuple[str, ...]], name: str) -> None:
    for key in keys:
        if keys.count(key) > 1:
            raise ConfigError(f"Catalogue, {name}: {' '.join(key)}: is there twice.")


def _row(shape: type[Row], row: dict[str, Any], name: str) -> Row:
    try:
        return shape.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigError(f"Catalogue, {name}: {where}: {first['msg']}.") from None


@cache
def catalog() -> Catalog:
    """The catalogue that ships with this version."""
    folder = files("runway_core.catalog")
    makers = sorted((folder / "models").iterdir(), key=lambda file: file.name)
    models = [row for file in makers for row in _read(file).get("model", [])]
    return build({"model": models}, _read(folder / "profiles.toml"))


def _read(file: Traversable) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))
