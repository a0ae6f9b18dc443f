"""``connection``: add, change, list and remove connections. Keys are read from the environment or typed unseen."""

from __future__ import annotations

import os
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from runway_core.catalog import catalog
from runway_core.cli.choices import parse_options
from runway_core.cli.output import Json, opened, print_json
from runway_core.domain import Connection
from runway_core.errors import ConfigError, InvalidInputError, Problem
from runway_core.pricing import amount, is_low
from runway_core.studio import Studio

app = typer.Typer(help="Endpoints and their keys.", no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(help="The connection's name.")]
BaseUrl = Annotated[str, typer.Option(help="Address, if not the profile's own.")]
KeyEnv = Annotated[str, typer.Option(help="Environment variable that holds the API key.")]
AllowHost = Annotated[
    bool,
    typer.Option(
        "--allow-host",
        help="Let keys be sent to this address from now on: whoever runs it gets to see the key, "
        "prompts and pictures.",
    ),
]
Price = Annotated[str, typer.Option(help="What a 5-second video costs, if unpublished.")]
Unit = Annotated[str, typer.Option(help="The unit of the price.")]
Options = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="A setting of this kind of service; may be repeated."),
]


@app.command()
def add(
    name: Name,
    profile: Annotated[str, typer.Option(help="Such as openai-hk, yunwu, runway or sandbox.")],
    base_url: BaseUrl = "",
    key_env: KeyEnv = "",
    allow_host: AllowHost = False,
    price: Price = "",
    unit: Unit = "",
    option: Options = None,
    as_json: Json = False,
) -> None:
    """Save a connection. Its key is encrypted before it is written."""
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
            options=_settings(option),
            allow_host=allow_host,
        )
        _show(connection, studio, as_json=as_json)


@app.command()
def change(
    name: Name,
    rename: Annotated[str, typer.Option(help="Its new name.")] = "",
    base_url: BaseUrl = "",
    key_env: KeyEnv = "",
    allow_host: AllowHost = False,
    price: Price = "",
    unit: Unit = "",
    option: Options = None,
    alert_below: Annotated[
        str,
        typer.Option(
            help="Say so when less is left at the provider, in its own unit; 0 for never."
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Change a connection. What is not given stays as it is; --option NAME= resets a setting."""
    with opened(as_json=as_json) as studio:
        old = studio.connections.by_name(name)
        connection = studio.connections.change(
            old.id,
            name=rename or old.name,
            base_url=base_url or old.base_url,
            key=_key(key_env, needed=False),
            unit_price=_decimal(price) if price else old.unit_price,
            unit=unit or old.unit,
            options=_changed(old.options, option),
            allow_host=allow_host,
        )
        if alert_below:
            below = _decimal(alert_below, "alert_below")
            connection = studio.balances.set_alert(connection, below or None)
        _show(connection, studio, as_json=as_json)


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
            if connection.paused:
                typer.echo(f"  paused: {connection.paused}")
            if low := low_words(connection):
                typer.echo(f"  {low}")


@app.command()
def resume(name: Name, as_json: Json = False) -> None:
    """Send again with a connection that was paused; what waits for it is sent."""
    with opened(as_json=as_json) as studio:
        connection = studio.connections.by_name(name)
        lifted = studio.connections.resume(connection.id)
        if as_json:
            print_json({"connection": connection.name, "resumed": lifted})
        else:
            typer.echo(f"{connection.name} {'sends again' if lifted else 'was not paused'}.")


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


def _decimal(text: str, field: str = "price") -> Decimal | None:
    try:
        return Decimal(text) if text.strip() else None
    except InvalidOperation:
        raise InvalidInputError(Problem(field, "must be a number.")) from None


def _settings(pairs: list[str] | None) -> dict[str, str]:
    return {name: str(value) for name, value in parse_options(pairs or (), _as_text).items()}


def _changed(old: dict[str, str], pairs: list[str] | None) -> dict[str, str] | None:
    """The old settings with the new ones; one that is set to nothing goes back to its default."""
    if not pairs:
        return None
    return {name: value for name, value in (old | _settings(pairs)).items() if value}


def _as_text(_name: str) -> None:
    """Settings of connections are kept as text; the studio checks them."""


def _show(connection: Connection, studio: Studio, *, as_json: bool) -> None:
    if as_json:
        print_json(_fields(connection, studio))
    else:
        typer.echo(f"Saved {connection.name}: {_address(connection, studio)}")


def _address(connection: Connection, studio: Studio) -> str:
    address = studio.connections.address(connection.profile, connection.base_url)
    return address or "the built-in sandbox"


def _fields(connection: Connection, studio: Studio) -> dict[str, object]:
    address = _address(connection, studio)
    return connection.model_dump(mode="json") | {"address": address, "low": is_low(connection)}


def low_words(connection: Connection) -> str:
    """That little is left at a provider, and when it said so; empty where that is not so."""
    if not is_low(connection) or connection.balance is None or connection.balance_at is None:
        return ""
    unit, below = connection.balance_unit, connection.alert_below or Decimal(0)
    told = f"{connection.balance_at:%Y-%m-%d %H:%M} UTC"
    left = amount(connection.balance, unit)
    return f"low balance: {left} left, as told {told}; the alert is below {amount(below, unit)}"
