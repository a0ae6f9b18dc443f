"""``connection``: add, list, test and remove connections. Keys are read from the environment or typed unseen."""

from __future__ import annotations

import os
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from runway_core.catalog import catalog
from runway_core.cli.output import Json, opened, print_json
from runway_core.domain import Connection
from runway_core.errors import ConfigError, InvalidInputError, Problem
from runway_core.studio import Studio

app = typer.Typer(help="Endpoints and their keys.", no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(help="The connection's name.")]


@app.command()
def add(
    name: Name,
    profile: Annotated[str, typer.Option(help="sandbox, openai-hk, yunwu, runway or custom.")],
    base_url: Annotated[str, typer.Option(help="Address, if not the profile's own.")] = "",
    key_env: Annotated[
        str,
        typer.Option(help="Environment variable that holds the API key; asked for if not given."),
    ] = "",
    price: Annotated[str, typer.Option(help="What a 5-second video costs, if unpublished.")] = "",
    unit: Annotated[str, typer.Option(help="The unit of the price.")] = "",
    as_json: Json = False,
) -> None:
    """Save a connection; its key is encrypted before it is written."""
    with opened(as_json=as_json) as studio:
        row = catalog().profile(profile)
        key = _key(key_env, needed=row.kind != "sandbox")
        connection = studio.connections.add(
            name,
            profile=profile,
            base_url=base_url,
            key=key,
            unit_price=_decimal(price),
            unit=unit,
        )
        if as_json:
            print_json(_fields(connection, studio))
        else:
            typer.echo(f"Saved {connection.name}: {_address(connection, studio)}")


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """Show every connection; keys are never shown."""
    with opened(as_json=as_json) as studio:
        found = studio.connections.all()
        if as_json:
            print_json([_fields(connection, studio) for connection in found])
            return
        for connection in found:
            key = connection.key_hint or "no key"
            typer.echo(f"{connection.name}  {_address(connection, studio)}  {key}")


@app.command()
def test(name: Name, as_json: Json = False) -> None:
    """Try a connection with a free call; nothing is made and nothing is charged."""
    with opened(as_json=as_json) as studio:
        probe = studio.connections.test(studio.connections.by_name(name))
        if as_json:
            print_json(probe.model_dump(mode="json"))
        else:
            typer.echo(f"{probe.message} ({probe.url}, {probe.elapsed_ms} ms)")
            if probe.hint:
                typer.echo(f"  {probe.hint}")
        if not probe.ok:
            raise typer.Exit(1)


@app.command()
def remove(name: Name, as_json: Json = False) -> None:
    """Delete a connection and its key; its videos stay."""
    with opened(as_json=as_json) as studio:
        connection = studio.connections.by_name(name)
        studio.connections.remove(connection.id)
        if as_json:
            print_json({"removed": connection.name})
        else:
            typer.echo(f"Removed {connection.name}.")


def _key(key_env: str, *, needed: bool) -> str:
    if key_env:
        key = os.environ.get(key_env, "")
        if not key:
            raise ConfigError(f"The environment variable {key_env} is empty or not set.")
        return key
    return typer.prompt("API key", hide_input=True, err=True) if needed else ""


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text) if text.strip() else None
    except InvalidOperation:
        raise InvalidInputError(Problem("price", "must be a number.")) from None


def _address(connection: Connection, studio: Studio) -> str:
    address = studio.connections.address(connection.profile, connection.base_url)
    return address or "the built-in sandbox"


def _fields(connection: Connection, studio: Studio) -> dict[str, object]:
    address = _address(connection, studio)
    return connection.model_dump(mode="json") | {"address": address}
