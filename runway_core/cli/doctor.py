"""``doctor``: check a connection step by step, by free calls only."""

from __future__ import annotations

from typing import Annotated

import typer

from runway_core.cli.connections import low_words
from runway_core.cli.output import Json, opened, print_json
from runway_core.cli.work import practice_for
from runway_core.pricing import is_low


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(doctor)


def doctor(
    name: Annotated[str, typer.Argument(help="The connection's name.")], as_json: Json = False
) -> None:
    """Check a connection: free, nothing is made. Prints a block that can be sent to support."""
    with opened(as_json=as_json) as studio:
        connection = studio.connections.by_name(name)
        if not as_json:
            typer.echo("Checking with free calls; nothing is made and nothing charged.", err=True)
        with practice_for(studio, connection):
            found = studio.doctor.examine(connection)
        connection = studio.connections.get(connection.id)  # its balance may be another by now
        if as_json:
            extra = {"ok": found.ok, "low": is_low(connection), "report": found.report()}
            print_json(found.model_dump(mode="json") | extra)
        else:
            typer.echo(found.report())
            if low := low_words(connection):
                typer.echo(low, err=True)
        if not found.ok:
            raise typer.Exit(1)
