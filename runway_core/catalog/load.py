"""Reads the catalogue's TOML files into its shapes; a mistake in a row stops the start with the row's name."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from pydantic import ValidationError

from runway_core.catalog.spec import Catalog, ModelSpec, Profile
from runway_core.errors import ConfigError

Row = TypeVar("Row", ModelSpec, Profile)


def build(models: dict[str, Any], profiles: dict[str, Any]) -> Catalog:
    """Merge each profile's offers over the models' own rows.

    Raises:
        ConfigError: a row is wrong; names the row and the field.
    """
    own = tuple(_row(ModelSpec, row, f"model {row.get('id')}") for row in models["model"])
    return Catalog(models=own, profiles=tuple(_profile(row, own) for row in profiles["profile"]))


def _profile(row: dict[str, Any], own: tuple[ModelSpec, ...]) -> Profile:
    specs = []
    for offer in row["offer"]:
        matching = [spec for spec in own if spec.id == offer["model"]]
        if not matching:
            raise ConfigError(f"Catalogue, profile {row['id']}: no model {offer['model']!r}.")
        changes = {key: value for key, value in offer.items() if key != "model"}
        name = f"profile {row['id']}, model {offer['model']}"
        specs += [_row(ModelSpec, spec.model_dump() | changes, name) for spec in matching]
    fields = {key: value for key, value in row.items() if key != "offer"}
    return _row(Profile, fields | {"specs": specs}, f"profile {row['id']}")


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
    return build(_read("models.toml"), _read("profiles.toml"))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("runway_core.catalog") / name).read_text("utf-8"))
