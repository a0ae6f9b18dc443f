"""``host``: the addresses that keys may be sent to."""

from __future__ import annotations

from typing import Annotated

import typer

from runway_core.cli.output import Json, opened, print_json

app = typer.Typer(
    help="The addresses that keys may be sent to.", no_args_is_help=True, rich_markup_mode=None
)
Host = Annotated[str, typer.Argument(help="Such as relay.example.com, or a whole address.")]
_BY = {
    "catalogue": "known service",
    "admin": "allowed here",
    "operator": "named in RUNWAY_PRIVATE_HOSTS",
}


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """Show every host that a connection may be made to."""
    with opened(as_json=as_json) as studio:
        found = studio.hosts.all()
        if as_json:
            print_json([one.model_dump(mode="json") for one in found])
            return
        for one in found:
            typer.echo(f"{one.host}  {_BY[one.by]}")


@app.command()
def allow(host: Host, as_json: Json = False) -> None:
    """Let connections be made to a host. Whoever runs it gets to see the key, prompts and pictures."""
    with opened(as_json=as_json) as studio:
        allowed = studio.hosts.allow(host)
        if as_json:
            print_json({"allowed": allowed})
        else:
            typer.echo(f"Connections to {allowed} may be made.")


@app.command()
def forbid(host: Host, as_json: Json = False) -> None:
    """Take that back; refused while a connection uses the host."""
    with opened(as_json=as_json) as studio:
        forbidden = studio.hosts.forbid(host)
        if as_json:
            print_json({"forbidden": forbidden})
        else:
            typer.echo(f"No new connection to {forbidden} is made.")
